"""Actions that rules draft from the record: only suggested, each to be owned and dated, or declined with a reason."""

from collections.abc import Iterator, Sequence

import msgspec

from hotfix.lifecycle.action import due_day
from hotfix.lifecycle.postmortem.document import Line, Suggestion
from hotfix.questions.postmortem.sections import TWO_HOURS, deployed, five_clocks
from hotfix.questions.postmortem.told import Told
from hotfix.record import moment, words
from hotfix.record.facts import Ended, Planned, RollbackRequested
from hotfix.record.hotfix import STAYING
from hotfix.trend.life import Life

COMPONENT_DAYS = 180
NO_ALERT, SLOW_DETECTION, OVER_BUDGET, SLOW_WAY_BACK = (
    "no-alert",
    "slow-detection",
    "over-budget",
    "slow-way-back",
)
WENT_BACK, REHEARSAL_FOUND, UNPROVEN, AGAIN, OVERRIDE = (
    "went-back",
    "rehearsal-found",
    "unproven",
    "component-again",
    "override-",
)


class Limits(msgspec.Struct, frozen=True):
    """What the rules measure against, in seconds."""

    budget: float
    way_back: float


def suggestions(told: Told, life: Life, before: Sequence[Life], limits: Limits) -> tuple[Suggestion, ...]:
    """Every suggestion with what somebody made of it; `before` are earlier hotfixes of the same components."""
    answered = {item.added.suggested: name for name, item in told.hotfix.actions.items.items()}
    declined = told.hotfix.actions.declined
    started = told.hotfix.start.fact
    due = due_day(started.severity, started.at) if started else ""
    found = []
    for code, type_, title, because in _drafted(told, life, before, limits):
        answer = answered.get(code, "")
        if not answer and code in declined:
            answer = f"declined: {declined[code].because}"
        found.append(Suggestion(code, type_, title, because, due, answer))
    return tuple(found)


Draft = tuple[str, str, str, Line]
"""Code, type, title, why."""


def _drafted(told: Told, life: Life, before: Sequence[Life], limits: Limits) -> Iterator[Draft]:
    yield from _detection(told)
    yield from _tempo(told, limits)
    yield from _way_back(told, life, limits)
    yield from _rehearsal(told)
    yield from _discipline(told)
    if before:
        ids = ", ".join(one.id for one in before)
        yield (
            AGAIN,
            "prevent",
            "Find out why this component breaks again, and change that",
            Line(f"Earlier hotfixes of the same component within {COMPONENT_DAYS} days: {ids}"),
        )


def _detection(told: Told) -> Iterator[Draft]:
    started = told.hotfix.start.fact
    five = {clock.name: clock for clock in five_clocks(told)}
    begin, detected = five["impact"] if five["impact"].at else five["introduced"], five["detected"]
    if started and started.detected_by in ("staff", "customer"):
        yield (
            NO_ALERT,
            "detect",
            "Let an alert notice this before people do",
            told.line(f"No alert fired: {started.detected_by} noticed", started),
        )
    if begin.at and detected.at:
        took = moment.between(begin.at, detected.at).total_seconds()
        if took > TWO_HOURS:
            yield (
                SLOW_DETECTION,
                "detect",
                "Notice it sooner",
                Line(
                    f"{words.duration(took)} from {begin.name} to detected; a hotfix has {words.duration(TWO_HOURS)} in all",
                    (*begin.seqs, *detected.seqs),
                ),
            )


def _tempo(told: Told, limits: Limits) -> Iterator[Draft]:
    five = {clock.name: clock for clock in five_clocks(told)}
    detected, shipped = five["detected"], deployed(told)
    if detected.at and shipped.at:
        took = moment.between(detected.at, shipped.at).total_seconds()
        if took > limits.budget:
            yield (
                OVER_BUDGET,
                "process",
                "Shorten the way from detection to deployment",
                Line(
                    f"{words.duration(took)} from detected to the last unit changed; the budget is "
                    f"{words.duration(limits.budget)}",
                    (*detected.seqs, *shipped.seqs),
                ),
            )


def _way_back(told: Told, life: Life, limits: Limits) -> Iterator[Draft]:
    for ship in life.ships:
        asked = [one.seq for one in told.of(RollbackRequested) if one.fact.ship == ship.ship]
        ends = [one.seq for one in told.of(Ended) if one.fact.ship == ship.ship]
        seqs = (*asked[:1], *ends[-1:])
        if ship.purpose == "hotfix" and ship.asked_back:
            yield (
                f"{WENT_BACK}-{ship.ship}",
                "prevent",
                f"Let what took ship {ship.ship} back be seen before production",
                Line(f"The fix was proven and reviewed, and ship {ship.ship} went back", seqs),
            )
        if ship.outcome == "rolled_back" and ship.asked_back:
            took = moment.between(ship.asked_back, ship.ended).total_seconds()
            if took > limits.way_back:
                yield (
                    f"{SLOW_WAY_BACK}-{ship.ship}",
                    "process",
                    "Make the way back faster, and drill it",
                    Line(
                        f"Going back took {words.duration(took)}; the budget is {words.duration(limits.way_back)}",
                        seqs,
                    ),
                )


def _rehearsal(told: Told) -> Iterator[Draft]:
    """A rehearsal that found something out did its work; a test could have done it sooner."""
    rehearsals = {plan.fact.ship for plan in told.of(Planned) if plan.fact.purpose not in STAYING}
    for seq, ended in told.of(Ended):
        if ended.ship in rehearsals and ended.outcome == "rolled_back":
            yield (
                f"{REHEARSAL_FOUND}-{ended.ship}",
                "prevent",
                "Let a test see what the rehearsal saw",
                Line(f"The rehearsal went back: {ended.because}", (seq,)),
            )


def _discipline(told: Told) -> Iterator[Draft]:
    seen: set[str] = set()
    for plan in told.plans:
        for word in plan.fact.waived:
            kind, _, gate = word.partition("OVERRIDDEN: ")
            if word in seen:
                continue
            seen.add(word)
            if gate and not kind:
                yield (
                    f"{OVERRIDE}{gate}",
                    "process",
                    f"See to it that the {gate} gate need not be overridden the next time",
                    Line(f"Ship {plan.fact.ship} went under {word}", (plan.seq,)),
                )
    left_out = told.hotfix.prove.left_out
    if left_out is not None and left_out.unproven:
        places = ", ".join(hunk.place for hunk in left_out.unproven)
        yield (
            UNPROVEN,
            "prevent",
            "Test what no test notices, or take it out",
            told.line(f"No test notices {places}", left_out),
        )
