"""By strace: what has to survive a power cut is on the disk, under its name, before anything is done to a unit."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from powercut.trace import CALLS, Call, Effect, calls, effects
from stories.world import LIVE, UNITS, World


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder; skipped where nothing can be traced."""
    place = tmp_path_factory.mktemp("traced")
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    tried = subprocess.run(["strace", "-f", "-o", str(place / "try"), "true"], capture_output=True, text=True)
    if tried.returncode != 0:
        pytest.skip(f"strace may not trace here: {tried.stderr.strip()}")
    return place


class Traced:
    """A world in which Olga's commands are traced."""

    def __init__(self, place: Path) -> None:
        self.world = World(place / "world").approved()
        self._trace = place / "trace"

    def hotfix(self, *words: str) -> list[Call]:
        """Olga runs the verb; what was asked of the system."""
        tracer = ("strace", "-f", "-ttt", "-y", "-s", "600", "-o", str(self._trace), "-e", f"trace={CALLS}")
        done = subprocess.run(
            [*tracer, sys.executable, "-m", "hotfix", *words],
            cwd=self.world.olga.clone,
            env=self.world.olga.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return calls(self._trace.read_text())

    def effects(self, heard: list[Call]) -> list[Effect]:
        """What was done to units, and what of the record, the cards and the fences was not safe then."""
        git = self.world.olga.clone / ".git"
        ids = self.world.olga.git("rev-list", "--objects", "--no-object-names", "hotfix-record").split()
        refs = [f"{git}/refs/heads/hotfix-record", f"{git}/refs/hotfix/record/seen"]
        objects = [f"{git}/objects/{id[:2]}/{id[2:]}" for id in ids]
        cards = [
            str(card) for card in self.world.olga.home.rglob("cards/*") if card.suffix in (".json", ".spool")
        ]
        assert cards
        command = str(self.world.folder / "ops" / "activate.sh")
        return effects(heard, command, refs[0], [*refs, *objects, *cards])


@pytest.fixture(scope="module")
def traced(place: Path) -> Traced:
    """Approved, and neither rehearsed nor shipped."""
    return Traced(place)


@pytest.fixture(scope="module")
def shipped(traced: Traced) -> tuple[list[Call], list[Effect]]:
    """A ship that rehearses first: six effects, and the first cards and fences of this person."""
    heard = traced.hotfix("ship")
    return heard, traced.effects(heard)


def test_record_and_card_are_on_the_disk_before_each_effect(shipped: tuple[list[Call], list[Effect]]) -> None:
    _, done = shipped
    assert [effect.unit for effect in done][-2:] == ["web-1", "web-2"]
    assert [effect.lost for effect in done] == [[]] * len(done)


def test_the_record_moves_before_each_effect(shipped: tuple[list[Call], list[Effect]]) -> None:
    _, done = shipped
    moved = [effect.moved for effect in done]
    assert moved[0] >= 2, "the plan and the intent"
    assert moved == sorted(set(moved)), "an intent of its own for each"


def test_the_fence_is_on_the_disk_before_each_effect(shipped: tuple[list[Call], list[Effect]]) -> None:
    _, done = shipped
    tokens = [int(re.findall(r'"token":(-?\d+)', effect.fence)[-1]) for effect in done]
    assert tokens == sorted(tokens)
    assert min(tokens) >= 1


def test_the_judge_sees_what_is_not_synced(traced: Traced, shipped: tuple[list[Call], list[Effect]]) -> None:
    heard, _ = shipped
    no_folders = [call for call in heard if not (call.name == "fsync" and Path(call.file).is_dir())]
    assert any("the name" in lost for effect in traced.effects(no_folders) for lost in effect.lost)
    no_files = [call for call in heard if not (call.name == "fsync" and not Path(call.file).is_dir())]
    assert any("what was written" in lost for effect in traced.effects(no_files) for lost in effect.lost)


def test_a_way_back_puts_its_intent_on_the_disk_first(
    traced: Traced, shipped: tuple[list[Call], list[Effect]]
) -> None:
    done = traced.effects(traced.hotfix("rollback"))
    assert sorted(effect.unit for effect in done) == list(UNITS)
    assert [effect.lost for effect in done] == [[], []]
    assert all(effect.moved >= 3 for effect in done), "asked for, seen, and begun"
    assert traced.world.serves() == [LIVE, LIVE]


def test_what_a_way_back_spools_is_on_the_disk_first(
    traced: Traced, shipped: tuple[list[Call], list[Effect]]
) -> None:
    ships_once_more(traced.world)
    lock = traced.world.olga.clone / ".git" / "refs" / "heads" / "hotfix-record.lock"
    lock.touch()
    done = traced.effects(traced.hotfix("rollback"))
    lock.unlink()
    assert [effect.lost for effect in done] == [[], []]
    assert all('"kind":"returning/1"' in effect.spooled for effect in done)


def ships_once_more(world: World) -> None:
    """From wherever the tests before this one have left it."""
    if world.serves() != [LIVE, LIVE]:
        world.olga.hotfix("rollback")
    world.rita.hotfix("authorize")
    world.olga.hotfix("ship")
