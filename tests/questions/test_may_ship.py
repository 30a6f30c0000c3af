"""May this ship: every gate in the order of life, and each of them can keep the ship in port."""

import pytest

from hotfix.lifecycle import LIFE
from hotfix.lifecycle.gate import Gate
from hotfix.policy.rules import Limits, Review, Rules
from hotfix.questions.may_ship import Answer, may_ship
from hotfix.record.hotfix import Hotfix
from lifecycle.facts_of import (
    ANN,
    CAT,
    DAN,
    OTHER_PATCH,
    RULES,
    SOLO,
    go,
    hotfix,
    later,
    picked,
    proved,
    scoped,
    seen,
    started,
    unsigned,
    vote,
    with_,
)

READY = hotfix(started(), picked(), scoped(), proved())


def judge(state: Hotfix = READY, rules: Rules = RULES, **changes: object) -> Answer:
    asked = {"votes": (vote(CAT),), "goes": (go(DAN),), "requester": ANN, "now": later(130)}
    asked |= {"seen": seen(state)} | changes
    return may_ship(state, rules, **asked)


def blocked_by(answer: Answer) -> list[str]:
    assert answer.may_ship is (answer.blocking == ())
    return [gate.name for gate in answer.blocking]


def test_every_gate_is_judged_once_in_the_order_of_life() -> None:
    assert [gate.name for gate in judge().gates] == [stage.name for stage in LIFE if stage.gate]


def test_with_every_gate_open_it_may_ship_and_the_missing_rehearsal_is_shown() -> None:
    answer = judge()
    assert answer.may_ship
    assert answer.findings == ()
    assert answer.waived == ("NOT REHEARSED",)
    assert [gate.name for gate in answer.gates if gate.state != "open"] == ["rehearse"]


@pytest.mark.parametrize(
    ("spoiled", "gate"),
    [
        ({"state": hotfix(picked(), scoped(), proved())}, "start"),
        ({"seen": seen(READY, ("2" * 40,))}, "pick"),
        ({"rules": with_(RULES, limits=Limits(lines=1))}, "scope"),
        ({"state": hotfix(started(), picked(), scoped(), proved(verdict="NOT_RED"))}, "prove"),
        ({"votes": ()}, "review"),
        ({"votes": (vote(ANN),)}, "review"),
        ({"requester": CAT}, "review"),
        ({"votes": (vote(CAT), vote(DAN, "reject"))}, "review"),
        ({"goes": ()}, "authorize"),
        ({"now": later(10**6)}, "authorize"),
    ],
)
def test_each_gate_alone_keeps_the_ship_in_port(spoiled: dict[str, object], gate: str) -> None:
    assert blocked_by(judge(**spoiled)) == [gate]


def test_nothing_on_record_opens_nothing() -> None:
    assert blocked_by(judge(Hotfix("HF-7"))) == ["start", "pick", "scope", "prove", "review", "authorize"]


def test_a_new_patch_shuts_everything_that_spoke_of_the_old_one() -> None:
    again = READY.apply(picked(patch=OTHER_PATCH, at="2026-11-22T02:03:00.000Z"))
    assert blocked_by(judge(again)) == ["scope", "prove", "review", "authorize"]


def test_what_only_waits_for_people_is_not_closed() -> None:
    answer = judge(votes=(), goes=())
    assert blocked_by(answer) == ["review", "authorize"]
    assert answer.closed == ()
    assert {finding.code for finding in answer.findings} == {"review-missing", "authorize-missing"}


def test_two_hats_are_judged_by_whose_review_counts_today() -> None:
    strict = with_(RULES, review=Review(two_hats=False))
    assert blocked_by(judge(rules=strict, votes=(vote(DAN),))) == ["authorize"]
    assert blocked_by(judge(rules=strict, votes=(vote(DAN.title()),))) == ["authorize"]
    assert blocked_by(judge(rules=strict, votes=(vote(CAT), vote(DAN, patch=OTHER_PATCH)))) == []


def test_the_senior_may_ship_but_who_worked_on_it_may_not_authorize() -> None:
    assert blocked_by(judge(requester=DAN)) == []
    paired = hotfix(started(), picked(paired_with=(DAN.upper(),)), picked(), scoped(), proved())
    assert blocked_by(judge(paired)) == ["authorize"]


def test_one_who_works_alone_ships_and_every_missing_discipline_is_named() -> None:
    answer = judge(rules=SOLO, votes=(unsigned(ANN, "self"),), goes=())
    assert answer.may_ship
    assert answer.waived == ("NO PEER", "UNSIGNED", "NOT REHEARSED", "NO SENIOR APPROVER")


@pytest.mark.parametrize("state", ["closed", "waiting"])
def test_a_gate_that_is_not_open_blocks_whatever_its_name(state: str) -> None:
    assert not Answer((Gate("any", state),)).may_ship
    assert Answer((Gate("any", "open"), Gate("rehearse", "not rehearsed"))).may_ship
