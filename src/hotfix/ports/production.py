"""What is asked of production: units, checks, tests, builds, and the people to be told."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import msgspec

from hotfix.policy.rules import Check as CheckRule
from hotfix.policy.rules import Regenerate, Unit
from hotfix.ports.proving import Proving
from hotfix.record.finding import Finding
from hotfix.record.parts import Effect, Sample, UnitState


class Release(msgspec.Struct, frozen=True):
    """What a unit can serve."""

    name: str
    commit: str
    artifact: str
    """``tree:<id>`` for the commit's own files, or ``sha256:<digest>`` of what the build made."""


class Order(msgspec.Struct, frozen=True):
    """An effect to make on one unit."""

    unit: Unit
    release: Release
    expected: str
    """The release that the unit is expected to serve before."""
    token: int
    key: str
    """The same for every retry of the same effect."""
    holder: str = ""
    """Who acts: one process. Of two with one token, a unit obeys the first only."""
    replaces: tuple[str, ...] | None = None
    """What the unit may serve for the effect to be made, by any of its names; None: whatever it serves."""
    blind: bool = False
    """Whether to act, too, where the unit gives no readable answer: on the way back."""
    grace: float = 5.0
    """Seconds that an older effect on the unit has to end by itself before it is killed."""


class Fence(msgspec.Struct, frozen=True):
    """What a unit answered to :meth:`Target.fence`."""

    unit: str
    raised: bool
    token: int
    """What stands now; 0 or less where nobody knows."""
    said: str = ""
    here_only: bool = False
    """Whether only processes of this machine mind it: another's must be waited out."""


class Target(Protocol):
    """How units are changed and asked."""

    def observe(self, unit: Unit) -> UnitState:
        """What the unit itself says it serves. Never raises: what cannot be known is ``unknown``."""

    def settled(self, unit: Unit) -> UnitState:
        """The same, once the unit had the target's `start_timeout` to say anything at all."""

    def needs_files(self, unit: Unit, release: Release) -> bool:
        """Whether `prepare` must be given the release's files before `activate` could work."""

    def prepare(self, order: Order, files: Path | None) -> None:
        """Put the release's files beside what serves, changing nothing that serves."""

    def fence(self, unit: Unit, token: int, holder: str, grace: float) -> Fence:
        """Make sure that nobody with a lower token can change the unit, and that nothing of theirs is under way.

        What is under way has `grace` seconds to end by itself. Never raises.
        """

    def activate(self, order: Order) -> Effect:
        """Make the unit serve the release, if its fence and what it serves allow it; judged afterwards by `observe`.

        Back within the target's time-outs. The effect goes on where the caller dies.
        """

    def way_back(self, unit: Unit, release: Release) -> Finding | None:
        """Why the unit could not be put back to `release`, or None where it can."""


class Check(Protocol):
    """One question to production."""

    def run(self, name: str, unit: Unit | None, expected_release: str) -> Sample:
        """The answer. Never raises: what cannot be asked is ``error``, what cannot be judged ``inconclusive``."""


class Notifier(Protocol):
    """Tells people. The only port that may fail softly; the outcome is recorded."""

    def tell(self, event: str, hotfix: str, detail: Mapping[str, object]) -> str:
        """Hand one event over: empty when it was taken, else the reason."""


class Production(Protocol):
    """The adapters that today's rules name, made when they are needed."""

    def target(self, environment: str) -> Target:
        """How the environment's units are changed."""

    def check(self, name: str, rule: CheckRule) -> Check:
        """The check of that name."""

    def proving(self, narrate: Callable[[str], None]) -> Proving:
        """What a proof asks, by the policy's ``[test]``."""

    def notifier(self) -> Notifier:
        """Who is told."""

    def regenerate(self, rule: Regenerate, tree: Path) -> None:
        """Run the policy's command that makes files anew, in `tree`. Raises Refused where it fails."""

    def build(self, tree: Path) -> "BuildResult":
        """Make the artifact from a clean tree."""


class BuildResult(msgspec.Struct, frozen=True):
    """What the build made."""

    files: Path
    digest: str
    argv: tuple[str, ...]
    seconds: float
