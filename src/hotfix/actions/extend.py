"""``hotfix ship --extend``: the observation window of an open ship lasts longer."""

import msgspec

from hotfix.actions.find import find
from hotfix.actions.read_rules import now_text, require_person
from hotfix.actions.up_to_date import up_to_date
from hotfix.ports import Append, Book, Ports
from hotfix.record.facts import WindowExtended
from hotfix.record.finding import refused
from hotfix.record.hotfix import STAYING
from hotfix.record.ship import Ship


class Extended(msgspec.Struct, frozen=True):
    """How long the guards of a ship watch now."""

    hotfix: str
    ship: int
    window_seconds: float


def extend(ports: Ports, id: str | None, seconds: float) -> Extended:
    """Let the guards of the open ship watch `seconds` longer. The process that drives it hears of it within seconds."""
    in_force, found, _ = up_to_date(ports, id)
    require_person(ports, in_force)
    hotfix = found.id

    def decide(book: Book) -> Append:
        number = _open(book, hotfix).plan.ship
        longer = WindowExtended(at=now_text(ports), by=in_force.by, ship=number, seconds=seconds)
        return Append(hotfix, (longer,))

    book = ports.ledger.append(decide, anchor=True)
    ship = _open(book, hotfix)
    return Extended(hotfix, ship.plan.ship, ship.window_seconds)


def _open(book: Book, id: str) -> Ship:
    ship = find(book, id).open_ship
    if ship is None or ship.rollback is not None or ship.plan.purpose not in STAYING:
        raise refused(
            "extend-no-window",
            f"No ship of {id} is on its way forward, so there is no window to extend.",
            f"hotfix status {id}",
        )
    return ship
