"""Facts about actions: what is owed after a hotfix, by whom and by when, and what became of it."""

from hotfix.record.facts import Fact


class ActionAdded(Fact, frozen=True, kw_only=True, tag="action_added/1"):
    """Somebody owns something by a day, so that this defect, or one like it, does not come back."""

    action: str
    """Its name within the hotfix: ``A1``."""
    title: str
    type: str
    """``correct``, ``prevent``, ``detect`` or ``process``."""
    owner: str
    due: str
    """The last day on which it is in time: ``2026-12-22``."""
    suggested: str
    """The suggestion that it answers; empty where a person thought of it."""


class ActionDeclined(Fact, frozen=True, kw_only=True, tag="action_declined/1"):
    """A suggestion is not taken up, and why."""

    suggested: str
    because: str


class ActionMoved(Fact, frozen=True, kw_only=True, tag="action_moved/1"):
    """An action has another owner or another day, and why."""

    action: str
    owner: str
    due: str
    because: str


class ActionClosed(Fact, frozen=True, kw_only=True, tag="action_closed/1"):
    """An action is done, on evidence: `how` is ``commit``, ``test`` or ``runbook``, `reference` is which."""

    action: str
    how: str
    reference: str
    seen: str
    """What was looked at, and found; empty where it lies outside of what can be looked at."""


class RiskAccepted(Fact, frozen=True, kw_only=True, tag="risk_accepted/1"):
    """An action is not done, and that is accepted until a day; after it the action is open again."""

    action: str
    because: str
    until: str
