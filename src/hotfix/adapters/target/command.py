"""Units that the team changes and asks with its own commands."""

import time
from pathlib import Path

from hotfix.adapters import child
from hotfix.adapters.target import effect, placeholders
from hotfix.adapters.target.answer import by_command, wait_until_serving
from hotfix.policy.rules import Argv, Unit
from hotfix.policy.rules import Target as Rule
from hotfix.ports import Order, Release
from hotfix.record.facts import Effect, UnitState
from hotfix.record.finding import Finding, refused


class CommandTarget:
    """Kind ``command``: `observe` and `activate` are argv lists, run in `cwd` and told everything by value.

    The values come as ``HOTFIX_*`` in the environment and as whole words for placeholders. The command
    should refuse where HOTFIX_TOKEN is below the highest it has seen, or where the unit does not serve
    HOTFIX_EXPECT_CURRENT: only the team's side can fence such a unit.
    """

    def __init__(self, rule: Rule, cwd: Path | None = None) -> None:
        """Raises :class:`Refused` where a command is missing or a placeholder cannot be filled."""
        self._observe = _command(rule.observe)
        self._rule = rule
        self._cwd = cwd
        self._files: dict[tuple[str, str], Path] = {}
        placeholders.require(self._observe, placeholders.OF_UNIT, "observe")
        placeholders.require(rule.activate, placeholders.OF_ORDER, "activate")

    def observe(self, unit: Unit) -> UnitState:
        """Exit 0 and the release on stdout: serving. Exit 3: down. Everything else is unknown."""
        return by_command(unit, self._observe, self._rule.timeout, self._cwd)

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
        done = child.run(argv, env=env, timeout=self._rule.timeout, cwd=self._cwd)
        if not done.missing:
            wait_until_serving(
                lambda left: by_command(order.unit, self._observe, min(left, self._rule.timeout), self._cwd),
                order.release.name,
                self._rule.start_timeout,
            )
        return effect.of_command(order.unit.name, done, time.monotonic() - started)

    def way_back(self, unit: Unit, release: Release) -> Finding | None:
        """None: whether the team's command can still bring a release back, only running it would tell."""
        return None


def _command(observe: Argv | str) -> Argv:
    if isinstance(observe, str):
        raise refused(
            "target-observe-not-a-command",
            f'The target of kind "command" has {observe!r} as `observe`, and it needs a command.',
            "write `observe` in hotfix.toml as a list of words",
        )
    return observe
