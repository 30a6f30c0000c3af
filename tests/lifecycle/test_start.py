"""The decision: what must be answered before the fast lane opens, and who may decide."""

from datetime import UTC, timedelta, timezone

import pytest

from hotfix.lifecycle import start
from hotfix.lifecycle.gate import Gate
from hotfix.policy.rules import Deciders
from hotfix.record.finding import Refused
from hotfix.record.hotfix import Hotfix
from hotfix.record.parts import Answer, WayOut
from lifecycle.facts_of import ANN, BOB, QUESTION, RULES, SOLO, hotfix, later, started, with_


def codes(answer: Gate) -> list[str]:
    return [finding.code for finding in answer.findings]


def test_every_question_gets_its_answer_in_order() -> None:
    assert start.answers(("a?", "b?"), ("yes", "no")) == (Answer("a?", "yes"), Answer("b?", "no"))
    assert start.answers((), ()) == ()


@pytest.mark.parametrize("given", [(), ("yes",), ("yes", "no", "maybe"), ("yes", " ")])
def test_a_missing_an_empty_and_a_surplus_answer_are_refused(given: tuple[str, ...]) -> None:
    with pytest.raises(Refused) as caught:
        start.answers(("a?", "b?"), given)
    assert caught.value.findings[0].code == "start-criteria"


def test_the_question_without_an_answer_is_named() -> None:
    with pytest.raises(Refused) as caught:
        start.answers(("a?", "b?"), ("yes",))
    assert caught.value.findings[0].evidence == ("b?",)


def test_detection_is_so_long_ago_or_at_a_stated_time() -> None:
    now = later()
    assert start.detected("25m", now, timedelta(minutes=25)) == now - timedelta(minutes=25)
    assert start.detected("2026-11-22T02:49+01:00", now, None) == now - timedelta(minutes=11)


def test_a_time_without_a_zone_is_utc_wherever_the_clock_stands() -> None:
    from_elsewhere = later().astimezone(timezone(timedelta(hours=9)))
    when = start.detected("2026-11-22T01:49", from_elsewhere, None)
    assert when == later(-660)
    assert when.tzinfo is UTC


@pytest.mark.parametrize("text", ["yesterday", "", "2026-11-22T02:01"])
def test_what_is_no_time_or_lies_in_the_future_is_refused(text: str) -> None:
    with pytest.raises(Refused) as caught:
        start.detected(text, later(), None)
    assert caught.value.findings[0].code == "start-detected"


def test_the_faster_ways_out_come_first_and_keep_their_reasons() -> None:
    ways = start.ways_out("no flag guards it", "its migration cannot be undone")
    assert tuple(way.way for way in ways) == start.WAYS_OUT
    assert [way.taken for way in ways] == [False, False, True]
    assert ways[0].because == "no flag guards it"
    assert start.gate(hotfix(started(ways_out=ways)), RULES).state == "open"


def test_a_complete_decision_opens_the_gate() -> None:
    answer = start.gate(hotfix(started()), RULES)
    assert answer.state == "open"
    assert "SEV2" in answer.note


def test_without_a_start_the_gate_is_closed() -> None:
    assert codes(start.gate(Hotfix("HF-7"), RULES)) == ["start-missing"]


@pytest.mark.parametrize(
    ("spoiled", "code"),
    [
        ({"severity": ""}, "start-impact"),
        ({"severity": "urgent"}, "start-impact"),
        ({"impact": "  "}, "start-impact"),
        ({"criteria": ()}, "start-criteria"),
        ({"criteria": (Answer(QUESTION, " "),)}, "start-criteria"),
        ({"criteria": (Answer("Is it raining?", "yes"),)}, "start-criteria"),
        ({"ways_out": ()}, "start-ways-out"),
        ({"ways_out": start.ways_out("", "no release before")}, "start-ways-out"),
        ({"ways_out": tuple(reversed(start.ways_out("a", "b")))}, "start-ways-out"),
        ({"ways_out": (WayOut("hotfix", True, "quick"),)}, "start-ways-out"),
        ({"by": BOB}, "start-decider"),
    ],
)
def test_what_was_not_decided_keeps_it_closed(spoiled: dict[str, object], code: str) -> None:
    answer = start.gate(hotfix(started(**spoiled)), RULES)
    assert answer.state == "closed"
    assert codes(answer) == [code]


def test_a_question_that_trunk_asks_since_then_closes_it_again() -> None:
    stricter = with_(RULES, criteria=(QUESTION, "Is it a security hole?"))
    (finding,) = start.gate(hotfix(started()), stricter).findings
    assert finding.evidence == ("Is it a security hole?",)


def test_a_decider_is_found_whatever_the_case_of_their_address() -> None:
    assert start.gate(hotfix(started(by=ANN.upper())), RULES).state == "open"


def test_anybody_decides_where_nobody_is_named_and_who_works_alone_always_does() -> None:
    nobody_named = with_(RULES, deciders=Deciders())
    alone = with_(SOLO, deciders=Deciders(oncall=(ANN,)))
    assert start.gate(hotfix(started(by=BOB)), nobody_named).state == "open"
    assert start.gate(hotfix(started(by=BOB)), alone).state == "open"
