"""What this clone and the remote do not know of each other goes to and fro."""

from hotfix.actions.reconcile import reconcile
from hotfix.ports import Ports


def exchange(ports: Ports, within: float) -> str:
    """Hear what the remote knows, and tell it what it lacks, spooled facts first; why that failed, empty where it went.

    The remote has `within` seconds for each of its answers.
    """
    away = ports.git.fetch(within=within) or ports.ledger.refresh(within=within)
    reconcile(ports, ports.cards, complete=not away)
    return away or (ports.ledger.push(within=within) if ports.ledger.read().is_ahead else "")
