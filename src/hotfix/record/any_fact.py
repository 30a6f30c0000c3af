"""Every kind of fact, as one type: what a line of the record can be."""

from hotfix.record.action_facts import ActionAdded, ActionClosed, ActionDeclined, ActionMoved, RiskAccepted
from hotfix.record.facts import (
    Activated,
    Activating,
    Authorized,
    Built,
    Closed,
    Ended,
    Landed,
    LeaseTaken,
    LeftOut,
    Notified,
    Observed,
    OriginConfirmed,
    Overridden,
    OverrideConfirmed,
    OverrideReviewed,
    Picked,
    Planned,
    PostmortemWritten,
    Proved,
    Reasoned,
    Reconciled,
    Returned,
    Returning,
    Reviewed,
    RollbackRequested,
    RulesRead,
    Scoped,
    StandsFor,
    Started,
    WavePassed,
    WindowExtended,
)

AnyFact = (
    Started
    | RulesRead
    | Picked
    | Built
    | Scoped
    | Reasoned
    | Proved
    | LeftOut
    | Reviewed
    | Authorized
    | Overridden
    | OverrideConfirmed
    | OverrideReviewed
    | LeaseTaken
    | Planned
    | Activating
    | Activated
    | Observed
    | WavePassed
    | RollbackRequested
    | Returning
    | Returned
    | WindowExtended
    | Ended
    | Notified
    | Reconciled
    | Landed
    | StandsFor
    | OriginConfirmed
    | PostmortemWritten
    | ActionAdded
    | ActionDeclined
    | ActionMoved
    | ActionClosed
    | RiskAccepted
    | Closed
)
