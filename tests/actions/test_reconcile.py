"""What was spooled goes on the record once, whole and in order; what does not belong there does not."""

import msgspec
import pytest
from tests.actions.way_back import Unreliable, back, kinds, reconciled, shipped, told_in, write
from tests.adapters.fake_cards import FakeCards
from tests.adapters.fake_ledger import FakeLedger, FakeRemote
from tests.record.one_of_each_fact import ONE_OF_EACH

from hotfix.actions.spooling import SpoolingLedger
from hotfix.ports.cards import Card
from hotfix.record.any_fact import AnyFact
from hotfix.record.facts import Planned, Reconciled, Returning, RollbackRequested, RulesRead


@pytest.fixture
def record() -> Unreliable:
    return Unreliable()


@pytest.fixture
def card(record: Unreliable) -> Card:
    return shipped(record)


@pytest.fixture
def cards(card: Card) -> FakeCards:
    cards = FakeCards()
    cards.keep(card)
    return cards


def spooled(record: Unreliable, cards: FakeCards, card: Card, *numbers: int) -> None:
    """A way back that could not write these facts, and is over."""
    record.writing = "before"
    write(SpoolingLedger(record, cards, card, print), *numbers)
    record.writing = ""


def put(cards: FakeCards, card: Card, fact: AnyFact, hotfix: str = "HF-1") -> None:
    """A line as somebody might put it there by hand."""
    line = {"n": 1, "head": "", "seq": 0, "hotfix": hotfix, "fact": fact}
    cards.spool(card, msgspec.json.encode(line))


def test_one_append_says_what_it_took_over_and_then_takes_it_over(
    record: Unreliable, cards: FakeCards, card: Card
) -> None:
    head = record.read().head
    spooled(record, cards, card, 1, 2)
    (spool,) = cards.spooled(card.origin)
    appends = record.verify().commits
    (told,) = reconciled(record, cards)

    assert told == (
        "2 facts of the way back of ship 1 of HF-1, spooled while the record could not be written, now on it"
    )
    book = record.read()
    assert kinds(book) == [RulesRead, Planned, Reconciled, RollbackRequested, RollbackRequested]
    assert told_in(book) == [1, 2]
    assert book.entries[2].fact == Reconciled(
        at="2026-11-22T04:00:00.000Z",
        by="olga@example.com",
        spool=card.name,
        sha256=spool.sha256,
        heads=(head, head),
    )
    assert record.verify().commits == appends + 1
    assert [place.settled for place in cards.places] == [[spool], []]


def test_nothing_spooled_is_nothing_to_do(record: Unreliable, cards: FakeCards) -> None:
    before = record.read()
    assert reconciled(record, cards) == []
    assert record.read() == before


def test_it_is_done_once(record: Unreliable, cards: FakeCards, card: Card) -> None:
    spooled(record, cards, card, 1)
    reconciled(record, cards)
    once = record.read()
    assert reconciled(record, cards) == []
    assert record.read() == once


def test_a_command_that_died_before_it_settled_the_spool_does_no_harm(
    record: Unreliable, cards: FakeCards, card: Card
) -> None:
    spooled(record, cards, card, 1)
    record.writing = "after"
    assert "is not on the record yet" in reconciled(record, cards)[0]
    record.writing = ""
    once = record.read()
    assert reconciled(record, cards) == []
    assert (record.read(), cards.spooled("")) == (once, ())


def test_what_was_spooled_since_then_is_taken_over_alone(
    record: Unreliable, cards: FakeCards, card: Card
) -> None:
    spooled(record, cards, card, 1)
    record.writing = "after"
    reconciled(record, cards)
    spooled(record, cards, card, 2)
    assert len(cards.spooled("")[0].lines) == 2
    reconciled(record, cards)
    assert told_in(record.read()) == [1, 2]


def test_a_record_that_still_cannot_be_written_is_told(
    record: Unreliable, cards: FakeCards, card: Card
) -> None:
    spooled(record, cards, card, 1)
    (spool,) = cards.spooled("")
    record.writing = "before"
    (told,) = reconciled(record, cards)
    assert "Read-only file system" in told
    assert spool.files[0] in told
    assert cards.spooled("") == (spool,)


def test_a_record_that_cannot_even_be_read_is_no_error(
    record: Unreliable, cards: FakeCards, card: Card
) -> None:
    spooled(record, cards, card, 1)
    assert reconciled(FakeLedger(), cards) == []
    assert len(cards.spooled("")) == 1


def test_the_spool_of_another_record_is_left_alone(record: Unreliable, cards: FakeCards, card: Card) -> None:
    spooled(record, cards, card, 1)
    other = FakeLedger()
    write(other, 9)
    assert reconciled(other, cards) == []
    assert told_in(other.read()) == [9]
    assert len(cards.spooled("")) == 1


def test_what_was_spooled_for_a_plan_that_never_began_is_not_told_of_the_one_that_has_its_number(
    record: Unreliable, cards: FakeCards, card: Card
) -> None:
    before = record.read()
    plan = msgspec.structs.replace(card.plan, at="2026-11-22T01:00:00.000Z")
    spooled(record, cards, msgspec.structs.replace(card, plan=plan), 1)
    (told,) = reconciled(record, cards)
    assert "the next command that knows the plan takes it over" in told or "has no plan" in told
    assert len(cards.spooled("")) == 1, "the remote may know it"
    (told,) = reconciled(record, cards, complete=True)
    assert "never began" in told
    assert record.read() == before
    assert reconciled(record, cards, complete=True) == [], "told once"


def test_a_way_back_by_a_plan_that_never_began_stays_in_its_spool_and_is_told(
    record: Unreliable, cards: FakeCards, card: Card
) -> None:
    plan = msgspec.structs.replace(card.plan, at="2026-11-22T01:00:00.000Z")
    other = msgspec.structs.replace(card, plan=plan)
    returning = Returning(at="2026-11-22T02:00:00.000Z", by="olga@example.com", ship=1, units=("shop-1",))
    put(cards, other, returning)
    (told,) = reconciled(record, cards, complete=True)
    assert "Units were brought back by a plan of ship 1 of HF-1 that never came to be on record" in told
    assert len(cards.spooled("")) == 1


def test_a_clone_that_does_not_know_the_plan_leaves_the_spool_to_one_that_does() -> None:
    remote = FakeRemote()
    ours, theirs, cards = FakeLedger(remote), FakeLedger(remote), FakeCards()
    write(ours, 0)
    ours.push()
    theirs.refresh()
    card = shipped(ours)
    put(cards, card, back(1))

    assert "no plan of ship 1" in reconciled(theirs, cards)[0]
    assert told_in(theirs.read()) == [0]
    ours.push()
    theirs.refresh()
    reconciled(theirs, cards)
    assert told_in(theirs.read()) == [0, 1]


OF_A_WAY_BACK = {"observed/1", "rollback_requested/1", "returning/1", "returned/1", "ended/1", "notified/1"}


def tag(fact: AnyFact) -> str:
    return str(type(fact).__struct_config__.tag)


@pytest.mark.parametrize("fact", ONE_OF_EACH, ids=tag)
def test_only_what_a_way_back_writes_is_taken_over(
    record: Unreliable, cards: FakeCards, card: Card, fact: AnyFact
) -> None:
    before = record.read()
    put(cards, card, fact)
    (told,) = reconciled(record, cards)
    if tag(fact) in OF_A_WAY_BACK:
        assert record.read().entries[-1].fact == fact
        assert cards.spooled("") == ()
    else:
        assert "what no rollback of that ship writes" in told
        assert record.read() == before
        assert len(cards.spooled("")) == 1, "nothing is lost"


@pytest.mark.parametrize(
    ("change", "taken"),
    [
        ({"effects": ()}, True),
        ({"ship": 2, "effects": ()}, False),
        ({"outcome": "halted"}, True),
        ({"outcome": "validated"}, False),
        ({"outcome": "standing_in"}, False),
    ],
)
def test_what_looks_like_it_and_is_not(
    record: Unreliable, cards: FakeCards, card: Card, change: dict[str, object], taken: bool
) -> None:
    kind = "ended/1" if "outcome" in change else "activated/1"
    fact = next(fact for fact in ONE_OF_EACH if tag(fact) == kind)
    put(cards, card, msgspec.structs.replace(fact, **change))
    reconciled(record, cards)
    assert (len(cards.spooled("")) == 0) is taken


def test_facts_of_another_hotfix_or_ship_are_refused(
    record: Unreliable, cards: FakeCards, card: Card
) -> None:
    before = record.read()
    put(cards, card, back(1), hotfix="HF-2")
    assert "RollbackRequested of HF-2" in reconciled(record, cards)[0]
    assert record.read() == before


@pytest.mark.parametrize(
    "line", [b'{"n":2}', b'{"n":2,"head":"","seq":0,"hotfix":"HF-1","fact":{"kind":"x/9"}}']
)
def test_one_line_that_cannot_be_read_keeps_all_of_them_where_they_are(
    record: Unreliable, cards: FakeCards, card: Card, line: bytes
) -> None:
    before = record.read()
    put(cards, card, back(1))
    cards.spool(card, line)
    assert "cannot be read" in reconciled(record, cards)[0]
    assert record.read() == before
    assert len(cards.spooled("")[0].lines) == 2


def test_what_came_on_record_meanwhile_stays_before_it(
    record: Unreliable, cards: FakeCards, card: Card
) -> None:
    spooled(record, cards, card, 2)
    write(record, 1)
    reconciled(record, cards)
    assert told_in(record.read()) == [1, 2]
