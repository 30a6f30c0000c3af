"""``hotfix ship --extend``: the observation window of an open ship lasts longer."""

import msgspec

from hotfix.actions.find import find
from hotfix.actions.read_rules import now_text, require_person
from hotfix.actions.up_to_date import up_to_date
from hotfix.ports import Append, Book, Ports
from hotfix.record.facts import WindowExtended
from hotfix.record.finding import refused
from hotfix.record.hotfix import STAYING
from hotfix.record.ship import LONGEST_EXTENSION, Ship


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
        ship = _open(book, hotfix)
        if ship.extended_seconds + seconds > LONGEST_EXTENSION:
            raise refused(
                "extend-too-long",
                f"The window would be extended by {ship.extended_seconds + seconds:g} s in all, and a ship cannot stay "
                f"open for longer than {LONGEST_EXTENSION:g} s after its own.",
                "a shorter one: hotfix ship --extend 30m",
            )
        number = ship.plan.ship
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
