"""Header, clocks, what shipped, impact, waivers: each line with the facts that it stands on."""

import itertools
from collections.abc import Iterator
from datetime import date, timedelta

from hotfix.lifecycle import land
from hotfix.lifecycle.postmortem.document import Clock, Gap, Line
from hotfix.questions.clocks import NAMES, clocks
from hotfix.questions.postmortem.told import Told
from hotfix.record import moment, words
from hotfix.record.facts import (
    Activated,
    Activating,
    Ended,
    Observed,
    OriginConfirmed,
    Overridden,
    Planned,
    Reasoned,
    Returned,
)
from hotfix.record.hotfix import STAYING
from hotfix.record.parts import Sample

TWO_HOURS = 7200.0
_MEETING_DAYS = {"SEV1": 3}
"""Calendar days after the end by which the review is talked over; every other severity has five business days."""
_BUSINESS_DAYS = 5


def summary(told: Told) -> Iterator[Line]:
    """What happened, in a few lines from typed fields."""
    hotfix = told.hotfix
    started, picked, ship = hotfix.start.fact, hotfix.pick.fact, hotfix.ship
    if started:
        yield told.line(f"{started.severity} in {started.service}, {started.environment}", started)
        for way in started.ways_out:
            taken = "taken" if way.taken else "not taken"
            yield told.line(f"Considered: {way.way}: {taken}, {way.because}", started)
        for answer in started.criteria:
            yield told.line(f"Asked: {answer.question} Answered: {answer.answer}", started)
        if started.follows:
            yield told.line(f"Follows up on {started.follows}", started)
    if picked:
        fixes = words.count(len(picked.fixes), "fix")
        yield told.line(f"{picked.release} is {picked.base_release} and {fixes}: {picked.subject}", picked)
    if ship and ship.ended:
        yield told.line(f"Ended {ship.ended.outcome.replace('_', ' ')}: {ship.ended.because}", ship.ended)
    elif ship is None:
        yield from _never_stayed(told)
    else:
        yield told.line("It has not ended", ship.plan)
    if started:
        owner = f"on-call ({started.by})" if told.names else "on-call, who started it"
        yield told.line(f"Owner of this review: {owner}; the meeting is due by {_meeting(told)}", started)


def _meeting(told: Told) -> str:
    """The day by which it is talked over: PagerDuty's three calendar days for the worst, five business days else."""
    started = told.hotfix.start.fact
    ends = [one.fact.at for one in told.of(Ended)]
    day = date.fromisoformat(max(ends, default=told.as_of)[:10])
    if started and started.severity in _MEETING_DAYS:
        return (day + timedelta(days=_MEETING_DAYS[started.severity])).isoformat()
    left = _BUSINESS_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day.isoformat()


def _never_stayed(told: Told) -> Iterator[Line]:
    """No ship was to stay: what became of the rehearsal says why, where there was one."""
    for seq, last in told.of(Ended)[-1:]:
        if last.outcome != "rehearsed":
            outcome = last.outcome.replace("_", " ")
            yield Line(
                f"No ship was to stay in production: its rehearsal ended {outcome}: {last.because}", (seq,)
            )
            return
    yield Line("It was not shipped")


def rehearsed_in_production(told: Told) -> Iterator[Line]:
    """Which units of production a rehearsal changed, for how long, and what failed there: users were served by it."""
    started = told.hotfix.start.fact
    for ship in told.hotfix.ships:
        if ship.plan.purpose in STAYING or not started or ship.plan.environment != started.environment:
            continue
        began = [one for one in told.of(Activating) if one.fact.ship == ship.plan.ship][:1]
        ended = [one for one in told.of(Returned) if one.fact.ship == ship.plan.ship][-1:]
        if not began:
            continue
        lasted = (
            moment.in_words(moment.between(began[0].fact.at, ended[0].fact.at))
            if ended
            else "a time not on record"
        )
        red = sorted(_red_in(told, ship.plan))
        units = ", ".join(unit.unit for unit in ship.plan.units)
        failed = f"; meanwhile failed: {', '.join(red)}" if red else ""
        yield Line(
            f"Rehearsal in {ship.plan.environment}: {units} did not serve the base for {lasted}{failed}",
            (*(one.seq for one in began), *(one.seq for one in ended)),
        )


def _red_in(told: Told, plan: Planned) -> set[str]:
    """The checks that failed during a ship; a goal is the symptom, and may fail there."""
    return {
        f"{one.check} on {one.unit}"
        for asked in told.of(Observed)
        if asked.fact.ship == plan.ship
        for one in asked.fact.samples
        if one.outcome in ("fail", "error") and one.check not in plan.goals
    }


def five_clocks(told: Told) -> tuple[Clock, ...]:
    """Introduced, impact, detected, shipped, validated: each from the record, stated, or not known."""
    known = dict(clocks(told.hotfix).known())
    return tuple(_clock(told, name, known.get(name, "")) for name in NAMES)


def _clock(told: Told, name: str, at: str) -> Clock:
    started = told.hotfix.start.fact
    origin = told.of(OriginConfirmed)[-1:] if name == "introduced" else ()
    for seq, fact in origin:
        what = fact.release or fact.commit[:12]
        if not at:
            return Clock(name, "", f"{what} brought it; when that went live is not known", (seq,))
        if fact.live_since == at:
            return Clock(name, at, f"{what} went live, by {fact.known_by}", (seq,))
    if not at:
        ask = {
            "introduced": "hotfix origin finds out",
            "impact": "nobody said (hotfix start --impact-since)",
        }
        return Clock(name, "", ask.get(name, "it has not come to that"))
    if name in ("introduced", "impact", "detected"):
        return Clock(name, at, "stated at the start", told.seq(started))
    there = told.of(Activating) if name == "shipped" else told.of(Ended)
    return Clock(name, at, "on record", tuple(one.seq for one in there if one.fact.at == at)[:1])


def gaps(five: tuple[Clock, ...]) -> tuple[Gap, ...]:
    """Between neighbours that are known; the longest of them is marked."""
    known = [clock for clock in five if clock.at]
    spans = [
        (f"{earlier.name} → {later.name}", moment.between(earlier.at, later.at).total_seconds())
        for earlier, later in itertools.pairwise(known)
    ]
    longest = max((seconds for _, seconds in spans), default=0.0)
    place = next((place for place, (_, seconds) in enumerate(spans) if seconds == longest), -1)
    return tuple(Gap(between, seconds, at == place) for at, (between, seconds) in enumerate(spans))


def deployed(told: Told) -> Clock:
    """When the last unit of the newest ship that was to stay was changed: what the budget is measured to."""
    newest = {plan.fact.ship for plan in told.plans[-1:]}
    changed = [one for one in told.of(Activated) if one.fact.ship in newest][-1:]
    return Clock(
        "deployed", "".join(one.fact.at for one in changed), "on record", tuple(one.seq for one in changed)
    )


def target(five: tuple[Clock, ...], shipped: Clock, budget: float) -> Line:
    """Whether it was in time; `shipped` is when the last unit was changed."""
    at = {clock.name: clock for clock in five}
    detected, validated = at["detected"], at["validated"]
    if not (detected.at and shipped.at):
        return Line("Detection to deployment: not measured, since it was not shipped")
    took = moment.between(detected.at, shipped.at).total_seconds()
    word = "within" if took <= budget else "over"
    told = f"Detection to deployment, the last unit changed: {words.duration(took)}, {word} the budget of "
    told += words.duration(budget)
    if validated.at:
        whole = moment.between(detected.at, validated.at).total_seconds()
        word = "within" if whole <= TWO_HOURS else "over"
        told += f"; detection to validated: {words.duration(whole)}, {word} 2 h"
    else:
        told += "; it did not stay validated"
    return Line(told, (*detected.seqs, *shipped.seqs, *validated.seqs))


def shipped(told: Told) -> Iterator[Line]:
    """Exactly what went to production, and what proves it."""
    hotfix = told.hotfix
    picked, scoped, proved = hotfix.pick.fact, hotfix.scope.fact, hotfix.prove.fact
    if picked is None:
        yield Line("Nothing was picked.")
        return
    patch = picked.patch
    yield told.line(f"Base {picked.base_release}, commit {patch.base_commit}, tree {patch.base_tree}", picked)
    yield told.line(
        f"Result {picked.release}, commit {picked.result_commit}, tree {patch.result_tree}", picked
    )
    yield told.line(f"Patch {patch.digest}", picked)
    yield told.line(f"Not included: {picked.not_included} other commits of trunk", picked)
    if picked.undo:
        yield told.line(f"Its undo, ready and not used by itself: commit {picked.undo}", picked)
    for sentence in picked.warned:
        yield told.line(f"Warned: {sentence}", picked)
    if scoped:
        counted = words.size(scoped.counted_lines, scoped.counted_files)
        yield told.line(
            f"{words.count(scoped.files, 'file')}, +{scoped.added} −{scoped.removed}, {counted}: {', '.join(scoped.paths)}",
            scoped,
        )
    if proved:
        yield told.line(f"Proof: {proved.verdict}: {proved.reason}", proved, evidence=proved.evidence)
        for test in proved.fail_to_pass:
            yield told.line(f"Red before, green after: {test}", proved)
    left_out = hotfix.prove.left_out
    if left_out:
        for hunk in left_out.unproven:
            yield told.line(f"No test notices {hunk.place}: {hunk.text}", left_out)
    landed = land.landed(hotfix)
    yield told.line(f"On trunk: {landed.how}", landed) if landed else Line("On trunk: not shown yet")


def impact(told: Told) -> Iterator[Line]:
    """What was stated, what a check measured, how many units, for how long. What was not measured is said to be not."""
    started = told.hotfix.start.fact
    if started:
        yield told.line(f"Stated at the start: {started.impact}", started)
    yield from _symptom(told)
    yield from rehearsed_in_production(told)
    if not any(sample.value is not None for sample in _baseline(told)):
        yield Line("In numbers: not measured, since no goal of the policy reported one before the ship")
    for plan in told.plans[-1:]:
        ship = told.hotfix.ship_number(plan.fact.ship)
        touched = words.count(len(ship.touched), "unit")
        yield Line(f"Units: {touched} of {len(plan.fact.units)} were changed", (plan.seq,))
    five = {clock.name: clock for clock in five_clocks(told)}
    begin = five["impact"] if five["impact"].at else five["introduced"]
    end = five["validated"]
    if begin.at and end.at:
        lasted = moment.in_words(moment.between(begin.at, end.at))
        yield Line(f"Duration: {lasted}, from {begin.name} to validated", (*begin.seqs, *end.seqs))
    else:
        missing = "when it began is not known" if not begin.at else "it is not validated"
        yield Line(f"Duration: not measured; {missing}", (*begin.seqs, *end.seqs))


def _baseline(told: Told) -> list[Sample]:
    """What the goals said before the first ship that was to stay."""
    return [
        sample for plan in told.plans[:1] for sample in plan.fact.baseline if sample.check in plan.fact.goals
    ]


def _symptom(told: Told) -> Iterator[Line]:
    """What each goal said before the ship, and what it said last."""
    baseline = _baseline(told)
    if not baseline:
        return
    first = told.plans[0].seq
    last = {
        _key(one): (one, entry.seq)
        for entry in told.of(Observed)
        if entry.seq > first
        for one in entry.fact.samples
    }
    for was in baseline:
        after, seqs = "nothing after it", [first]
        if _key(was) in last:
            sample, seq = last[_key(was)]
            after, seqs = _in_words(sample), [first, seq]
        where = f" on {was.unit}" if was.unit else ""
        yield Line(f"Goal {was.check}{where}: {_in_words(was)} before, {after} at the end", tuple(seqs))


def _in_words(sample: Sample) -> str:
    value = f" {sample.value:g}" if sample.value is not None else ""
    return f"{sample.outcome}{value}" + (f" ({sample.said})" if sample.said else "")


def _key(sample: Sample) -> str:
    return f"{sample.check}@{sample.unit}"


def waived(told: Told) -> Iterator[Line]:
    """What was left out or opened all the same, by which reason. Nothing is a statement too."""
    for plan in told.plans:
        for word in plan.fact.waived:
            yield Line(f"ship {plan.fact.ship}: {word}", (plan.seq,))
    yield from _two_hats(told)
    for seq, asked in told.of(Overridden):
        yield Line(
            f"Override of {asked.gate} asked for by {told.who(asked)}, until {asked.expires_at[:16]}Z: {asked.because}",
            (seq,),
        )
    for seq, given in told.of(Reasoned):
        for reason in given.reasons:
            yield Line(f"{reason.code}: {reason.because}", (seq,))


def _two_hats(told: Told) -> Iterator[Line]:
    """One person may be peer and senior, where the policy lets them: that is said, since two roles look like two people."""
    hotfix = told.hotfix
    patch = hotfix.patch.digest if hotfix.patch else ""
    peers = {one.by: one for one in hotfix.review.facts if one.patch == patch and one.verdict == "approve"}
    for go in hotfix.authorize.facts:
        if go.patch == patch and go.by in peers:
            yield told.line("Two hats: the peer and the senior approver are one person", peers[go.by], go)
            return


def way_back_seconds(told: Told, purpose: str) -> float | None:
    """How long the slowest unit took to return, in all ships of this purpose; None where none had to."""
    ships = {plan.fact.ship for plan in told.of(Planned) if plan.fact.purpose == purpose}
    took = [
        effect.seconds
        for back in told.of(Returned)
        if back.fact.ship in ships
        for effect in back.fact.effects
    ]
    return max(took, default=None)
