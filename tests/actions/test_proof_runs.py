"""Which runs are compared with which: what differs between two trees may be a clock, and not the patch."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import cast

from hotfix.actions.proof_runs import ProofRuns
from hotfix.actions.three_trees import Trees
from hotfix.policy.rules import Rules
from hotfix.ports import Bench, Change, Report, TestCase
from hotfix.ports.proving import Proving


class ClockBench:
    """Runs that put the time into an id; the clock moves on once, after the changed tests ran on both sides."""

    def __init__(self) -> None:
        self._runs = 0

    def chosen(self, paths: Sequence[str]) -> tuple[str, ...]:
        return tuple(paths)

    whole_suite = chosen

    def prepared(self) -> float:
        return 0.0

    def run(
        self, tree: str, files: Sequence[str], only: Sequence[str] = (), limit: float | None = None
    ) -> Report:
        self._runs += 1
        now = 28 if self._runs <= 2 else 29
        cases = {f"test_shop.py::test_old[09:28:{now}]": "passed"}
        if tree != "B":
            cases["test_shop.py::test_total"] = "passed" if tree == "BTF" else "failed"
        shown = {id: outcome for id, outcome in cases.items() if not only or id in only}
        return Report(tuple(TestCase(id, outcome) for id, outcome in shown.items()), 0, 0.0, b"")


def test_a_clock_that_moves_on_between_the_trees_costs_no_test() -> None:
    git = SimpleNamespace(
        paths=lambda tree: ["test_shop.py"], contents=lambda tree, paths: [b"" for _ in paths]
    )
    world = SimpleNamespace(git=git, narrate=lambda said: None, monotonic=time.monotonic)
    test, fix = (
        Change(path, "100644", "100644", "1" * 40, "2" * 40, 1, 1, False)
        for path in ("test_shop.py", "shop.py")
    )
    trees = Trees("B", "BT", "BTF", tests=(test,), fix=(fix,))
    with ThreadPoolExecutor(1) as pool:
        runs = ProofRuns(cast(Bench, ClockBench()), cast(Proving, world), trees, Rules(service=""), pool)
        runs.red_and_green()
        runs.again()
    assert runs.verdict().name == "PROVEN"
    assert runs.verdict().fail_to_pass == ("test_shop.py::test_total",)
