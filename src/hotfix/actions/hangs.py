"""Tests that are not over in time without the fix, and are with it."""

from collections.abc import Mapping, Sequence

from hotfix.actions.three_trees import Trees
from hotfix.lifecycle.prove.runs import HANG
from hotfix.policy.rules import Rules
from hotfix.ports import Bench, Report
from hotfix.ports.proving import Proving

_MOST = 5
_SHORTEST = 10.0
"""Seconds that a test has alone before it is said to hang, and ten times what it takes alone with the fix."""


class Hangs:
    """What hangs on the base with the tests: found by asking test by test, and asked again like everything else."""

    def __init__(self, bench: Bench, world: Proving, trees: Trees, rules: Rules) -> None:
        self._bench, self._world, self._trees, self._rules = bench, world, trees, rules
        self._files: Sequence[str] = ()
        self._again: list[dict[str, str]] = []
        self.found: dict[str, str] = {}
        """By test: how long it was waited for."""

    @property
    def tries(self) -> int:
        """How often they were asked again."""
        return len(self._again)

    def find(self, files: Sequence[str], red: Report, green: Report, base: Report) -> Report:
        """Ask those that pass with the fix one by one, new ones first; the report of the others, or `red` as it is."""
        self._files = files
        passed = [case.id for case in green.cases if case.outcome == "passed"]
        tree = self._trees.base_with_tests
        if self._bench.singles() or len(passed) == 1:
            old = {case.id for case in base.cases}
            for test in sorted(passed, key=lambda test: test in old)[:_MOST]:
                outcome, limit = self._alone(test)
                if outcome == HANG:
                    self.found[test] = f"not over after {limit:g} s; with the fix it is"
        if not self.found:
            return red
        others = [test for test in passed if test not in self.found]
        return self._bench.run(tree, files, others) if others else Report((), 1, 0.0, b"")

    def again(self) -> None:
        """Ask each as often as everything else."""
        for _ in range(self._rules.test.repeats - 1 if self.found else 0):
            self._again.append({test: self._alone(test)[0] for test in self.found})

    def seen(self, run: Mapping[str, str], number: int) -> dict[str, str]:
        """The run without the fix of that number (0: the first), with what was asked test by test."""
        if number == 0:
            return {**run, **dict.fromkeys(self.found, HANG)}
        return {**run, **(self._again[number - 1] if number <= len(self._again) else {})}

    def _alone(self, test: str) -> tuple[str, float]:
        """The outcome of one test without the fix, and the limit that it had; with the fix it must be over in time."""
        files = [test.partition("::")[0]] if "::" in test else self._files
        green = self._bench.run(self._trees.result, files, [test])
        if green.problem:
            return "error", 0.0
        limit = min(self._rules.test.timeout, max(_SHORTEST, 10 * green.seconds))
        red = self._bench.run(self._trees.base_with_tests, files, [test], limit)
        outcome = HANG if red.timed_out else {case.id: case.outcome for case in red.cases}.get(test, "error")
        self._world.narrate(f"prove: the base with the tests, {test} alone: {outcome} ({red.seconds:.1f} s)")
        return outcome, limit
