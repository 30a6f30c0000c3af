"""A hotfix closes validated, landed and learned; it is abandoned only where production does not carry it."""

import pytest

from hotfix.questions.looked_back import Owed
from hotfix.questions.may_close import may_abandon, missing
from hotfix.record import facts
from hotfix.record.any_fact import AnyFact
from hotfix.record.hotfix import Hotfix
from lifecycle.facts_of import (
    ANN,
    OTHER_PATCH,
    at,
    ended,
    hotfix,
    landed,
    picked,
    planned,
    rollback_requested,
    started,
    with_,
)

WRITTEN = facts.PostmortemWritten(
    at=at(500), by=ANN, evidence=facts.Evidence("postmortem-1.md", "0" * 64), empty_boxes=()
)
CLOSED = facts.Closed(at=at(600), by=ANN, outcome="learned", because="all is done")
DONE = (started(), picked(), planned(), ended("validated"), landed(), WRITTEN)


def owed(*of: AnyFact) -> list[str]:
    return [finding.code for finding in missing(hotfix(*of))]


def test_validated_landed_and_learned_is_enough() -> None:
    assert owed(*DONE) == []


def test_each_of_the_three_is_owed_by_itself() -> None:
    assert owed(*(fact for fact in DONE if not isinstance(fact, facts.Ended))) == ["close-not-validated"]
    assert owed(*(fact for fact in DONE if not isinstance(fact, facts.Landed))) == ["close-not-landed"]
    assert owed(*(fact for fact in DONE if fact is not WRITTEN)) == ["close-not-learned"]
    assert owed() == ["close-not-validated", "close-not-landed", "close-not-learned"]


@pytest.mark.parametrize("outcome", ["rolled_back", "halted"])
def test_a_ship_that_ended_otherwise_is_not_validated(outcome: str) -> None:
    assert owed(*DONE, rollback_requested(700), ended(outcome, 710)) == ["close-not-validated"]
    assert owed(*DONE, rollback_requested(700)) == ["close-not-validated"]


def test_an_empty_box_is_owed_by_name() -> None:
    draft = with_(WRITTEN, empty_boxes=("surprises", "actions"))
    (finding,) = missing(hotfix(*DONE, draft))
    assert "surprises, actions" in finding.sentence
    assert ANN in finding.sentence


def test_a_landing_of_before_the_newest_pick_does_not_count() -> None:
    assert owed(*DONE, picked(patch=OTHER_PATCH)) == ["close-not-landed"]


def test_what_is_closed_is_closed() -> None:
    assert owed(*DONE, CLOSED) == ["close-closed"]
    assert [finding.code for finding in may_abandon(hotfix(*DONE, CLOSED))] == ["close-closed"]


# -- an override that nobody looked back at --

DEBT = Owed("0" * 64, "prove", "every cart is lost", (ANN, "dan@example.com"), at(90_000), overdue=False)


def test_an_override_that_nobody_looked_back_at_keeps_it_open_and_names_who_may() -> None:
    (finding,) = missing(hotfix(*DONE), (DEBT,))
    assert finding.code == "close-override-review"
    for named in ("prove", at(90_000), ANN, "dan@example.com", "every cart is lost"):
        assert named in finding.sentence
    assert "OVERDUE" not in finding.sentence
    assert finding.next.startswith("hotfix override --review HF-7 prove --because")


def test_when_it_is_overdue_that_is_said_loudly() -> None:
    (finding,) = missing(hotfix(*DONE), (with_(DEBT, overdue=True),))
    assert "OVERDUE" in finding.sentence


def test_abandoning_pays_no_debt_either() -> None:
    went_back = hotfix(started(), picked(), planned(), ended("rolled_back"))
    assert may_abandon(went_back) == ()
    assert [finding.code for finding in may_abandon(went_back, (DEBT,))] == ["close-override-review"]


# -- abandoned ------------------------------------------------------------------------------------


def in_production(state: Hotfix) -> bool:
    codes = [finding.code for finding in may_abandon(state)]
    assert codes in ([], ["close-in-production"])
    return bool(codes)


def test_what_never_shipped_or_went_back_may_be_abandoned() -> None:
    assert not in_production(hotfix())
    assert not in_production(hotfix(started(), picked()))
    assert not in_production(hotfix(started(), picked(), planned(), ended("rolled_back")))


@pytest.mark.parametrize("end", [(), (ended("validated"),), (ended("halted"),)])
def test_what_production_may_carry_is_not_abandoned(end: tuple[AnyFact, ...]) -> None:
    assert in_production(hotfix(started(), picked(), planned(), *end))


def test_a_second_ship_that_went_back_went_back_to_the_first() -> None:
    second = planned(
        ship=2, commit="2" * 40, units=(facts.UnitPlan("shop-1", "v2.14.0+hf.1", "1" * 40, "v2.14.0+hf.1"),)
    )
    first = started(), picked(), planned(), ended("validated")
    assert in_production(hotfix(*first, second, ended("rolled_back", 900, ship=2)))
    fresh = planned(ship=2)
    gone = planned(), ended("rolled_back")
    assert not in_production(hotfix(*gone, fresh, ended("rolled_back", 900, ship=2)))
