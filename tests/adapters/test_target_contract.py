"""What every target promises, held by the one in memory and by real ones with real processes."""

import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import pytest
from tests.adapters.fake_target import FakeTarget
from tests.adapters.units.loopback import (
    Loopback,
    Reply,
    drip,
    drip_body,
    nothing_listening,
    response,
    silence,
)
from tests.adapters.units.patience import eventually

from hotfix.adapters.target import KINDS
from hotfix.adapters.target.command import CommandTarget
from hotfix.adapters.target.release_dir import ReleaseDir
from hotfix.adapters.target.release_files import MARKER
from hotfix.policy.rules import Target as Rule
from hotfix.policy.rules import Unit
from hotfix.ports import Order, Release, Target
from hotfix.record.facts import Effect, UnitState
from hotfix.record.finding import Refused

SHOP = (sys.executable, "-I", "-S", str(Path(__file__).parent / "units" / "shop.py"))
PYTHON = (sys.executable, "-I", "-S", "-c")
PATIENT, SHORT = 30.0, 1.0


class Stage(Protocol):
    """A unit that a test can order about and break."""

    unit: Unit

    def target(self, start_timeout: float) -> Target: ...
    def files(self, release: Release, behaviour: str) -> Path: ...
    def kill(self) -> None: ...
    def close(self) -> None: ...


def release(name: str) -> Release:
    return Release(name, commit=f"commit of {name}", artifact=f"tree:{name}")


def order(unit: Unit, name: str, expected: str = "v1") -> Order:
    return Order(unit, release(name), expected, token=7, key=f"key-{name}")


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

    def kill(self) -> None:
        self._target.kill("web-1")

    def close(self) -> None:
        pass


class Processes:
    """A real service on loopback, whose `current` is moved by hotfix or by the team's own command."""

    def __init__(self, tmp_path: Path, kind: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
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
        folder.mkdir()
        (folder / "release.txt").write_text(release.name + (f"\n---\n{behaviour}" if behaviour else ""))
        return folder

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


# -- what a unit answers -------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback(response("v1")) as loopback:
        yield loopback


def release_dir(**rule: object) -> ReleaseDir:
    told = {"kind": "release-dir", "observe": "/version", "restart": ("true",), **rule}
    return ReleaseDir(Rule(**told))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reply", "state", "name"),
    [
        (response("v1\n"), "serving", "v1"),
        (response('{"release": "v2.14.0+hf.1", "up": true}'), "serving", "v2.14.0+hf.1"),
        (response('"v1"'), "serving", '"v1"'),
        (response("$(id)"), "serving", "$(id)"),
        (response('{"version": "v1"}'), "unknown", ""),
        (response('{"release": 3}'), "unknown", ""),
        (response('{"release": ""}'), "unknown", ""),
        (response('{"release": "v1\\nv2"}'), "unknown", ""),
        (response("v1\nv2"), "unknown", ""),
        (response("v" * 200), "serving", "v" * 200),
        (response("v" * 201), "unknown", ""),
        (response("v1\x1b[2J"), "unknown", ""),
        (response("v1\N{RIGHT-TO-LEFT OVERRIDE}"), "unknown", ""),
        (response(b"v\xff"), "unknown", ""),
        (response(b'{"release": "v\xff"}'), "unknown", ""),
        (response(""), "unknown", ""),
        (response("[" * 60_000), "unknown", ""),
        (response("x" * 70_000), "unknown", ""),
        (response("v1", "500 Oops"), "unknown", ""),
        (response("v1", "404 Not Found"), "unknown", ""),
        (response("v1", "302 Found", ("Location: /other",)), "unknown", ""),
        (response("v1", length=50), "unknown", ""),
        (b"garbage", "unknown", ""),
        (b"", "unknown", ""),
    ],
)
def test_only_a_plain_name_is_believed(server: Loopback, reply: bytes, state: str, name: str) -> None:
    server.reply = reply
    seen = release_dir().observe(Unit("web-1", url=server.url))
    assert (seen.state, seen.release) == (state, name), seen.said
    assert bool(seen.said) == (state != "serving")


@pytest.mark.parametrize("reply", [silence, drip, drip_body])
def test_no_whole_answer_in_time_is_unknown(server: Loopback, reply: Reply) -> None:
    server.reply = reply
    seen = release_dir(timeout=0.5).observe(Unit("web-1", url=server.url))
    assert (seen.state, seen.said) == ("unknown", "no answer within 0.5 s")
    server.finish()
    assert server.gone == (0 if reply is silence else 1)


def test_another_field_may_hold_the_release(server: Loopback) -> None:
    server.reply = response('{"build": "v1", "release": "no"}')
    assert release_dir(field="build").observe(Unit("web-1", url=server.url)).release == "v1"


def test_refused_connections_mean_down() -> None:
    with nothing_listening() as url:
        assert release_dir().observe(Unit("web-1", url=url)).state == "down"


@pytest.mark.parametrize("url", ["", "ftp://127.0.0.1", "http://", "http://127.0.0.1:99999", "http://[::1"])
def test_a_unit_that_cannot_be_asked_is_unknown(url: str) -> None:
    assert release_dir().observe(Unit("web-1", url=url)).state == "unknown"


@pytest.mark.parametrize(
    ("program", "state", "name"),
    [
        ("print(' v1 ')", "serving", "v1"),
        ("import sys; sys.exit(3)", "down", ""),
        ("import sys; print('v1'); sys.exit(1)", "unknown", ""),
        ("import sys; print('v1'); sys.exit(255)", "unknown", ""),
        ("pass", "unknown", ""),
        ("print('v1\\nv2')", "unknown", ""),
        ("import os; os.write(1, b'v\\xff')", "unknown", ""),
        ("import time; print('v1', flush=True); time.sleep(600)", "unknown", ""),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "unknown", ""),
    ],
)
@pytest.mark.parametrize("kind", ["release-dir", "command"])
def test_a_command_says_what_serves_by_its_exit_and_output(
    kind: str, program: str, state: str, name: str
) -> None:
    rule = Rule(kind, (*PYTHON, program), ("true",), ("true",), timeout=1.0 if "sleep" in program else 30.0)
    seen = KINDS[kind](rule).observe(Unit("web-1"))
    assert (seen.state, seen.release) == (state, name), seen.said


def test_an_observe_command_that_is_missing_is_unknown() -> None:
    rule = Rule("command", ("no-such-command",), ("true",))
    seen = CommandTarget(rule).observe(Unit("web-1"))
    assert seen.state == "unknown"
    assert "could not be started" in seen.said


# -- values never become words, options or scripts -----------------------------------------------

HOSTILE = [
    "$(touch pwned)",
    "`id`; rm -rf .",
    "--help",
    "-rf",
    "two\nlines",
    "a b",
    "'\"\\",
    "{release}",
    "*",
]
KEEP = (
    "import json, os, sys\n"
    "told = {name: value for name, value in os.environ.items() if name.startswith('HOTFIX_')}\n"
    "open('kept.json', 'w').write(json.dumps([sys.argv[1:], told]))\n"
)


@pytest.mark.parametrize("kind", ["release-dir", "command"])
@pytest.mark.parametrize("value", HOSTILE)
def test_values_arrive_as_exact_words(kind: str, value: str, tmp_path: Path) -> None:
    root = tmp_path / "root" / value
    files = root / "releases" / value
    files.mkdir(parents=True)
    words = ("{unit}", "{root}", "{url}", "{host}", "{release}", "{commit}", "{artifact}", "{files}", "{{x}}")
    run = (*PYTHON, KEEP, *words)
    unit = Unit(value, root=str(root), url=value, host=value)
    wanted = Order(unit, Release(value, value, value), expected=value, token=12, key=value)
    target = KINDS[kind](Rule(kind, ("true",), run, run, start_timeout=0.0), tmp_path)
    target.prepare(wanted, files if kind == "command" else None)
    assert target.activate(wanted).exit == 0
    argv, told = json.loads((tmp_path / "kept.json").read_text())
    assert argv == [value, str(root), value, value, value, value, value, str(files), "{{x}}"]
    assert told == {
        "HOTFIX_UNIT": value,
        "HOTFIX_UNIT_ROOT": str(root),
        "HOTFIX_UNIT_URL": value,
        "HOTFIX_UNIT_HOST": value,
        "HOTFIX_RELEASE": value,
        "HOTFIX_COMMIT": value,
        "HOTFIX_ARTIFACT": value,
        "HOTFIX_FILES": str(files),
        "HOTFIX_EXPECT_CURRENT": value,
        "HOTFIX_TOKEN": "12",
        "HOTFIX_KEY": value,
    }
    assert {path.name for path in tmp_path.iterdir()} == {"root", "kept.json"}


@pytest.mark.parametrize("word", ["--release={release}", "{release}.tar", "{unit}{root}", "echo {release}"])
def test_a_placeholder_inside_a_word_is_refused(word: str) -> None:
    for rule in (
        Rule("command", ("true",), ("deploy", word)),
        Rule("release-dir", "/version", restart=("deploy", word)),
    ):
        with pytest.raises(Refused) as no:
            KINDS[rule.kind](rule)
        assert no.value.findings[0].code == "target-placeholder-inside-word"


@pytest.mark.parametrize("word", ["{version}", "{RELEASE}", "{token}", "--to={version}"])
def test_an_unknown_placeholder_is_refused(word: str) -> None:
    with pytest.raises(Refused) as no:
        CommandTarget(Rule("command", ("true",), ("deploy", word)))
    assert no.value.findings[0].code == "target-placeholder-unknown"


def test_who_asks_a_unit_is_not_told_what_to_hear() -> None:
    with pytest.raises(Refused, match="which means nothing there"):
        CommandTarget(Rule("command", ("ask", "{release}"), ("deploy",)))


def test_a_script_of_the_team_may_use_its_own_braces() -> None:
    rule = Rule("command", ("sh", "-c", "cat ${HOTFIX_UNIT_ROOT}/v"), ("docker", "{{.State}}", "{}", "a{1}"))
    assert CommandTarget(rule).way_back(Unit("web-1"), release("v1")) is None


@pytest.mark.parametrize(
    "rule",
    [
        Rule("command", ("true",)),
        Rule("command", (), ("true",)),
        Rule("command", "/version", ("true",)),
        Rule("release-dir", "/version"),
        Rule("release-dir", "", restart=("true",)),
        Rule("release-dir", "version", restart=("true",)),
        Rule("release-dir", (), restart=("true",)),
    ],
)
def test_a_rule_that_cannot_work_is_refused_with_a_next_step(rule: Rule) -> None:
    with pytest.raises(Refused) as no:
        KINDS[rule.kind](rule)
    assert no.value.findings[0].next


# -- commands that misbehave ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["release-dir", "command"])
def test_an_effect_keeps_what_the_command_said(kind: str, tmp_path: Path) -> None:
    (tmp_path / "releases" / "v2").mkdir(parents=True)
    run = (*PYTHON, "import os, sys; os.write(1, b'x' * 500 + b'caf\\xe9'); sys.exit('no')")
    rule = Rule(kind, ("false",), run, run, start_timeout=0.0)
    effect = KINDS[kind](rule).activate(order(Unit("web-1", root=str(tmp_path)), "v2"))
    assert effect.exit == 1
    assert effect.said.endswith("xxcaf\\xe9no")
    assert len(effect.said) == 400


@pytest.mark.parametrize("kind", ["release-dir", "command"])
def test_a_command_that_hangs_is_killed_and_said_so(kind: str, tmp_path: Path) -> None:
    (tmp_path / "releases" / "v2").mkdir(parents=True)
    run = (*PYTHON, "import time; print('working', flush=True); time.sleep(600)")
    rule = Rule(kind, ("false",), run, run, timeout=1.0, start_timeout=0.0)
    effect = KINDS[kind](rule).activate(order(Unit("web-1", root=str(tmp_path)), "v2"))
    assert effect.exit == -signal.SIGKILL
    assert effect.said.startswith("killed after ")
    assert effect.said.endswith("working")


@pytest.mark.parametrize("kind", ["release-dir", "command"])
def test_a_command_that_is_missing_is_an_effect_that_says_so(kind: str, tmp_path: Path) -> None:
    (tmp_path / "releases" / "v2").mkdir(parents=True)
    rule = Rule(kind, ("false",), ("no-such-command",), ("no-such-command",))
    effect = KINDS[kind](rule).activate(order(Unit("web-1", root=str(tmp_path)), "v2"))
    assert effect.exit == 127
    assert "could not be started" in effect.said


def test_files_are_those_of_the_unit_and_release_prepared(tmp_path: Path) -> None:
    run = (*PYTHON, KEEP)
    target = CommandTarget(Rule("command", ("true",), run, start_timeout=0.0), tmp_path)
    one, other = Unit("web-1"), Unit("web-2")
    target.prepare(order(one, "v2"), Path("/files/one"))
    target.prepare(order(other, "v2"), Path("/files/other"))
    for unit, name, files in ((one, "v2", "/files/one"), (other, "v2", "/files/other"), (one, "v1", "")):
        target.activate(order(unit, name))
        assert json.loads((tmp_path / "kept.json").read_text())[1]["HOTFIX_FILES"] == files


# -- releases side by side -----------------------------------------------------------------------


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    (tmp_path / "root").mkdir()
    return Unit("web-1", root=str(tmp_path / "root"))


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "start").write_text("#!/bin/sh\n")
    (folder / "bin" / "start").chmod(0o755)
    (folder / "link").symlink_to("bin/start")
    (folder / "away").symlink_to("nowhere")
    folder.chmod(0o700)
    return folder


def test_prepare_puts_the_files_as_they_are_for_every_reader(unit: Unit, files: Path) -> None:
    release_dir().prepare(order(unit, "v2"), files)
    folder = Path(unit.root) / "releases" / "v2"
    assert (folder / "bin" / "start").stat().st_mode & 0o777 == 0o755
    assert folder.stat().st_mode & 0o777 == 0o755
    assert (folder / "link").readlink() == Path("bin/start")
    assert (folder / "away").readlink() == Path("nowhere")
    assert json.loads((folder / MARKER).read_text()) == {
        "name": "v2",
        "commit": "commit of v2",
        "artifact": "tree:v2",
    }
    assert [path.name for path in folder.parent.iterdir()] == ["v2"]
    assert not (Path(unit.root) / "current").exists()


def test_preparing_the_same_release_again_is_fine(unit: Unit, files: Path) -> None:
    for _ in range(2):
        release_dir().prepare(order(unit, "v2"), files)


def codes(target: Target, wanted: Order, files: Path | None) -> list[str]:
    with pytest.raises(Refused) as no:
        target.prepare(wanted, files)
    return [finding.code for finding in no.value.findings]


def test_another_release_of_that_name_is_not_overwritten(unit: Unit, files: Path) -> None:
    release_dir().prepare(order(unit, "v2"), files)
    other = Order(unit, Release("v2", "another commit", "tree:v2"), "v1", 8, "key")
    assert codes(release_dir(), other, files) == ["release-folder-taken"]


def test_a_folder_without_marker_is_not_taken_for_the_release(unit: Unit, files: Path) -> None:
    (Path(unit.root) / "releases" / "v2").mkdir(parents=True)
    assert codes(release_dir(), order(unit, "v2"), files) == ["release-folder-taken"]


def test_a_marker_that_cannot_be_read_is_refused(unit: Unit, files: Path) -> None:
    release_dir().prepare(order(unit, "v2"), files)
    (Path(unit.root) / "releases" / "v2" / MARKER).write_text("{")
    assert codes(release_dir(), order(unit, "v2"), files) == ["release-folder-unreadable"]


def test_a_release_that_brings_its_own_marker_is_refused(unit: Unit, files: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("keep")
    (files / MARKER).symlink_to(precious)
    assert codes(release_dir(), order(unit, "v2"), files) == ["release-files-have-marker"]
    assert precious.read_text() == "keep"


def test_files_that_cannot_be_copied_leave_nothing_behind(unit: Unit, files: Path) -> None:
    os.mkfifo(files / "pipe")
    assert codes(release_dir(), order(unit, "v2"), files) == ["release-not-put"]
    assert list((Path(unit.root) / "releases").iterdir()) == []


def test_without_files_the_release_has_to_be_there(unit: Unit, files: Path) -> None:
    assert codes(release_dir(), order(unit, "v2"), None) == ["way-back-missing"]
    release_dir().prepare(order(unit, "v2"), files)
    release_dir().prepare(order(unit, "v2"), None)


@pytest.mark.parametrize("name", ["", ".", "..", "../v2", "a/b", "/etc", "nul\0"])
def test_a_name_that_leads_elsewhere_is_refused_everywhere(unit: Unit, files: Path, name: str) -> None:
    assert codes(release_dir(), order(unit, name), files) == ["release-name-no-folder"]
    finding = release_dir().way_back(unit, release(name))
    assert finding is not None
    assert finding.code == "release-name-no-folder"
    assert release_dir().activate(order(unit, name)).exit == 127
    assert list(Path(unit.root).iterdir()) == []


@pytest.mark.parametrize("root", ["", "srv/shop"])
def test_a_unit_without_an_absolute_root_is_refused(root: str, files: Path) -> None:
    assert codes(release_dir(), order(Unit("web-1", root=root), "v2"), files) == ["unit-root-invalid"]


def test_activate_moves_current_in_place(unit: Unit, files: Path) -> None:
    target = release_dir(observe=("true",), start_timeout=0.0)
    for name in ("v1", "v2"):
        target.prepare(order(unit, name), files)
        target.activate(order(unit, name))
        assert (Path(unit.root) / "current").readlink() == Path("releases") / name
    assert {path.name for path in Path(unit.root).iterdir()} == {"releases", "current"}


def test_a_link_that_a_crash_left_behind_is_no_obstacle(unit: Unit, files: Path) -> None:
    target = release_dir(observe=("true",), start_timeout=0.0)
    target.prepare(order(unit, "v2"), files)
    (Path(unit.root) / ".hotfix-current").symlink_to("releases/half")
    assert target.activate(order(unit, "v2")).exit == 0
    assert (Path(unit.root) / "current").readlink() == Path("releases/v2")


def test_activating_a_release_that_is_not_there_changes_and_runs_nothing(unit: Unit, tmp_path: Path) -> None:
    (Path(unit.root) / "current").symlink_to("releases/v1")
    target = release_dir(restart=(*PYTHON, f"open({str(tmp_path / 'ran')!r}, 'w')"))
    effect = target.activate(order(unit, "v2"))
    assert effect.exit == 127
    assert "is not there" in effect.said
    assert (Path(unit.root) / "current").readlink() == Path("releases/v1")
    assert not (tmp_path / "ran").exists()


def test_a_current_that_is_a_real_folder_is_left_alone(unit: Unit, files: Path, tmp_path: Path) -> None:
    target = release_dir(restart=(*PYTHON, f"open({str(tmp_path / 'ran')!r}, 'w')"))
    target.prepare(order(unit, "v2"), files)
    (Path(unit.root) / "current").mkdir()
    effect = target.activate(order(unit, "v2"))
    assert (effect.exit, "could not be moved" in effect.said) == (127, True)
    assert (Path(unit.root) / "current").is_dir()
    assert not (tmp_path / "ran").exists()


def test_what_current_points_at_is_never_the_answer(unit: Unit, files: Path, server: Loopback) -> None:
    """A restart that did not restart: the process still serves the old release."""
    asked = Unit(unit.name, root=unit.root, url=server.url)
    target = release_dir(start_timeout=0.2)
    target.prepare(order(asked, "v2"), files)
    assert target.activate(order(asked, "v2")).exit == 0
    assert target.observe(asked) == UnitState("web-1", "serving", "v1")


@pytest.mark.parametrize(
    ("marker", "code"),
    [
        (None, ""),
        ('{"name": "v1", "commit": "commit of v1", "artifact": "tree:v1"}', ""),
        ('{"name": "v1", "commit": "another", "artifact": "tree:v1"}', "way-back-other"),
        ('{"name": "v0", "commit": "commit of v1", "artifact": "tree:v1"}', "way-back-other"),
        ('{"name": "v1"}', "way-back-unreadable"),
        ("", "way-back-unreadable"),
    ],
)
def test_the_way_back_is_a_folder_whose_marker_agrees(unit: Unit, marker: str | None, code: str) -> None:
    folder = Path(unit.root) / "releases" / "v1"
    folder.mkdir(parents=True)
    if marker is not None:
        (folder / MARKER).write_text(marker)
    finding = release_dir().way_back(unit, release("v1"))
    assert (finding.code if finding else "") == code


def test_a_way_back_of_which_only_name_and_commit_are_known(unit: Unit, files: Path) -> None:
    release_dir().prepare(order(unit, "v1"), files)
    assert release_dir().way_back(unit, Release("v1", "commit of v1", "")) is None


def test_a_way_back_that_was_cleaned_up_is_found_missing(unit: Unit) -> None:
    for target in (release_dir(), FakeTarget({"web-1": "v1"}, known={"v1"})):
        finding = target.way_back(unit, release("v0"))
        assert finding is not None
        assert finding.code == "way-back-missing"
