"""Actions: an owner, a day, a type; open until there is evidence, or a risk that somebody accepts for a while."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfix.lifecycle import action
from hotfix.lifecycle.action import State
from hotfix.record.action_facts import ActionAdded, ActionClosed, ActionMoved, RiskAccepted
from hotfix.record.actions import Actions
from hotfix.record.any_fact import AnyFact
from hotfix.record.finding import Refused
from lifecycle.facts_of import ANN, at

ADDED = ActionAdded(
    at=at(),
    by=ANN,
    action="A1",
    title="alert",
    type="detect",
    owner="bob@example.com",
    due="2026-12-22",
    suggested="",
)
CLOSED = ActionClosed(at=at(9), by=ANN, action="A1", how="commit", reference="f" * 40, seen="on main")
MOVED = ActionMoved(at=at(5), by=ANN, action="A1", owner="cat@example.com", due="2027-01-08", because="leave")
RISK = RiskAccepted(at=at(6), by=ANN, action="A1", because="too dear", until="2027-03-01")


def standing(today: str, *facts: AnyFact) -> action.Standing:
    items = Actions()
    for fact in (ADDED, *facts):
        items = items.apply(fact)
    return action.standing("HF-7", items.items["A1"], today)


@pytest.mark.parametrize(
    ("today", "facts", "state", "late"),
    [
        ("2026-12-22", (), State.OPEN, 0),
        ("2026-12-23", (), State.OVERDUE, 1),
        ("2027-01-08", (MOVED,), State.OPEN, 0),
        ("2027-01-10", (MOVED,), State.OVERDUE, 2),
        ("2027-03-01", (RISK,), State.ACCEPTED, 0),
        ("2027-03-02", (RISK,), State.OVERDUE, 1),
        ("2027-09-01", (RISK, CLOSED), State.DONE, 0),
    ],
)
def test_where_it_stands_on_a_day(today: str, facts: tuple[AnyFact, ...], state: State, late: int) -> None:
    found = standing(today, *facts)
    assert (found.state, found.overdue_days) == (state, late)


def test_what_it_was_closed_on_is_told_and_whether_somebody_looked() -> None:
    assert standing("2026-12-01", CLOSED).evidence == f"commit {'f' * 40} (on main)"
    link = ActionClosed(
        at=at(9), by=ANN, action="A1", how="runbook", reference="https://wiki.example/1", seen=""
    )
    assert standing("2026-12-01", link).evidence == "runbook https://wiki.example/1 (not checked)"


def test_a_fact_of_an_action_that_there_is_not_changes_nothing() -> None:
    assert Actions().apply(CLOSED) == Actions()
    assert Actions().apply(MOVED).apply(RISK) == Actions()
    twice = Actions().apply(ADDED).apply(ADDED)
    assert list(twice.items) == ["A1"]
    assert twice.next_name == "A2"


@pytest.mark.parametrize(
    ("severity", "due"),
    [
        ("SEV1", "2026-12-07"),
        ("SEV2", "2026-12-22"),
        ("SEV3", "2027-01-21"),
        ("SEV4", "2027-02-20"),
        ("odd", "2027-02-20"),
    ],
)
def test_the_day_by_severity(severity: str, due: str) -> None:
    assert action.due_day(severity, at()) == due


@given(st.dates(date(2026, 1, 1), date(2030, 1, 1)), st.integers(0, 500))
def test_a_day_from_today_on_is_a_day(today: date, later: int) -> None:
    named = (today + timedelta(days=later)).isoformat()
    assert action.day(named, today.isoformat(), "--due") == named
    if later:
        with pytest.raises(Refused, match="past"):
            action.day(today.isoformat(), named, "--due")


def test_what_is_no_day_no_owner_or_too_long_is_refused() -> None:
    with pytest.raises(Refused, match="no day"):
        action.day("friday", "2026-11-23", "--due")
    with pytest.raises(Refused, match="at most"):
        action.risk_until("2028-01-01", "2026-11-23")
    assert action.risk_until("2027-11-23", "2026-11-23") == "2027-11-23"
    for nobody in ("the team", "", "@", "a b@c"):
        with pytest.raises(Refused, match="e-mail"):
            action.owner(nobody)
    assert action.owner(" ann@example.com ") == "ann@example.com"
