"""``hotfix rollback``: every unit back to what it served, by the plan alone: no gate, no policy of today, no remote."""

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack

import msgspec

from hotfix.actions.acting import Acting, highest_token, holder_of, own_name
from hotfix.actions.drive import drive
from hotfix.actions.effects import WAY_BACK_GRACE, Hands
from hotfix.actions.find import find
from hotfix.actions.lease import let_go, raise_token
from hotfix.actions.outcome import Outcome, outcome
from hotfix.actions.read_rules import now_text
from hotfix.actions.reconcile import reconcile
from hotfix.actions.rules_of_ship import rules_of_ship
from hotfix.actions.spooling import SpoolingLedger, as_hotfix
from hotfix.actions.trusted import trusted
from hotfix.actions.wait_out import wait_out
from hotfix.ports import Append, Book, Ports
from hotfix.ports.cards import Card
from hotfix.record.facts import Ended, Fact, Observed, RollbackRequested
from hotfix.record.finding import Refused, refused
from hotfix.record.hotfix import STAYING, Hotfix, fold_all
from hotfix.record.lease import Lease
from hotfix.record.parts import UnitState
from hotfix.record.ship import Ship

_PREEMPTING_SECONDS = 5.0
_MOST_TRIES = 5
_PATIENCE_SECONDS = 1.5
"""How long the remote has to tell what this clone does not know yet; without an answer it goes on."""


def rollback(ports: Ports, id: str | None, because: str) -> Outcome:
    """End the ship that is running, and put every unit that it changed back to what that unit served.

    Every unit of the plan is asked first: what serves the new release goes back, whatever the record of this
    clone knows of it. Where the record does not know the ship, its rollback card stands in.
    """
    _learn(ports)
    hotfix = _find(ports, id)
    ship = hotfix.to_take_back
    if ship is None and hotfix.ships:
        raise refused(
            "rollback-done",
            f"{hotfix.id} was only rehearsed, and the rehearsal is over: there is nothing to take back.",
            f"hotfix status {hotfix.id}",
        )
    if ship is None:
        raise refused(
            "rollback-no-ship",
            f"{hotfix.id} never shipped, so there is nothing to take back.",
            f"hotfix status {hotfix.id}",
        )
    if _is_over(ship) and ship.ended is not None and not _is_serving(ports, hotfix, ship):
        raise refused(
            "rollback-done",
            f"Ship {ship.plan.ship} of {hotfix.id} was rolled back already, at {ship.ended.at}.",
            f"hotfix status {hotfix.id}; to have it in production again: {_again(hotfix, ship)}",
        )
    return go_back(ports, hotfix, ship, because)


def _is_over(ship: Ship) -> bool:
    return ship.ended is not None and ship.ended.outcome in ("rolled_back", "rehearsed")


def _again(hotfix: Hotfix, ship: Ship) -> str:
    if ship.plan.purpose == "return":
        return f"hotfix rollback {hotfix.id} --release {ship.plan.release}"
    return "hotfix authorize, then hotfix ship"


def _is_serving(ports: Ports, hotfix: Hotfix, ship: Ship) -> bool:
    """Whether any unit says that it serves the ship's release: then it is not over, whatever the record says."""
    states = _hands(ports, _card(ports, hotfix, ship), 0).observe(unit.unit for unit in ship.plan.units)
    return any(ship.serves_new(state) for state in states)


def go_back(ports: Ports, hotfix: Hotfix, ship: Ship, because: str) -> Outcome:
    """End whoever drives `ship`, shut out what they began, and put every unit back to what it served.

    What the record does not take is spooled beside the card, and the record gets it as soon as it can.
    """
    card = _card(ports, hotfix, ship)
    by = ports.git.identity().partition("<")[2].rstrip(">")
    spooling = SpoolingLedger(ports.ledger, ports.cards, card, ports.narrate)
    beside = msgspec.structs.replace(ports, ledger=spooling)
    environment = ship.plan.environment
    with ExitStack() as held:
        try:
            ended = ports.drivers.preempt(card.origin, environment, _PREEMPTING_SECONDS)
            held.enter_context(ports.drivers.hold(card.origin, environment))
        except (Refused, OSError) as error:  # somebody who cannot be ended keeps nobody from going back
            ended = f"going on without a lock of this machine; the units' own fences hold: {error}"
        if ended:
            ports.narrate(ended)
        hotfix = _drive_back(beside, hotfix, ship, card, by, because)
    told = outcome(beside, hotfix, ship.plan.ship)
    reconcile(ports, ports.cards, card.roots)
    return told


def _drive_back(ports: Ports, hotfix: Hotfix, ship: Ship, card: Card, by: str, because: str) -> Hotfix:
    number, units = ship.plan.ship, [unit.unit for unit in ship.plan.units]
    _refuse_under_another(ports, hotfix, ship, _hands(ports, card, 0).observe(units))
    token = _request(ports, ship, card, by, because)
    lease = _lease(ports, card, by, token)
    telling = threading.Thread(target=raise_token, args=(ports, lease, token))
    telling.start()  # beside the effects: nothing waits for the remote to hear of it
    states = _hands(ports, card, token).observe(units)
    seen = Observed(at=now_text(ports), by=by, ship=number, phase="way back", states=states, samples=())
    ports.ledger.append(_appending(hotfix.id, seen), anchor=False)
    acting = Acting(by=by, token=token, holder=own_name(), grace=WAY_BACK_GRACE, takes_up=False)
    try:
        return drive(ports, hotfix.id, number, card.rules, acting)
    finally:
        telling.join()
        let_go(ports, lease)


def _find(ports: Ports, id: str | None) -> Hotfix:
    """The hotfix by the record; where that cannot be read, or knows of no ship of it, by the newest card."""
    why: Refused | OSError | None = None
    try:
        reconcile(ports, ports.cards)
        told = find(ports.ledger.read(), id)
        id = told.id
        hotfix = _trusted(ports, told)
    except (Refused, OSError) as error:
        told, hotfix, why = Hotfix(id or ""), Hotfix(id or ""), error
    card = _unrecorded(ports, hotfix, sure=why is None) if id is not None else None
    if card is not None:
        because = f": {why}" if why else ""
        ports.narrate(
            f"going by the rollback card of ship {card.plan.ship} of {card.rules.service} to "
            f"{card.plan.environment}, which the record here does not tell of{because}"
        )
        return as_hotfix(card)
    if why is not None:
        raise why
    return hotfix if hotfix.ships else told


def _unrecorded(ports: Ports, hotfix: Hotfix, *, sure: bool) -> Card | None:
    """The newest card of a ship that the record here does not know, and that units serve: it was made elsewhere.

    Not every plan that was drawn up came to be carried out, so the units are asked, first of ships that were to stay.
    Where the record knows of nothing to take back a unit that does not answer speaks for a card too; and where it
    cannot be read (not `sure`) the newest card counts whatever units say.
    """
    newer = [
        card for card in ports.cards.find(hotfix.id, _origin(ports)) if card.plan.ship >= hotfix.next_ship
    ]
    newer.sort(key=lambda card: card.plan.purpose not in STAYING)
    seen = [(card, _hands(ports, card, 0).observe(unit.unit for unit in card.plan.units)) for card in newer]
    on_record = hotfix.to_take_back
    nothing = on_record is None or _is_over(on_record)
    for card, states in seen:
        serves = any(Ship(card.plan).serves_new(state) for state in states)
        if serves and (nothing or card.plan.purpose in STAYING):
            return card
    for card, states in seen:
        if nothing and any(state.state != "serving" for state in states):
            return card
    return None if sure else next(iter(newer), None)


def _card(ports: Ports, hotfix: Hotfix, ship: Ship) -> Card:
    """The card of the ship; made now where it was shipped from another machine, so that there is a spool."""
    for card in ports.cards.find(hotfix.id, _origin(ports)):
        if card.plan == ship.plan:
            return card
    card = Card(ports.ledger.origin(), hotfix.id, ship.plan, rules_of_ship(ports, hotfix, ship))
    try:
        ports.cards.keep(card, card.roots)
    except Refused as error:
        ports.narrate(str(error))
    return card


def _trusted(ports: Ports, hotfix: Hotfix) -> Hotfix:
    """The hotfix with the ships that can be trusted; where this clone does not know their trunk yet, the remote may tell."""
    try:
        ours = trusted(ports, hotfix)
        if len(ours.ships) == len(hotfix.ships):
            return ours
        away = ports.git.fetch(within=_PATIENCE_SECONDS)
        if not away:
            return trusted(ports, hotfix)
    except (Refused, OSError) as error:
        # Of the ship that is taken back it is asked again, and one without trouble hides behind none.
        ports.narrate(f"it cannot be told whose every ship is: {error}")
        return hotfix
    ports.narrate(f"going by what this clone knows: {away}")
    return ours


def _origin(ports: Ports) -> str:
    try:
        return ports.ledger.origin()
    except (Refused, OSError):
        return ""


def _request(ports: Ports, ship: Ship, card: Card, by: str, because: str) -> int:
    """Put the request on record, then shut every unit for older tokens; the token that holds.

    A unit may know a token that this clone does not: then once more, above it.
    """
    token = highest_token(ports.ledger.read()) + 1
    for _ in range(_MOST_TRIES):
        wanted = RollbackRequested(
            at=now_text(ports), by=by, ship=ship.plan.ship, because=because, token=token
        )
        ports.ledger.append(_appending(card.hotfix, wanted), anchor=False)
        ports.narrate(f"asked for the way back of ship {ship.plan.ship}, with token {token}")
        fences = _hands(ports, card, token).fence([unit.unit for unit in ship.plan.units], WAY_BACK_GRACE)
        newer = max((fence.token for fence in fences if not fence.raised), default=0)
        if newer < token:
            for fence in fences:
                if not fence.raised:
                    ports.narrate(f"{fence.unit} cannot be fenced: {fence.said}")
            hotfix = find(ports.ledger.read(), card.hotfix)
            longest = card.rules.targets[card.rules.environments[ship.plan.environment].target].timeout
            wait_out(ports, hotfix, hotfix.ship_number(ship.plan.ship), fences, by, longest)
            return token
        token = newer + 1
    raise refused(
        "rollback-busy",
        f"Somebody else raises the token of {ship.plan.environment} again and again.",
        "find out who else is shipping or rolling back: hotfix status --watch",
    )


def _hands(ports: Ports, card: Card, token: int) -> Hands:
    return Hands(ports, card.rules, card.plan, token, own_name())


def _lease(ports: Ports, card: Card, by: str, token: int) -> Lease:
    environment = card.plan.environment
    try:
        holder = holder_of(ports, by)
    except OSError:
        holder = f"{by}, who cannot write in their clone"
    ttl = card.rules.environments[environment].lease
    return Lease(environment, token, holder, card.hotfix, card.plan.ship, 0, now_text(ports), ttl)


def _appending(id: str, fact: Fact) -> Callable[[Book], Append]:
    return lambda _: Append(id, (fact,))


def _refuse_under_another(ports: Ports, hotfix: Hotfix, ship: Ship, states: Sequence[UnitState]) -> None:
    """What another hotfix was shipped onto cannot be taken from under it; trying would only spoil the record.

    The units decide: as long as one serves this ship's release, or nothing, there may be something to take back,
    whatever anybody put on record.
    """
    plans = {unit.unit: unit for unit in ship.plan.units}
    foreign = [state for state in states if ship.foreign(plans[state.unit], state)]
    if len(foreign) < len(states):
        return
    for other in fold_all(ports.ledger.read().entries).values():
        there = other.shipped or other.open_ship
        if other.id != hotfix.id and there and any(there.serves_new(state) for state in foreign):
            if ship.ended is None:
                nothing = Ended(
                    at=now_text(ports),
                    by=ports.git.identity().partition("<")[2].rstrip(">"),
                    ship=ship.plan.ship,
                    outcome="rolled_back",
                    because=f"no unit serves it any more: {other.id} stands there",
                )
                ports.ledger.append(_appending(hotfix.id, nothing), anchor=False)
            raise refused(
                "rollback-under-another",
                f"The units serve {there.plan.release} of {other.id} by now, and nothing of {ship.plan.release}.",
                f"to take that back: hotfix rollback {other.id}",
            )


def _learn(ports: Ports) -> None:
    """What others recorded, where the remote tells it soon; nothing about the remote ever keeps a rollback back."""
    try:
        why = ports.ledger.refresh(within=_PATIENCE_SECONDS)
    except (Refused, OSError) as error:
        why = str(error)
    if why:
        ports.narrate(f"going by what this clone knows: {why}")
