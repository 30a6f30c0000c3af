"""What a rollback had to spool beside the record goes on the record, with the next command that can write it."""

from collections.abc import Iterable

import msgspec

from hotfix.actions.read_rules import now_text
from hotfix.actions.spooling import not_yet_on_record
from hotfix.ports import Append, Book, Ports
from hotfix.ports.cards import Cards, Spool, Spooled, id_of
from hotfix.record.any_fact import AnyFact
from hotfix.record.facts import (
    Activated,
    Ended,
    Notified,
    Observed,
    Planned,
    Reconciled,
    Returned,
    Returning,
    RollbackRequested,
)
from hotfix.record.finding import Refused, refused
from hotfix.record.words import count


class _Nothing(Exception):
    """All of it is on record: an earlier command died before it could say so."""


class _NeverBegan(Exception):
    """The plan that was spooled for never came to be on record, so nothing was ever changed by it."""


def reconcile(ports: Ports, cards: Cards, roots: Iterable[str] = (), *, complete: bool = False) -> None:
    """Append what was spooled for ships of this record, a spool at a time, and mark the spools as taken over.

    `complete`: the record is what the remote has now, so a plan that it lacks never began anything. Never raises
    for a record that cannot be written, nor for a spool that cannot be believed: both are told, and nothing of
    the spool is lost.
    """
    if not cards.spooled("", roots):
        return
    try:
        spools = cards.spooled(ports.ledger.origin(), roots)
    except (Refused, OSError):
        return  # without a record there is none that these spools could belong to
    for spool in spools:
        try:
            _reconcile(ports, cards, spool, complete=complete)
        except (Refused, OSError) as error:
            ports.narrate(
                f"what the way back of ship {spool.ship} of {spool.hotfix} spooled in {', '.join(spool.files)} "
                f"is not on the record yet: {error}"
            )


def refuse_spooled(ports: Ports, hotfix: str, roots: Iterable[str]) -> None:
    """Raise Refused where something of `hotfix` is still spooled: who ships must not go by less than what is known."""
    for spool in ports.cards.spooled(ports.ledger.origin(), roots):
        if spool.hotfix == hotfix:
            raise refused(
                "ship-spooled",
                f"A way back of ship {spool.ship} of {hotfix} is not on the record yet, only in {', '.join(spool.files)}.",
                f"see above why, and mend that; then: hotfix status {hotfix}",
            )


def _reconcile(ports: Ports, cards: Cards, waiting: Spool, *, complete: bool) -> None:
    with cards.hold(waiting) as spool:
        if not spool.lines:
            return
        lines = _lines(spool)
        reconciled = Reconciled(
            at=now_text(ports),
            by=ports.git.identity().partition("<")[2].rstrip(">"),
            spool=spool.name,
            sha256=spool.sha256,
            heads=tuple(line.head for line in lines),
        )

        def decide(book: Book) -> Append:
            lacking = _lacking(book, spool, lines, complete=complete)
            if not lacking:
                raise _Nothing
            return Append(spool.hotfix, (reconciled, *(line.fact for line in lacking)))

        try:
            ports.ledger.append(decide, anchor=False)
            told = f"{count(len(lines), 'fact')} of the way back of ship {spool.ship} of {spool.hotfix}"
            ports.narrate(f"{told}, spooled while the record could not be written, now on it")
        except _Nothing:
            pass
        except _NeverBegan:
            kept = cards.put_aside(spool)
            ports.narrate(
                f"what was spooled for a ship {spool.ship} of {spool.hotfix} that never began stays in "
                f"{', '.join(kept)}: its plan is not on record"
            )
            return
        cards.settle(spool)


def _lacking(book: Book, spool: Spool, lines: list[Spooled], *, complete: bool) -> list[Spooled]:
    own = [entry.fact for entry in book.entries if entry.hotfix == spool.hotfix]
    plans = [id_of(fact) for fact in own if isinstance(fact, Planned) and fact.ship == spool.ship]
    if spool.plan not in plans and complete and not any(_changed(line.fact) for line in lines):
        raise _NeverBegan
    if spool.plan not in plans and complete:
        raise refused(
            "spool-no-plan",
            f"Units were brought back by a plan of ship {spool.ship} of {spool.hotfix} that never came to be on record.",
            f"hotfix rollback {spool.hotfix} puts on record what serves now; then move away {', '.join(spool.files)}",
        )
    if spool.plan not in plans:
        raise refused(
            "spool-no-plan",
            f"The record of this clone has no plan of ship {spool.ship} of {spool.hotfix}, so nobody could read on.",
            "git fetch; the next command that knows the plan takes it over",
        )
    if any(isinstance(fact, Reconciled) and fact.sha256 == spool.sha256 for fact in own):
        return []
    return not_yet_on_record(book.entries, lines)


def _changed(fact: AnyFact) -> bool:
    return isinstance(fact, Returning | Returned)


def _lines(spool: Spool) -> list[Spooled]:
    """The lines, all of them or none. Raises Refused for what no rollback of that ship writes."""
    lines = []
    for raw in spool.lines:
        try:
            line = msgspec.json.decode(raw, type=Spooled)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise _foreign(spool, f"a line that cannot be read ({error})") from None
        if line.hotfix != spool.hotfix or not _is_of_a_way_back(line.fact, spool.ship):
            raise _foreign(spool, f"what no rollback of that ship writes ({_named(line)})")
        lines.append(line)
    return lines


def _is_of_a_way_back(fact: AnyFact, ship: int) -> bool:
    match fact:
        case RollbackRequested() | Observed() | Returning() | Returned():
            return fact.ship == ship
        case Activated():  # settles what was begun, and begins nothing
            return fact.ship == ship and not fact.effects
        case Ended():
            return fact.ship == ship and fact.outcome in ("rolled_back", "rehearsed", "halted")
        case _:
            return isinstance(fact, Notified)


def _named(line: Spooled) -> str:
    return f"{type(line.fact).__name__} of {line.hotfix}"


def _foreign(spool: Spool, what: str) -> Refused:
    return refused(
        "spool-foreign",
        f"The spool {spool.name} holds {what}.",
        f"look at it, and move it away once you know what it is: {', '.join(spool.files)}",
    )
