"""A target in memory, for the tests of everything that ships. It keeps the same contract as the real ones."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from hotfix.adapters.child import NOTHING_RAN
from hotfix.policy.rules import Unit
from hotfix.ports import Fence, Order, Release
from hotfix.record.finding import Finding, Refused
from hotfix.record.parts import Effect, UnitState


class FakeTarget:
    """Units by name, each serving a release or (None) down.

    A test breaks things by putting names into `hung` (units that answer nothing), `refuses_to_start`
    (releases), `ignores_orders` (units that stay as they are) or by `kill`; `before_effect` is called
    with each order before it takes effect, and `effects` lists (unit, release, token) in their order.
    """

    def __init__(self, serving: Mapping[str, str | None], known: Iterable[str]) -> None:
        self.serving: dict[str, str | None] = dict(serving)
        self.known = set(known)
        self.prepared: list[tuple[str, str]] = []
        self.effects: list[tuple[str, str, int]] = []
        self.hung: set[str] = set()
        self.refuses_to_start: set[str] = set()
        self.ignores_orders: set[str] = set()
        self.before_effect: Callable[[Order], None] = lambda order: None
        self._fences: dict[str, tuple[int, str]] = {}

    def kill(self, unit: str) -> None:
        """The unit's process dies."""
        self.serving[unit] = None

    def observe(self, unit: Unit) -> UnitState:
        """What the unit serves now."""
        if unit.name in self.hung or unit.name not in self.serving:
            return UnitState(unit.name, "unknown", said="no answer")
        release = self.serving[unit.name]
        if release is None:
            return UnitState(unit.name, "down", said="Connection refused")
        return UnitState(unit.name, "serving", release)

    def settled(self, unit: Unit) -> UnitState:
        """At once: nothing here takes its time to start."""
        return self.observe(unit)

    def needs_files(self, unit: Unit, release: Release) -> bool:
        """Never: what is known here has no files."""
        return False

    def prepare(self, order: Order, files: Path | None) -> None:
        """Make the release known; without files it has to be."""
        if files is None and (finding := self.way_back(order.unit, order.release)):
            raise Refused(finding)
        self.known.add(order.release.name)
        self.prepared.append((order.unit.name, order.release.name))

    def fence(self, unit: Unit, token: int, holder: str, grace: float) -> Fence:
        """Raise it; nothing is ever under way here."""
        raised = self._raise(unit.name, token, holder)
        stands, who = self._fences[unit.name]
        return Fence(unit.name, raised, stands, f"{who} has the unit, with token {stands}")

    def activate(self, order: Order) -> Effect:
        """Serve the release where fence and unit allow it, unless the test broke something."""
        unit, release = order.unit.name, order.release.name
        if release not in self.known:
            return _untouched(unit, "failed", f"{release} is not there")
        self.before_effect(order)
        if not self._raise(unit, order.token, order.holder):
            stands, who = self._fences[unit]
            return _untouched(unit, "stale", f"{who} has the unit, with token {stands}")
        if amiss := self._compare(order):
            return _untouched(unit, amiss, self.observe(order.unit).said)
        self.effects.append((unit, release, order.token))
        if unit not in self.ignores_orders:
            self.serving[unit] = None if release in self.refuses_to_start else release
        said = f"activated {release}"
        return Effect(unit, 0, 0.0, hashlib.sha256(said.encode()).hexdigest(), said)

    def _raise(self, unit: str, token: int, holder: str) -> bool:
        stands = self._fences.get(unit, (-1, ""))
        if token < stands[0] or (token == stands[0] and holder != stands[1]):
            return False
        self._fences[unit] = (token, holder)
        return True

    def _compare(self, order: Order) -> str:
        """Why the effect is not made, as a verdict; empty where it is."""
        if order.replaces is None:
            return ""
        state = self.observe(order.unit)
        if state.state != "serving":
            return "" if order.blind else "moved"
        if state.release in (order.release.name, order.release.commit):
            return "found"
        return "" if state.release in order.replaces else "foreign"

    def way_back(self, unit: Unit, release: Release) -> Finding | None:
        """Whether the release is known."""
        if release.name in self.known:
            return None
        return Finding("way-back-missing", f"{release.name} is not there any more on {unit.name}.")


def _untouched(unit: str, verdict: str, said: str) -> Effect:
    return Effect(unit, NOTHING_RAN, 0.0, hashlib.sha256(b"").hexdigest(), said, verdict)
