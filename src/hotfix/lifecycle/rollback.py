"""Rollback: each unit back to what *it* served, from the plan alone; it needs no gate and no people."""

import msgspec

from hotfix.record.parts import UnitPlan
from hotfix.record.ship import Ship

MOST_ATTEMPTS = 3


class Return(msgspec.Struct, frozen=True):
    """Put these units back, each to its own former release."""

    units: tuple[str, ...]


class SettleReturn(msgspec.Struct, frozen=True):
    """Ask units whose intent to return has no outcome."""

    units: tuple[str, ...]


class Stuck(msgspec.Struct, frozen=True):
    """Some unit cannot be brought back by us: a human is needed."""

    because: str


class AllBack(msgspec.Struct, frozen=True):
    """Every changed unit serves its former release; the guards may speak."""


Move = Return | SettleReturn | Stuck | AllBack


def next_move(ship: Ship) -> Move:
    """What the way back needs next. Units that can return do, before a stuck one halts the ship."""
    if ship.returning:
        return SettleReturn(tuple(unit.unit for unit in ship.plan.units if unit.unit in ship.returning))
    touched = [unit for unit in ship.plan.units if unit.unit in ship.touched]
    due = [unit.unit for unit in touched if _is_due(ship, unit)]
    if due:
        return Return(tuple(due))
    stuck = [_say(ship, unit) for unit in touched if not _is_back(ship, unit)]
    return Stuck("; ".join(stuck)) if stuck else AllBack()


def _is_back(ship: Ship, unit: UnitPlan) -> bool:
    state = ship.states.get(unit.unit)
    return unit.unit in ship.returned and state is not None and ship.serves_former(unit, state)


def _is_due(ship: Ship, unit: UnitPlan) -> bool:
    if _is_back(ship, unit):
        return False
    state = ship.states.get(unit.unit)
    if unit.unit in ship.returned and state is not None and ship.foreign(unit, state):
        return False
    return ship.return_attempts.get(unit.unit, 0) < MOST_ATTEMPTS


def _say(ship: Ship, unit: UnitPlan) -> str:
    state = ship.states[unit.unit]
    if ship.foreign(unit, state):
        return f"{unit.unit} serves {state.release}, which is not ours to replace"
    what = f"serving {state.release}" if state.state == "serving" else f"{state.state} ({state.said})"
    return f"{unit.unit} is still {what} after {ship.return_attempts.get(unit.unit, 0)} tries to bring back {unit.from_release}"
