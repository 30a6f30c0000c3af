"""``hotfix rollback``: every unit back to what it served, by the plan alone: no gate, no policy of today, no remote."""

from collections.abc import Sequence

from hotfix.actions.drive import Outcome, drive, outcome
from hotfix.actions.effects import Hands
from hotfix.actions.find import find
from hotfix.actions.read_rules import now_text
from hotfix.actions.rules_of_ship import rules_of_ship
from hotfix.ports import Append, Ports
from hotfix.record.facts import Observed, RollbackRequested
from hotfix.record.finding import Refused, refused
from hotfix.record.hotfix import Hotfix, fold_all
from hotfix.record.parts import UnitState
from hotfix.record.ship import Ship

_PATIENCE_SECONDS = 5.0
"""How long the remote has to tell what this clone does not know yet; without an answer it goes on."""


def rollback(ports: Ports, id: str | None, because: str) -> Outcome:
    """Ask for the way back and drive it. A ship that is running sees the request and returns by itself.

    Every unit of the plan is asked first: what serves the new release goes back, whatever the record of this
    clone knows of it.
    """
    _learn(ports)
    hotfix = find(ports.ledger.read(), id)
    ship = hotfix.ship
    if ship is None:
        raise refused(
            "rollback-no-ship",
            f"{hotfix.id} never shipped, so there is nothing to take back.",
            f"hotfix status {hotfix.id}",
        )
    if ship.ended is not None and ship.ended.outcome == "rolled_back":
        raise refused(
            "rollback-done",
            f"Ship {ship.plan.ship} of {hotfix.id} was rolled back already, at {ship.ended.at}.",
            f"hotfix status {hotfix.id}",
        )
    rules = rules_of_ship(ports, hotfix, ship)
    hands, units = Hands(ports, rules, ship.plan), [unit.unit for unit in ship.plan.units]
    _refuse_under_another(ports, hotfix, ship, hands.observe(units))
    by = ports.git.identity().partition("<")[2].rstrip(">")
    number = ship.plan.ship
    wanted = RollbackRequested(at=now_text(ports), by=by, ship=number, because=because)
    ports.ledger.append(lambda _: Append(hotfix.id, (wanted,)), anchor=False)
    ports.narrate(f"asked for the way back of ship {number}; a ship that is running sees it within seconds")
    with ports.git.lock("ship"):
        states = hands.observe(units)
        seen = Observed(at=now_text(ports), by=by, ship=number, phase="way back", states=states, samples=())
        ports.ledger.append(lambda _: Append(hotfix.id, (seen,)), anchor=False)
        hotfix = drive(ports, hotfix.id, rules, by)
    return outcome(ports, hotfix)


def _refuse_under_another(ports: Ports, hotfix: Hotfix, ship: Ship, states: Sequence[UnitState]) -> None:
    """What another hotfix was shipped onto cannot be taken from under it; trying would only spoil the record.

    The units decide: as long as one serves this ship's release there is something to take back, whatever
    anybody put on record.
    """
    if any(ship.serves_new(state) for state in states):
        return
    for other in fold_all(ports.ledger.read().entries).values():
        there = other.shipped or other.open_ship
        if other.id != hotfix.id and there and any(there.serves_new(state) for state in states):
            raise refused(
                "rollback-under-another",
                f"The units serve {there.plan.release} of {other.id} by now, and nothing of {ship.plan.release}.",
                f"to take that back: hotfix rollback {other.id}",
            )


def _learn(ports: Ports) -> None:
    """What others recorded, where the remote tells it soon; nothing about the remote ever keeps a rollback back."""
    try:
        why = ports.ledger.refresh(within=_PATIENCE_SECONDS) or ports.git.fetch(within=_PATIENCE_SECONDS)
    except Refused as error:
        why = str(error)
    if why:
        ports.narrate(f"going by what this clone knows: {why}")
