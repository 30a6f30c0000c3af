"""Validate: the symptom is gone *and* nothing else got worse. Only `pass` promotes; no data never passes.

A *goal* is red before the ship and must turn green; a *guard* is green before and must stay green.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from statistics import median

import msgspec

from hotfix.record import moment
from hotfix.record.facts import Planned
from hotfix.record.finding import Finding
from hotfix.record.parts import Sample
from hotfix.record.ship import Ship

SERVING = "serving"
"""The guard that every unit has without being asked for: it serves the release that it should."""


FRESH_SECONDS = 60.0
"""A pass older than this is none: nobody asked for a while, so whoever takes the ship up asks again."""


class Green(msgspec.Struct, frozen=True):
    """Every key passed."""


class Red(msgspec.Struct, frozen=True):
    """Something is worse than before, or did not get well in time."""

    because: str


class Undecided(msgspec.Struct, frozen=True):
    """Go on sampling."""

    missing: tuple[str, ...]


Verdict = Green | Red | Undecided


def baseline_findings(
    samples: Iterable[Sample], goals: Sequence[str], guards: Sequence[str]
) -> tuple[Finding, ...]:
    """What the first answers, before anything is changed, say against shipping."""
    by_check: dict[str, list[Sample]] = {}
    for sample in samples:
        by_check.setdefault(sample.check, []).append(sample)
    findings: list[Finding] = []
    for name in guards:
        for sample in by_check.get(name, []):
            if sample.outcome != "pass":
                findings.append(_guard_not_green(sample))
    for name in goals:
        for sample in by_check.get(name, []):
            if sample.outcome not in ("pass", "fail"):
                findings.append(_goal_cannot_speak(sample))
        asked = by_check.get(name, [])
        if asked and all(sample.outcome == "pass" for sample in asked):
            findings.append(_does_not_reproduce(name))
    silent = [name for name in (*goals, *guards) if not by_check.get(name)]
    findings += [
        Finding("validate-no-answer", f"The check {name} gave no answer.", "hotfix doctor") for name in silent
    ]
    return tuple(findings)


def _guard_not_green(sample: Sample) -> Finding:
    where = f" on {sample.unit}" if sample.unit else ""
    return Finding(
        "validate-guard-not-green",
        f"The guard {sample.check}{where} is not green before the ship ({sample.outcome}: "
        f"{sample.said}), so it cannot tell whether the ship breaks it.",
        "mend what it watches, or take it out of env.*.guards on trunk",
    )


def _goal_cannot_speak(sample: Sample) -> Finding:
    where = f" on {sample.unit}" if sample.unit else ""
    return Finding(
        "validate-goal-silent",
        f"The goal {sample.check}{where} cannot be judged ({sample.outcome}: {sample.said}).",
        "mend the check, then: hotfix doctor",
    )


def _does_not_reproduce(name: str) -> Finding:
    return Finding(
        "validate-does-not-reproduce",
        f"The goal {name} is green before the ship: the defect does not reproduce in production.",
        "look again at what is broken; if the check is wrong, mend it on trunk",
    )


def keys(
    plan: Planned, units: Sequence[str], *, everything_shipped: bool, goals: bool = True
) -> tuple[str, ...]:
    """The ``check@unit`` that must be green: for the changed units, and once for the service where a check is so.

    A goal asked once for the whole service can turn green only when every unit has the fix.
    """
    result = [f"{SERVING}@{unit}" for unit in units]
    for name in plan.guards:
        result += _keys_of(name, plan, units)
    for name in plan.goals if goals else ():
        if name in plan.unit_checks or everything_shipped:
            result += _keys_of(name, plan, units)
    return tuple(result)


def _keys_of(name: str, plan: Planned, units: Sequence[str]) -> list[str]:
    return [f"{name}@{unit}" for unit in units] if name in plan.unit_checks else [f"{name}@"]


def judge(ship: Ship, wanted: Sequence[str], now: datetime, *, settling: bool) -> Verdict:
    """What the samples since the last change say.

    A guard that fails `failures` times in a row is red. While things are `settling` after a change, a failing
    goal is not, nor on the way back a guard (the old release warms up too), and everything must have passed at
    once before the plan's patience ends. Later, patience is what each check has from its last pass.

    Patience is measured up to the newest sample, and an old pass is none: after a crash of hours nothing is
    red, and nothing green, before production was asked again.
    """
    asked = _asked(ship)
    begun = _begun(ship, asked)
    patience = ship.plan.patience_seconds
    missing = []
    for key in wanted:
        run = ship.runs.get(key, ())
        streak = _trailing_non_pass(run)
        name = key.partition("@")[0]
        if run and not streak:
            if (now - moment.from_text(run[-1][0])).total_seconds() > FRESH_SECONDS:
                missing.append(key)
            continue
        missing.append(key)
        fails = _trailing_fails(run)
        may_warm_up = settling and (name in ship.plan.goals or ship.rollback is not None)
        if fails >= ship.plan.failures and not may_warm_up:
            return Red(f"{_say(key)} failed {fails} times: {run[-1][1].said}")
        since = max(moment.from_text(streak[0][0]), begun) if streak and not settling else begun
        if asked and (asked[-1] - since).total_seconds() > patience:
            last = f"{run[-1][1].outcome}: {run[-1][1].said}" if run else "no answer"
            return Red(f"{_say(key)} did not pass within {patience:g} s ({last})")
    return Undecided(tuple(missing)) if missing else Green()


def watched(ship: Ship, wanted: Sequence[str]) -> float:
    """Seconds for which every key was asked again and again, up to its newest answer; 0 before the first.

    The window ends with an answer, not with the clock.
    """
    if not wanted or not all(ship.runs.get(key) for key in wanted):
        return 0.0
    newest = moment.from_text(min(ship.runs[key][-1][0] for key in wanted))
    return (newest - _begun(ship, _asked(ship))).total_seconds()


def _asked(ship: Ship) -> list[datetime]:
    """When checks were asked since the last change, oldest first."""
    return [moment.from_text(at) for at in sorted({at for run in ship.runs.values() for at, _ in run})]


def _begun(ship: Ship, asked: Sequence[datetime]) -> datetime:
    """Since when somebody watches without a break.

    That is the last change, or the first answer after a gap far longer than the usual one: a process died
    there, and time that passed unobserved is no observation.
    """
    begun = moment.from_text(ship.phase_since)
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(asked)]
    # What the plan promises has a say too, so that two crashes in a row are not taken for the usual pace.
    usual = median([*gaps, *[ship.plan.interval_seconds] * 3])
    for earlier, later in pairwise([begun, *asked]):
        if (later - earlier).total_seconds() > max(FRESH_SECONDS, 2 * usual):
            begun = later
    return begun


def _trailing_non_pass(run: Sequence[tuple[str, Sample]]) -> list[tuple[str, Sample]]:
    streak: list[tuple[str, Sample]] = []
    for at, sample in reversed(run):
        if sample.outcome == "pass":
            break
        streak.insert(0, (at, sample))
    return streak


def _trailing_fails(run: Sequence[tuple[str, Sample]]) -> int:
    count = 0
    for _, sample in reversed(run):
        if sample.outcome != "fail":
            break
        count += 1
    return count


def _say(key: str) -> str:
    name, _, unit = key.partition("@")
    return f"{name} on {unit}" if unit else name
