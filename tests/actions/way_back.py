"""A ship that has to come back while its record, its disk or its repository is in trouble."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

from tests.adapters.fake_cards import card_of
from tests.adapters.fake_ledger import FakeLedger

from hotfix.actions.reconcile import reconcile
from hotfix.policy.rules import to_plain
from hotfix.ports import Append, Book, Ledger, Ports
from hotfix.ports.cards import Card, Cards
from hotfix.record.any_fact import AnyFact
from hotfix.record.facts import RollbackRequested, RulesRead


class Unreliable(FakeLedger):
    """A record in memory that fails as it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.writing = ""
        """``before``: nothing is written. ``after``: it is, and yet said to have failed."""
        self.readable = True

    def read(self) -> Book:
        if not self.readable:
            raise OSError(5, "Input/output error")
        return super().read()

    def append(self, decide: Callable[[Book], Append], *, anchor: bool) -> Book:
        if self.writing == "before":
            raise OSError(30, "Read-only file system")
        book = super().append(decide, anchor=anchor)
        if self.writing == "after":
            raise OSError(5, "Input/output error")
        return book


def shipped(ledger: Ledger) -> Card:
    """A plan on record, and its card."""
    plan = card_of().plan
    rules = card_of().rules
    read = RulesRead(
        at=plan.at,
        by=plan.by,
        trunk="main",
        commit="a" * 40,
        policy="",
        signers="",
        rules=to_plain(rules),
    )
    ledger.append(lambda _: Append("HF-1", (read, plan)), anchor=False)
    return Card(ledger.origin(), "HF-1", plan, rules)


def back(number: int) -> RollbackRequested:
    """A fact of a way back, told from others by its number."""
    return RollbackRequested(
        at=f"2026-11-22T03:00:00.{number:03d}Z", by="Olga", ship=1, because=f"reason {number}"
    )


def write(ledger: Ledger, *numbers: int) -> Book:
    return ledger.append(lambda _: Append("HF-1", tuple(map(back, numbers))), anchor=False)


def told_in(book: Book) -> list[int]:
    """The numbers of the facts of the way back, as the book has them."""
    facts = [entry.fact for entry in book.entries]
    return [
        int(fact.because.removeprefix("reason ")) for fact in facts if isinstance(fact, RollbackRequested)
    ]


def kinds(book: Book) -> list[type[AnyFact]]:
    return [type(entry.fact) for entry in book.entries]


def ports_on(ledger: Ledger, told: list[str]) -> Ports:
    """As much of the ports as a reconciliation asks."""
    clock = SimpleNamespace(now=lambda: datetime(2026, 11, 22, 4, tzinfo=UTC))
    git = SimpleNamespace(identity=lambda: "Olga <olga@example.com>")
    return cast(Ports, SimpleNamespace(ledger=ledger, clock=clock, git=git, narrate=told.append))


def reconciled(ledger: Ledger, cards: Cards, *, complete: bool = False) -> list[str]:
    """Reconcile, and what was said about it."""
    told: list[str] = []
    reconcile(ports_on(ledger, told), cards, complete=complete)
    return told
