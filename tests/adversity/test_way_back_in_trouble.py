"""Whatever is broken at night: the way back starts within five seconds, ends right, and the record hears of it later."""

import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import hotfix
from adversity.places import Place, why_not
from adversity.siege import (
    EVERYTHING,
    FULL,
    GARBAGE,
    GONE,
    NO_HOME,
    READ_ONLY,
    SILENT,
    UNHEARD,
    WALLED,
    Besieged,
    InFolders,
    Siege,
    Trouble,
)
from stories.shelf import Shelf
from stories.world import LIVE, NEW, UNITS

STARTS_WITHIN = 5.0
"""Seconds from typing the command to the beginning of the first effect: what is promised."""

shelf_in = cache(Shelf)


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Where disks can be full; skipped where no such place can be made."""
    if why := why_not():
        pytest.skip(f"nothing can be mounted here: {why}")
    sources = Path(hotfix.__file__).parents[1]
    with Place() as place:
        place.with_own_temporary_folders(
            tmp_path_factory.getbasetemp(), sources, Path(sys.prefix), Path(sys.base_prefix)
        )
        yield place


@pytest.fixture
def silent() -> Iterator[str]:
    """A port that takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as port:
        yield f"git://127.0.0.1:{port.getsockname()[1]}/shop"


@pytest.fixture
def siege(place: Place, silent: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Siege:
    """Ready to be shipped; Olga's home, with her clone and the state of her tools, is on a small disk."""
    shelf = shelf_in(tmp_path_factory.getbasetemp() / "sieges")
    shelf.use(tmp_path / "world")
    return Siege(Besieged(shelf.here, shelf, tmp_path / "effects"), place, silent)


@pytest.fixture
def in_folders(place: Place, silent: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Siege:
    """The same, with units whose releases lie side by side in folders."""
    shelf = shelf_in(tmp_path_factory.getbasetemp() / "sieges-in-folders")
    shelf.use(tmp_path / "world")
    return Siege(InFolders(shelf.here, shelf, tmp_path / "effects"), place, silent)


@pytest.mark.parametrize(
    "trouble", [FULL, READ_ONLY, GONE, SILENT, WALLED, GARBAGE, UNHEARD, NO_HOME], ids=str
)
def test_a_validated_ship_comes_back(siege: Siege, trouble: Trouble) -> None:
    siege.world.shipped()
    siege.world.note_effects()
    siege.place.on_a_small_disk(siege.home, 32)
    assert siege.serves() == [NEW, NEW]
    comes_back(siege, [trouble], list(UNITS), spools=trouble in (FULL, READ_ONLY))


@pytest.mark.parametrize("trouble", [FULL, READ_ONLY], ids=str)
def test_a_ship_that_died_half_way_comes_back(siege: Siege, trouble: Trouble) -> None:
    siege.world.rehearsed()
    siege.world.note_effects()
    siege.place.on_a_small_disk(siege.home, 32)
    siege.ship_and_die()
    assert siege.serves() == [NEW, LIVE]
    comes_back(siege, [trouble], ["web-1"], spools=True)


def test_units_on_the_full_disk_come_back_too(in_folders: Siege) -> None:
    in_folders.world.shipped()
    in_folders.place.on_a_small_disk(in_folders.world.folder.resolve(), 64)
    assert in_folders.serves() == [NEW, NEW]
    comes_back(in_folders, [FULL], list(UNITS), spools=True)


@pytest.mark.parametrize("dies", [False, True], ids=["validated", "half-way"])
def test_everything_at_once(siege: Siege, dies: bool) -> None:
    if dies:
        siege.world.rehearsed()
    else:
        siege.world.shipped()
    siege.world.note_effects()
    siege.place.on_a_small_disk(siege.home, 32)
    if dies:
        siege.ship_and_die()
    comes_back(siege, EVERYTHING, ["web-1"] if dies else list(UNITS), spools=True)


def comes_back(
    siege: Siege, troubles: list[Trouble] | tuple[Trouble, ...], units: list[str], *, spools: bool
) -> None:
    """Under all these troubles at once the units come back, and the record has all of it once they are over."""
    before, known = len(siege.effects()), siege.facts()
    for trouble in troubles:
        trouble.comes(siege)
    typed = time.time()
    said = siege.hotfix("rollback", "--because", "orders fail")
    first, *_ = done = siege.effects()[before:]
    assert first.at - typed < STARTS_WITHIN
    assert sorted((effect.unit, effect.what) for effect in done) == sorted(
        (unit, what) for unit in units for what in ("begins", "ends")
    )
    assert siege.serves() == [LIVE, LIVE]
    assert "rolled back: orders fail" in said.out
    for trouble in reversed(troubles):
        trouble.goes(siege)
    siege.hotfix("ship", "--plan", exits=None)
    has_it_all(siege, known, units, spools=spools)


def has_it_all(siege: Siege, known: list[dict[str, Any]], units: list[str], *, spools: bool) -> None:
    """The record is whole, agrees with the units, and has everything once."""
    facts = siege.facts()
    assert facts[: len(known)] == known
    new = facts[len(known) :]
    kinds = Counter(fact["kind"].partition("/")[0] for fact in new)
    assert kinds["reconciled"] == spools
    assert kinds["rollback_requested"] == kinds["returning"] == kinds["ended"] == 1
    (asked,) = (fact for fact in new if fact["kind"].startswith("rollback_requested"))
    assert asked["because"] == "orders fail"
    (returned,) = (fact for fact in new if fact["kind"].startswith("returned"))
    assert sorted(effect["unit"] for effect in returned["effects"] if effect["verdict"] == "done") == units
    states = {state["unit"]: state["release"] for fact in new for state in fact.get("states", ())}
    assert states == dict(zip(UNITS, siege.serves(), strict=True))
    assert new[-1 if spools else -2]["kind"].startswith(("ended", "notified"))
    assert "the record is whole" in siege.hotfix("log", "--verify").out
    assert "rolled back" in siege.hotfix("status").out
    siege.hotfix("ship", "--plan", exits=None)
    assert siege.facts() == facts, "nothing is taken over twice"
