"""Prove: the regression test is red on what production runs and green on the result, every time.

Three trees: B is production, BT is B with the tests of the patch, BTF is the result. A test that fails
on BT and passes on BTF fails for want of the fix and for nothing else. What was seen is judged here by
one list of questions; the first that applies is the verdict, and only the last of them opens the gate.
"""

from collections.abc import Callable, Collection, Iterable, Mapping

import msgspec

from hotfix.lifecycle.gate import Gate, closed, opened
from hotfix.policy.rules import Rules, Test
from hotfix.record import canonical
from hotfix.record.facts import Proved
from hotfix.record.finding import Finding
from hotfix.record.hotfix import Hotfix
from hotfix.record.parts import TestRow
from hotfix.record.patch import Patch

PROVEN = "PROVEN"
ABSENT = "absent"
NOT_RUN = "not run"
"""For a test that only the suite has: the suite is run on B and BTF, not on BT."""
RED = frozenset({"failed", "error"})
"""Red by running. A test file that cannot be loaded is broken, but tells nothing of the defect."""
BROKEN = RED | {"load-error"}

Outcomes = Mapping[str, str]
"""Outcome by test id, of one run."""

NEXT = {
    "NO_TEST": "Add a regression test to the fix on trunk, then `hotfix pick` again.",
    "NO_FIX": "Pick the commit that changes the code too: `hotfix pick` with the fix.",
    "UNRUNNABLE": "Make the run possible (`[test]` in hotfix.toml on trunk), then `hotfix prove` again.",
    "BASE_BROKEN": "Run the tests with production's own dependencies until the old ones pass on the base.",
    "RED_BY_LOAD": "Let the test load on the base: import what the fix adds inside the test, not at the top.",
    "SKIPPED": "Let the regression test run here: install what it needs, or remove its skip or xfail mark.",
    "NOT_RED": "Make the test show the defect: it must fail without the fix, then `hotfix pick` again.",
    "NOT_GREEN": "Complete the fix until its own tests pass on the base too, then `hotfix pick` again.",
    "FLAKY": "Make the test give one answer (clock, order, randomness, network), then `hotfix pick` again.",
    "BROKE_OTHERS": "Keep what passed: mend the fix, or leave renamed and deleted tests to trunk.",
    PROVEN: "",
}
"""What cures each verdict."""


class Runs(msgspec.Struct, frozen=True, kw_only=True):
    """What was run and seen. A test that a run does not name was absent from it."""

    has_tests: bool
    """The patch changes tests."""
    has_fix: bool
    """The patch changes something else than tests."""
    base: dict[str, str] = {}
    base_with_tests: dict[str, str] = {}
    result: dict[str, str] = {}
    red_repeats: tuple[dict[str, str], ...] = ()
    """Further runs on BT: of all tests, or of those that the first run proved."""
    green_repeats: tuple[dict[str, str], ...] = ()
    base_suite: dict[str, str] | None = None
    result_suite: dict[str, str] | None = None
    """The whole suite on B and on BTF; None where policy does not ask for it."""
    problems: dict[str, str] = {}
    """By the name of a run: why nothing can be concluded from it."""
    messages: dict[str, str] = {}
    """By test id: what it said when it was red."""


class Verdict(msgspec.Struct, frozen=True):
    """What the runs show."""

    name: str
    reason: str
    next: str
    fail_to_pass: tuple[str, ...]
    broke: tuple[str, ...]
    rows: tuple[TestRow, ...]
    repeats: int
    """How many times red and how many times green were seen, the first time counted."""


def judge_runs(runs: Runs) -> Verdict:
    """The first verdict that applies."""
    name, reason = next((name, said) for name, ask in _QUESTIONS if (said := ask(runs)))
    return Verdict(
        name=name,
        reason=reason,
        next=NEXT[name],
        fail_to_pass=fail_to_pass(runs),
        broke=broke(runs),
        rows=_rows(runs),
        repeats=1 + min(len(runs.red_repeats), len(runs.green_repeats)),
    )


def fail_to_pass(runs: Runs) -> tuple[str, ...]:
    """Tests that ran and failed without the fix, and passed with it."""
    red = _where(runs.base_with_tests, RED)
    return tuple(sorted(red & _where(runs.result, {"passed"})))


def broke(runs: Runs) -> tuple[str, ...]:
    """Tests that the fix cost: passed before and not (or no longer there) after, alone or in the suite."""
    lost = {test for test in _where(runs.base, {"passed"}) if runs.result.get(test) != "passed"}
    return tuple(sorted(lost | _broke_in_suite(runs)))


def _broke_in_suite(runs: Runs) -> set[str]:
    before, after = runs.base_suite or {}, runs.result_suite
    if after is None:
        return set()
    lost = {test for test in _where(before, {"passed"}) if after.get(test) != "passed"}
    only_alone = _where(runs.result, {"passed"}) & _where(after, BROKEN)
    known = _where(before, BROKEN)
    new = {test for test in _where(after, BROKEN) if not {test, _file(test)} & known}
    return lost | only_alone | new


# -- the questions, in order ----------------------------------------------------------------------


def _no_test(runs: Runs) -> str:
    return "" if runs.has_tests else "The patch brings no test, so nothing shows that it cures the defect."


def _no_fix(runs: Runs) -> str:
    return "" if runs.has_fix else "The patch changes tests only, so it would cure nothing."


def _unrunnable(runs: Runs) -> str:
    problems = [f"{run}: {problem}" for run, problem in runs.problems.items() if problem]
    if problems:
        return f"Nothing can be concluded, because a run gave no result. {problems[0]}"
    if not runs.base_with_tests and not runs.result:
        return (
            "Nothing can be concluded: the changed test files gave no test at all, with the fix or without."
        )
    if (runs.base_suite is None) != (runs.result_suite is None):
        return "Nothing can be concluded of the other tests: the suite was run on one of the two trees only."
    return ""


def _base_broken(runs: Runs) -> str:
    """A changed test file of which nothing passes in any tree, and which is broken before the patch."""
    if fail_to_pass(runs):
        return ""
    alive = _files(_where(runs.base, {"passed"}), _where(runs.base_with_tests, {"passed"}))
    alive |= _files(_where(runs.result, {"passed"}))
    dead = _files(_where(runs.base, BROKEN)) - alive
    return (
        f"{_named(dead)} fails on the base already and in every tree, so it can show nothing." if dead else ""
    )


def _red_by_load(runs: Runs) -> str:
    if fail_to_pass(runs):
        return ""
    unloaded = _files(_where(runs.base_with_tests, {"load-error"}))
    only_with_fix = unloaded & _files(_where(runs.result, {"passed"}))
    if not only_with_fix:
        return ""
    return (
        f"{_named(only_with_fix)} cannot be loaded without the fix: "
        "that shows a missing name, not the defect."
    )


def _skipped(runs: Runs) -> str:
    if fail_to_pass(runs):
        return ""
    new = {test for test in _where(runs.result, {"skipped"}) if runs.base.get(test) != "skipped"}
    return f"{_named(new)} is skipped on the result, and a skipped test shows nothing." if new else ""


def _not_red(runs: Runs) -> str:
    if fail_to_pass(runs) or _where(runs.base_with_tests, BROKEN) - _where(runs.base, BROKEN):
        return ""
    if _where(runs.result, BROKEN) - _where(runs.base, BROKEN):
        return "No test newly fails without the fix, and with it some do."
    return "No test newly fails without the fix, so none shows the defect."


def _not_green(runs: Runs) -> str:
    """Tests of the patch that the result does not turn green."""
    # What failed before the patch is not its fault, and what worked until the fix is a broken other.
    known = _where(runs.base, BROKEN)
    worked = _where(runs.base, {"passed"}) & _where(runs.base_with_tests, {"passed"})
    ran = _where(runs.base_with_tests, RED | {"passed"})
    vanished = {test for test in ran if test not in runs.result}
    still = (_where(runs.result, BROKEN) | vanished) - known - worked
    if still:
        return f"{_named(still)} does not pass with the fix."
    return "" if fail_to_pass(runs) else "No test fails without the fix and passes with it."


def _flaky(runs: Runs) -> str:
    proven = frozenset(fail_to_pass(runs))
    unsteady = _unsteady(runs.base_with_tests, runs.red_repeats, proven)
    unsteady |= _unsteady(runs.result, runs.green_repeats, proven)
    return f"{_named(unsteady)} did not give the same answer every time." if unsteady else ""


def _broke_others(runs: Runs) -> str:
    lost = broke(runs)
    return f"{_named(lost)} was not broken before, and with the fix it fails or is gone." if lost else ""


def _proven(runs: Runs) -> str:
    tests = fail_to_pass(runs)
    return f"{_named(tests)} fails without the fix and passes with it."


_QUESTIONS: tuple[tuple[str, Callable[[Runs], str]], ...] = (
    ("NO_TEST", _no_test),
    ("NO_FIX", _no_fix),
    ("UNRUNNABLE", _unrunnable),
    ("BASE_BROKEN", _base_broken),
    ("RED_BY_LOAD", _red_by_load),
    ("SKIPPED", _skipped),
    ("NOT_RED", _not_red),
    ("NOT_GREEN", _not_green),
    ("FLAKY", _flaky),
    ("BROKE_OTHERS", _broke_others),
    (PROVEN, _proven),
)
"""Each gives its reason where it applies, and an empty text where the next one is to be asked."""


def _where(outcomes: Outcomes, wanted: Collection[str]) -> set[str]:
    return {test for test, outcome in outcomes.items() if outcome in wanted}


def _files(*tests: Iterable[str]) -> set[str]:
    """The files of test ids ``file::Class::name``; the id of a file that could not be loaded is the file."""
    return {_file(test) for group in tests for test in group}


def _file(test: str) -> str:
    return test.partition("::")[0]


def _unsteady(first: Outcomes, repeats: Iterable[Outcomes], proven: Collection[str]) -> set[str]:
    """Tests that changed colour. A repeat may leave out tests, but none of those that are the proof."""
    return {
        test
        for repeat in repeats
        for test in {*repeat, *proven}
        if _colour(repeat.get(test, ABSENT)) != _colour(first.get(test, ABSENT))
    }


def _colour(outcome: str) -> str:
    return "red" if outcome in RED else outcome


def _named(tests: Collection[str]) -> str:
    """The first by name, and how many more."""
    first, more = min(tests), len(tests) - 1
    return first if not more else f"{first} (and {more} more)"


def _rows(runs: Runs) -> tuple[TestRow, ...]:
    """Every test of the changed files, and of the suite those that the fix broke."""
    changed = {*runs.base, *runs.base_with_tests, *runs.result}
    lost_in_suite = [test for test in broke(runs) if test not in changed]
    rows = [_row(runs, test, runs.base, runs.base_with_tests.get(test, ABSENT)) for test in sorted(changed)]
    rows += [_row(runs, test, runs.base_suite or {}, NOT_RUN) for test in lost_in_suite]
    return tuple(rows)


def _row(runs: Runs, test: str, base: Outcomes, base_with_tests: str) -> TestRow:
    in_suite = (runs.result_suite or {}).get(test, ABSENT)
    alone = runs.result.get(test, in_suite)
    result = in_suite if in_suite in BROKEN else alone
    return TestRow(test, base.get(test, ABSENT), base_with_tests, result, runs.messages.get(test, ""))


# -- the gate -------------------------------------------------------------------------------------


def gate(hotfix: Hotfix, rules: Rules) -> Gate:
    """Open when the newest proof is of today's patch, made by today's rules, and says PROVEN."""
    patch, fact, again = hotfix.patch, hotfix.prove.fact, f"hotfix prove {hotfix.id}"
    if patch is None:
        said = "There is nothing to prove yet: no fix was picked."
        return closed("prove", Finding("prove-missing", said, f"hotfix pick FIX --hotfix {hotfix.id}"))
    if fact is None:
        return closed("prove", Finding("prove-missing", "The regression test was not run yet.", again))
    finding = (
        _of_another_patch(patch, fact, again) or _stale(fact, rules.test, again) or _unproven(fact, again)
    )
    return closed("prove", finding) if finding else opened("prove", _rests_on(fact))


def _of_another_patch(patch: Patch, fact: Proved, again: str) -> Finding | None:
    if (fact.base_tree, fact.result_tree) == (patch.base_tree, patch.result_tree):
        return None
    said = "The last proof is of another patch; what would ship now was not proven."
    trees = (
        f"proof: {fact.base_tree} → {fact.result_tree}",
        f"patch: {patch.base_tree} → {patch.result_tree}",
    )
    return Finding("prove-missing", said, again, trees)


def rule_digest(test: Test) -> str:
    """SHA-256 of the canonical JSON of the ``[test]`` table: a proof is of the rules that it was made by."""
    return canonical.sha256(canonical.encode(msgspec.to_builtins(test)))


def _stale(fact: Proved, test: Test, again: str) -> Finding | None:
    if fact.rule != rule_digest(test):
        said = "The last proof was made by another [test] table than today's rules have."
        return Finding("proof-stale", said, again, (f"proof: {' '.join(fact.argv)}",))
    if fact.verdict == PROVEN and fact.repeats < test.repeats:
        said = f"The last proof saw red and green {fact.repeats} times; today's rules ask for {test.repeats}."
        return Finding("proof-stale", said, again)
    return None


def _unproven(fact: Proved, again: str) -> Finding | None:
    if fact.verdict != PROVEN:
        code = f"prove-{fact.verdict.lower().replace('_', '-')}"
        return Finding(code, fact.reason, NEXT.get(fact.verdict, again), fact.broke)
    if fact.broke or not _shown_by_rows(fact):
        said = "The record calls the patch proven, and its own table of tests does not show it."
        return Finding("prove-contradiction", said, again)
    return None


def _shown_by_rows(fact: Proved) -> bool:
    """Whether the verdict follows from the table beside it: nobody has to believe the word alone."""
    red_then_green = {row.id for row in fact.tests if row.base_with_tests in RED and row.result == "passed"}
    return bool(fact.fail_to_pass) and red_then_green.issuperset(fact.fail_to_pass)


def _rests_on(fact: Proved) -> str:
    if fact.runner == "script":
        return f"script proof: red → green, {fact.repeats} times"
    tests = len(fact.fail_to_pass)
    return f"{tests} test{'s' if tests > 1 else ''} red → green, {fact.repeats} times"
