"""One hotfix's facts with their numbers, and people by their roles."""

from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

import msgspec

from hotfix.lifecycle.postmortem.document import Line
from hotfix.record import moment
from hotfix.record.action_facts import ActionAdded, ActionClosed, ActionDeclined, ActionMoved, RiskAccepted
from hotfix.record.any_fact import AnyFact
from hotfix.record.chain import Entry
from hotfix.record.facts import (
    Authorized,
    Closed,
    Fact,
    Landed,
    OriginConfirmed,
    OverrideConfirmed,
    OverrideReviewed,
    Planned,
    PostmortemWritten,
    Reviewed,
    StandsFor,
)
from hotfix.record.hotfix import STAYING, Hotfix, fold
from hotfix.record.parts import Evidence

F = TypeVar("F", bound=Fact)


class Numbered(NamedTuple, Generic[F]):
    """A fact of one kind, with its number on the record."""

    seq: int
    fact: F


class Told(msgspec.Struct, frozen=True):
    """One hotfix: what its facts add up to, and each of them with its number."""

    hotfix: Hotfix
    entries: tuple[Entry, ...]
    names: bool
    """Whether people are called by their names beside their roles."""

    @property
    def as_of(self) -> str:
        """The newest fact that the document is drawn from; the document itself is no news."""
        return max((entry.fact.at for entry in self.entries), default="")

    def of(self, kind: type[F]) -> tuple[Numbered[F], ...]:
        """The facts of one kind, in order."""
        return tuple(
            Numbered(entry.seq, entry.fact) for entry in self.entries if isinstance(entry.fact, kind)
        )

    @property
    def plans(self) -> tuple[Numbered[Planned], ...]:
        """The plans of ships that were to stay; rehearsals are left out."""
        return tuple(plan for plan in self.of(Planned) if plan.fact.purpose in STAYING)

    def seq(self, fact: AnyFact | None) -> tuple[int, ...]:
        """The number of a fact that the hotfix is known by; none where there is no such fact."""
        return tuple(entry.seq for entry in self.entries if entry.fact is fact)[:1]

    def line(self, said: str, *facts: AnyFact | None, evidence: Sequence[Evidence] = ()) -> Line:
        """A sentence that stands on these facts."""
        return Line(said, tuple(seq for fact in facts for seq in self.seq(fact)), tuple(evidence))

    def who(self, fact: AnyFact) -> str:
        """By what role it was done; with the name where names are asked for."""
        return f"{_role(fact)} ({fact.by})" if self.names else _role(fact)


def _role(fact: AnyFact) -> str:
    match fact:
        case Reviewed():
            return "the author" if fact.verdict == "self" else "a peer"
        case Authorized():
            return "a senior approver"
        case OverrideConfirmed():
            return "a second person"
        case OverrideReviewed():
            return "somebody who looked back"
        case Landed() | Closed() | OriginConfirmed() | StandsFor():
            return "the team"
        case ActionAdded() | ActionDeclined() | ActionMoved() | ActionClosed() | RiskAccepted():
            return "the team"
        case _:
            return "on-call"


def tell(id: str, entries: Sequence[Entry], *, names: bool = False) -> Told:
    """The hotfix of these entries. Its own postmortems are left out: they would be news to each other."""
    counted = tuple(
        entry
        for entry in entries
        if moment.is_moment(entry.fact.at) and not isinstance(entry.fact, PostmortemWritten)
    )
    return Told(fold(id, (entry.fact for entry in counted)), counted, names)
