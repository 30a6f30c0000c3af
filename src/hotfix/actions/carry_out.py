"""Carrying out a plan: hold the environment, put the plan on record where it still may be, then drive it to its end."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from hotfix.actions.acting import Acting, highest_token, holder_of, own_name
from hotfix.actions.drive import drive
from hotfix.actions.effects import Hands
from hotfix.actions.find import find
from hotfix.actions.judge import effective_override
from hotfix.actions.lease import Holding, take
from hotfix.actions.notify import notify
from hotfix.actions.plan import environment_of
from hotfix.actions.read_rules import InForce, now_text
from hotfix.actions.rules_of_ship import ForeignPlan, rules_of_ship
from hotfix.policy.rules import Rules
from hotfix.ports import Append, Book, Ports
from hotfix.ports.cards import Card
from hotfix.record.facts import LeaseTaken, Planned
from hotfix.record.finding import Refused, refused
from hotfix.record.hotfix import Hotfix, fold_all
from hotfix.record.lease import Lease
from hotfix.record.ship import Ship
from hotfix.record.words import count


class Driven(NamedTuple):
    """A hotfix after its ship `number` was driven; others may have written more since."""

    hotfix: Hotfix
    number: int


def carry_out(
    ports: Ports,
    id: str,
    in_force: InForce,
    environment: str,
    make: Callable[[Hotfix], Planned],
    may: Callable[[Book], InForce],
) -> Driven:
    """Carry out the plan that `make` draws up once the environment is ours.

    `may` is asked on the very head that the plan is appended to: the rules in force, or Refused. Nothing
    that serves is touched before the plan is on record.
    """
    with ports.drivers.hold(ports.ledger.origin(), environment):
        waiting = find(ports.ledger.read(), id)
        with _lease(ports, waiting, waiting.next_ship, environment, in_force) as holding:
            if away := ports.ledger.refresh():  # whoever held it until now may have rehearsed, or shipped
                raise offline(away)
            hotfix = find(ports.ledger.read(), id)
            number = hotfix.next_ship
            planned = msgspec.structs.replace(make(hotfix), token=holding.token)
            units = count(len(planned.units), "unit")
            ports.narrate(f"putting {planned.release} beside what serves, on {units}")
            Hands(ports, in_force.rules, planned, holding.token, own_name()).prepare()
            if away := ports.git.fetch():
                raise offline(away)
            card = Card(ports.ledger.origin(), id, planned, in_force.rules)
            ports.cards.keep(card, card.roots)

            def decide(book: Book) -> Append:
                try:
                    today = may(book)
                    if find(book, id).next_ship != number or today.rules != in_force.rules:
                        raise _overtaken(id)
                    _refuse_second(ports, book, id, planned.environment)
                except Refused:
                    if all(entry.fact != planned for entry in book.entries):
                        ports.cards.drop(card, card.roots)  # nobody must go back by a plan that never began
                    raise
                lease = _lease_taken(ports, today.by, planned.environment, holding.token)
                return Append(id, (today.as_fact(planned.at), lease, planned))

            ports.ledger.append(decide, anchor=True)
            _tell_shipping(ports, in_force, id, planned)
            return _drive(ports, id, number, in_force, holding, takes_up=False)


def take_up(ports: Ports, id: str, in_force: InForce, may: Callable[[Hotfix, Ship, Rules], None]) -> Driven:
    """Go on with the open ship of hotfix `id` where it was left; `may` raises Refused where that must not be."""
    left = _open(find(ports.ledger.read(), id))
    environment = left.plan.environment
    with ports.drivers.hold(ports.ledger.origin(), environment):
        hotfix = find(ports.ledger.read(), id)
        left = _open(hotfix)
        may(hotfix, left, rules_of_ship(ports, hotfix, left))
        with _lease(ports, hotfix, left.plan.ship, environment, in_force) as holding:
            ports.narrate(f"taking up ship {left.plan.ship} of {id} where it was left")

            def decide(book: Book) -> Append:
                now = find(book, id).open_ship
                if now is None or (now.plan, now.rollback) != (left.plan, None) or now.token >= holding.token:
                    raise _overtaken(id)
                return Append(id, (_lease_taken(ports, in_force.by, environment, holding.token),))

            ports.ledger.append(decide, anchor=True)
            return _drive(ports, id, left.plan.ship, in_force, holding, takes_up=True)


def require_left(ports: Ports, hotfix: Hotfix, ship: Ship, in_force: InForce) -> None:
    """Raise Refused where somebody drives `ship` right now: only what was left may be taken from them unasked."""
    environment = ship.plan.environment
    with (
        ports.drivers.hold(ports.ledger.origin(), environment),
        _lease(ports, hotfix, ship.plan.ship, environment, in_force),
    ):
        pass


def _drive(
    ports: Ports, id: str, number: int, in_force: InForce, holding: Holding, *, takes_up: bool
) -> Driven:
    hotfix = find(ports.ledger.read(), id)
    current = hotfix.ship_number(number)
    rules = rules_of_ship(ports, hotfix, current)
    target = rules.targets[rules.environments[current.plan.environment].target]
    acting = Acting(
        by=in_force.by,
        token=holding.token,
        holder=own_name(),
        grace=target.timeout,  # what was begun before ends by itself then, rather than half-way
        takes_up=takes_up,
        lost=holding.lost,
        unheard=holding.unheard,
    )
    return Driven(drive(ports, id, number, rules, acting), number)


def _lease(ports: Ports, hotfix: Hotfix, number: int, environment: str, in_force: InForce) -> Holding:
    ttl = environment_of(in_force.rules, environment).lease
    holder = holder_of(ports, in_force.by)
    wanted = Lease(environment, 1, holder, hotfix.id, number, 0, now_text(ports), ttl)

    def overridden() -> bool:
        now = find(ports.ledger.read(), hotfix.id)
        return effective_override(ports, now, in_force.rules, in_force.signers, "lease", environment)

    return take(ports, wanted, highest_token(ports.ledger.read()) + 1, overridden)


def _lease_taken(ports: Ports, by: str, environment: str, token: int) -> LeaseTaken:
    holder = holder_of(ports, by)
    return LeaseTaken(at=now_text(ports), by=by, environment=environment, token=token, holder=holder)


def _tell_shipping(ports: Ports, in_force: InForce, id: str, planned: Planned) -> None:
    detail = {"release": planned.release, "environment": planned.environment, "purpose": planned.purpose}
    told = notify(ports, in_force.rules, "shipping", id, in_force.by, detail)
    if told:
        ports.ledger.append(lambda _: Append(id, told), anchor=False)


def _open(hotfix: Hotfix) -> Ship:
    if hotfix.open_ship is None:
        raise refused("ship-ended", f"No ship of {hotfix.id} is open any more.", f"hotfix status {hotfix.id}")
    return hotfix.open_ship


def offline(away: str) -> Refused:
    """What is said where the remote is away, and why."""
    return refused(
        "ship-offline",
        f"Gates can only be judged with the remote: {away}.",
        "try again when it is back; hotfix rollback works without it",
    )


def _overtaken(id: str) -> Refused:
    return refused(
        "ship-overtaken",
        "Somebody else moved this hotfix, or its rules, on meanwhile.",
        f"hotfix status {id}",
    )


def _refuse_second(ports: Ports, book: Book, id: str, environment: str) -> None:
    """One ship at a time in an environment, and of a hotfix: two would not know which of them broke it.

    One that had ended, and was asked back since, is in nobody's way: whoever carries that out holds the lease.
    """
    for other in fold_all(book.entries).values():
        for left in other.ships:
            near = other.id == id or left.plan.environment == environment
            if near and left.ended is None and left.before is None and _is_somebodys(ports, other, left):
                raise _second(other, left, own=other.id == id)


def _second(other: Hotfix, left: Ship, *, own: bool) -> Refused:
    if own:
        return refused(
            "ship-under-way",
            f"Ship {left.plan.ship} of {other.id} was begun, and is not over.",
            f"go on with it: hotfix ship {other.id}; or take it back: hotfix rollback {other.id}",
        )
    return refused(
        "ship-lease",
        f"{other.id} is being shipped to {left.plan.environment} by {left.plan.by}.",
        f"wait for it, or take it back: hotfix rollback {other.id}",
    )


def _is_somebodys(ports: Ports, hotfix: Hotfix, left: Ship) -> bool:
    """Whether the ship can be trusted to be one; else anybody who may push could keep everybody in port."""
    try:
        rules_of_ship(ports, hotfix, left)
    except ForeignPlan as error:
        ports.narrate(f"not counted: {error}")
        return False
    return True
