"""Each fact as a person would tell it: the timeline of the page, and what a terminal follows."""

from hotfix.record import moment, words
from hotfix.record.action_facts import ActionAdded, ActionClosed, ActionDeclined, ActionMoved, RiskAccepted
from hotfix.record.any_fact import AnyFact
from hotfix.record.facts import (
    Activated,
    Activating,
    Authorized,
    Closed,
    Ended,
    Landed,
    LeaseTaken,
    LeftOut,
    Notified,
    Observed,
    OriginConfirmed,
    Overridden,
    OverrideReviewed,
    Picked,
    Planned,
    Proved,
    Reconciled,
    Returned,
    Returning,
    Reviewed,
    RollbackRequested,
    Scoped,
    StandsFor,
    Started,
    WavePassed,
    WindowExtended,
)
from hotfix.record.parts import UnitState


def told(fact: AnyFact) -> str:  # noqa: C901 - one line per kind of fact
    """What happened, in a sentence or less. Foreign text in it is as it came: whoever shows it makes it inert."""
    match fact:
        case Started():
            after = moment.in_words(moment.between(fact.detected_at, fact.at))
            return f"{fact.title} ({after} after detection)"
        case Picked():
            return f"{fact.release} onto {fact.base_release}, asked of {len(fact.units)} units"
        case Scoped():
            return words.size(fact.counted_lines, fact.counted_files)
        case Proved():
            return f"{fact.verdict}: {fact.reason}"
        case LeftOut():
            return _left_out(fact)
        case Reviewed():
            return fact.verdict + (f": {fact.because}" if fact.because else "")
        case Authorized():
            return f"for {fact.environment} until {fact.expires_at}"
        case Overridden():
            return f"{fact.gate} in {fact.environment}, until {fact.expires_at}: {fact.because}"
        case OverrideReviewed() | RollbackRequested():
            return fact.because
        case LeaseTaken():
            return f"{fact.holder}, token {fact.token}"
        case Planned():
            return _plan(fact)
        case Ended() | Closed():
            return f"{fact.outcome}: {fact.because}"
        case Landed():
            return fact.how
        case OriginConfirmed():
            return (
                f"{fact.commit[:12]} brought it, with {fact.release or 'no tagged release'}: {fact.because}"
            )
        case StandsFor():
            return f"{fact.commit[:12]} for {fact.fix[:12]}: {fact.because}"
        case Reconciled():
            return f"{len(fact.heads)} facts that could not be written here at the time"
        case Notified():
            return f"{fact.event}: {'delivered' if fact.delivered else fact.said}"
        case ActionAdded() | ActionDeclined() | ActionMoved() | ActionClosed() | RiskAccepted():
            return _action(fact)
        case _:
            return _of_ship(fact)


def _action(fact: ActionAdded | ActionDeclined | ActionMoved | ActionClosed | RiskAccepted) -> str:
    match fact:
        case ActionAdded():
            return f"{fact.action} ({fact.type}) by {fact.due}: {fact.title}"
        case ActionDeclined():
            return f"{fact.suggested}: {fact.because}"
        case ActionMoved():
            return f"{fact.action}, to {fact.owner} by {fact.due}: {fact.because}"
        case ActionClosed():
            return f"{fact.action} on {fact.how} {fact.reference}" + ("" if fact.seen else " (not checked)")
        case RiskAccepted():
            return f"{fact.action} until {fact.until}: {fact.because}"


def _left_out(fact: LeftOut) -> str:
    unproven, unasked = len(fact.unproven), len(fact.unasked)
    said = (
        f"no test notices {unproven} of {words.count(fact.hunks, 'hunk')}"
        if unproven
        else "every hunk is needed"
    )
    if unasked:
        said = said if unproven else "every hunk that was asked about is needed"
    return said + (f"; {unasked} not asked about" if unasked else "")


def _of_ship(fact: AnyFact) -> str:
    match fact:
        case Activating() | Returning():
            return ", ".join(fact.units)
        case Activated() | Returned():
            return serving(fact.states)
        case Observed():
            red = [
                f"{one.check} {one.unit} {one.outcome}: {one.said}"
                for one in fact.samples
                if one.outcome != "pass"
            ]
            well = len(fact.samples) - len(red)
            return "; ".join([f"{fact.phase}: {words.count(well, 'check')} green", *red])
        case WavePassed():
            return f"wave {fact.wave} is well"
        case WindowExtended():
            return f"{fact.seconds:g} s more"
        case _:
            return ""


def _plan(fact: Planned) -> str:
    what = "ship" if fact.purpose == "hotfix" else fact.purpose
    waived = f"; waived: {', '.join(fact.waived)}" if fact.waived else ""
    units = words.count(len(fact.units), "unit")
    return f"{what} {fact.ship}: {fact.release} to {units} in {words.count(len(fact.waves), 'wave')}{waived}"


def serving(states: tuple[UnitState, ...]) -> str:
    """What each unit serves."""
    return ", ".join(f"{state.unit} {state.state} {state.release}".rstrip() for state in states)
