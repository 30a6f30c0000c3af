"""The runs of one proof, as far as they have come, and what they show."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

from hotfix.actions.hangs import Hangs
from hotfix.actions.three_trees import Trees, files_of, poisoned, result_with_old_tests
from hotfix.lifecycle.prove import same_test
from hotfix.lifecycle.prove.missing_name import only_missing, words_added
from hotfix.lifecycle.prove.runs import BROKEN, RED, Runs
from hotfix.lifecycle.prove.verdict import PROVEN, Verdict, fail_to_pass, judge_runs, taken_away
from hotfix.policy import path_kind
from hotfix.policy.rules import Rules
from hotfix.ports import Bench, Report
from hotfix.ports.proving import Proving

_TREES = {"B": "the base", "BT": "the base with the tests", "BTF": "the result"}
_OTHER_TREES = {
    "poison": "the result with its changed files broken on purpose",
    "old-tests": "the result with the base's tests",
}


class ProofRuns:
    """Runs by name: the tree and a number, ``BT-1``, or ``B-suite``, or a tree that only explains."""

    def __init__(
        self, bench: Bench, world: Proving, trees: Trees, rules: Rules, pool: ThreadPoolExecutor
    ) -> None:
        self._bench, self._world, self._trees, self._rules, self._pool = bench, world, trees, rules, pool
        self.suite, self._old_suite = self._all_of(trees.result), self._all_of(trees.base)
        self.files = bench.chosen(trees.new_tests()) or self.suite
        self.reports: dict[str, Report] = {}
        self.seconds: dict[str, float] = {"trees": bench.prepared()}
        self._hangs = Hangs(bench, world, trees, rules)

    def _all_of(self, tree: str) -> tuple[str, ...]:
        """What stands for all tests of a tree: the policy's choice, or what the runner needs to be told."""
        every = self._world.git.paths(tree)
        paths = [path for path in every if path_kind.kind_of(path, self._rules) == "test"]
        chosen = self._rules.test.suite
        if isinstance(chosen, tuple):
            places = tuple(place.rstrip("/") for place in chosen)
            return tuple(
                path
                for path in self._bench.chosen(paths)
                if path in places or path.startswith(_below(places))
            )
        return self._bench.whole_suite(paths)

    # -- the phases --

    def red_and_green(self) -> None:
        """The changed tests without the fix and with it, at the same time."""
        trees = self._trees
        both = {"BT-1": trees.base_with_tests, "BTF-1": trees.result}
        self._phase("red and green", both, self.files)
        red, green = self.reports["BT-1"], self.reports["BTF-1"]
        if self.files and not (red.cases or green.cases or red.problem or green.problem):
            # What changed are helpers: whoever uses them is not known.
            self._world.narrate("prove: the changed files hold no test themselves; running all tests")
            self.files = self.suite
            self._phase("red and green", both, self.files)
        red, green = self.reports["BT-1"], self.reports["BTF-1"]
        if red.timed_out and not green.problem:
            begun = self._world.monotonic()
            self._run("B-1", trees.base, self._old_files)
            self.reports["BT-1"] = self._hangs.find(self.files, red, green, self.reports["B-1"])
            self.seconds["hangs"] = self._world.monotonic() - begun
        outcomes = self._outcomes()
        if same_test.unsteady_families([outcomes["BT-1"], outcomes["BTF-1"]]):
            # Ids that differ between two trees may be the product's doing; between two runs of one they are not.
            again = {"BT-2": trees.base_with_tests, "BTF-2": trees.result}
            self._phase("repeats", again, self.files)

    def again(self) -> None:
        """The tests of the proof once more on both sides, and the old tests on the base."""
        turned = fail_to_pass(self._runs())
        files = files_of(turned) or self.files
        only = [] if any("[#" in test for test in turned) else list(turned)
        alone = [test for test in only if test not in self._hangs.found]
        begun = self._world.monotonic()
        jobs = []
        for number in range(2, self._rules.test.repeats + 1):
            if f"BTF-{number}" not in self.reports:
                jobs.append(self._pool.submit(self._run, f"BTF-{number}", self._trees.result, files, only))
            if f"BT-{number}" not in self.reports and (alone or not self._hangs.found):
                red = (f"BT-{number}", self._trees.base_with_tests, files, alone)
                jobs.append(self._pool.submit(self._run, *red))
        if "B-1" not in self.reports:
            jobs.append(self._pool.submit(self._run, "B-1", self._trees.base, self._old_files))
        for job in jobs:
            job.result()
        self._hangs.again()
        self._old_tests_on_result()
        self.seconds["repeats"] = self.seconds.get("repeats", 0.0) + self._world.monotonic() - begun

    def why_not(self) -> None:
        """The old tests on the base, and the tests with the changed files broken on purpose: they name the cause."""
        jobs = {} if "B-1" in self.reports else {"B-1": self._trees.base}
        self._phase("cause", jobs, self._old_files)
        if self.verdict().name in ("NOT_RED", "NOT_GREEN") and (
            tree := poisoned(self._world, self._trees, self._rules)
        ):
            self._phase("cause", {"poison": tree}, self.files)

    def whole_suite(self) -> None:
        """Everything, before and after."""
        if self._rules.test.suite == "changed" or self._rules.test.runner == "script":
            return
        begun = self._world.monotonic()
        before = self._pool.submit(self._run, "B-suite", self._trees.base, self._old_suite)
        after = self._pool.submit(self._run, "BTF-suite", self._trees.result, self.suite)
        before.result(), after.result()
        self._look_for_unsteady_ids("B-suite", "BTF-suite")
        self.seconds["suite"] = self._world.monotonic() - begun

    @property
    def _old_files(self) -> tuple[str, ...]:
        """The changed test files, and those that the patch removes or renames."""
        if not self.files:
            return ()
        return tuple(dict.fromkeys((*self.files, *self._bench.chosen(self._trees.old_tests()))))

    def _old_tests_on_result(self) -> None:
        """Tests that the patch takes away or renames, as they were, with the fix."""
        self._look_for_unsteady_ids("B-1", "BTF-1")
        if gone := taken_away(self._runs()):
            self._run("old-tests", result_with_old_tests(self._world, self._trees), files_of(gone))

    def _look_for_unsteady_ids(self, before: str, after: str) -> None:
        """Ask both trees once more where the base's ids are others than the result's: a clock, or the patch's doing?

        Both: a clock that moved on between the two has moved on since the earlier one, and need not since the later.
        """
        outcomes = self._outcomes()
        suspects = same_test.unsteady_families([outcomes[before], outcomes[after]])
        if files := files_of(sorted(suspects)):
            trees = {f"{before}-again": self._trees.base, f"{after}-again": self._trees.result}
            for done in [self._pool.submit(self._run, name, tree, files) for name, tree in trees.items()]:
                done.result()

    def _phase(self, name: str, jobs: Mapping[str, str], files: Sequence[str]) -> None:
        begun = self._world.monotonic()
        for done in [self._pool.submit(self._run, job, tree, files) for job, tree in jobs.items()]:
            done.result()
        self.seconds[name] = self.seconds.get(name, 0.0) + self._world.monotonic() - begun

    def _run(self, name: str, tree: str, files: Sequence[str], only: Sequence[str] = ()) -> None:
        report = self._bench.run(tree, files, only)
        self.reports[name] = report
        self._world.narrate(f"prove: {_called(name)}: {told(report)}")

    # -- judging --

    def turned_green(self) -> bool:
        """Whether any test went from red to green."""
        return bool(fail_to_pass(self._runs()))

    def is_proven(self) -> bool:
        """Whether nothing speaks against it so far."""
        return self.verdict().name in (PROVEN, "PROVEN_WEAK")

    def verdict(self) -> Verdict:
        """What the runs so far show."""
        return judge_runs(self._runs())

    def unsteady(self) -> frozenset[str]:
        """Tests whose ids differ between runs of one tree."""
        outcomes = self._outcomes()
        groups = [
            [run for name, run in outcomes.items() if name.partition("-")[0] == tree] for tree in _TREES
        ]
        return frozenset(family for group in groups for family in same_test.unsteady_families(group))

    def _outcomes(self) -> dict[str, dict[str, str]]:
        return {
            name: {case.id: case.outcome for case in report.cases} for name, report in self.reports.items()
        }

    def _runs(self) -> Runs:
        families = self.unsteady()
        outcomes = {name: same_test.by_position(run, families) for name, run in self._outcomes().items()}
        red = self._red_on_base(families)
        first = self._hangs.seen(outcomes.get("BT-1", {}), 0)
        reds = [run for name, run in outcomes.items() if _is_repeat(name, "BT")]
        if self._hangs.found and not reds:
            reds = [{} for _ in range(self._hangs.tries)]
        return Runs(
            has_tests=bool(self._trees.tests),
            has_fix=bool(self._trees.fix),
            base=outcomes.get("B-1", {}),
            base_with_tests=first,
            result=outcomes.get("BTF-1", {}),
            repeats=self._rules.test.repeats,
            red_repeats=tuple(self._hangs.seen(run, number) for number, run in enumerate(reds, 1)),
            green_repeats=tuple(run for name, run in outcomes.items() if _is_repeat(name, "BTF")),
            base_suite=outcomes.get("B-suite"),
            result_suite=outcomes.get("BTF-suite"),
            poisoned=outcomes.get("poison"),
            old_tests=outcomes.get("old-tests"),
            problems={
                _called(name): report.problem
                for name, report in self.reports.items()
                if report.problem and name not in _OTHER_TREES
            },
            messages=self._messages(families) | self._hangs.found,
            missing=tuple(test for test in red if self._is_missing(*red[test])),
            tried_network=tuple(name for name, report in self.reports.items() if report.tried_network),
        )

    def _red_on_base(self, families: frozenset[str]) -> dict[str, tuple[str, str]]:
        """By test that is red without the fix: what it said, and the file that raised that."""
        cases = {case.id: case for case in self.reports["BT-1"].cases} if "BT-1" in self.reports else {}
        names = dict(same_test.renamed(cases, families))
        return {
            names.get(id, id): (case.message, case.at) for id, case in cases.items() if case.outcome in RED
        }

    def _is_missing(self, message: str, at: str) -> bool:
        in_tests = bool(at) and path_kind.kind_of(at, self._rules) == "test"
        return only_missing(message, in_tests, self._added)

    @cached_property
    def _added(self) -> frozenset[str]:
        """Words that the fix brings."""
        paths = [change.path for change in self._trees.fix if not change.binary]
        contents = self._world.git.contents
        before, after = (
            " ".join((content or b"").decode("utf-8", "replace") for content in contents(tree, paths))
            for tree in (self._trees.base, self._trees.result)
        )
        return words_added(before, after)

    def _messages(self, families: frozenset[str]) -> dict[str, str]:
        """By test what it said without the fix; of one that fails with it, what it said then."""
        said: dict[str, str] = {}
        for run in ("BTF-1", "BT-1", "BTF-suite", "BTF-1"):
            if run in self.reports:
                only_red = run.startswith("BTF") and bool(said)
                names = dict(same_test.renamed({case.id: 0 for case in self.reports[run].cases}, families))
                said |= {
                    names.get(case.id, case.id): case.message
                    for case in self.reports[run].cases
                    if case.message and (not only_red or case.outcome in BROKEN)
                }
        return said


def _below(places: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{place}/" for place in places)


def _is_repeat(run: str, tree: str) -> bool:
    of, _, number = run.partition("-")
    return of == tree and number.isdigit() and number != "1"


def _called(run: str) -> str:
    if run in _OTHER_TREES:
        return _OTHER_TREES[run]
    tree, _, number = run.partition("-")
    which = f"run {number}" if number.isdigit() else "all tests" if number == "suite" else "once more"
    return f"{_TREES[tree]}, {which}"


def told(report: Report) -> str:
    """What a run showed, in a few words."""
    if report.problem:
        return report.problem
    counts: dict[str, int] = {}
    for case in report.cases:
        counts[case.outcome] = counts.get(case.outcome, 0) + 1
    said = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())) or "no test"
    return f"{said} ({report.seconds:.1f} s)"
