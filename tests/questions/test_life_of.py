"""The flat row of a hotfix: the same facts, the same row, and nothing in it that is not on record."""

from hotfix.questions.life_of import life_of
from hotfix.record import facts
from hotfix.record.any_fact import AnyFact
from hotfix.record.hotfix import fold
from hotfix.trend.life import Life
from lifecycle.facts_of import (
    ANN,
    CAT,
    NEW,
    activated,
    activating,
    at,
    ended,
    go,
    landed,
    picked,
    planned,
    proved,
    rollback_requested,
    scoped,
    serving,
    started,
    vote,
    with_,
)

SHIPPED: tuple[AnyFact, ...] = (
    started(),
    picked(),
    scoped(),
    proved(),
    vote(CAT).fact,
    go("dan@example.com").fact,
    planned(),
    activating("shop-1"),
    activated(serving("shop-1", NEW)),
    ended("validated"),
)


def life(*of: AnyFact) -> Life:
    return life_of(fold("HF-7", of))


def test_a_whole_life_is_a_row() -> None:
    row = life(*SHIPPED)
    assert (row.id, row.severity, row.detected, row.started) == ("HF-7", "SEV2", at(-600), at())
    assert (row.picked, row.proven) == (at(60), at(80))
    assert row.shipped < row.validated
    assert (row.lines, row.files, row.paths) == (5, 1, ("shop/cart.py",))
    assert row.is_hotfix
    assert row.owed_since == row.validated
    assert life(*SHIPPED, landed()).owed_since == ""


def test_nothing_is_known_of_nothing() -> None:
    row = life()
    assert (row.shipped, row.validated, row.lines, row.is_hotfix) == ("", "", -1, False)


def test_a_ship_that_went_back_is_not_validated() -> None:
    row = life(*SHIPPED, rollback_requested(900), ended("rolled_back", 960))
    assert row.validated == ""
    assert (row.ships[0].outcome, row.ships[0].asked_back, row.ships[0].ended) == (
        "rolled_back",
        at(900),
        at(960),
    )
    assert row.ships[0].validated != ""


def test_a_rehearsal_is_no_ship_and_a_return_is_no_hotfix() -> None:
    drill = life(started(), planned(purpose="rehearsal"), activating("shop-1"), ended("rehearsed"))
    assert (drill.ships, drill.rehearsed != "") == ((), True)
    back = life(started(), planned(purpose="return"), activating("shop-1"), ended("validated"))
    assert (len(back.ships), back.is_hotfix) == (1, False)


def test_a_plan_that_changed_nothing_shipped_nothing() -> None:
    assert life(started(), planned(), ended("halted")).shipped == ""


def test_the_first_bad_signal_is_that_of_a_guard() -> None:
    def observed(seconds: int, check: str, outcome: str) -> facts.Observed:
        sample = facts.Sample(check, "shop-1", outcome, "")
        return facts.Observed(at=at(seconds), by=ANN, ship=1, phase="wave 1", states=(), samples=(sample,))

    plan = planned(goals=("mails",), guards=("checkout",))
    row = life(
        started(),
        plan,
        activating("shop-1"),
        observed(240, "mails", "fail"),
        observed(250, "checkout", "pass"),
        observed(260, "checkout", "fail"),
        observed(270, "checkout", "fail"),
        rollback_requested(280),
        ended("rolled_back", 300),
    )
    assert (row.ships[0].bad_signal, row.ships[0].asked_back) == (at(260), at(280))


def test_a_used_override_is_told_by_its_gate() -> None:
    row = life(started(), planned(waived=("NO PEER", "OVERRIDDEN: prove")), activating("shop-1"))
    assert row.overridden == ("prove",)


def test_what_somebody_did_after_production_was_well_is_not_of_the_night() -> None:
    (ann, *_) = life(*SHIPPED, with_(landed(), at=at(90_000))).people
    assert ann.person == ANN
    assert ann.last < at(90_000)
