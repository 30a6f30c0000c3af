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
        fixes = words.count(len(picked.fixes), "fix").replace("fixs", "fixes")
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
    ends = [entry.fact.at for entry in told.of(Ended)]
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
    last = next((entry for entry in reversed(told.entries) if isinstance(entry.fact, Ended)), None)
    if last is not None and isinstance(last.fact, Ended) and last.fact.outcome != "rehearsed":
        outcome = last.fact.outcome.replace("_", " ")
        yield Line(
            f"No ship was to stay in production: its rehearsal ended {outcome}: {last.fact.because}",
            (last.seq,),
        )
    else:
        yield Line("It was not shipped")


def rehearsed_in_production(told: Told) -> Iterator[Line]:
    """Which units of production a rehearsal changed, for how long, and what failed there: users were served by it."""
    started = told.hotfix.start.fact
    for ship in told.hotfix.ships:
        if ship.plan.purpose in STAYING or not started or ship.plan.environment != started.environment:
            continue
        its = [entry for entry in told.entries if getattr(entry.fact, "ship", 0) == ship.plan.ship]
        began = next((entry for entry in its if isinstance(entry.fact, Activating)), None)
        ended = next((entry for entry in reversed(its) if isinstance(entry.fact, Returned)), None)
        if began is None:
            continue
        lasted = (
            moment.in_words(moment.between(began.fact.at, ended.fact.at)) if ended else "a time not on record"
        )
        red = sorted(
            {
                f"{one.check} on {one.unit}"
                for entry in its
                if isinstance(entry.fact, Observed)
                for one in entry.fact.samples
                if one.outcome in ("fail", "error") and one.check not in ship.plan.goals
            }
        )
        units = ", ".join(unit.unit for unit in ship.plan.units)
        failed = f"; meanwhile failed: {', '.join(red)}" if red else ""
        seqs = (began.seq, *((ended.seq,) if ended else ()))
        yield Line(
            f"Rehearsal in {ship.plan.environment}: {units} did not serve the base for {lasted}{failed}", seqs
        )


def five_clocks(told: Told) -> tuple[Clock, ...]:
    """Introduced, impact, detected, shipped, validated: each from the record, stated, or not known."""
    known = dict(clocks(told.hotfix).known())
    origin = next(
        (entry for entry in reversed(told.entries) if isinstance(entry.fact, OriginConfirmed)), None
    )
    if (
        origin is not None
        and isinstance(origin.fact, OriginConfirmed)
        and moment.is_moment(origin.fact.live_since)
    ):
        known["introduced"] = origin.fact.live_since
    return tuple(_clock(told, name, known.get(name, ""), origin) for name in NAMES)


def _clock(told: Told, name: str, at: str, origin: object) -> Clock:
    started = told.hotfix.start.fact
    if name == "introduced" and isinstance(getattr(origin, "fact", None), OriginConfirmed):
        fact = origin.fact  # type: ignore[attr-defined]
        if fact.live_since == at:
            return Clock(
                name, at, f"{fact.release or fact.commit[:12]} went live, by {fact.known_by}", told.seq(fact)
            )
    if not at:
        ask = {
            "introduced": "hotfix origin finds out",
            "impact": "nobody said (hotfix start --impact-since)",
        }
        return Clock(name, "", ask.get(name, "it has not come to that"))
    if name in ("introduced", "impact", "detected"):
        return Clock(name, at, "stated at the start", told.seq(started))
    kind = Activating if name == "shipped" else Ended
    seqs = tuple(entry.seq for entry in told.of(kind) if entry.fact.at == at)[:1]
    return Clock(name, at, "on record", seqs)


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
    plans = [
        entry.fact.ship
        for entry in told.of(Planned)
        if isinstance(entry.fact, Planned) and _stays(entry.fact)
    ]
    last = next(
        (
            entry
            for entry in reversed(told.entries)
            if isinstance(entry.fact, Activated) and plans and entry.fact.ship == plans[-1]
        ),
        None,
    )
    return Clock("deployed", last.fact.at if last else "", "on record", (last.seq,) if last else ())


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
    plan = next((entry for entry in reversed(list(told.of(Planned))) if _stays(entry.fact)), None)
    if plan is not None and isinstance(plan.fact, Planned):
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


def _stays(fact: object) -> bool:
    return isinstance(fact, Planned) and fact.purpose in STAYING


def _baseline(told: Told) -> list[Sample]:
    """What the goals said before the first ship that was to stay."""
    plan = next((entry.fact for entry in told.of(Planned) if _stays(entry.fact)), None)
    if not isinstance(plan, Planned):
        return []
    return [sample for sample in plan.baseline if sample.check in plan.goals]


def _symptom(told: Told) -> Iterator[Line]:
    """What each goal said before the ship, and what it said last."""
    plans = [entry for entry in told.of(Planned) if _stays(entry.fact)]
    last: dict[str, tuple[Sample, int]] = {}
    for entry in told.of(Observed):
        if isinstance(entry.fact, Observed) and plans and entry.seq > plans[0].seq:
            last |= {_key(one): (one, entry.seq) for one in entry.fact.samples}
    for was in _baseline(told):
        after, seqs = "nothing after it", [plans[0].seq]
        if _key(was) in last:
            sample, seq = last[_key(was)]
            after, seqs = _in_words(sample), [plans[0].seq, seq]
        where = f" on {was.unit}" if was.unit else ""
        yield Line(f"Goal {was.check}{where}: {_in_words(was)} before, {after} at the end", tuple(seqs))


def _in_words(sample: Sample) -> str:
    value = f" {sample.value:g}" if sample.value is not None else ""
    return f"{sample.outcome}{value}" + (f" ({sample.said})" if sample.said else "")


def _key(sample: Sample) -> str:
    return f"{sample.check}@{sample.unit}"


def waived(told: Told) -> Iterator[Line]:
    """What was left out or opened all the same, by which reason. Nothing is a statement too."""
    for entry in told.of(Planned):
        if isinstance(entry.fact, Planned) and _stays(entry.fact):
            for word in entry.fact.waived:
                yield Line(f"ship {entry.fact.ship}: {word}", (entry.seq,))
    yield from _two_hats(told)
    for entry in told.of(Overridden):
        if isinstance(entry.fact, Overridden):
            asked = entry.fact
            yield Line(
                f"Override of {asked.gate} asked for by {told.who(asked)}, until {asked.expires_at[:16]}Z: {asked.because}",
                (entry.seq,),
            )
    for entry in told.of(Reasoned):
        if isinstance(entry.fact, Reasoned):
            for reason in entry.fact.reasons:
                yield Line(f"{reason.code}: {reason.because}", (entry.seq,))


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
    """How long units took to return, at most: in the newest rehearsal, or in the newest real way back."""
    ships = {
        entry.fact.ship
        for entry in told.of(Planned)
        if isinstance(entry.fact, Planned) and (entry.fact.purpose == purpose)
    }
    took = [
        effect.seconds
        for entry in told.of(Returned, Activated)
        if isinstance(entry.fact, Returned) and entry.fact.ship in ships
        for effect in entry.fact.effects
    ]
    return max(took, default=None)
