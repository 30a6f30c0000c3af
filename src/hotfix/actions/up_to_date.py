"""Where most verbs begin: trunk, tags and record as the remote has them now, today's rules, and the hotfix."""

from typing import NamedTuple

from hotfix.actions.find import find
from hotfix.actions.read_rules import InForce, read_rules
from hotfix.ports import Ports
from hotfix.record.hotfix import Hotfix


class UpToDate(NamedTuple):
    """What a verb works on."""

    in_force: InForce
    hotfix: Hotfix
    away: str
    """Why the remote could not be reached, and all this is only what the clone had; empty where it was."""


def up_to_date(ports: Ports, id: str | None) -> UpToDate:
    """Fetch, read the rules and find the hotfix. A remote that is away is told, and does not keep people from reading."""
    away = ports.git.fetch()
    in_force = read_rules(ports)
    away = away or ports.ledger.refresh()
    if away:
        ports.narrate(away)
    return UpToDate(in_force, find(ports.ledger.read(), id), away)
