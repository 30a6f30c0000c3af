"""A check that the team wrote: its exit code is the answer."""

from pathlib import Path

from hotfix.adapters import child
from hotfix.adapters.check.sample import sample
from hotfix.policy.rules import Check as Rule
from hotfix.policy.rules import Unit
from hotfix.record.parts import Sample


class CommandCheck:
    """Exit 0 passes, exit 1 fails, and everything else (also the time-out) is an error of the check itself.

    The command is told HOTFIX_UNIT, HOTFIX_UNIT_URL and HOTFIX_EXPECTED_RELEASE, and runs in `cwd`.
    """

    def __init__(self, rule: Rule, cwd: Path | None = None) -> None:
        self._rule = rule
        self._cwd = cwd

    def run(self, name: str, unit: Unit | None, expected_release: str) -> Sample:
        """Run it once, for at most the rule's `timeout`."""
        env = {
            "HOTFIX_UNIT": unit.name if unit else "",
            "HOTFIX_UNIT_URL": unit.url if unit else "",
            "HOTFIX_EXPECTED_RELEASE": expected_release,
        }
        done = child.run(self._rule.run, env=env, timeout=self._rule.timeout, cwd=self._cwd)
        said = done.last_line()
        if done.timed_out:
            return sample(
                name, unit, "error", f"no answer within {self._rule.timeout:g} s; {said}".rstrip("; ")
            )
        if done.missing or done.exit not in (0, 1):
            return sample(name, unit, "error", f"ended with {done.exit}: {said}".rstrip(": "))
        outcome = "fail" if done.exit else "pass"
        return sample(name, unit, outcome, said or f"ended with {done.exit}")
