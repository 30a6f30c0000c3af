"""How a target's units are asked what they serve: as its rule says, and again until they serve a release."""

import time
from pathlib import Path

from hotfix.adapters.target import placeholders
from hotfix.adapters.target.answer import by_command, over_http
from hotfix.policy.rules import Target as Rule
from hotfix.policy.rules import Unit
from hotfix.ports import Release
from hotfix.record.finding import refused
from hotfix.record.parts import UnitState

_HTTP_SECONDS = 5.0
_PAUSE = 0.1
_LAST_SECONDS = 2.0
"""What even the last question has for its answer: too little would make a unit that is down one that nobody knows of."""


class Observer:
    """Asks over HTTP where the rule's `observe` is a path, and else runs it as a command in `cwd`."""

    def __init__(self, rule: Rule, cwd: Path | None) -> None:
        """Raises :class:`Refused` where nothing could be asked in that way."""
        self._rule = rule
        self._cwd = cwd
        if not isinstance(rule.observe, str):
            placeholders.require(rule.observe, placeholders.OF_UNIT, "observe")
        elif not rule.observe.startswith("/"):
            raise refused(
                "target-observe-invalid",
                f"The target's `observe` is {rule.observe!r}: it must be a path, "
                "asked of every unit's url, or a command.",
                'write for example observe = "/version" in hotfix.toml',
            )

    def observe(self, unit: Unit, timeout: float | None = None) -> UnitState:
        """Ask once, within `timeout` seconds and never longer than the rule's own."""
        rule = self._rule
        most = rule.timeout if timeout is None else min(timeout, rule.timeout)
        if isinstance(rule.observe, str):
            return over_http(unit, rule.observe, rule.field, min(most, _HTTP_SECONDS))
        return by_command(unit, rule.observe, most, self._cwd, rule.pass_env)

    def wait_until_answering(self, unit: Unit) -> UnitState:
        """Ask until the unit names any release: one that was just changed may be starting."""
        deadline = time.monotonic() + self._rule.start_timeout
        while True:
            state = self.observe(unit, max(_LAST_SECONDS, deadline - time.monotonic()))
            if state.state == "serving" or time.monotonic() >= deadline:
                return state
            time.sleep(_PAUSE)

    def wait_until_serving(self, unit: Unit, release: Release) -> UnitState:
        """Ask until the unit names `release` or its full commit id; the last answer after `start_timeout`."""
        deadline = time.monotonic() + self._rule.start_timeout
        while True:
            state = self.observe(unit, max(_PAUSE, deadline - time.monotonic()))
            serves = state.state == "serving" and state.release in (release.name, release.commit)
            if serves or time.monotonic() >= deadline:
                return state
            time.sleep(_PAUSE)
