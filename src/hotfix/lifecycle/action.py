"""Actions: what is owed after a hotfix. Each has an owner, a day and a type, and is closed on evidence or an accepted risk."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum

import msgspec

from hotfix.record.actions import Action
from hotfix.record.finding import refused

TYPES = ("correct", "prevent", "detect", "process")
"""What it is for: this defect, others like it, seeing them sooner, working better."""
DUE_DAYS: Mapping[str, int] = {"SEV1": 15, "SEV2": 30, "SEV3": 60, "SEV4": 90}
"""Days from the start. Those of the first two are PagerDuty's, the others were chosen to go on from there."""
LONGEST_RISK_DAYS = 366
"""A risk is accepted for a year at most: then somebody looks again."""
_EMAIL = r"[^@\s]+@[^@\s]+"


class State(StrEnum):
    """Where an action stands on a day."""

    OPEN = "open"
    OVERDUE = "overdue"
    DONE = "done"
    ACCEPTED = "risk accepted"


class Standing(msgspec.Struct, frozen=True):
    """One action, as it stands on a day."""

    hotfix: str
    action: str
    title: str
    type: str
    owner: str
    due: str
    state: State
    evidence: str
    """On what it was closed, or until when the risk is accepted; empty while it is open."""
    overdue_days: int = 0

    @property
    def name(self) -> str:
        """Its name in the whole record: ``HF-7/A2``."""
        return f"{self.hotfix}/{self.action}"


def standing(hotfix: str, item: Action, today: str) -> Standing:
    """How the action stands on the day `today` (``2026-11-23``)."""
    evidence, state = "", State.OPEN
    due = item.due
    if item.closed is not None:
        state = State.DONE
        checked = item.closed.seen or "not checked"
        evidence = f"{item.closed.how} {item.closed.reference} ({checked})"
    elif item.accepted is not None and today <= item.accepted.until:
        state = State.ACCEPTED
        evidence = f"risk accepted until {item.accepted.until}: {item.accepted.because}"
    elif item.accepted is not None:
        due = max(due, item.accepted.until)
    if state is State.OPEN and date.fromisoformat(today) > _day(due, ""):
        state = State.OVERDUE
    late = (date.fromisoformat(today) - _day(due, today)).days if state is State.OVERDUE else 0
    added = item.added
    return Standing(hotfix, added.action, added.title, added.type, item.owner, due, state, evidence, late)


def _day(text: str, instead: str) -> date:
    """The day that a fact names; of what is none, `instead`, and without one the first of all: it is overdue."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.fromisoformat(instead) if instead else date.min


def due_day(severity: str, started: str) -> str:
    """The day by which an action of such a hotfix is due where nobody says another."""
    days = DUE_DAYS.get(severity, max(DUE_DAYS.values()))
    return (date.fromisoformat(started[:10]) + timedelta(days=days)).isoformat()


def day(text: str, today: str, what: str) -> str:
    """The day that `text` names; `what` is the option. Refuses what is none, and what is past."""
    try:
        named = date.fromisoformat(text)
    except ValueError:
        raise refused("action-day", f"{text!r} is no day.", f"say {what} 2026-12-22") from None
    if named.isoformat() < today:
        raise refused("action-past", f"{text} is past.", f"say a day from today on: {what} {today}")
    return named.isoformat()


def risk_until(text: str, today: str) -> str:
    """The day until which a risk is accepted."""
    until = day(text, today, "--until")
    longest = date.fromisoformat(today) + timedelta(days=LONGEST_RISK_DAYS)
    if date.fromisoformat(until) > longest:
        raise refused(
            "action-risk-too-long",
            f"A risk is accepted until {longest} at most, and {until} is later.",
            f"say --until {longest}: then somebody looks again",
        )
    return until


def reason(text: str) -> str:
    """Why: in words that somebody can read."""
    if not text.strip():
        raise refused("action-reason", "The reason is empty.", 'say it in a few words: --because "WHY"')
    return text


def owner(text: str) -> str:
    """Who owns it: one person, by e-mail. A team, or nobody, does nothing."""
    if not re.fullmatch(_EMAIL, text.strip()):
        raise refused(
            "action-owner", f"{text!r} is no person's e-mail.", "name one person: --owner ann@example.com"
        )
    return text.strip()
