"""A way back whose record cannot be written: nothing of it is lost, doubled or put out of order."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.actions.way_back import Unreliable, kinds, reconciled, shipped, told_in, write
from tests.adapters import repositories
from tests.adapters.fake_cards import FakeCards
from tests.adapters.repositories import Clone

from hotfix.actions.spooling import SpoolingLedger
from hotfix.adapters.cards import FileCards
from hotfix.adapters.git.lock import FileLock
from hotfix.adapters.ledger.git_ledger import GitLedger
from hotfix.ports import Append, Book
from hotfix.ports.cards import Card
from hotfix.questions.next_step import next_step
from hotfix.record import moment
from hotfix.record.facts import Activating, Planned, Reconciled, RollbackRequested, RulesRead
from hotfix.record.finding import Refused, refused
from hotfix.record.hotfix import fold_all


class Overtaken(Exception):
    """What a caller's decision may raise."""


class Trouble:
    """A record in memory, its cards, and a ship that has to come back."""

    def __init__(self) -> None:
        self.record = Unreliable()
        self.card = shipped(self.record)
        self.cards = FakeCards()
        self.cards.keep(self.card)
        self.told: list[str] = []

    def ledger(self) -> SpoolingLedger:
        return SpoolingLedger(self.record, self.cards, self.card, self.told.append)


@pytest.fixture
def trouble() -> Trouble:
    return Trouble()


def test_a_record_that_can_be_written_is_written(trouble: Trouble) -> None:
    ledger = trouble.ledger()
    book = write(ledger, 1, 2)

    assert book == trouble.record.read() == ledger.read()
    assert told_in(book) == [1, 2]
    assert trouble.cards.spooled("") == ()
    assert (ledger.refresh(), ledger.push(), trouble.told) == ("", "", [])


def test_what_the_record_does_not_take_is_spooled_and_read_again(trouble: Trouble) -> None:
    ledger = trouble.ledger()
    write(ledger, 1)
    trouble.record.writing = "before"
    book = write(ledger, 2, 3)

    assert told_in(book) == told_in(ledger.read()) == [1, 2, 3]
    assert [entry.seq for entry in book.entries] == list(range(1, len(book.entries) + 1))
    assert told_in(trouble.record.read()) == [1]
    assert book.anchored == 0, "what only a spool has is not on any remote"
    for why in (ledger.refresh(), ledger.push()):
        assert why == f"the record cannot be written; it is spooled in /place-1/{trouble.card.name}"
    assert len([text for text in trouble.told if "Read-only file system" in text]) == 1


def test_once_spooled_everything_is_so_that_it_stays_in_order(trouble: Trouble) -> None:
    ledger = trouble.ledger()
    trouble.record.writing = "before"
    write(ledger, 1)
    trouble.record.writing = ""
    assert told_in(write(ledger, 2)) == [1, 2]
    assert told_in(trouble.record.read()) == []


def test_the_next_process_goes_on_behind_what_is_spooled(trouble: Trouble) -> None:
    trouble.record.writing = "before"
    write(trouble.ledger(), 1, 2)
    trouble.record.writing = ""
    ledger = trouble.ledger()

    assert told_in(ledger.read()) == [1, 2]
    assert told_in(write(ledger, 3)) == [1, 2, 3]
    assert told_in(trouble.record.read()) == []


def test_a_decision_sees_the_record_and_the_spool(trouble: Trouble) -> None:
    ledger = trouble.ledger()
    write(ledger, 1)
    trouble.record.writing = "before"
    write(ledger, 2)
    seen: list[Book] = []

    def decide(book: Book) -> Append:
        seen.append(book)
        return Append("HF-1", ())

    ledger.append(decide, anchor=True)
    assert [told_in(book) for book in seen] == [[1, 2]]


@pytest.mark.parametrize("error", [refused("mine", "No."), OSError("mine"), Overtaken()])
@pytest.mark.parametrize("writing", ["", "before"])
def test_what_a_decision_raises_is_its_own(trouble: Trouble, writing: str, error: Exception) -> None:
    ledger = trouble.ledger()
    trouble.record.writing = writing
    if writing:
        write(ledger, 1)

    def decide(_: Book) -> Append:
        raise error

    with pytest.raises(type(error)) as raised:
        ledger.append(decide, anchor=False)
    assert raised.value is error
    assert told_in(ledger.read()) == ([1] if writing else [])
    assert bool(trouble.cards.spooled("")) == bool(writing)


def test_an_append_that_failed_after_it_was_written_counts_once(trouble: Trouble) -> None:
    ledger = trouble.ledger()
    trouble.record.writing = "after"
    assert told_in(write(ledger, 1, 2)) == [1, 2]
    trouble.record.writing = ""
    assert told_in(write(ledger, 3)) == [1, 2, 3]


def test_where_the_record_cannot_be_read_the_card_stands_in_for_it(trouble: Trouble) -> None:
    trouble.record.readable = False
    ledger = trouble.ledger()

    assert kinds(ledger.read()) == [RulesRead, Planned, Activating]
    trouble.record.writing = "before"
    book = write(ledger, 1)
    assert kinds(book) == [RulesRead, Planned, Activating, RollbackRequested]
    ship = fold_all(book.entries)["HF-1"].ship
    assert ship is not None
    assert (ship.plan, ship.rollback is not None) == (trouble.card.plan, True)
    assert fold_all(book.entries)["HF-1"].rules_of(1) == book.entries[0].fact
    assert next_step(ship, moment.from_text("2026-11-22T03:01:00.000Z")) is not None
    assert ledger.origin() == trouble.card.origin
    assert len([text for text in trouble.told if "cannot be read" in text]) == 1


def test_a_record_that_becomes_unreadable_is_remembered(trouble: Trouble) -> None:
    """A request for the way back that was on it must not be forgotten: the ship would go forward."""
    ledger = trouble.ledger()
    write(ledger, 1)
    trouble.record.readable = False
    trouble.record.writing = "before"
    assert told_in(ledger.read()) == [1]
    assert told_in(write(ledger, 2)) == [1, 2]


def test_a_record_that_has_lost_the_plan_is_not_written(trouble: Trouble) -> None:
    trouble.record = Unreliable()
    ledger = trouble.ledger()
    assert kinds(write(ledger, 1)) == [RulesRead, Planned, Activating, RollbackRequested]
    assert trouble.record.read().entries == ()


def test_the_next_place_takes_what_the_first_does_not(trouble: Trouble) -> None:
    ledger = trouble.ledger()
    trouble.record.writing = "before"
    write(ledger, 1)
    trouble.cards.places[0].fails = "before"
    write(ledger, 2)
    trouble.cards.places[0].fails = ""
    write(ledger, 3)
    assert told_in(trouble.ledger().read()) == [1, 2, 3]


def test_where_nothing_takes_the_trace_the_way_back_goes_on_and_says_so(trouble: Trouble) -> None:
    ledger = trouble.ledger()
    trouble.record.writing = "before"
    for place in trouble.cards.places:
        place.fails = "before"
    write(ledger, 1)
    write(ledger, 2)

    assert told_in(ledger.read()) == [1, 2]
    assert len([text for text in trouble.told if "KEEP IT" in text]) == 1
    printed = [text for text in trouble.told if text.startswith("in no file: ")]
    assert ["reason 1" in text for text in printed] == [True, False]
    assert "neither can any spool" in ledger.push()

    trouble.cards.places[1].fails = ""
    write(ledger, 3)
    assert told_in(trouble.ledger().read()) == [1, 2, 3], "and what was only remembered is written first"


def test_evidence_cannot_be_spooled(trouble: Trouble) -> None:
    ledger = trouble.ledger()
    trouble.record.writing = "before"
    with pytest.raises(AssertionError):
        ledger.append(lambda _: Append("HF-1", (), {"report": b""}), anchor=False)


def test_a_remote_or_a_lock_in_trouble_is_a_reason_and_not_an_end(trouble: Trouble) -> None:
    class Rewritten(Unreliable):
        def refresh(self, *, within: float = 60.0) -> str:
            raise refused("record-rewritten", "The record was rewritten.")

        def push(self, *, within: float = 60.0) -> str:
            raise OSError(30, "Read-only file system")

    trouble.record = Rewritten()
    ledger = trouble.ledger()
    assert "was rewritten" in ledger.refresh()
    assert "Read-only" in ledger.push()


FAILURES = st.sampled_from(["", "", "before", "after"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), FAILURES, FAILURES, st.booleans(), st.integers(1, 3)),
        st.tuples(st.just("reconcile"), FAILURES),
        st.tuples(st.just("die"), st.booleans()),
    ),
    max_size=12,
)


@given(STEPS)
def test_however_writing_fails_no_fact_is_lost_doubled_or_out_of_order(
    steps: list[tuple[str, str, str, bool, int] | tuple[str, str] | tuple[str, bool]],
) -> None:
    trouble = Trouble()
    record, (first, _) = trouble.record, trouble.cards.places
    ledger, written = trouble.ledger(), 0
    for step in steps:
        record.readable, record.writing, first.fails = True, "", ""
        match step:
            case ("write", writing, fails, readable, count):
                record.writing, first.fails, record.readable = writing, fails, readable
                numbers = range(written + 1, written + count + 1)
                written += count
                assert told_in(write(ledger, *numbers))[-count:] == list(numbers)
            case ("reconcile", str(writing)):
                record.writing = writing
                reconciled(record, trouble.cards)
            case ("die", bool(readable)):
                record.readable = readable
                ledger = trouble.ledger()
        record.readable = True
        assert told_in(ledger.read()) == list(range(1, written + 1))

    record.writing = ""
    reconciled(record, trouble.cards)
    assert told_in(record.read()) == list(range(1, written + 1))
    assert trouble.cards.spooled("") == ()
    assert record.verify().findings == ()


# -- real repositories, real disks ------------------------------------------------------------------


@pytest.fixture
def shop(tmp_path: Path) -> Clone:
    shop = repositories.create(tmp_path / "disk" / "shop")
    shop.commit({b"a": b"a\n"}, branch="main")
    return shop


@pytest.fixture
def ledger(shop: Clone) -> Iterator[GitLedger]:
    with repositories.record(shop.path) as ledger:
        yield ledger


@pytest.fixture
def places(shop: Clone, tmp_path: Path) -> list[Path]:
    places = [tmp_path / "disk" / name for name in ("state", "temp")]
    for place in places:
        place.mkdir(mode=0o700)
    return places


@pytest.fixture
def card(ledger: GitLedger, places: list[Path]) -> Card:
    card = shipped(ledger)
    FileCards(print, lambda: places).keep(card)
    return card


def can_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    tried = subprocess.run(
        ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False
    )
    return tried.returncode == 0


needs_mounts = pytest.mark.skipif(
    not can_mount(), reason="nothing can be mounted here, not even in a name space of its own"
)

PROLOGUE = """
import os, shutil, subprocess, sys
from pathlib import Path
from hotfix.actions.spooling import SpoolingLedger
from hotfix.adapters.cards import FileCards
from tests.actions.way_back import reconciled, told_in, write
from tests.adapters import repositories

def mount(*argv):
    subprocess.run(["mount", *map(str, argv)], check=True)

def fill(folder):
    with (folder / "ballast").open("wb") as file:
        try:
            while True:
                os.write(file.fileno(), bytes(4096))
        except OSError as error:
            assert error.errno == 28, error
    return folder / "ballast"

disk = Path(sys.argv[1])
places = [disk / "state", disk / "temp"]
cards = FileCards(print, lambda: places)
(card,) = cards.find("HF-1", "")
"""

READ_ONLY = """
shop = disk / "shop"
mount("--bind", shop, shop)
mount("-o", "remount,bind,ro", shop)
with repositories.record(shop) as inner:
    ledger = SpoolingLedger(inner, cards, card, print)
    for number in (1, 2, 3):
        write(ledger, number)
    assert told_in(ledger.read()) == [1, 2, 3]
    assert told_in(inner.read()) == []
    assert str(places[0]) in ledger.push(), ledger.push()
    print(*reconciled(inner, cards))
    assert told_in(ledger.read()) == [1, 2, 3]
"""

FULL = """
whole = Path(sys.argv[2])
mount("-t", "tmpfs", "-o", "size=4m", "none", whole)
shutil.copytree(disk, whole / "disk", symlinks=True)
shop, places[:] = whole / "disk" / "shop", [whole / "disk" / name for name in ("state", "temp")]
cards.keep(card)
ballast = fill(whole)
os.environ["TMPDIR"] = str(whole)
with repositories.record(shop) as inner:
    ledger = SpoolingLedger(inner, cards, card, print)
    for number in range(1, 101):
        write(ledger, number)
    assert told_in(inner.read()) == []
    assert told_in(ledger.read()) == list(range(1, 101))
    assert told_in(SpoolingLedger(inner, cards, card, print).read()) == list(range(1, 101))
    assert "is not on the record yet" in reconciled(inner, cards)[0]
    ballast.unlink()
    assert "100 facts" in reconciled(inner, cards)[0]
    assert told_in(inner.read()) == list(range(1, 101))
    assert inner.verify().findings == ()
    assert cards.spooled("") == ()
    try:
        fill(whole)
        assert len(cards.keep(card)) == 2, "it is there already"
        write(SpoolingLedger(inner, cards, card, print), 101)
        assert cards.spooled(""), "there is room again for the next way back"
    finally:
        (whole / "ballast").unlink()
"""


def in_name_space(script: str, *arguments: Path) -> str:
    """Run it where it may mount what it likes; all of that is gone when it ends. What it printed."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        ["unshare", "-rm", sys.executable, "-W", "error", "-c", PROLOGUE + script, *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@needs_mounts
def test_a_way_back_in_a_repository_that_is_read_only(
    shop: Clone, ledger: GitLedger, card: Card, places: list[Path]
) -> None:
    said = in_name_space(READ_ONLY, shop.path.parent)
    assert "Read-only file system" in said
    assert "is not on the record yet" in said

    cards = FileCards(print, lambda: places)
    (told,) = reconciled(ledger, cards)
    assert told.startswith("3 facts of the way back of ship 1 of HF-1")
    book = ledger.read()
    assert kinds(book) == [RulesRead, Planned, Reconciled, *[RollbackRequested] * 3]
    assert told_in(book) == [1, 2, 3]
    assert ledger.verify().findings == ()
    assert reconciled(ledger, cards) == []


@needs_mounts
def test_a_way_back_with_repository_cards_and_temporary_files_on_one_full_disk(
    shop: Clone, card: Card, tmp_path: Path
) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    assert "No space left on device" in in_name_space(FULL, shop.path.parent, whole)


def test_a_way_back_with_the_repositorys_objects_gone(
    shop: Clone, ledger: GitLedger, card: Card, places: list[Path]
) -> None:
    objects, away = shop.path / ".git" / "objects", shop.path / "away"
    objects.rename(away)
    cards, told = FileCards(print, lambda: places), list[str]()
    spooling = SpoolingLedger(ledger, cards, card, told.append)
    assert told_in(write(spooling, 1, 2)) == [1, 2]
    assert kinds(spooling.read())[:2] == [RulesRead, Planned]

    away.rename(objects)
    reconciled(ledger, cards)
    assert told_in(ledger.read()) == [1, 2]
    assert ledger.verify().findings == ()


def test_a_lock_that_git_left_behind_is_named_with_its_cure(
    shop: Clone, ledger: GitLedger, card: Card, places: list[Path]
) -> None:
    lock = shop.path / ".git" / "refs" / "heads" / "hotfix-record.lock"
    lock.touch()
    with pytest.raises(Refused) as no:
        write(ledger, 1)
    (finding,) = no.value.findings
    assert finding.code == "record-locked"
    assert str(lock) in finding.sentence
    assert finding.next.endswith(f"pgrep -a git; where none does: rm {lock}")

    spooling = SpoolingLedger(ledger, FileCards(print, lambda: places), card, print)
    assert told_in(write(spooling, 2)) == [2]
    lock.unlink()
    reconciled(ledger, FileCards(print, lambda: places))
    assert told_in(write(ledger, 3)) == [2, 3]


def test_a_lock_is_waited_for_with_patience_or_without_end(tmp_path: Path) -> None:
    path = tmp_path / "record.lock"
    with FileLock(path), pytest.raises(Refused) as no:
        FileLock(path, 0.05).__enter__()
    assert no.value.findings[0].code == "lock-busy"
    assert str(path) in no.value.findings[0].sentence
    with FileLock(path, 0.0):
        pass
