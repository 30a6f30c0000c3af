"""What is asked of the rollback cards: all that a way back needs, kept outside the repository.

A card is put down before the first effect of a ship, so that a rollback works with a full disk, a repository
that is read-only and a record that nobody can read. What such a rollback cannot write to the record it
*spools* beside the card; the next command that can write takes it over.
"""

import re
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

import msgspec

from hotfix.policy.rules import Rules
from hotfix.record.any_fact import AnyFact
from hotfix.record.canonical import sha256
from hotfix.record.facts import Planned
from hotfix.record.finding import refused

_NAME = r"(HF-[1-9][0-9]*)-([1-9][0-9]*)-([0-9a-f]{12})-([0-9a-f]{12})"
_TOLD = 12
"""Hex digits of an id in a name."""


class Card(msgspec.Struct, frozen=True):
    """A ship's plan and the rules it goes by."""

    origin: str
    """The id of the record's first commit: which record the ship belongs to."""
    hotfix: str
    plan: Planned
    rules: Rules

    @property
    def name(self) -> str:
        """``HF-1-1-<origin>-<plan>``, for files. Raises Refused where that would not be the name of one."""
        name = f"{self.hotfix}-{self.plan.ship}-{self.origin[:_TOLD]}-{id_of(self.plan)}"
        if re.fullmatch(_NAME, name) is None:
            raise refused("card-name", f"{name!r} is no name for a rollback card.", "hotfix log --verify")
        return name

    @property
    def roots(self) -> tuple[str, ...]:
        """The folders on this machine of the units that the ship changes."""
        return roots_of(self.rules, self.plan.environment)


class Spooled(msgspec.Struct, frozen=True):
    """A line of a spool: a fact that is not on the record yet."""

    n: int
    """Its number among the facts spooled for its ship: lines may lie in several places."""
    head: str
    """The head of the record as it was last seen; empty where it could not be read at all."""
    seq: int
    """The last number of the record at that head; 0 where it could not be read."""
    hotfix: str
    fact: AnyFact


class Spool(msgspec.Struct, frozen=True):
    """Everything that was spooled for one ship, in order."""

    name: str
    hotfix: str
    ship: int
    plan: str
    """Of which plan, as :func:`id_of` has it."""
    lines: tuple[bytes, ...]
    files: tuple[str, ...]
    """Where the lines lie."""

    @property
    def sha256(self) -> str:
        """Digest of the lines, each with its line end."""
        return sha256(b"".join(line + b"\n" for line in self.lines))


class Cards(Protocol):
    """The cards and spools of this person on this machine.

    `roots` are folders of units, where cards may lie too. `origin` may be empty: of any record. What lies
    there and cannot be believed or read is told and passed over; it never keeps a rollback from going on.
    """

    def keep(self, card: Card, roots: Iterable[str] = ()) -> tuple[str, ...]:
        """Put the card durably into two places, or into the only one there is, with room for its spool.

        Returns the files. Raises Refused (``card-nowhere``) where no place takes it. Cards of the same
        record that are older than the newest ten go, save where facts wait in their spool.
        """

    def find(self, hotfix: str | None, origin: str, roots: Iterable[str] = ()) -> tuple[Card, ...]:
        """The cards of `hotfix` (None: of any), newest first, each once."""

    def spool(self, card: Card, line: bytes) -> str:
        """Add one line (a :class:`Spooled` as JSON) durably; the file that took it.

        Raises Refused (``spool-nowhere``) where no place takes it.
        """

    def spooled(self, origin: str, roots: Iterable[str] = ()) -> tuple[Spool, ...]:
        """The spools that hold at least one line. A line that a power cut tore is told, kept and not returned."""

    def hold(self, spool: Spool) -> AbstractContextManager[Spool]:
        """The spool as it is now, while nobody else writes it or takes it over; without lines where somebody did.

        Raises Refused (``spool-busy``) where somebody else holds it for long.
        """

    def settle(self, spool: Spool) -> None:
        """Mark what :meth:`hold` gave, while it is held, as taken over by the record. Its files are kept."""

    def put_aside(self, spool: Spool) -> tuple[str, ...]:
        """Keep what :meth:`hold` gave where nobody takes it for a spool any more, for good; the files."""

    def drop(self, card: Card, roots: Iterable[str] = ()) -> None:
        """Remove the card and what is left of its spool. Lines that no record took over stay."""


def id_of(plan: Planned) -> str:
    """Which plan it is. A number does not tell: one may be planned anew where the first never came to be on record."""
    return sha256(f"{plan.at}\0{plan.token}\0{plan.commit}".encode())[:_TOLD]


class CardName(NamedTuple):
    """What the name of a card says."""

    hotfix: str
    ship: int
    origin: str
    """The beginning of it."""
    plan: str


def parts_of(name: str) -> CardName | None:
    """What `name` says; None where it is no card's."""
    match = re.fullmatch(_NAME, name)
    return CardName(match[1], int(match[2]), match[3], match[4]) if match else None


def roots_of(rules: Rules, *environments: str) -> tuple[str, ...]:
    """The folders on this machine of the units of `environments` (none: of all), each once."""
    units = [
        unit
        for name, environment in rules.environments.items()
        if not environments or name in environments
        for unit in environment.units
    ]
    return tuple(dict.fromkeys(unit.root for unit in units if unit.root and not unit.host))
