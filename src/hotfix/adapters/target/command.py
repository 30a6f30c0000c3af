"""Units that the team changes with its own command."""

import time
from pathlib import Path

from hotfix.adapters import child
from hotfix.adapters.target import effect, placeholders
from hotfix.adapters.target.observer import Observer
from hotfix.policy.rules import Target as Rule
from hotfix.policy.rules import Unit
from hotfix.ports import Order, Release
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

    def activate(self, order: Order) -> Effect:
        """Run the command within `timeout`, then wait `start_timeout` for the unit to serve the release."""
        started = time.monotonic()
        files = self._files.get((order.unit.name, order.release.name))
        argv = placeholders.fill(self._rule.activate, placeholders.of_order(order, files))
        env = placeholders.order_environment(order, files)
        done = child.run(
            argv, env=env, timeout=self._rule.timeout, cwd=self._cwd, pass_env=self._rule.pass_env
        )
        if not done.missing:
            self._observer.wait_until_serving(order.unit, order.release)
        return effect.of_command(order.unit.name, done, time.monotonic() - started)

    def way_back(self, unit: Unit, release: Release) -> Finding | None:
        """None: whether the team's command can still bring a release back, only running it would tell."""
        return None
