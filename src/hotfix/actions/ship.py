"""``hotfix ship``: wait for the gates, telling on whom; then plan, go wave by wave, and come back by itself where it must."""

from collections.abc import Callable
from datetime import timedelta

import msgspec

from hotfix.actions import plan as planning
from hotfix.actions.build import release_of
from hotfix.actions.drive import Outcome, drive, outcome
from hotfix.actions.effects import Hands
from hotfix.actions.find import find
from hotfix.actions.judge import judge
from hotfix.actions.notify import notify
from hotfix.actions.read_rules import InForce, read_rules, require_person
from hotfix.actions.rules_of_ship import remember, rules_of_ship
from hotfix.actions.up_to_date import up_to_date
from hotfix.actions.wait_for_gates import wait_for_gates
from hotfix.ports import Append, Book, Ports
from hotfix.record import moment
from hotfix.record.facts import LeaseTaken, Planned
from hotfix.record.finding import Refused, refused
from hotfix.record.hotfix import Hotfix, fold_all
from hotfix.record.ship import Ship
from hotfix.record.words import count

_UNPUSHED_SECONDS = 60.0
"""How long after its patience a ship elsewhere may be alive and have nothing new on the remote."""


def plan(ports: Ports, id: str | None) -> planning.Plan:
    """What a ship would do now; changes nothing."""
    in_force, hotfix = _read(ports, id)
    return planning.preview(ports, hotfix, in_force)


def ship(ports: Ports, id: str | None, patience: float, alone: Callable[[Hotfix], bool]) -> Outcome:
    """Ship today's patch, or take up a ship that nobody finished.

    Waits at most `patience` seconds for people. `alone` is asked once where the only thing missing is the
    person's own reading (solo profile); it returns whether that was done.
    """
    in_force, hotfix = _read(ports, id)
    require_person(ports, in_force)
    if hotfix.is_live:
        raise refused(
            "ship-validated",
            f"{hotfix.id} is validated in production already.",
            f"hotfix land {hotfix.id}; to ship another patch of it, pick first",
        )
    if hotfix.open_ship is None:
        in_force = wait_for_gates(ports, hotfix.id, in_force, patience, alone)
    with ports.git.lock("ship"):
        hotfix = find(ports.ledger.read(), hotfix.id)
        if hotfix.open_ship is None:
            _begin(ports, hotfix, in_force)
        else:
            _take_up(ports, hotfix, hotfix.open_ship, in_force)
        hotfix = find(ports.ledger.read(), hotfix.id)
        hotfix = drive(ports, hotfix.id, rules_of_ship(ports, hotfix, hotfix.ships[-1]), in_force.by)
        if hotfix.shipped:
            _tag(ports, hotfix)
    return outcome(ports, hotfix)


def _read(ports: Ports, id: str | None) -> tuple[InForce, Hotfix]:
    in_force, hotfix, away = up_to_date(ports, id)
    if away:
        raise refused(
            "ship-offline",
            f"Gates can only be judged with the remote: {away}.",
            "try again when it is back; hotfix rollback works without it",
        )
    return in_force, hotfix


def _begin(ports: Ports, hotfix: Hotfix, in_force: InForce) -> None:
    """Everything up to the plan on record; nothing that serves is touched before it."""
    planned = planning.make(ports, hotfix, in_force)
    ports.narrate(f"putting {planned.release} beside what serves, on {count(len(planned.units), 'unit')}")
    Hands(ports, in_force.rules, planned).prepare()
    ports.git.fetch()
    made: list[Planned] = []

    def decide(book: Book) -> Append:
        """The gates once more, on the very head that the plan is appended to."""
        now, today = find(book, hotfix.id), read_rules(ports)
        again = judge(ports, now, today.rules, today.signers, today.by)
        if not again.may_ship:
            raise Refused(*again.findings)
        if (now.patch, len(now.ships)) != (hotfix.patch, len(hotfix.ships)) or today.rules != in_force.rules:
            raise refused(
                "ship-overtaken",
                "Somebody else moved this hotfix, or its rules, on meanwhile.",
                f"hotfix ship {hotfix.id}",
            )
        _refuse_second(ports, book, hotfix.id, planned.environment)
        token = max((one.token for one in fold_all(book.entries).values()), default=0) + 1
        lease = LeaseTaken(
            at=planned.at,
            by=today.by,
            environment=planned.environment,
            token=token,
            holder=_holder(ports, today),
        )
        made.append(msgspec.structs.replace(planned, token=token))
        return Append(hotfix.id, (today.as_fact(planned.at), lease, made[-1]))

    ports.ledger.append(decide, anchor=True)
    remember(ports, hotfix.id, made[-1], in_force.rules)
    detail = {"release": planned.release, "environment": planned.environment}
    told = notify(ports, in_force.rules, "shipping", hotfix.id, in_force.by, detail)
    if told:
        ports.ledger.append(lambda _: Append(hotfix.id, told), anchor=False)


def _take_up(ports: Ports, hotfix: Hotfix, left: Ship, in_force: InForce) -> None:
    """Go on where a ship was left, if it is one: its holder is gone, its plan is today's rules', its gates are open.

    On the way back none of this is asked: that is always allowed, of a plan that can be trusted.
    """
    ports.narrate(f"taking up ship {left.plan.ship} of {hotfix.id} where it was left")
    rules = rules_of_ship(ports, hotfix, left)
    if left.rollback is not None:
        return
    _refuse_living_holder(ports, hotfix, left, in_force)
    if rules != in_force.rules:
        raise refused(
            "ship-rules-moved",
            f"Trunk's policy is another one than ship {left.plan.ship} was planned by.",
            f"take it back, then ship by today's rules: hotfix rollback {hotfix.id}",
        )
    foreign = planning.faults(left.plan, hotfix, rules, release_of(hotfix, rules))
    answer = judge(ports, hotfix, in_force.rules, in_force.signers, in_force.by)
    if foreign or not answer.may_ship:
        raise Refused(*foreign, *answer.findings)


def _refuse_living_holder(ports: Ports, hotfix: Hotfix, left: Ship, in_force: InForce) -> None:
    """In this clone the lock tells; of another, only silence for longer than a living ship would keep it."""
    if hotfix.holder in ("", _holder(ports, in_force)):
        return
    silent = ports.clock.now() - moment.from_text(hotfix.facts[-1].at)
    longest = left.plan.window_seconds + left.plan.patience_seconds + _UNPUSHED_SECONDS
    if silent < timedelta(seconds=longest):
        raise refused(
            "ship-lease",
            f"{hotfix.id} is being shipped by {hotfix.holder}, last heard of {moment.in_words(silent)} ago.",
            f"ask them; after {longest:g} s of silence it can be taken up here, and hotfix rollback always can",
        )


def _holder(ports: Ports, in_force: InForce) -> str:
    return f"{in_force.by}, clone {ports.git.clone_id()}"


def _refuse_second(ports: Ports, book: Book, id: str, environment: str) -> None:
    """One ship at a time in an environment: two would not know which of them broke it."""
    for other in fold_all(book.entries).values():
        if other.id == id or other.open_ship is None or other.open_ship.plan.environment != environment:
            continue
        if _is_somebodys(ports, other, other.open_ship):
            raise refused(
                "ship-lease",
                f"{other.id} is being shipped to {environment} by {other.open_ship.plan.by}.",
                f"wait for it, or take it back: hotfix rollback {other.id}",
            )


def _is_somebodys(ports: Ports, hotfix: Hotfix, left: Ship) -> bool:
    """Whether the ship can be trusted to be one; else anybody who may push could keep everybody in port."""
    try:
        rules_of_ship(ports, hotfix, left)
    except Refused as error:
        ports.narrate(f"not counted: {error}")
        return False
    return True


def _tag(ports: Ports, hotfix: Hotfix) -> None:
    """Name the validated release for everybody. A tag that is there already keeps its meaning."""
    picked = hotfix.pick.fact
    if picked is None or ports.git.tag_commit(picked.release) is not None:
        return
    ref = f"refs/tags/{picked.release}"
    ports.git.point(ref, picked.result_commit, None)
    try:
        ports.git.publish({ref: (picked.result_commit, None)})
    except Refused as error:
        ports.narrate(f"the tag {picked.release} is not on the remote: {error}")
