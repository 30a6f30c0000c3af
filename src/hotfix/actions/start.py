"""``hotfix start``: the decision goes on record, and the clock runs from detection."""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from hotfix.actions.action import listed
from hotfix.actions.find import find, next_id
from hotfix.actions.read_rules import InForce, read_rules, require_person
from hotfix.actions.return_to_release import consider
from hotfix.actions.up_to_date import refuse_another_trunk
from hotfix.lifecycle import start as stage
from hotfix.lifecycle.action import Standing
from hotfix.lifecycle.gate import Gate
from hotfix.policy.duration import span
from hotfix.policy.rules import Rules
from hotfix.ports import Append, Book, Ports
from hotfix.questions.ways_out import Return
from hotfix.record import lossless, moment
from hotfix.record.facts import Started
from hotfix.record.finding import refused
from hotfix.record.hotfix import fold


class Wanted(msgspec.Struct, frozen=True):
    """What the person said; texts as the shell gave them."""

    title: str
    severity: str
    environment: str
    detected: str
    impact: str
    answers: tuple[str, ...]
    not_flag: str
    not_return: str
    introduced: str = ""
    impact_since: str = ""
    returning: bool = False
    """Whether the way out is to return to the release before; `not_return` then says why that is good enough."""
    detected_by: str = ""
    follows: str = ""


class Result(msgspec.Struct, frozen=True):
    """What was started."""

    hotfix: str
    detected_at: str
    deadline: str
    """Detection plus the policy's budget from detection to deployment."""
    profile: str
    gate: Gate
    next: str
    overdue: tuple[Standing, ...]
    """Actions of earlier hotfixes that are past their day."""


def second_way_out(ports: Ports, environment: str) -> Return:
    """What returning to the release before would mean now. Raises Refused where nobody can tell."""
    in_force = read_rules(ports)
    return consider(ports, in_force, _environment(environment, tuple(in_force.rules.environments)), "")


def start(ports: Ports, wanted: Wanted, ask: Callable[[str], str] | None = None) -> Result:
    """Append the decision; the id is reserved by the append itself.

    `ask` is asked the policy's questions that `wanted` does not answer; None where there is nobody to ask.
    """
    why = ports.git.fetch()
    if why:
        ports.narrate(why)
    in_force = read_rules(ports)
    require_person(ports, in_force)
    ports.ledger.refresh()
    refuse_another_trunk(ports, in_force, ports.ledger.read())
    rules = in_force.rules
    fact = _fact(ports, in_force, wanted, ask)
    stage.refuse_disorder(fact)
    overdue = listed(ports, None, overdue=True)
    gate = stage.gate(fold("", [fact]), rules)
    if gate.state != "open":
        raise refused(gate.findings[0].code, gate.findings[0].sentence, gate.findings[0].next)
    reserved: list[str] = []

    def decide(book: Book) -> Append:
        reserved.append(next_id(book))
        return Append(reserved[-1], (fact, in_force.as_fact(fact.at)))

    ports.ledger.append(decide, anchor=True)
    return Result(
        hotfix=reserved[-1],
        detected_at=fact.detected_at,
        deadline=moment.to_text(
            moment.from_text(fact.detected_at) + timedelta(seconds=rules.budget.detection_to_deployment)
        ),
        profile=rules.profile,
        gate=gate,
        next=f"hotfix rollback {reserved[-1]} --release"
        if wanted.returning
        else f"hotfix pick FIX --hotfix {reserved[-1]}",
        overdue=overdue,
    )


def _fact(ports: Ports, in_force: InForce, wanted: Wanted, ask: Callable[[str], str] | None) -> Started:
    """The decision, as it goes on record."""
    rules, now = in_force.rules, ports.clock.now()

    def stated(text: str) -> str:
        return moment.to_text(_moment(text, now)) if text else ""

    return Started(
        at=moment.to_text(now),
        by=in_force.by,
        title=_text(wanted.title, "title"),
        service=rules.service,
        environment=_environment(wanted.environment, tuple(rules.environments)),
        severity=wanted.severity,
        detected_at=moment.to_text(_moment(wanted.detected, now)),
        impact=_text(wanted.impact, "impact"),
        criteria=stage.answers(rules.criteria, _answers(rules, wanted, ask)),
        ways_out=stage.ways_out(
            _text(wanted.not_flag, "--not-flag"),
            _text(wanted.not_return, "--return" if wanted.returning else "--not-return"),
            returning=wanted.returning,
        ),
        profile=rules.profile,
        introduced_at=stated(wanted.introduced),
        impact_since=stated(wanted.impact_since),
        detected_by=wanted.detected_by,
        follows=_followed(ports, wanted.follows),
    )


def _followed(ports: Ports, id: str) -> str:
    """The hotfix that this one follows up; refused where there is no such one."""
    return find(ports.ledger.read(), id).id if id else ""


def _answers(rules: Rules, wanted: Wanted, ask: Callable[[str], str] | None) -> tuple[str, ...]:
    missing = rules.criteria[len(wanted.answers) :] if ask else ()
    given = (*wanted.answers, *(ask(question) for question in missing if ask))
    return tuple(_text(answer, "answer") for answer in given)


def _environment(named: str, known: tuple[str, ...]) -> str:
    if named in known:
        return named
    if not named and len(known) == 1:
        return known[0]
    if not named and "production" in known:
        return "production"
    raise refused(
        "start-environment",
        f"The policy has no environment {named!r} (it has: {', '.join(known)}).",
        f"say --env {known[0]}",
    )


def _moment(text: str, now: datetime) -> datetime:
    try:
        ago: timedelta | None = span(text)
    except ValueError:
        ago = None
    return stage.detected(text, now, ago)


def _text(given: str, what: str) -> str:
    """The text, lossless even where the shell gave bytes that are no UTF-8; never empty."""
    if not given.strip():
        raise refused(
            "start-empty", f"The {what} is empty.", "say it in a few words: the record is read by people"
        )
    return lossless.to_text(given.encode("utf-8", "surrogateescape"))
