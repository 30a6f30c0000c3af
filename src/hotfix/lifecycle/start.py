"""Start: the decision, on criteria written in advance, after the faster ways out were considered."""

from datetime import UTC, datetime, timedelta

from hotfix.lifecycle.gate import Gate, closed, opened
from hotfix.policy.rules import Rules
from hotfix.record import moment
from hotfix.record.facts import Started
from hotfix.record.finding import Finding, Refused, refused
from hotfix.record.hotfix import Hotfix
from hotfix.record.parts import Answer, WayOut

SEVERITIES = ("SEV1", "SEV2", "SEV3", "SEV4")
WAYS_OUT = ("flag flip", "return to the release before", "hotfix")
"""In the order in which they are considered: fastest and safest first."""


def ways_out(not_flag: str, not_return: str, *, returning: bool = False) -> tuple[WayOut, ...]:
    """The ways out, with the reasons why the faster ones were not taken; `returning` where the second one is."""
    if returning:
        return (
            WayOut("flag flip", taken=False, because=not_flag),
            WayOut("return to the release before", taken=True, because=not_return),
            WayOut("hotfix", taken=False, because="the release before is faster and safer"),
        )
    return (
        WayOut("flag flip", taken=False, because=not_flag),
        WayOut("return to the release before", taken=False, because=not_return),
        WayOut("hotfix", taken=True, because="the faster ways out do not apply"),
    )


def refuse_disorder(fact: Started) -> None:
    """What went live and who was harmed came before anybody noticed: a clock that runs backwards measures nothing."""
    for option, at in (("--introduced", fact.introduced_at), ("--impact-since", fact.impact_since)):
        if at > fact.detected_at:
            raise refused(
                "start-disorder",
                f"{option} is {at[:16]}Z, after it was detected at {fact.detected_at[:16]}Z.",
                f"say {option} and --detected in the order in which it happened",
            )


def answers(questions: tuple[str, ...], given: tuple[str, ...]) -> tuple[Answer, ...]:
    """The criteria with their answers, in order. Refuses where one is missing or too many were given."""
    if len(given) != len(questions) or not all(answer.strip() for answer in given):
        missing = questions[len(given) :]
        raise Refused(
            Finding(
                "start-criteria",
                f"The policy asks {len(questions)} question(s) and "
                f"{sum(bool(answer.strip()) for answer in given)} answer(s) were given.",
                "give one --answer per question, in this order",
                tuple(missing) or questions,
            )
        )
    return tuple(Answer(question, answer) for question, answer in zip(questions, given, strict=True))


def detected(text: str, now: datetime, span: timedelta | None) -> datetime:
    """When the defect was detected: `span` before `now`, or the time that `text` states (UTC where it names no zone)."""
    if span is not None:
        when = now - span
    else:
        try:
            when = datetime.fromisoformat(text)
        except ValueError:
            raise refused(
                "start-detected",
                f"{text!r} is neither a duration nor a time.",
                "say --detected 25m (ago), or --detected 2026-11-22T01:49+01:00",
            ) from None
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
    if when > now:
        raise refused(
            "start-detected",
            f"{text!r} lies in the future.",
            "the clock starts at detection: say when that was",
        )
    return when


def gate(hotfix: Hotfix, rules: Rules) -> Gate:
    """Open when the decision stands complete, made by somebody whom the policy lets decide."""
    started, over = hotfix.start.fact, hotfix.after.closed
    if over is not None:
        said = f"{hotfix.id} was closed at {over.at} ({over.outcome})."
        return closed("start", Finding("start-closed", said, 'hotfix start "WHAT IS BROKEN"'))
    if started is None:
        return closed("start", Finding("start-missing", f"{hotfix.id} was not started.", "hotfix start"))
    findings = _undecided(started, rules, hotfix.id)
    oncall = {person.lower() for person in rules.deciders.oncall}
    if oncall and not rules.solo and started.by.lower() not in oncall:
        findings.append(
            Finding(
                "start-decider",
                f"{started.by} started this, and only {', '.join(rules.deciders.oncall)} may decide to.",
                "let somebody on call start it: hotfix start",
            )
        )
    if findings:
        return closed("start", *findings)
    since = moment.to_text(moment.from_text(started.detected_at))
    return opened("start", f"{started.severity}, detected {since}")


def _undecided(started: Started, rules: Rules, hotfix: str) -> list[Finding]:
    """What was not answered, by today's questions: an empty answer is none."""
    again = f'hotfix close {hotfix} --abandon "started incomplete", then start again'
    findings = []
    if started.severity not in SEVERITIES or not started.impact.strip():
        said = "The severity or the impact was not stated, so nobody can tell whether the fast lane is right."
        findings.append(Finding("start-impact", said, again))
    answered = {answer.question for answer in started.criteria if answer.answer.strip()}
    open_questions = tuple(question for question in rules.criteria if question not in answered)
    if open_questions:
        said = "Trunk's policy asks criteria that were not answered."
        findings.append(Finding("start-criteria", said, again, open_questions))
    considered = tuple(way.way for way in started.ways_out if way.because.strip())
    if considered != WAYS_OUT:
        said = f"Not every way out was considered with a reason, in this order: {', '.join(WAYS_OUT)}."
        findings.append(Finding("start-ways-out", said, again))
    return findings
