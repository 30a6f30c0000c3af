"""How a ship ended, as people and programs are told."""

import msgspec

from hotfix.ports import Ports
from hotfix.record.hotfix import Hotfix
from hotfix.record.ship import Ship


class Outcome(msgspec.Struct, frozen=True):
    """How a ship ended."""

    hotfix: str
    ship: int
    release: str
    environment: str
    purpose: str
    """``hotfix``, ``rehearsal``, ``return`` or ``base``."""
    outcome: str
    because: str
    units: tuple[tuple[str, str], ...]
    waived: tuple[str, ...]
    anchored: bool


def outcome(ports: Ports, hotfix: Hotfix, number: int) -> Outcome:
    """The end of ship `number`, as people and programs are told."""
    current = hotfix.ship_number(number)
    book = ports.ledger.read()
    ended = current.ended
    return Outcome(
        hotfix=hotfix.id,
        ship=current.plan.ship,
        release=current.plan.release,
        environment=current.plan.environment,
        purpose=current.plan.purpose,
        outcome=ended.outcome if ended else "open",
        because=ended.because if ended else "",
        units=tuple(
            (unit.unit, _serves(current, unit.unit, unit.from_answer)) for unit in current.plan.units
        ),
        waived=current.plan.waived,
        anchored=not book.is_ahead,
    )


def _serves(current: Ship, unit: str, former: str) -> str:
    state = current.states.get(unit)
    if state is None:
        return former
    return state.release if state.state == "serving" else state.state
