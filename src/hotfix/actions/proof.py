"""A proof: the three trees, made, run and judged. Executes code of the patch, on a bench."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

import msgspec

from hotfix.lifecycle.prove import same_test
from hotfix.lifecycle.prove.missing_name import only_missing, words_added
from hotfix.lifecycle.prove.runs import HANG, RED, Runs
from hotfix.lifecycle.prove.verdict import PROVEN, Verdict, judge_runs, taken_away
from hotfix.policy import path_kind
from hotfix.policy.rules import Rules
from hotfix.ports import Bench, Change, Report
from hotfix.ports.git import SUBMODULE, SYMLINK
from hotfix.ports.proving import Proving

NO_CODE = frozenset({"test", "docs", "changelog", "ci", "owners", "git", "signers"})
"""Kinds of files that cannot cure a defect by themselves."""
_POISON = b"\n}{ hotfix broke this file on purpose )(\n"
_MOST_HANGS = 5
_SHORTEST_HANG = 10.0
"""Seconds that a test has alone before it is said to hang, and ten times what it takes alone with the fix."""


class Trees(msgspec.Struct, frozen=True):
    """What is proven: tree ids, and what of the patch is on which side."""

    base: str
    base_with_tests: str
    result: str
    tests: tuple[Change, ...]
    fix: tuple[Change, ...]
    """Changes that can cure something."""


class Proof(msgspec.Struct, frozen=True):
    """What was run, seen and judged."""

    trees: Trees
    verdict: Verdict
    files: tuple[str, ...]
    """The test files that were run; none: the whole suite."""
    suite: tuple[str, ...]
    """What was asked for to run everything; none: the runner knows by itself."""
    reports: dict[str, Report]
    argv: tuple[str, ...]
    fingerprint: str
    sandbox: str
    seconds: dict[str, float]
    """By phase."""
    tried_network: bool


def split(world: Proving, base_tree: str, result_tree: str, rules: Rules) -> Trees:
    """The three trees of a patch."""
    changes = world.git.changes(base_tree, result_tree)
    kinds = {change.path: path_kind.kind_of(change.path, rules) for change in changes}
    tests = tuple(change for change in changes if kinds[change.path] == "test")
    fix = tuple(change for change in changes if kinds[change.path] not in NO_CODE)
    middle = (
        world.git.graft(base_tree, result_tree, [change.path for change in tests]) if tests else base_tree
    )
    return Trees(base_tree, middle, result_tree, tests, fix)


def prove_on(bench: Bench, world: Proving, trees: Trees, rules: Rules) -> Proof:
    """Run what the verdict needs, and no more."""
    runs = _Running(bench, world, trees, rules)
    with ThreadPoolExecutor(max_workers=2) as pool:
        if trees.tests and trees.fix:
            runs.red_and_green(pool)
            if runs.verdict().name in (PROVEN, "PROVEN_WEAK"):
                runs.again(pool)
            else:
                runs.why_not(pool)
            if runs.verdict().name in (PROVEN, "PROVEN_WEAK"):
                runs.whole_suite(pool)
        fingerprint = bench.fingerprint()
    return Proof(
        trees=trees,
        verdict=runs.verdict(),
        files=runs.files,
        suite=runs.suite,
        reports=runs.reports,
        argv=bench.argv(runs.files),
        fingerprint=fingerprint,
        sandbox=bench.sandbox(),
        seconds={phase: round(spent, 3) for phase, spent in runs.seconds.items()},
        tried_network=any(report.tried_network for report in runs.reports.values()),
    )


class _Running:
    """The runs of one proof, as far as they have come."""

    def __init__(self, bench: Bench, world: Proving, trees: Trees, rules: Rules) -> None:
        self._bench, self._world, self._trees, self._rules = bench, world, trees, rules
        self.suite = self._suite()
        self.files = bench.chosen(_there(trees.tests)) or self.suite
        self.reports: dict[str, Report] = {}
        self.seconds: dict[str, float] = {"trees": bench.prepared()}
        self._hangs: dict[str, str] = {}

    def _suite(self) -> tuple[str, ...]:
        """What stands for all tests: the policy's choice, or what the runner needs to be told."""
        paths = [path for path in self._paths() if path_kind.kind_of(path, self._rules) == "test"]
        chosen = self._rules.test.suite
        if isinstance(chosen, tuple):
            return tuple(
                path for path in self._bench.chosen(paths) if any(_lies_in(path, place) for place in chosen)
            )
        return self._bench.whole_suite(paths)

    def _paths(self) -> Sequence[str]:
        return self._world.git.paths(self._trees.result)

    # -- the phases --

    def red_and_green(self, pool: ThreadPoolExecutor) -> None:
        """The changed tests without the fix and with it, at the same time."""
        self._phase(
            "red and green",
            pool,
            {"BT-1": self._trees.base_with_tests, "BTF-1": self._trees.result},
            self.files,
        )
        red, green = self.reports["BT-1"], self.reports["BTF-1"]
        if self.files and not (red.cases or green.cases or red.problem or green.problem):
            # What changed are helpers: whoever uses them is not known.
            self._world.narrate("prove: the changed files hold no test themselves; running all tests")
            self.files = self.suite
            everything = {"BT-1": self._trees.base_with_tests, "BTF-1": self._trees.result}
            self._phase("red and green", pool, everything, self.files)
        if self.reports["BT-1"].timed_out and not self.reports["BTF-1"].problem:
            self._find_hangs()

    def again(self, pool: ThreadPoolExecutor) -> None:
        """The tests of the proof once more on both sides, and the old tests on the base."""
        proven = judge_runs(self._runs()).fail_to_pass
        jobs = {}
        for number in range(2, self._rules.test.repeats + 1):
            jobs[f"BT-{number}"] = self._trees.base_with_tests
            jobs[f"BTF-{number}"] = self._trees.result
        only = [test for test in proven if test not in self._hangs and "[#" not in test]
        whole = {test for test in proven if "[#" in test}
        files = files_of(proven) or self.files
        if self._hangs:
            jobs = {name: tree for name, tree in jobs.items() if tree == self._trees.result}
            self._hang_again()
        begun = self._world.monotonic()
        base = None if "B-1" in self.reports else pool.submit(self._run, "B-1", self._trees.base, self.files)
        self._phase("repeats", pool, jobs, files, [] if whole else only or list(proven))
        if base:
            base.result()
        if gone := taken_away(self._runs()):
            world, trees = self._world, self._trees
            paths = [change.path for change in trees.tests]
            old = world.git.graft(trees.result, trees.base, paths)
            self._run("old-tests", old, files_of(gone))
        self.seconds["repeats"] = self._world.monotonic() - begun

    def why_not(self, pool: ThreadPoolExecutor) -> None:
        """The old tests on the base, and the tests with the changed files broken on purpose: they name the cause."""
        jobs = {} if "B-1" in self.reports else {"B-1": self._trees.base}
        if self.verdict().name in ("NOT_RED", "NOT_GREEN") and (poisoned := self._poisoned()):
            jobs["poison"] = poisoned
        self._phase("cause", pool, jobs, self.files)

    def whole_suite(self, pool: ThreadPoolExecutor) -> None:
        """Everything, before and after."""
        if self._rules.test.suite == "changed" or self._rules.test.runner == "script":
            return
        if self.suite or self.files:
            jobs = {"B-suite": self._trees.base, "BTF-suite": self._trees.result}
            self._phase("suite", pool, jobs, self.suite)

    def _phase(
        self,
        name: str,
        pool: ThreadPoolExecutor,
        jobs: Mapping[str, str],
        files: Sequence[str],
        only: Sequence[str] = (),
    ) -> None:
        begun = self._world.monotonic()
        for done in [pool.submit(self._run, job, tree, files, only) for job, tree in jobs.items()]:
            done.result()
        self.seconds[name] = self.seconds.get(name, 0.0) + self._world.monotonic() - begun

    def _run(self, name: str, tree: str, files: Sequence[str], only: Sequence[str] = ()) -> None:
        report = self._bench.run(tree, files, only)
        self.reports[name] = report
        self._world.narrate(f"prove: {_called(name)}: {_told(report)}")

    # -- hangs --

    def _find_hangs(self) -> None:
        """Which test is not over in time without the fix: those that pass with it are asked one by one, new ones first."""
        passed = [case.id for case in self.reports["BTF-1"].cases if case.outcome == "passed"]
        if not (self._bench.singles() or len(passed) == 1):
            return
        self._run("B-1", self._trees.base, self.files)
        old = {case.id for case in self.reports["B-1"].cases}
        for test in sorted(passed, key=lambda test: test in old)[:_MOST_HANGS]:
            if limit := self._hangs_on(test):
                self._hangs[test] = f"not over after {limit:g} s; with the fix it is"
        if self._hangs:
            others = [test for test in passed if test not in self._hangs]
            nothing = Report((), 1, 0.0, b"")
            self.reports["BT-1"] = (
                self._bench.run(self._trees.base_with_tests, self.files, others) if others else nothing
            )

    def _hang_again(self) -> None:
        """A hang that is over in time when it is tried again was none."""
        for _ in range(self._rules.test.repeats - 1):
            for test in list(self._hangs):
                if not self._hangs_on(test):
                    del self._hangs[test]

    def _hangs_on(self, test: str) -> float:
        """The limit, in seconds, that the test alone exceeds without the fix, and with it does not; 0 where it is over."""
        files = [test.partition("::")[0]] if "::" in test else self.files
        green = self._bench.run(self._trees.result, files, [test])
        if green.problem or green.timed_out:
            return 0.0
        limit = min(self._rules.test.timeout, max(_SHORTEST_HANG, 10 * green.seconds))
        red = self._bench.run(self._trees.base_with_tests, files, [test], limit)
        said = f"not over after {limit:g} s" if red.timed_out else _told(red)
        self._world.narrate(f"prove: {_TREES['BT']}, {test} alone: {said}")
        return limit if red.timed_out else 0.0

    # -- judging --

    def verdict(self) -> Verdict:
        """What the runs so far show."""
        return judge_runs(self._runs())

    def _runs(self) -> Runs:
        outcomes = {
            name: {case.id: case.outcome for case in report.cases} for name, report in self.reports.items()
        }
        families = self._unsteady(outcomes)
        outcomes = {name: same_test.by_position(run, families) for name, run in outcomes.items()}
        if self._hangs:
            outcomes["BT-1"] |= dict.fromkeys(self._hangs, HANG)
        red = self._cases("BT-1", families)
        greens = self._repeats(outcomes, "BTF")
        # A hang was tried again by itself, alone: it is one answer that did not change.
        reds = self._repeats(outcomes, "BT") or (
            tuple(outcomes["BT-1"] for _ in greens) if self._hangs else ()
        )
        messages = self._messages(families) | self._hangs
        return Runs(
            has_tests=bool(self._trees.tests),
            has_fix=bool(self._trees.fix),
            base=outcomes.get("B-1", {}),
            base_with_tests=outcomes.get("BT-1", {}),
            result=outcomes.get("BTF-1", {}),
            red_repeats=reds,
            green_repeats=greens,
            base_suite=outcomes.get("B-suite"),
            result_suite=outcomes.get("BTF-suite"),
            poisoned=outcomes.get("poison"),
            old_tests=outcomes.get("old-tests"),
            problems={
                _called(name): report.problem
                for name, report in self.reports.items()
                if report.problem and name not in _OTHER_TREES
            },
            messages=messages,
            missing=tuple(test for test in red if self._is_missing(*red[test])),
            tried_network=tuple(name for name, report in self.reports.items() if report.tried_network),
        )

    def _unsteady(self, outcomes: Mapping[str, dict[str, str]]) -> frozenset[str]:
        """Tests whose ids change from run to run, seen where the very same test files were run."""
        changed = {change.path for change in self._trees.tests}
        of_patch = [
            run for name, run in outcomes.items() if name.rpartition("-")[2].isdigit() and name != "B-1"
        ]
        of_base = [outcomes[name] for name in ("B-1", "old-tests") if name in outcomes]
        suites = [
            {
                test: outcome
                for test, outcome in outcomes[name].items()
                if test.partition("::")[0] not in changed
            }
            for name in ("B-suite", "BTF-suite")
            if name in outcomes
        ]
        groups = (of_patch, of_base, suites)
        return frozenset(family for group in groups for family in same_test.unsteady_families(group))

    def _cases(self, run: str, families: frozenset[str]) -> dict[str, tuple[str, str]]:
        """By test: what it said when it was red, and the file that raised that."""
        if run not in self.reports:
            return {}
        cases = {case.id: case for case in self.reports[run].cases}
        names = dict(same_test.renamed(cases, families))
        return {
            names.get(id, id): (case.message, case.at) for id, case in cases.items() if case.outcome in RED
        }

    def _is_missing(self, message: str, at: str) -> bool:
        in_tests = bool(at) and path_kind.kind_of(at, self._rules) == "test"
        return only_missing(message, in_tests, self._added)

    @cached_property
    def _added(self) -> frozenset[str]:
        paths = [change.path for change in self._trees.fix if not change.binary]
        sides = (
            " ".join(
                (content or b"").decode("utf-8", "replace")
                for content in self._world.git.contents(tree, paths)
            )
            for tree in (self._trees.base, self._trees.result)
        )
        return words_added(*sides)

    def _messages(self, families: frozenset[str]) -> dict[str, str]:
        told: dict[str, str] = {}
        for run in ("BTF-1", "BT-1"):
            if run in self.reports:
                cases = {case.id: case.message for case in self.reports[run].cases if case.message}
                names = dict(same_test.renamed(cases, families))
                told |= {names.get(id, id): message for id, message in cases.items()}
        return told

    def _repeats(self, outcomes: Mapping[str, dict[str, str]], tree: str) -> tuple[dict[str, str], ...]:
        return tuple(
            run
            for name, run in outcomes.items()
            if name.startswith(f"{tree}-") and name not in (f"{tree}-1", f"{tree}-suite")
        )

    def _poisoned(self) -> str:
        """The result with every changed source file broken; empty where none could be."""
        sources = [
            change.path
            for change in self._trees.fix
            if path_kind.kind_of(change.path, self._rules) == "source"
            and change.new_mode not in ("000000", SYMLINK, SUBMODULE)
            and not change.binary
        ]
        if not sources:
            return ""
        return self._world.git.with_contents(self._trees.result, dict.fromkeys(sources, _POISON))


def files_of(tests: Sequence[str]) -> tuple[str, ...]:
    """The files of the tests, each once; a script's one test has none."""
    return tuple(sorted({test.partition("::")[0] for test in tests if "::" in test}))


def _there(tests: Sequence[Change]) -> list[str]:
    """Changed test-side files that the result still has."""
    return sorted(change.path for change in tests if change.new_mode not in ("000000", SYMLINK, SUBMODULE))


def _lies_in(path: str, place: str) -> bool:
    return path == place or path.startswith(place.rstrip("/") + "/")


_TREES = {"B": "the base", "BT": "the base with the tests", "BTF": "the result"}


_OTHER_TREES = {
    "poison": "the result with its changed files broken on purpose",
    "old-tests": "the result with the base's tests",
}


def _called(run: str) -> str:
    tree, _, number = run.rpartition("-")
    if run in _OTHER_TREES:
        return _OTHER_TREES[run]
    which = "all tests" if number == "suite" else f"run {number}"
    return f"{_TREES[tree]}, {which}"


def _told(report: Report) -> str:
    if report.problem:
        return report.problem
    counts: dict[str, int] = {}
    for case in report.cases:
        counts[case.outcome] = counts.get(case.outcome, 0) + 1
    said = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())) or "no test"
    return f"{said} ({report.seconds:.1f} s)"
