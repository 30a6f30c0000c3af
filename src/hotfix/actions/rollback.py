"""``hotfix rollback``: every unit back to what it served, from the record alone: no gate, no policy file, no remote."""

from hotfix.actions.drive import Outcome, drive, outcome
from hotfix.actions.find import find
from hotfix.actions.read_rules import now_text
from hotfix.policy.rules import from_plain
from hotfix.ports import Append, Ports
from hotfix.record.facts import RollbackRequested
from hotfix.record.finding import refused


def rollback(ports: Ports, id: str | None, because: str) -> Outcome:
    """Ask for the way back and drive it. A ship that is running sees the request and returns by itself."""
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
    by = ports.git.identity().partition("<")[2].rstrip(">")
    wanted = RollbackRequested(at=now_text(ports), by=by, ship=ship.plan.ship, because=because)
    ports.ledger.append(lambda _: Append(hotfix.id, (wanted,)), anchor=False)
    ports.narrate(
        f"asked for the way back of ship {ship.plan.ship}; a ship that is running sees it within seconds"
    )
    with ports.git.lock("ship"):
        hotfix = drive(ports, hotfix.id, from_plain(hotfix.rules_of(ship.plan.ship)), by)
    return outcome(ports, hotfix)
