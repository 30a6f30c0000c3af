"""``hotfix override``: asked for by one person, confirmed by another or told to everyone, looked back at by a third."""

from collections.abc import Callable

import msgspec

from hotfix.actions.find import find
from hotfix.actions.judge import judge, overrides, reviews_owed
from hotfix.actions.may_override import (
    overridable,
    person_asking,
    refuse_asking,
    refuse_confirming,
    refuse_several,
)
from hotfix.actions.notify import notify
from hotfix.actions.read_rules import InForce, now_text, recorded
from hotfix.actions.up_to_date import up_to_date
from hotfix.lifecycle import override as stage
from hotfix.ports import Append, Book, Ports
from hotfix.record import canonical
from hotfix.record.facts import Notified, Overridden, OverrideConfirmed, OverrideReviewed
from hotfix.record.finding import Finding, refused
from hotfix.record.hotfix import Hotfix
from hotfix.record.parts import Signed


class Request(msgspec.Struct, frozen=True):
    """What somebody should see before they put their name to it."""

    hotfix: str
    title: str
    gate: str
    environment: str
    release: str
    because: str
    by: str
    policy: str
    findings: tuple[Finding, ...]
    """What keeps the gate shut; none where it is open anyway."""


class Result(msgspec.Struct, frozen=True):
    """What was done (``asked``, ``confirmed``, ``reviewed``), and how the override stands."""

    hotfix: str
    done: str
    by: str
    override: str
    gate: str
    environment: str
    because: str
    people: tuple[str, ...]
    state: str
    why: str
    expires_at: str
    untold: bool
    """Whether there is a notifier, and it could not tell anybody."""
    next: str


def ask(ports: Ports, id: str | None, named: str, because: str, show: Callable[[Request], str]) -> Result:
    """Ask for one gate to open all the same. `show` presents the request and returns the environment's name as typed."""
    gate = overridable(named)
    in_force, hotfix, _ = up_to_date(ports, id)
    person = person_asking(ports, in_force)
    refuse_asking(ports, in_force, hotfix, gate, because, person)
    request = _request(ports, in_force, hotfix, gate, because, person)
    typed = show(request)
    if typed.strip() != request.environment:
        raise refused(
            "override-not-typed",
            f"The environment is called {request.environment}; you typed {typed.strip()!r}.",
            f'hotfix override {hotfix.id} {gate} --because "WHY"',
        )
    fact = _fact(ports, in_force, hotfix, request)

    def decide(book: Book) -> Append:
        now = find(book, hotfix.id)
        if now.patch != hotfix.patch:
            raise refused(
                "override-patch-moved", "Somebody picked again meanwhile.", f"hotfix status {hotfix.id}"
            )
        return Append(hotfix.id, (*recorded(in_force, now.start.rules, fact.at), fact))

    ports.ledger.append(decide, anchor=True)
    _tell(ports, in_force, hotfix.id, fact.override)
    result = _result(ports, in_force, hotfix.id, fact.override, "asked", person)
    if result.state == "untold":
        raise refused(
            "override-untold",
            f"It is on record, and opens nothing: the policy lets an override of {gate} count once everyone was told, "
            "and nobody could be.",
            "mend the policy's `notify`, then ask again",
        )
    return result


def confirm(ports: Ports, id: str | None, named: str, show: Callable[[Request], str]) -> Result:
    """The second person's yes. `show` presents what they put their name to."""
    in_force, hotfix, _ = up_to_date(ports, id)
    person = person_asking(ports, in_force)
    pending = _pending(ports, in_force, hotfix, overridable(named) if named else "")
    refuse_confirming(in_force, pending, person)
    asked = pending.fact
    show(_request(ports, in_force, hotfix, asked.gate, asked.because, pending.people[0]))
    signed = _signed(ports, in_force, stage.confirmation(asked.override))
    fact = OverrideConfirmed(at=now_text(ports), by=person, override=asked.override, signed=signed)

    def decide(book: Book) -> Append:
        now = find(book, hotfix.id)
        if _standing(ports, in_force, now, asked.override).state != "waiting":
            raise refused(
                "override-moved", "That override no longer waits for anybody.", f"hotfix status {hotfix.id}"
            )
        return Append(hotfix.id, (*recorded(in_force, now.start.rules, fact.at), fact))

    ports.ledger.append(decide, anchor=True)
    _tell(ports, in_force, hotfix.id, asked.override)
    return _result(ports, in_force, hotfix.id, asked.override, "confirmed", person)


def look_back(ports: Ports, id: str | None, named: str, because: str) -> Result:
    """Somebody else's look at an override afterwards, with what they think of it."""
    in_force, hotfix, _ = up_to_date(ports, id)
    person = person_asking(ports, in_force)
    owed = reviews_owed(ports, hotfix, in_force.rules, in_force.signers)
    debts = [debt for debt in owed if not named or debt.gate == overridable(named)]
    if not debts:
        raise refused(
            "override-nothing-owed",
            f"No review of an override{f' of {named}' if named else ''} is owed in {hotfix.id}.",
            f"hotfix status {hotfix.id}",
        )
    refuse_several(hotfix, {debt.gate for debt in debts}, "--review")
    debt = debts[0]
    if not in_force.rules.solo and person.lower() in {one.lower() for one in debt.people}:
        raise refused(
            "override-own",
            f"{person} is one of the two whose override it was.",
            "ask somebody else to look at it",
        )
    signed = _signed(ports, in_force, stage.look_back(debt.override, because))
    fact = OverrideReviewed(
        at=now_text(ports), by=person, override=debt.override, because=because, signed=signed
    )
    ports.ledger.append(lambda _: Append(hotfix.id, (fact,)), anchor=True)
    _tell(ports, in_force, hotfix.id, debt.override)
    return _result(ports, in_force, hotfix.id, debt.override, "reviewed", person)


def _pending(ports: Ports, in_force: InForce, hotfix: Hotfix, gate: str) -> stage.Standing:
    """The newest override that waits for a second person."""
    every = _standings(ports, in_force, hotfix)
    waiting = [one for one in every if one.state == "waiting" and gate in ("", one.fact.gate)]
    if not waiting:
        raise refused(
            "override-none",
            f"No override{f' of {gate}' if gate else ''} in {hotfix.id} waits for a second person.",
            f'to ask for one: hotfix override {hotfix.id} {gate or "GATE"} --because "WHY"',
            *(stage.in_words(one) for one in every),
        )
    refuse_several(hotfix, {one.fact.gate for one in waiting}, "--confirm")
    return waiting[-1]


def _request(ports: Ports, in_force: InForce, hotfix: Hotfix, gate: str, because: str, by: str) -> Request:
    started, picked = hotfix.start.fact, hotfix.pick.fact
    judged = judge(ports, hotfix, in_force.rules, in_force.signers, in_force.by).gates if picked else ()
    return Request(
        hotfix=hotfix.id,
        title=started.title if started else "",
        gate=gate,
        environment=picked.patch.environment if picked else started.environment if started else "",
        release=picked.release if picked else "",
        because=because,
        by=by,
        policy=stage.asks(in_force.rules),
        findings=tuple(
            finding
            for one in judged
            if one.name == gate and one.state != "open"
            for finding in one.findings
            if not finding.code.startswith("override-")
        ),
    )


def _fact(ports: Ports, in_force: InForce, hotfix: Hotfix, request: Request) -> Overridden:
    unsigned = Overridden(
        at=now_text(ports),
        by=request.by,
        override="",
        gate=request.gate,
        patch=hotfix.patch.digest if hotfix.patch else "",
        environment=request.environment,
        because=request.because,
        policy=request.policy,
        expires_at=stage.expires(ports.clock.now()),
        signed=None,
    )
    message = stage.statement(hotfix.id, ports.ledger.origin(), unsigned)
    return msgspec.structs.replace(
        unsigned, override=canonical.sha256(message), signed=_signed(ports, in_force, message)
    )


def _signed(ports: Ports, in_force: InForce, message: bytes) -> Signed | None:
    """The signature; none of one who works alone and whose key is on nobody's list."""
    if in_force.rules.solo and not ports.signatures.person(in_force.signers):
        return None
    return Signed(
        stage.NAMESPACE, {}, ports.signatures.sign(stage.NAMESPACE, message), ports.signatures.key()
    )


def _tell(ports: Ports, in_force: InForce, id: str, override: str) -> None:
    """Tell everyone of this override, and of those before of which nobody could be told; how that went is on record."""
    hotfix = find(ports.ledger.read(), id)
    for one in _standings(ports, in_force, hotfix):
        asked = one.fact
        new = asked.override == override and not stage.told(hotfix, asked)
        if not (new or stage.is_untold(hotfix, in_force.rules, one)):
            continue
        detail = {
            "gate": asked.gate,
            "environment": asked.environment,
            "by": list(one.people),
            "because": asked.because,
            "state": one.state,
            "until": asked.expires_at,
        }
        told = notify(ports, in_force.rules, stage.EVENT, id, in_force.by, detail)
        facts = tuple(msgspec.structs.replace(notified, about=asked.override) for notified in told)
        if facts:
            _append(ports, id, facts)


def _append(ports: Ports, id: str, facts: tuple[Notified, ...]) -> None:
    ports.ledger.append(lambda _: Append(id, facts), anchor=True)


def _standings(ports: Ports, in_force: InForce, hotfix: Hotfix) -> tuple[stage.Standing, ...]:
    words = overrides(ports, hotfix, in_force.rules, in_force.signers)
    return stage.standings(hotfix, in_force.rules, words, ports.clock.now())


def _standing(ports: Ports, in_force: InForce, hotfix: Hotfix, override: str) -> stage.Standing:
    return next(one for one in _standings(ports, in_force, hotfix) if one.fact.override == override)


def _result(ports: Ports, in_force: InForce, id: str, override: str, done: str, by: str) -> Result:
    hotfix = find(ports.ledger.read(), id)
    one = _standing(ports, in_force, hotfix, override)
    asked = one.fact
    after = {"lease": f"hotfix ship {id}", "return": "hotfix rollback --release RELEASE"}
    following = {
        "waiting": f"hotfix override --confirm {id} {asked.gate}",
        "effective": after.get(asked.gate, f"hotfix ship {id}"),
    }
    return Result(
        hotfix=id,
        done=done,
        by=by,
        override=override,
        gate=asked.gate,
        environment=asked.environment,
        because=asked.because,
        people=one.people,
        state=one.state,
        why=one.why,
        expires_at=asked.expires_at,
        untold=stage.is_untold(hotfix, in_force.rules, one),
        next=following.get(one.state, f"hotfix status {id}"),
    )
