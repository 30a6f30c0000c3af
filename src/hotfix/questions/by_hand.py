"""A ship halted, so a human is needed: of each unit, what is known, and what to do about it."""

import msgspec

from hotfix.record.hotfix import Hotfix
from hotfix.record.parts import UnitPlan
from hotfix.record.ship import Ship


class Unit(msgspec.Struct, frozen=True):
    """One unit of a halted ship."""

    unit: str
    known: str
    """What it was last seen to serve, and when that was."""
    do: str
    """What a person does now: a command, or where to look; empty where the unit is well."""


def by_hand(hotfix: Hotfix) -> tuple[Unit, ...]:
    """What to do about each unit; nothing where no ship halted."""
    ship = hotfix.to_take_back
    if ship is None or ship.ended is None or ship.ended.outcome != "halted":
        return ()
    return tuple(_unit(hotfix.id, ship, unit) for unit in ship.plan.units)


def _unit(id: str, ship: Ship, unit: UnitPlan) -> Unit:
    state, former, again = ship.states.get(unit.unit), unit.from_answer, f"hotfix rollback {id}"
    if state is None:
        return Unit(unit.unit, f"not touched: {former}", "")
    if state.state != "serving":
        known = f"{state.state}: {state.said}"
        if state.state == "unknown":
            return Unit(unit.unit, known, f"see whether it runs and can be reached; then {again}")
        return Unit(unit.unit, known, f"see why it does not start; then {again}, or start {former} by hand")
    known = f"serves {state.release}"
    if ship.serves_former(unit, state):
        return Unit(unit.unit, f"{known}, as before", "")
    if ship.foreign(unit, state):
        return Unit(
            unit.unit, f"{known}, which this ship did not put there", "find out who did; it is left alone"
        )
    return Unit(unit.unit, f"{known}, which was to go", again)
