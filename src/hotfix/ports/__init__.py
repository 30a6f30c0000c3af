"""What the verbs ask of the world, and nothing about how it is done.

Every method may raise :class:`hotfix.record.finding.Refused` with a sentence and a next step. None
returns a value that means "I do not know" where a gate could take it for a yes.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

import msgspec

from hotfix.policy.rules import Rules
from hotfix.ports.git import Change, Clash, Commit, Conflict, Empty, Git, Lock, Picked, PickOutcome, Trunk
from hotfix.ports.ledger import Append, Book, CommitSignature, Ledger, Outline, Verification
from hotfix.ports.production import (
    BuildResult,
    Check,
    Fence,
    Notifier,
    Order,
    Production,
    Release,
    Target,
)
from hotfix.ports.proving import Bench, Report, TestCase
from hotfix.ports.signatures import Signatures, Signers, Unverified, Verified

if TYPE_CHECKING:  # what few verbs ask is not imported by all
    from hotfix.ports.cards import Cards
    from hotfix.ports.drivers import Drivers
    from hotfix.ports.leases import Leases
    from hotfix.ports.notebook import Notebook
    from hotfix.ports.picking import Picking

__all__ = [
    "Append",
    "Bench",
    "Book",
    "BuildResult",
    "Change",
    "Check",
    "Clash",
    "Clock",
    "Commit",
    "CommitSignature",
    "Conflict",
    "Empty",
    "Fence",
    "Git",
    "Ledger",
    "Lock",
    "Notifier",
    "Order",
    "Outline",
    "PickOutcome",
    "Picked",
    "Ports",
    "Production",
    "Release",
    "Report",
    "Signatures",
    "Signers",
    "Target",
    "TestCase",
    "Trunk",
    "Unverified",
    "Verification",
    "Verified",
]


class Clock(Protocol):
    """The only source of now."""

    def now(self) -> datetime:
        """The moment, with its time zone."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class Ports(msgspec.Struct, frozen=True):
    """Everything a verb may ask, in one hand."""

    git: Git
    picking: "Picking"
    ledger: Ledger
    signatures: Signatures
    leases: "Leases"
    drivers: "Drivers"
    cards: "Cards"
    notebook: "Notebook"
    """What this clone remembers of a long record."""
    clock: Clock
    production: Callable[[Rules], Production]
    narrate: Callable[[str], None]
    """Says what goes on, on standard error; never the result."""
