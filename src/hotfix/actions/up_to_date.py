"""Where most verbs begin: trunk, tags and record as the remote has them now, today's rules, and the hotfix."""

from typing import NamedTuple

from hotfix.actions.find import find
from hotfix.actions.read_rules import InForce, read_rules
from hotfix.actions.reconcile import reconcile
from hotfix.ports import Book, Ports
from hotfix.ports.cards import roots_of
from hotfix.record.facts import RulesRead
from hotfix.record.finding import Refused, refused
from hotfix.record.hotfix import Hotfix

_PUSHING_SECONDS = 10.0


class UpToDate(NamedTuple):
    """What a verb works on."""

    in_force: InForce
    hotfix: Hotfix
    away: str
    """Why the remote could not be reached, and all this is only what the clone had; empty where it was."""


def up_to_date(ports: Ports, id: str | None) -> UpToDate:
    """Fetch, read the rules and find the hotfix. A remote that is away is told, and does not keep people from reading."""
    in_force, book, away = all_up_to_date(ports)
    return UpToDate(in_force, find(book, id), away)


def all_up_to_date(ports: Ports) -> tuple[InForce, Book, str]:
    """The same for every hotfix: today's rules, the whole record, and why the remote could not be reached."""
    away = ports.git.fetch()
    in_force = read_rules(ports)
    away = away or ports.ledger.refresh()
    if away:
        ports.narrate(away)
    reconcile(ports, ports.cards, roots_of(in_force.rules), complete=not away)
    book = ports.ledger.read()
    refuse_another_trunk(ports, in_force, book)
    why = ports.ledger.push(within=_PUSHING_SECONDS) if book.is_ahead and not away else ""
    if why:
        ports.narrate(f"the record is not on the remote yet: {why}")
    return in_force, book, away


def refuse_another_trunk(ports: Ports, in_force: InForce, book: Book) -> None:
    """Which branch is trunk is a setting of each clone; the record remembers whose rules counted before."""
    last = next((entry.fact for entry in reversed(book.entries) if isinstance(entry.fact, RulesRead)), None)
    if last is None or last.trunk == in_force.trunk.name:
        return
    try:
        ports.git.trunk(last.trunk)
    except Refused as no:
        if no.findings[0].code != "git-no-trunk":
            raise
        return  # it is gone: the main line was renamed
    raise refused(
        "trunk-changed",
        f"This clone takes {in_force.trunk.name} for trunk, and the record went by {last.trunk}, which is still there.",
        f"git remote set-head origin {last.trunk}; where the main line was renamed, remove the old branch",
    )
