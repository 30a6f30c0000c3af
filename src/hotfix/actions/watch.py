"""``hotfix status --watch``: follow a ship from any terminal, by the record alone."""

from collections.abc import Callable

from hotfix.actions.find import find
from hotfix.actions.outcome import Outcome, outcome
from hotfix.ports import Ports
from hotfix.record.any_fact import AnyFact
from hotfix.record.finding import Refused, refused
from hotfix.record.hotfix import STAYING

_PAUSE_SECONDS = 1.0
_ASK_EVERY = 3
"""Looks between two questions to the remote."""
_PATIENCE_SECONDS = 5.0
_LOOKS_FOR_MORE = 10
"""After a rehearsal the ship itself usually follows."""


def watch(ports: Ports, id: str | None, tell: Callable[[AnyFact], None]) -> Outcome:
    """Tell each fact of the newest ship as it comes, until the ship has ended. Changes nothing."""
    told, looks, looks_since_rehearsal = 0, 0, 0
    while True:
        if looks % _ASK_EVERY == 0:
            _ask(ports)
        looks += 1
        hotfix = find(ports.ledger.read(), id)
        id = hotfix.id
        if not hotfix.ships:
            raise refused("watch-no-ship", f"{id} has no ship to watch.", f"hotfix ship {id}")
        current = hotfix.open_ship or hotfix.to_take_back or hotfix.ships[-1]
        told = max(told, hotfix.facts.index(current.plan))
        for fact in hotfix.facts[told:]:
            tell(fact)
        told = len(hotfix.facts)
        rehearsed = current.ended is not None and current.plan.purpose not in STAYING
        looks_since_rehearsal = looks_since_rehearsal + 1 if rehearsed else 0
        if current.ended is not None and looks_since_rehearsal in (0, _LOOKS_FOR_MORE):
            return outcome(ports, hotfix, current.plan.ship)
        ports.clock.sleep(_PAUSE_SECONDS)


def _ask(ports: Ports) -> None:
    try:
        why = ports.ledger.refresh(within=_PATIENCE_SECONDS)
    except Refused as error:
        why = str(error)
    if why:
        ports.narrate(f"going by what this clone knows: {why}")
