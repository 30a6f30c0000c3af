"""Waiting until every gate is open, telling on whom; a gate that no waiting opens ends it at once."""

from collections.abc import Callable

from hotfix.actions.find import find
from hotfix.actions.judge import judge
from hotfix.actions.notify import notify
from hotfix.actions.read_rules import InForce, read_rules
from hotfix.lifecycle.gate import Gate
from hotfix.ports import Append, Ports
from hotfix.questions.may_ship import Answer
from hotfix.record.finding import Finding, Kind, Refused
from hotfix.record.hotfix import Hotfix

_POLL_SECONDS = 2.0


def wait_for_gates(
    ports: Ports, id: str, in_force: InForce, patience: float, alone: Callable[[Hotfix], bool]
) -> InForce:
    """Wait at most `patience` seconds; the rules by which the gates opened. Raises Refused, of kind waiting at the end.

    `alone` is asked once where the only thing missing is the person's own reading (solo profile); it returns
    whether that was done.
    """
    deadline = ports.clock.now().timestamp() + patience
    told: tuple[Gate, ...] = ()
    asked_alone = False
    while True:
        hotfix = find(ports.ledger.read(), id)
        answer = judge(ports, hotfix, in_force.rules, in_force.signers, in_force.by)
        if answer.may_ship or answer.owed:
            return in_force
        if answer.closed:
            raise Refused(*(finding for gate in answer.closed for finding in gate.findings))
        if not asked_alone and in_force.rules.solo and _only_you(answer):
            asked_alone = True
            if alone(hotfix):
                continue
        if answer.blocking != told:
            told = answer.blocking
            _tell(ports, in_force, id, answer)
        if ports.clock.now().timestamp() >= deadline:
            raise Refused(*_for_people(answer), kind=Kind.WAITING)
        ports.clock.sleep(min(_POLL_SECONDS, patience))
        away = ports.git.fetch() or ports.ledger.refresh()
        if away:
            ports.narrate(f"still waiting, and nothing new can be seen: {away}")
        in_force = read_rules(ports)


def _for_people(answer: Answer) -> tuple[Finding, ...]:
    """What somebody has to do; a rehearsal that is owed is the ship's own affair."""
    return tuple(finding for gate in answer.blocking if gate.state != "owed" for finding in gate.findings)


def _only_you(answer: Answer) -> bool:
    return all(gate.waiting_on == ("you",) or gate.state == "owed" for gate in answer.blocking)


def _tell(ports: Ports, in_force: InForce, id: str, answer: Answer) -> None:
    blocking = [gate for gate in answer.blocking if gate.state != "owed"]
    for gate in blocking:
        ports.narrate(f"waiting for {gate.name}: {', '.join(gate.waiting_on)}")
        for finding in gate.findings:
            ports.narrate(f"  {finding.sentence}" + (f" → {finding.next}" if finding.next else ""))
    people = [person for gate in blocking for person in gate.waiting_on]
    names = [gate.name for gate in blocking]
    told = notify(ports, in_force.rules, "waiting", id, in_force.by, {"for": names, "on": people})
    if told:
        ports.ledger.append(lambda _: Append(id, told), anchor=False)
