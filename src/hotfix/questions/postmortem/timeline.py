"""The timeline: a row for every fact that changed what was known, decided or running."""

import itertools
from datetime import timedelta, tzinfo

from hotfix.lifecycle.postmortem.document import Event, Line
from hotfix.questions.postmortem.told import Told
from hotfix.record import moment, words
from hotfix.record.action_facts import ActionAdded, ActionClosed, ActionDeclined, ActionMoved, RiskAccepted
from hotfix.record.any_fact import AnyFact
from hotfix.record.facts import (
    Activated,
    Activating,
    Authorized,
    Built,
    Closed,
    Ended,
    Landed,
    LeftOut,
    Notified,
    Observed,
    OriginConfirmed,
    Overridden,
    OverrideConfirmed,
    OverrideReviewed,
    Picked,
    Planned,
    Proved,
    Reasoned,
    Reconciled,
    Returned,
    Returning,
    Reviewed,
    RollbackRequested,
    Scoped,
    Started,
    WavePassed,
    WindowExtended,
)
from hotfix.record.parts import Effect, Evidence
from hotfix.record.telling import serving
from hotfix.record.telling import told as in_short

SILENCE = timedelta(minutes=10)
"""Stretches of the live phase above which somebody should be able to say what happened."""


def timeline(told: Told, zone: tzinfo | None) -> tuple[Event, ...]:
    """Every row, in the order of time. `zone` is the team's own; None where that is UTC."""
    started = told.hotfix.start.fact
    events = []
    if started:
        noticed = {"alert": "an alert", "staff": "staff", "customer": "a customer"}.get(
            started.detected_by, ""
        )
        said = "the defect was detected (stated" + (f"; {noticed} noticed)" if noticed else ")")
        if moment.is_moment(started.detected_at):
            events.append(_event(started.detected_at, "somebody", told.line(said, started), zone))
    for entry in told.entries:
        said = _say(entry.fact, told)
        if said:
            line = Line(said, (entry.seq,), _evidence(entry.fact))
            events.append(_event(entry.fact.at, told.who(entry.fact), line, zone))
    return tuple(sorted(events, key=lambda event: event.at))


def _event(at: str, who: str, line: Line, zone: tzinfo | None) -> Event:
    local = f"{moment.from_text(at).astimezone(zone):%H:%M %Z}" if zone else ""
    return Event(at, local, who, line)


def _evidence(fact: AnyFact) -> tuple[Evidence, ...]:
    """Its first file; all of them stand under what shipped."""
    return fact.evidence[:1] if isinstance(fact, Proved) else ()


def _say(fact: AnyFact, told: Told) -> str:
    match fact:
        case Started():
            detected = moment.known(fact.detected_at)
            return "decided on a hotfix" + (
                f", {_minutes(detected, fact.at)} after detection" if detected else ""
            )
        case Picked():
            fixes = ", ".join(fix[:12] for fix in fact.fixes)
            units = words.count(len(fact.units), "unit")
            return f"picked {fixes} onto {fact.base_release}, which {units} reported: {fact.release}"
        case Built():
            return f"built artifact {fact.artifact[:24]} in {fact.seconds:.0f} s"
        case Scoped():
            return f"measured: {words.size(fact.counted_lines, fact.counted_files)}"
        case Reasoned():
            return "gave reasons: " + "; ".join(f"{one.code}: {one.because}" for one in fact.reasons)
        case Proved():
            return f"proof: {fact.verdict}: {fact.reason} ({fact.repeats} repeats, {fact.seconds:.0f} s)"
        case Reviewed():
            return _reviewed(fact, told)
        case Authorized():
            return f"authorized patch {fact.patch[:12]} for {fact.environment}, until {fact.expires_at[:16]}Z"
        case (
            LeftOut()
            | OriginConfirmed()
            | Landed()
            | Closed()
            | Overridden()
            | OverrideReviewed()
            | Reconciled()
            | ActionAdded()
            | ActionDeclined()
            | ActionMoved()
            | ActionClosed()
            | RiskAccepted()
        ):
            return f"{_KINDS[type(fact)]}: {in_short(fact)}"
        case OverrideConfirmed():
            return "confirmed an override"
        case _:
            return _of_ship(fact)


_KINDS: dict[type[AnyFact], str] = {
    LeftOut: "hunks left out in turn",
    OriginConfirmed: "confirmed which commit brought it",
    Landed: "found it on trunk",
    Closed: "closed it",
    Overridden: "asked for an override",
    OverrideReviewed: "looked back at an override",
    Reconciled: "brought onto the record",
    ActionAdded: "took an action",
    ActionDeclined: "declined a suggestion",
    ActionMoved: "moved an action",
    ActionClosed: "closed an action",
    RiskAccepted: "accepted a risk",
}


def _reviewed(fact: Reviewed, told: Told) -> str:
    verdict = {"approve": "approved", "reject": "rejected", "self": "read, with no peer,"}.get(
        fact.verdict, fact.verdict
    )
    said = f"{verdict} patch {fact.patch[:12]}" + (f": {fact.because}" if fact.because else "")
    proofs = (
        one.fact.at for one in told.of(Proved) if one.fact.patch == fact.patch and one.fact.at <= fact.at
    )
    proven = next(proofs, "")
    return said + (f", {_minutes(proven, fact.at)} after its proof" if proven else "")


def _of_ship(fact: AnyFact) -> str:
    match fact:
        case Planned():
            what = {
                "rehearsal": ", a rehearsal of the way back,",
                "return": ", a return to the release before,",
            }.get(fact.purpose, "")
            waived = f"; waived: {', '.join(fact.waived)}" if fact.waived else ""
            size = f"{words.count(len(fact.units), 'unit')} in {words.count(len(fact.waves), 'wave')}"
            return (
                f"ship {fact.ship}{what} planned: {fact.release}, {size}, way back recorded per unit{waived}"
            )
        case Activating():
            return f"ship {fact.ship}: began to change {', '.join(fact.units)}"
        case Activated():
            return f"ship {fact.ship}: {serving(fact.states)}{_took(fact.effects)}"
        case Observed():
            return _red(fact)
        case WavePassed():
            return f"ship {fact.ship}: wave {fact.wave} passed every check"
        case RollbackRequested():
            return f"ship {fact.ship}: the way back was asked for: {fact.because}"
        case Returning():
            return f"ship {fact.ship}: began to return {', '.join(fact.units)}"
        case Returned():
            return f"ship {fact.ship}: {serving(fact.states)}{_took(fact.effects)}"
        case Notified():
            return f"the notifier was told: {fact.event}" + (
                "" if fact.delivered else f"; IT WAS NOT DELIVERED: {fact.said}"
            )
        case WindowExtended():
            return f"ship {fact.ship}: observation window {fact.seconds:g} s longer"
        case Ended():
            return f"ship {fact.ship} ended {fact.outcome.replace('_', ' ')}: {fact.because}"
        case _:
            return ""


def _red(fact: Observed) -> str:
    """Only what did not pass: that all is well is said at the end of each wave."""
    red = [
        f"{one.check} on {one.unit} {one.outcome}" + (f" ({one.said})" if one.said else "")
        for one in fact.samples
        if one.outcome != "pass"
    ]
    return f"ship {fact.ship}, {fact.phase}: " + "; ".join(red) if red else ""


def _took(effects: tuple[Effect, ...]) -> str:
    return f" ({', '.join(f'{one.unit} in {one.seconds:.1f} s' for one in effects)})" if effects else ""


def _minutes(earlier: str, later: str) -> str:
    return moment.in_words(moment.between(earlier, later))


def silences(told: Told, events: tuple[Event, ...]) -> tuple[Line, ...]:
    """Stretches between detection and the end of the last ship without a row, as questions."""
    ends = [one.fact.at for one in told.of(Ended)]
    last = max(ends, default=told.as_of)
    live = [event for event in events if event.at <= last]
    found = []
    for before, after in itertools.pairwise(live):
        gap = moment.between(before.at, after.at)
        if gap > SILENCE and not _was_watched(told, before.at, after.at):
            found.append(
                Line(
                    f"{before.at[11:16]}Z to {after.at[11:16]}Z, {moment.in_words(gap)}: what happened?",
                    tuple(dict.fromkeys((*before.line.seqs[-1:], *after.line.seqs[:1]))),
                )
            )
    return tuple(found)


def _was_watched(told: Told, begin: str, end: str) -> bool:
    """Whether checks were asked in between: then what happened is that all was well."""
    return any(begin < asked.fact.at < end for asked in told.of(Observed))
