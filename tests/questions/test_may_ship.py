"""May this ship: every gate in the order of life, and each of them can keep the ship in port."""

import pytest

from hotfix.lifecycle import LIFE
from hotfix.lifecycle.gate import Gate, State
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
    left_out,
    picked,
    proved,
    rehearsed,
    scoped,
    seen,
    started,
    unsigned,
    vote,
    with_,
)

UNREHEARSED = hotfix(started(), picked(), scoped(), proved(), left_out())
READY = hotfix(started(), picked(), scoped(), proved(), left_out(), *rehearsed())


def judge(state: Hotfix = READY, rules: Rules = RULES, **changes: object) -> Answer:
    asked = {"votes": (vote(CAT),), "goes": (go(DAN),), "requester": ANN, "now": later(130)}
    asked |= {"seen": seen(state)} | changes
    return may_ship(state, rules, **asked)


def blocked_by(answer: Answer) -> list[str]:
    assert answer.may_ship is (answer.blocking == ())
    return [gate.name for gate in answer.blocking]


def test_every_gate_is_judged_once_in_the_order_of_life() -> None:
    assert [gate.name for gate in judge().gates] == [stage.name for stage in LIFE if stage.gate]


def test_with_every_gate_open_it_may_ship() -> None:
    answer = judge()
    assert answer.may_ship
    assert not answer.owed
    assert answer.findings == ()
    assert answer.waived == ()
    assert all(gate.state == "open" for gate in answer.gates)


def test_a_rehearsal_alone_is_owed_and_not_waited_for() -> None:
    answer = judge(UNREHEARSED)
    assert blocked_by(answer) == ["rehearse"]
    assert answer.owed
    assert answer.closed == ()
    assert [finding.code for finding in answer.findings] == ["rehearse-owed"]


def test_a_rehearsal_that_is_owed_beside_anything_else_is_not_made_yet() -> None:
    answer = judge(UNREHEARSED, votes=())
    assert blocked_by(answer) == ["review", "rehearse"]
    assert not answer.owed


def test_a_rehearsal_that_failed_closes_the_gate_and_another_may_be_made() -> None:
    answer = judge(hotfix(started(), picked(), scoped(), proved(), left_out(), *rehearsed("rolled_back")))
    assert [gate.name for gate in answer.closed] == ["rehearse"]
    assert not answer.owed


@pytest.mark.parametrize(
    ("spoiled", "gate"),
    [
        ({"state": hotfix(picked(), scoped(), proved(), left_out(), *rehearsed())}, "start"),
        ({"seen": seen(READY, ("2" * 40,))}, "pick"),
        ({"rules": with_(RULES, limits=Limits(lines=1))}, "scope"),
        (
            {"state": hotfix(started(), picked(), scoped(), proved(verdict="NOT_RED"), *rehearsed())},
            "prove",
        ),
        ({"votes": ()}, "review"),
        ({"votes": (vote(ANN),)}, "review"),
        ({"requester": CAT}, "review"),
        ({"votes": (vote(CAT), vote(DAN, "reject"))}, "review"),
        ({"state": UNREHEARSED}, "rehearse"),
        (
            {"state": hotfix(started(), picked(), scoped(), proved(), left_out(), *rehearsed("halted"))},
            "rehearse",
        ),
        ({"goes": ()}, "authorize"),
        ({"now": later(10**5)}, "authorize"),
    ],
)
def test_each_gate_alone_keeps_the_ship_in_port(spoiled: dict[str, object], gate: str) -> None:
    assert blocked_by(judge(**spoiled)) == [gate]


def test_nothing_on_record_opens_nothing() -> None:
    gates = ["start", "pick", "scope", "prove", "review", "rehearse", "authorize"]
    assert blocked_by(judge(Hotfix("HF-7"))) == gates


def test_a_new_patch_shuts_everything_that_spoke_of_the_old_one() -> None:
    again = READY.apply(picked(patch=OTHER_PATCH, at="2026-11-22T02:03:00.000Z"))
    assert blocked_by(judge(again)) == ["scope", "prove", "review", "rehearse", "authorize"]


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
    paired = hotfix(
        started(), picked(paired_with=(DAN.upper(),)), picked(), scoped(), proved(), left_out(), *rehearsed()
    )
    assert blocked_by(judge(paired)) == ["authorize"]


def test_one_who_works_alone_ships_and_every_missing_discipline_is_named() -> None:
    answer = judge(rules=SOLO, votes=(unsigned(ANN, "self"),), goes=())
    assert answer.may_ship
    assert answer.waived == ("NO PEER", "UNSIGNED", "NO SENIOR APPROVER")


@pytest.mark.parametrize("state", ["closed", "waiting", "owed"])
def test_a_gate_that_is_not_open_blocks_whatever_its_name(state: State) -> None:
    for name in ("any", "rehearse"):
        assert not Answer((Gate("first", "open"), Gate(name, state))).may_ship


def test_what_is_owed_is_owed_by_the_ship_only_where_nothing_else_is_missing() -> None:
    owing = Gate("rehearse", "owed")
    assert Answer((Gate("any", "open"), owing)).owed
    assert not Answer((Gate("any", "waiting"), owing)).owed
    assert not Answer((Gate("any", "closed"), owing)).owed
    assert not Answer((Gate("any", "open"),)).owed
