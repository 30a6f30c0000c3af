"""Units that the team changes with its own command."""

from pathlib import Path

from hotfix.adapters.child import NOTHING_RAN
from hotfix.adapters.target import placeholders
from hotfix.adapters.target.guarded import Guard
from hotfix.adapters.target.observer import Observer
from hotfix.policy.rules import Target as Rule
from hotfix.policy.rules import Unit
from hotfix.ports import Fence, Order, Release
from hotfix.record.finding import Finding
from hotfix.record.parts import Effect, UnitState


class CommandTarget:
    """Kind ``command``: `activate` is an argv list, run in `cwd` and told everything by value.

    The values come as ``HOTFIX_*`` in the environment and as whole words for placeholders. The command
    should refuse where HOTFIX_TOKEN is below the highest it has seen, or where the unit does not serve
    HOTFIX_EXPECT_CURRENT: only the team's side can fence such a unit.
    """

    def __init__(self, rule: Rule, cwd: Path | None = None) -> None:
        """Raises :class:`Refused` where a command is missing or a placeholder cannot be filled."""
        self._rule = rule
        self._cwd = cwd
        self._observer = Observer(rule, cwd)
        self._guard = Guard(rule, cwd)
        self._files: dict[tuple[str, str], Path] = {}
        placeholders.require(rule.activate, placeholders.OF_ORDER, "activate")

    def observe(self, unit: Unit) -> UnitState:
        """What the unit answers over HTTP, or what the team's command says of it."""
        return self._observer.observe(unit)

    def needs_files(self, unit: Unit, release: Release) -> bool:
        """True until `prepare` gave this process the files of this release for this unit."""
        return (unit.name, release.name) not in self._files

    def prepare(self, order: Order, files: Path | None) -> None:
        """Remember where the release's files are, for HOTFIX_FILES; nothing is run."""
        if files is None:
            self._files.pop((order.unit.name, order.release.name), None)
        else:
            self._files[order.unit.name, order.release.name] = files

    def settled(self, unit: Unit) -> UnitState:
        """See the port."""
        return self._observer.wait_until_answering(unit)

    def fence(self, unit: Unit, token: int, holder: str, grace: float) -> Fence:
        """Raise the fence that every guardian of this machine minds; other machines know only HOTFIX_TOKEN."""
        return self._guard.fence(unit, token, holder, grace)

    def activate(self, order: Order) -> Effect:
        """Run the command within `timeout`, then wait `start_timeout` for the unit to serve the release."""
        files = self._files.get((order.unit.name, order.release.name))
        argv = placeholders.fill(self._rule.activate, placeholders.of_order(order, files))
        effect = self._guard.act(order, argv, placeholders.order_environment(order, files))
        if effect.verdict == "done" and effect.exit != NOTHING_RAN:
            self._observer.wait_until_serving(order.unit, order.release)
        return effect

    def way_back(self, unit: Unit, release: Release) -> Finding | None:
        """None: whether the team's command can still bring a release back, only running it would tell."""
        return None
