"""What is asked of the place where a proof is made: trees are laid out there, and their tests run."""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from hotfix.policy.rules import Test as TestRule
from hotfix.ports.git import Git
from hotfix.ports.picking import Picking


class TestCase(msgspec.Struct, frozen=True):
    """One test's result: ``passed``, ``failed``, ``error``, ``skipped`` or ``load-error``."""

    __test__ = False

    id: str
    """``file::Class::name``, the same in every tree; the file alone where that could not be loaded."""
    outcome: str
    message: str = ""
    at: str = ""
    """The file of the tree that raised what made it red; empty where the report does not say."""


class Report(msgspec.Struct, frozen=True):
    """What one run of the tests in one tree showed."""

    cases: tuple[TestCase, ...]
    exit: int
    seconds: float
    raw: bytes
    """The runner's own report, as read and hashed."""
    problem: str = ""
    """Why nothing can be concluded from this run: no report, time-out, crash. Empty when it can be judged."""
    timed_out: bool = False
    tried_network: bool = False
    """Something asked for an address beyond loopback, and was refused."""


class Bench(Protocol):
    """A place for one proof, of one repository: entered, it is there; left, nothing of it is, not even after a crash."""

    def __enter__(self) -> "Bench":
        """Make the place."""

    def __exit__(self, *exc: object) -> None:
        """Remove it, and end whatever still runs there."""

    def run(
        self, tree: str, files: Sequence[str], only: Sequence[str] = (), limit: float | None = None
    ) -> Report:
        """Run the tests of `files` (none: all) in a fresh copy of `tree`: of those files, at least the tests `only`.

        `limit` is in seconds; None: the policy's. Never raises for what the tests do. Any thread may ask.
        """

    def chosen(self, paths: Sequence[str]) -> tuple[str, ...]:
        """Those of the test-side paths that are run by themselves; the others (fixtures, helpers) come with the tree."""

    def whole_suite(self, paths: Sequence[str]) -> tuple[str, ...]:
        """What to ask for to run everything, where these are the test-side paths of the tree."""

    def argv(self, files: Sequence[str]) -> tuple[str, ...]:
        """The command, as it will be recorded."""

    def fingerprint(self) -> str:
        """The interpreter, its packages and the system, as one digest-like line."""

    def stop(self) -> None:
        """End whatever runs now; nothing more will be run."""

    def prepared(self) -> float:
        """Seconds that it took to make the place and to lay the first tree out."""

    def singles(self) -> bool:
        """Whether it can run one test of a file by itself."""

    def sandbox(self) -> str:
        """What holds the tests back here, in words."""


class Proving(msgspec.Struct, frozen=True):
    """What a proof asks of the world."""

    git: Git
    picking: Picking
    bench: Callable[[TestRule, str], Bench]
    """A bench for the policy's ``[test]``, around one tree that most of what is laid out resembles."""
    parses: Callable[[str, bytes, bytes], str]
    """(path, before, after) → what differs: ``nothing`` but comments and layout, ``code``, or ``broken`` syntax in `after`."""
    monotonic: Callable[[], float]
    """Seconds, for how long something took."""
    narrate: Callable[[str], None]
