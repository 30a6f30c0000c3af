"""What is asked of the record."""

from collections.abc import Callable, Collection, Iterable
from typing import Protocol

import msgspec

from hotfix.record.chain import Entry
from hotfix.record.facts import Fact
from hotfix.record.finding import Finding

LONG = 200
"""Hotfixes above which a record is long: remembering pays, and a person is told that the first look takes time."""


class Book(msgspec.Struct, frozen=True):
    """The record as read at one head."""

    head: str
    entries: tuple[Entry, ...]
    anchored: int
    """The highest seq that the remote is known to have; -1 where there is no remote to anchor it."""

    @property
    def next_seq(self) -> int:
        """The number that the next entry will have."""
        return self.entries[-1].seq + 1 if self.entries else 1

    @property
    def is_ahead(self) -> bool:
        """Whether it has what the remote is not known to have: written while the remote was gone."""
        return -1 < self.anchored < self.next_seq - 1


class Outline(msgspec.Struct, frozen=True):
    """The record from afar: which hotfixes it has, and which of them changed since somebody looked."""

    head: str
    folders: dict[str, str]
    """By hotfix, the id of all that is on record of it: the same id, the same facts."""
    level: bool
    """Whether the remote is known to have all of it, or there is no remote."""
    remote: bool


class Append(msgspec.Struct, frozen=True):
    """What to add in one commit: facts, evidence beside them, and pages rendered from the result."""

    hotfix: str
    facts: tuple[Fact, ...]
    evidence: dict[str, bytes] = {}
    why: str = ""


class Ledger(Protocol):
    """The append-only record on its branch."""

    def origin(self) -> str:
        """The id of the record's first commit: the same in every clone, and in no other repository."""

    def read(self) -> Book:
        """The record as this clone has it. Works with the remote gone."""

    def outline(self) -> Outline:
        """The record from afar: cheap, however long it is."""

    def entries_of(self, head: str, hotfixes: Collection[str]) -> dict[str, tuple[Entry, ...]]:
        """What stands in the folders of these hotfixes at `head`, each in the order of the record."""

    def refresh(self, *, within: float = 60.0) -> str:
        """Bring the record up to date with the remote; empty, or the reason why it could not be.

        The remote has `within` seconds for its answer.
        """

    def append(self, decide: Callable[[Book], Append], *, anchor: bool) -> Book:
        """Add what `decide` says of the record as it stands; called again whenever somebody else was faster.

        With `anchor` the facts are on the remote when this returns, or :class:`Refused` is raised and
        nothing was added. Without it they are durable here and reach the remote with the next push.
        """

    def push(self, *, within: float = 60.0) -> str:
        """Give unpushed facts to the remote, which has `within` seconds for each answer; empty, or why that failed."""

    def evidence(self, hotfix: str, name: str) -> bytes | None:
        """An evidence file of the record."""

    def verify(self) -> "Verification":
        """Walk the whole record and its history."""

    def signature_of(self, seq: int) -> "CommitSignature | None":
        """What signed the append that brought the entry `seq`; None where there is no such entry."""

    def signatures(self) -> "Iterable[CommitSignature]":
        """What signed each append, and who its facts say wrote them; oldest first."""


class Verification(msgspec.Struct, frozen=True):
    """What :meth:`Ledger.verify` found."""

    entries: int
    commits: int
    anchored: int
    """The highest seq that the remote is known to have; -1 without a remote."""
    findings: tuple[Finding, ...]


class CommitSignature(msgspec.Struct, frozen=True):
    """One append of the record and its signature (empty: unsigned)."""

    commit: str
    payload: bytes
    signature: str
    people: tuple[str, ...]
    """Whom its facts name as their authors."""
