"""Rollback cards and their spools: one contract for the fake and the real one, then what only files can suffer."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from tests.adapters.fake_cards import ORIGIN, FakeCards, card_of

from hotfix.adapters import spool_file
from hotfix.adapters.cards import FileCards
from hotfix.ports.cards import Card, Cards
from hotfix.record.finding import Refused

CARD = card_of()


def line(n: int, said: str = "") -> bytes:
    return msgspec.json.encode({"n": n, "said": said})


class World:
    """Three places for cards, each of which can stop taking anything."""

    def __init__(self, cards: Cards, spoil: Callable[[int], None], mend: Callable[[int], None]) -> None:
        self.cards = cards
        self.spoil = spoil
        self.mend = mend

    def lines(self, origin: str = ORIGIN) -> list[tuple[bytes, ...]]:
        return [spool.lines for spool in self.cards.spooled(origin)]


class Disk:
    """The places of the real one."""

    def __init__(self, folder: Path) -> None:
        self.told: list[str] = []
        self.places = [folder / f"place-{number}" for number in (1, 2, 3)]
        for place in self.places:
            place.mkdir(mode=0o700)

    def cards(self) -> FileCards:
        return FileCards(self.told.append, lambda: self.places)

    def spoil(self, number: int) -> None:
        place = self.places[number]
        place.rename(place.with_suffix(".away"))
        place.write_text("no folder")

    def mend(self, number: int) -> None:
        place = self.places[number]
        place.unlink()
        place.with_suffix(".away").rename(place)

    def file(self, suffix: str = ".json", place: int = 0, card: Card = CARD) -> Path:
        return self.places[place] / "cards" / f"{card.name}{suffix}"


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path)


@pytest.fixture(params=["fake", "real"])
def world(request: pytest.FixtureRequest, disk: Disk) -> World:
    if request.param == "real":
        return World(disk.cards(), disk.spoil, disk.mend)
    fake = FakeCards(places=3)
    return World(
        fake,
        lambda number: setattr(fake.places[number], "fails", "before"),
        lambda number: setattr(fake.places[number], "fails", ""),
    )


# -- the contract: cards ----------------------------------------------------------------------------


def test_a_card_is_kept_in_two_places_and_found_once(world: World) -> None:
    assert len(world.cards.keep(CARD)) == 2
    assert world.cards.find("HF-1", ORIGIN) == (CARD,)


def test_a_card_survives_the_loss_of_either_place(world: World) -> None:
    world.cards.keep(CARD)
    world.spoil(0)
    if isinstance(world.cards, FakeCards):
        world.cards.places[0].cards.clear()
    assert world.cards.find(None, "") == (CARD,)


def test_the_next_places_are_taken_where_the_first_do_not_take_it(world: World) -> None:
    world.spoil(0)
    first, second = world.cards.keep(CARD)
    assert "place-2" in first
    assert "place-3" in second


def test_one_place_is_enough_and_none_is_refused(world: World) -> None:
    world.spoil(0)
    world.spoil(1)
    assert len(world.cards.keep(CARD)) == 1
    world.spoil(2)
    with pytest.raises(Refused) as no:
        world.cards.keep(card_of(ship=2))
    assert no.value.findings[0].code == "card-nowhere"


def test_cards_are_found_by_hotfix_and_record_newest_first(world: World) -> None:
    other = card_of(origin="f" * 40, minute=5)
    cards = [card_of(ship=1), card_of(ship=2, minute=1), card_of("HF-2", 3, minute=2), other]
    for card in cards:
        world.cards.keep(card)

    assert world.cards.find("HF-1", ORIGIN) == (cards[1], cards[0])
    assert world.cards.find(None, ORIGIN) == (cards[2], cards[1], cards[0])
    assert world.cards.find("HF-1", "") == (other, cards[1], cards[0])
    assert world.cards.find("HF-9", "") == ()


def test_only_the_newest_ten_cards_of_a_record_stay(world: World) -> None:
    world.cards.keep(card_of(origin="f" * 40))
    for ship in range(1, 14):
        world.cards.keep(card_of(ship=ship, minute=ship))

    assert [card.plan.ship for card in world.cards.find(None, ORIGIN)] == list(range(13, 3, -1))
    assert len(world.cards.find(None, "")) == 11


@pytest.mark.parametrize("hotfix", ["../HF-1", "HF-01", "HF-1/x", ""])
def test_what_would_be_no_name_of_a_file_is_refused(world: World, hotfix: str) -> None:
    with pytest.raises(Refused) as no:
        world.cards.keep(card_of(hotfix))
    assert no.value.findings[0].code == "card-name"


# -- the contract: spools ---------------------------------------------------------------------------


def test_a_kept_card_has_an_empty_spool(world: World) -> None:
    world.cards.keep(CARD)
    assert world.cards.spooled(ORIGIN) == ()


def test_spooled_lines_come_back_in_order(world: World) -> None:
    world.cards.keep(CARD)
    for n in range(1, 40):
        world.cards.spool(CARD, line(n, "x" * n))

    (spool,) = world.cards.spooled(ORIGIN)
    assert spool.lines == tuple(line(n, "x" * n) for n in range(1, 40))
    assert (spool.name, spool.hotfix, spool.ship) == (CARD.name, "HF-1", 1)
    assert world.cards.spooled("f" * 40) == ()
    assert world.cards.spooled("") == (spool,)


def test_lines_in_several_places_are_put_in_order_by_their_numbers(world: World) -> None:
    world.cards.keep(CARD)
    world.cards.spool(CARD, line(1))
    world.spoil(0)
    world.cards.spool(CARD, line(2))
    world.mend(0)
    world.cards.spool(CARD, line(3))

    (spool,) = world.cards.spooled(ORIGIN)
    assert spool.lines == (line(1), line(2), line(3))
    assert len(spool.files) == 2


def test_a_line_that_two_places_hold_is_one_line(world: World) -> None:
    world.cards.keep(CARD)
    world.cards.spool(CARD, line(1))
    world.spoil(0)
    world.cards.spool(CARD, line(1))
    world.mend(0)
    assert world.lines() == [(line(1),)]


def test_a_line_that_no_place_takes_is_refused(world: World) -> None:
    world.cards.keep(CARD)
    for number in range(3):
        world.spoil(number)
    with pytest.raises(Refused) as no:
        world.cards.spool(CARD, line(1))
    assert no.value.findings[0].code == "spool-nowhere"


def test_a_settled_spool_is_empty_and_takes_lines_again(world: World) -> None:
    world.cards.keep(CARD)
    world.cards.spool(CARD, line(1))
    (spool,) = world.cards.spooled(ORIGIN)
    with world.cards.hold(spool) as held:
        assert held == spool
        world.cards.settle(held)

    assert world.cards.spooled(ORIGIN) == ()
    with world.cards.hold(spool) as late:
        assert late.lines == ()
    world.cards.spool(CARD, line(2))
    assert world.lines() == [(line(2),)]


def test_what_is_held_has_the_lines_that_came_meanwhile(world: World) -> None:
    world.cards.keep(CARD)
    world.cards.spool(CARD, line(1))
    (spool,) = world.cards.spooled(ORIGIN)
    world.cards.spool(CARD, line(2))
    with world.cards.hold(spool) as held:
        assert held.lines == (line(1), line(2))
        assert held.sha256 != spool.sha256


def test_a_dropped_card_is_gone_unless_facts_wait_in_its_spool(world: World) -> None:
    waiting = card_of(ship=2)
    for card in (CARD, waiting):
        world.cards.keep(card)
    world.cards.spool(waiting, line(1))
    for card in (CARD, waiting):
        world.cards.drop(card)

    assert world.cards.find(None, ORIGIN) == (waiting,)
    assert world.lines() == [(line(1),)]


# -- files ------------------------------------------------------------------------------------------


def test_the_room_of_a_spool_is_really_allocated(disk: Disk) -> None:
    disk.cards().keep(CARD)
    seen = disk.file(".spool").stat()
    assert seen.st_size == spool_file.ROOM
    assert seen.st_blocks * 512 >= spool_file.ROOM


def test_nobody_else_can_read_cards_and_spools(disk: Disk) -> None:
    disk.cards().keep(CARD)
    assert [disk.file(suffix).stat().st_mode & 0o777 for suffix in (".json", ".spool")] == [0o600, 0o600]
    assert disk.file().parent.stat().st_mode & 0o777 == 0o700


def test_the_units_own_folders_come_last(disk: Disk, tmp_path: Path) -> None:
    root = tmp_path / "unit"
    root.mkdir()
    disk.spoil(0)
    disk.spoil(1)
    card = card_of(root=str(root))
    cards = disk.cards()
    kept = cards.keep(card, card.roots)
    assert [Path(file).is_relative_to(root) for file in kept] == [False, True]

    disk.spoil(2)
    assert cards.find("HF-1", ORIGIN, [str(root), "relative"]) == (card,)
    assert Path(cards.spool(card, line(1))).is_relative_to(root)
    assert [spool.lines for spool in cards.spooled(ORIGIN, [str(root)])] == [(line(1),)]


def test_spools_in_units_folders_are_found_by_the_cards(disk: Disk, tmp_path: Path) -> None:
    card = card_of(root=str(tmp_path / "unit"))
    cards = disk.cards()
    cards.keep(card)
    for number in range(3):
        disk.spoil(number)
    cards.spool(card, line(1))
    disk.mend(0)
    assert [spool.lines for spool in cards.spooled(ORIGIN)] == [(line(1),)]


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b"[" * 100_000, b'{"origin": 7}'])
def test_a_card_that_cannot_be_read_is_told_and_its_copy_is_found(disk: Disk, content: bytes) -> None:
    cards = disk.cards()
    cards.keep(CARD)
    disk.file().write_bytes(content)

    assert cards.find("HF-1", ORIGIN) == (CARD,)
    assert cards.find("HF-1", ORIGIN) == (CARD,)
    (told,) = disk.told
    assert str(disk.file()) in told


def test_a_card_under_another_name_is_not_believed(disk: Disk) -> None:
    cards = disk.cards()
    cards.keep(CARD)
    for place in (0, 1):
        disk.file(place=place).rename(disk.file(place=place, card=card_of("HF-2")))
    assert cards.find(None, ORIGIN) == ()
    assert "speaks of HF-1-1" in disk.told[0]


def link(file: Path) -> None:
    file.rename(file.with_name("elsewhere"))
    file.symlink_to("elsewhere")


def pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


@pytest.mark.parametrize(
    "tamper",
    [
        link,
        pipe,
        lambda file: file.chmod(0o666),
        lambda file: file.write_bytes(file.read_bytes() + b" " * spool_file.MOST),
        pytest.param(
            lambda file: os.chown(file, 12345, 0),
            marks=pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away"),
        ),
    ],
    ids=["symlink", "pipe", "writable by all", "huge", "somebody else's"],
)
@pytest.mark.parametrize("suffix", [".json", ".spool"])
def test_what_another_can_have_put_there_is_not_believed(
    disk: Disk, suffix: str, tamper: Callable[[Path], None]
) -> None:
    cards = disk.cards()
    cards.keep(CARD)
    cards.spool(CARD, line(1))
    tamper(disk.file(suffix))

    if suffix == ".json":
        assert cards.find("HF-1", ORIGIN) == (CARD,), "the copy"
    else:
        assert cards.spooled(ORIGIN) == ()
        assert "place-2" in cards.spool(CARD, line(2))
    assert str(disk.file(suffix)) in disk.told[0]


@pytest.mark.parametrize("how", ["open to all", "a link", "somebody else's"])
def test_a_folder_that_another_can_have_made_is_not_used(disk: Disk, tmp_path: Path, how: str) -> None:
    folder = disk.places[0] / "cards"
    if how == "a link":
        (tmp_path / "trap").mkdir(mode=0o700)
        folder.symlink_to(tmp_path / "trap")
    else:
        folder.mkdir(mode=0o700)
        if how == "open to all":
            folder.chmod(0o777)
        elif os.getuid() != 0:
            pytest.skip("only root can give a folder away")
        else:
            os.chown(folder, 12345, 0)

    kept = disk.cards().keep(CARD)
    assert [Path(file).parents[1].name for file in kept] == ["place-2", "place-3"]
    assert list(folder.iterdir()) == []


def test_a_torn_last_line_is_told_kept_and_written_behind(disk: Disk) -> None:
    cards = disk.cards()
    cards.keep(CARD)
    cards.spool(CARD, line(1))
    cards.spool(CARD, line(2, "half of this was lost"))
    spool = disk.file(".spool")
    content = spool.read_bytes()
    cut = len(content.rstrip(b"\0")) - 12
    spool.write_bytes(content[:cut] + bytes(len(content) - cut))

    afresh = disk.cards()
    assert [found.lines for found in afresh.spooled(ORIGIN)] == [(line(1),)]
    assert "no whole line" in disk.told[0]
    assert str(spool) in disk.told[0]
    afresh.spool(CARD, line(2, "again"))
    assert [found.lines for found in disk.cards().spooled(ORIGIN)] == [(line(1), line(2, "again"))]
    assert b"half of this" in spool.read_bytes()


def test_a_hole_in_the_middle_is_told_and_the_lines_around_it_are_read(disk: Disk) -> None:
    cards = disk.cards()
    cards.keep(CARD)
    for n in (1, 2, 3):
        cards.spool(CARD, line(n, "x" * 100))
    spool = disk.file(".spool")
    content = spool.read_bytes()
    middle = len(line(1, "x" * 100)) + 50
    spool.write_bytes(content[:middle] + bytes(20) + content[middle + 20 :])

    assert [found.lines for found in disk.cards().spooled(ORIGIN)] == [
        (line(1, "x" * 100), line(3, "x" * 100))
    ]
    assert len(disk.told) == 1


def test_a_spool_may_grow_beyond_its_room(disk: Disk) -> None:
    cards = disk.cards()
    cards.keep(CARD)
    lines = tuple(line(n, "x" * 100_000) for n in range(1, 6))
    for one in lines:
        cards.spool(CARD, one)
    assert [spool.lines for spool in cards.spooled(ORIGIN)] == [lines]
    assert len({Path(file).parents[1] for spool in cards.spooled(ORIGIN) for file in spool.files}) == 1


def test_a_spool_that_is_too_large_to_be_believed_takes_no_more(disk: Disk) -> None:
    cards = disk.cards()
    cards.keep(CARD)
    lines = tuple(line(n, "x" * 1_000_000) for n in range(1, 8))
    for one in lines:
        cards.spool(CARD, one)
    (spool,) = cards.spooled(ORIGIN)
    assert spool.lines == lines
    assert len(spool.files) == 2


def test_settled_spools_are_kept_beside_the_card(disk: Disk) -> None:
    cards = disk.cards()
    cards.keep(CARD)
    digests = []
    for n in (1, 2):
        cards.spool(CARD, line(n))
        (spool,) = cards.spooled(ORIGIN)
        digests.append(spool.sha256)
        with cards.hold(spool) as held:
            cards.settle(held)
    settled = [disk.file(f".{digest[:12]}.reconciled") for digest in digests]
    assert [file.read_bytes().rstrip(b"\0") for file in settled] == [line(1) + b"\n", line(2) + b"\n"]
    assert disk.file(".spool").stat().st_blocks * 512 >= spool_file.ROOM

    cards.drop(CARD)
    assert list(disk.file().parent.iterdir()) == []


def test_a_spool_that_somebody_holds_is_busy(disk: Disk) -> None:
    disk.cards().keep(CARD)
    path = disk.file(".spool")
    late = spool_file.held(path, patience=0)
    with spool_file.held(path), pytest.raises(TimeoutError, match="another process holds"):
        late.__enter__()
    with spool_file.held(path, patience=0) as descriptor:
        assert os.fstat(descriptor).st_size == spool_file.ROOM


WRITER = """
import sys
from pathlib import Path
from hotfix.adapters.cards import FileCards
from tests.adapters.test_cards_contract import CARD, line

places, name = [Path(place) for place in sys.argv[1:4]], sys.argv[4]
cards = FileCards(print, lambda: places)
for n in range(1, 41):
    cards.spool(CARD, line(n, name))
"""


def test_processes_that_spool_at_once_lose_nothing(disk: Disk) -> None:
    disk.cards().keep(CARD)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    argv = [sys.executable, "-W", "error", "-c", WRITER, *map(str, disk.places)]
    writers = [subprocess.Popen([*argv, name], env=environment) for name in ("a", "b")]
    taken: list[bytes] = []
    while any(writer.poll() is None for writer in writers):
        for spool in disk.cards().spooled(ORIGIN):
            with disk.cards().hold(spool) as held:
                taken += held.lines
                if held.lines:
                    disk.cards().settle(held)
    assert [writer.wait() for writer in writers] == [0, 0]

    taken += [one for spool in disk.cards().spooled(ORIGIN) for one in spool.lines]
    assert sorted(taken) == sorted(line(n, name) for n in range(1, 41) for name in ("a", "b"))
    assert disk.told == []
