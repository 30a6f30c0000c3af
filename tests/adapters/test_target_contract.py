"""What every target promises, held by the one in memory and by real ones with real processes."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol
from unittest.mock import ANY

import pytest
from examples.shop.ports import free_ports
from tests.adapters.fake_target import FakeTarget
from tests.adapters.units.orders import order, release
from tests.adapters.units.patience import eventually

from hotfix.adapters.child import NOTHING_RAN
from hotfix.adapters.target import KINDS
from hotfix.adapters.target.command import CommandTarget
from hotfix.policy.rules import Target as Rule
from hotfix.policy.rules import Unit
from hotfix.ports import Fence, Release, Target
from hotfix.record.parts import Effect, UnitState

SHOP = (sys.executable, "-I", "-S", str(Path(__file__).parent / "units" / "shop.py"))
PATIENT, SHORT = 30.0, 1.0


class Stage(Protocol):
    """A unit that a test can order about and break."""

    unit: Unit

    def target(self, start_timeout: float) -> Target: ...
    def files(self, release: Release, behaviour: str) -> Path: ...
    def process(self) -> object: ...
    def kill(self) -> None: ...
    def close(self) -> None: ...


class InMemory:
    """The fake."""

    def __init__(self, tmp_path: Path) -> None:
        self.unit = Unit("web-1")
        self._path = tmp_path
        self._target = FakeTarget({"web-1": None}, known=())

    def target(self, start_timeout: float) -> Target:
        return self._target

    def files(self, release: Release, behaviour: str) -> Path:
        if behaviour == "broken":
            self._target.refuses_to_start.add(release.name)
        if behaviour == "hung":
            self._target.hung.add("web-1")
        return self._path

    def process(self) -> object:
        return self._target.effects[-1]

    def kill(self) -> None:
        self._target.kill("web-1")

    def close(self) -> None:
        pass


class Processes:
    """A real service on loopback, whose `current` is moved by hotfix or by the team's own command."""

    def __init__(self, tmp_path: Path, kind: str) -> None:
        (port,) = free_ports(1)
        root = tmp_path / "srv"
        root.mkdir()
        self.unit = Unit("web-1", root=str(root), url=f"http://127.0.0.1:{port}")
        self._kind = kind
        self._exports = tmp_path
        self._team = tmp_path / "activate.py"
        self._team.write_text(
            "import os, pathlib, subprocess, sys\n"
            "root, files = pathlib.Path(os.environ['HOTFIX_UNIT_ROOT']), os.environ['HOTFIX_FILES']\n"
            "(root / 'current').unlink(missing_ok=True)\n"
            "(root / 'current').symlink_to(files)\n"
            "sys.exit(subprocess.call(sys.argv[1:]))\n"
        )

    def target(self, start_timeout: float) -> Target:
        restart = (*SHOP, "restart", "{root}", "{url}")
        if self._kind == "release-dir":
            rule = Rule("release-dir", "/version", restart=restart, timeout=30.0, start_timeout=start_timeout)
        else:
            rule = Rule(
                "command",
                (*SHOP, "observe", "{url}"),
                (sys.executable, "-I", "-S", str(self._team), *restart),
                timeout=5.0,
                start_timeout=start_timeout,
            )
        return KINDS[self._kind](rule)

    def files(self, release: Release, behaviour: str) -> Path:
        folder = self._exports / f"export-{release.name}"
        folder.mkdir(exist_ok=True)
        (folder / "release.txt").write_text(release.name + (f"\n---\n{behaviour}" if behaviour else ""))
        return folder

    def process(self) -> object:
        return (Path(self.unit.root) / "pid").read_text()

    def kill(self) -> None:
        with suppress(FileNotFoundError, ProcessLookupError):
            os.kill(int((Path(self.unit.root) / "pid").read_text()), signal.SIGKILL)

    def close(self) -> None:
        self.kill()


@pytest.fixture(params=["in memory", "release-dir", "command"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    made: Stage = (
        InMemory(tmp_path) if request.param == "in memory" else Processes(tmp_path, str(request.param))
    )
    yield made
    made.close()


def ship(
    stage: Stage, target: Target, name: str, behaviour: str = "", start_timeout: float = PATIENT
) -> Effect:
    wanted = order(stage.unit, name)
    target.prepare(wanted, stage.files(wanted.release, behaviour))
    return target.activate(wanted)


# -- the contract --------------------------------------------------------------------------------


def test_an_activated_release_is_what_the_unit_then_serves(stage: Stage) -> None:
    target = stage.target(PATIENT)
    effect = ship(stage, target, "v1")
    assert (effect.unit, effect.exit) == ("web-1", 0)
    assert len(effect.output_sha256) == 64
    assert target.observe(stage.unit) == UnitState("web-1", "serving", "v1")


def test_the_next_release_takes_its_place_and_the_way_back_works(stage: Stage) -> None:
    target = stage.target(PATIENT)
    for name in ("v1", "v2"):
        ship(stage, target, name)
        assert target.observe(stage.unit).release == name
    assert target.way_back(stage.unit, release("v1")) is None
    target.activate(order(stage.unit, "v1", expected="v2"))
    assert target.observe(stage.unit) == UnitState("web-1", "serving", "v1")


def test_preparing_changes_nothing_that_serves(stage: Stage) -> None:
    target = stage.target(PATIENT)
    ship(stage, target, "v1")
    target.prepare(order(stage.unit, "v2"), stage.files(release("v2"), ""))
    assert target.observe(stage.unit).release == "v1"


def test_a_release_that_does_not_start_is_never_said_to_serve(stage: Stage) -> None:
    target = stage.target(SHORT)
    ship(stage, target, "v2", "broken")
    assert target.observe(stage.unit).state == "down"


def test_a_dead_unit_is_down(stage: Stage) -> None:
    target = stage.target(PATIENT)
    ship(stage, target, "v1")
    stage.kill()
    assert eventually(lambda: target.observe(stage.unit).state == "down")


def test_a_hung_unit_is_unknown(stage: Stage) -> None:
    target = stage.target(SHORT)
    ship(stage, target, "v2", "hung")
    state = target.observe(stage.unit)
    assert (state.state, state.release) == ("unknown", "")
    assert state.said


def test_a_release_whose_files_were_prepared_needs_no_others(stage: Stage) -> None:
    target = stage.target(PATIENT)
    target.prepare(order(stage.unit, "v1"), stage.files(release("v1"), ""))
    assert target.needs_files(stage.unit, release("v1")) is False
    target.activate(order(stage.unit, "v1"))
    assert target.observe(stage.unit).release == "v1"


def test_a_release_that_was_never_prepared_needs_its_files(stage: Stage) -> None:
    target = stage.target(PATIENT)
    target.prepare(order(stage.unit, "v1"), stage.files(release("v1"), ""))
    assert target.needs_files(stage.unit, release("v2")) == (not isinstance(target, FakeTarget))


def test_another_process_needs_the_files_that_only_the_first_was_given(stage: Stage) -> None:
    stage.target(PATIENT).prepare(order(stage.unit, "v1"), stage.files(release("v1"), ""))
    afterwards = stage.target(PATIENT)
    assert afterwards.needs_files(stage.unit, release("v1")) == isinstance(afterwards, CommandTarget)


# -- the fence -----------------------------------------------------------------------------------


def serving_v1(stage: Stage) -> Target:
    """The unit serves v1, by an order with token 7 of the tests; v2 is prepared."""
    target = stage.target(PATIENT)
    ship(stage, target, "v1")
    target.prepare(order(stage.unit, "v2"), stage.files(release("v2"), ""))
    return target


def nothing_changed(stage: Stage, target: Target, effect: Effect) -> bool:
    """Nothing ran, and v1 goes on."""
    assert (effect.unit, effect.exit) == ("web-1", NOTHING_RAN)
    return target.observe(stage.unit) == UnitState("web-1", "serving", "v1")


def test_a_fence_only_ever_rises(stage: Stage) -> None:
    target = stage.target(PATIENT)
    assert target.fence(stage.unit, 3, "olga", 0.0) == Fence("web-1", True, 3, ANY)
    assert target.fence(stage.unit, 5, "rita", 0.0) == Fence("web-1", True, 5, ANY)
    lower = target.fence(stage.unit, 4, "olga", 0.0)
    assert (lower.raised, lower.token) == (False, 5)
    assert "rita" in lower.said
    assert target.fence(stage.unit, 5, "rita", 0.0).raised


def test_of_two_with_one_token_the_unit_obeys_the_first(stage: Stage) -> None:
    target = serving_v1(stage)
    assert target.fence(stage.unit, 9, "olga", 0.0).raised
    assert not target.fence(stage.unit, 9, "rita", 0.0).raised
    effect = target.activate(order(stage.unit, "v2", token=9, holder="rita"))
    assert effect.verdict == "stale"
    assert "olga" in effect.said
    assert nothing_changed(stage, target, effect)
    assert target.activate(order(stage.unit, "v2", token=9, holder="olga")).verdict == "done"
    assert target.observe(stage.unit).release == "v2"


def test_an_order_below_the_fence_is_stale_and_changes_nothing(stage: Stage) -> None:
    target = serving_v1(stage)
    target.fence(stage.unit, 8, "rita", 0.0)
    effect = target.activate(order(stage.unit, "v2", token=7))
    assert effect.verdict == "stale"
    assert nothing_changed(stage, target, effect)


def test_an_order_is_a_fence_to_those_before_it(stage: Stage) -> None:
    target = serving_v1(stage)
    target.activate(order(stage.unit, "v2", token=8))
    late = target.activate(order(stage.unit, "v1", token=7, holder="somebody who was stopped"))
    assert late.verdict == "stale"
    assert target.observe(stage.unit).release == "v2"
    assert target.fence(stage.unit, 7, "the tests", 0.0) == Fence("web-1", False, 8, ANY)


def test_a_stale_order_says_so_through_another_process_too(stage: Stage) -> None:
    serving_v1(stage).fence(stage.unit, 8, "rita", 0.0)
    afterwards = stage.target(PATIENT)
    afterwards.prepare(
        order(stage.unit, "v2"), stage.files(release("v2"), "") if _forgets(afterwards) else None
    )
    assert afterwards.activate(order(stage.unit, "v2")).verdict == "stale"


def test_the_fence_says_nothing_of_what_serves(stage: Stage) -> None:
    target = serving_v1(stage)
    target.fence(stage.unit, 8, "rita", 0.0)
    assert target.observe(stage.unit) == UnitState("web-1", "serving", "v1")


# -- what an order replaces ----------------------------------------------------------------------


def test_what_is_not_to_be_replaced_is_left_alone(stage: Stage) -> None:
    target = serving_v1(stage)
    effect = target.activate(order(stage.unit, "v2", replaces=("v0", "commit of v0")))
    assert effect.verdict == "foreign"
    assert nothing_changed(stage, target, effect)


def test_on_the_way_back_too_a_stranger_is_left_alone(stage: Stage) -> None:
    target = serving_v1(stage)
    effect = target.activate(order(stage.unit, "v2", replaces=("v0",), blind=True))
    assert effect.verdict == "foreign"
    assert nothing_changed(stage, target, effect)


def test_what_is_to_be_replaced_is(stage: Stage) -> None:
    target = serving_v1(stage)
    assert target.activate(order(stage.unit, "v2", replaces=("v0", "v1"))).verdict == "done"
    assert target.observe(stage.unit).release == "v2"


def test_an_order_that_names_nothing_replaces_nothing(stage: Stage) -> None:
    target = serving_v1(stage)
    effect = target.activate(order(stage.unit, "v2", replaces=()))
    assert effect.verdict == "foreign"
    assert nothing_changed(stage, target, effect)


def test_what_is_there_already_is_found_and_not_restarted(stage: Stage) -> None:
    target = serving_v1(stage)
    before = stage.process()
    effect = target.activate(order(stage.unit, "v1", replaces=("v0", "v1")))
    assert (effect.verdict, effect.exit) == ("found", NOTHING_RAN)
    assert stage.process() == before


def test_a_unit_that_answers_nothing_is_changed_only_by_the_way_back(stage: Stage) -> None:
    target = serving_v1(stage)
    stage.kill()
    assert eventually(lambda: target.observe(stage.unit).state == "down")
    forward = target.activate(order(stage.unit, "v2", replaces=("v1",)))
    assert (forward.verdict, forward.exit) == ("moved", NOTHING_RAN)
    assert target.observe(stage.unit).state == "down"
    back = target.activate(order(stage.unit, "v2", replaces=("v1",), blind=True))
    assert back.verdict == "done"
    assert target.observe(stage.unit).release == "v2"


# -- settling ------------------------------------------------------------------------------------


def test_a_unit_that_serves_is_settled_at_once(stage: Stage) -> None:
    target = serving_v1(stage)
    assert target.settled(stage.unit) == UnitState("web-1", "serving", "v1")


def test_a_unit_that_stays_down_is_settled_as_that(stage: Stage) -> None:
    target = stage.target(SHORT)
    ship(stage, target, "v2", "broken")
    assert target.settled(stage.unit).state in ("down", "unknown")


def _forgets(target: Target) -> bool:
    """Whether the files of a release are known only to the process that was given them."""
    return isinstance(target, CommandTarget)
