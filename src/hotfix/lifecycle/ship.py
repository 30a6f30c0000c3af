"""Ship: level-triggered, like a controller. Given what is on record and the time, the one next step.

The settling table (what to do about a unit after an effect, or after a crash in the middle of one):

=====================  =========================================
observed               shipping
=====================  =========================================
the new release        found; go on
its former release     retry, at most twice
half, down             roll back
unknown                keep asking until patience ends, then as half
any other release      halt, do not touch, page
=====================  =========================================
"""

import msgspec

from hotfix.record.facts import Planned
from hotfix.record.ship import Ship

MOST_ATTEMPTS = 3
"""One try and two retries."""


class Activate(msgspec.Struct, frozen=True):
    """Change these units to the new release."""

    wave: int
    units: tuple[str, ...]


class Settle(msgspec.Struct, frozen=True):
    """Ask units whose intent has no outcome: somebody died in the middle."""

    units: tuple[str, ...]
    wave: int


class GoBack(msgspec.Struct, frozen=True):
    """Ask for the way back."""

    because: str


class Halt(msgspec.Struct, frozen=True):
    """Touch nothing more: a human is needed."""

    because: str


Move = Activate | Settle | GoBack | Halt


def next_move(ship: Ship) -> Move | None:
    """What must happen to units before checks may speak; None where every unit of the wave serves the release."""
    plan = ship.plan
    wave = min(ship.waves_passed + 1, len(plan.waves))
    if ship.activating:
        return Settle(_in_order(plan, ship.activating), wave)
    foreign = _foreign(ship)
    if foreign:
        return Halt(foreign)
    if not ship.runs:
        move = _after_effect(ship, wave)
        if move is not None:
            return move
    if ship.waves_passed == len(plan.waves):
        return None
    due = tuple(unit for unit in plan.waves[ship.waves_passed] if unit not in ship.activated)
    return Activate(wave, due) if due else None


def _after_effect(ship: Ship, wave: int) -> Move | None:
    """The settling table, for units whose outcome is newer than any sample. One that is lost turns all back."""
    changed = [(unit, ship.states[unit.unit]) for unit in ship.plan.units if unit.unit in ship.activated]
    for unit, state in changed:
        if state.state in ("half", "down"):
            return GoBack(f"{unit.unit} is {state.state} after the change: {state.said}")
    for unit, state in changed:
        if ship.serves_former(unit, state):
            if ship.attempts[unit.unit] < MOST_ATTEMPTS:
                return Activate(wave, (unit.unit,))
            return GoBack(f"{unit.unit} still serves {unit.from_release} after {MOST_ATTEMPTS} tries")
    return None


def _foreign(ship: Ship) -> str:
    """A unit that serves what neither we nor its past put there."""
    for unit in ship.plan.units:
        state = ship.states.get(unit.unit)
        if state is not None and ship.foreign(unit, state):
            return (
                f"{unit.unit} serves {state.release}, which is neither {ship.plan.release} "
                f"nor {unit.from_release}: somebody else changed it"
            )
    return ""


def _in_order(plan: Planned, units: frozenset[str]) -> tuple[str, ...]:
    return tuple(unit.unit for unit in plan.units if unit.unit in units)
