"""``hotfix ship --extend``: the observation window of an open ship lasts longer."""

import msgspec

from hotfix.actions.find import find
from hotfix.actions.read_rules import now_text
from hotfix.ports import Append, Book, Ports
from hotfix.record.facts import WindowExtended
from hotfix.record.finding import refused
from hotfix.record.ship import Ship


class Extended(msgspec.Struct, frozen=True):
    """How long the guards of a ship watch now."""

    hotfix: str
    ship: int
    window_seconds: float


def extend(ports: Ports, id: str | None, seconds: float) -> Extended:
    """Let the guards of the open ship watch `seconds` longer. The process that drives it hears of it within seconds."""
    ports.ledger.refresh()
    hotfix = find(ports.ledger.read(), id).id

    def decide(book: Book) -> Append:
        by = ports.git.identity().partition("<")[2].rstrip(">")
        number = _open(book, hotfix).plan.ship
        return Append(hotfix, (WindowExtended(at=now_text(ports), by=by, ship=number, seconds=seconds),))

    book = ports.ledger.append(decide, anchor=True)
    ship = _open(book, hotfix)
    return Extended(hotfix, ship.plan.ship, ship.window_seconds)


def _open(book: Book, id: str) -> Ship:
    ship = find(book, id).open_ship
    if ship is None or ship.rollback is not None:
        raise refused(
            "extend-no-window",
            f"No ship of {id} is on its way forward, so there is no window to extend.",
            f"hotfix status {id}",
        )
    return ship
