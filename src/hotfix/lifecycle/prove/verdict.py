"""The verdict: what the runs on the three trees show, by one list of questions in order.

The first that applies is the verdict, and only the last of them opens the gate.
"""

from collections.abc import Callable, Collection, Iterable

import msgspec

from hotfix.lifecycle.prove.runs import (
    ABSENT,
    BROKEN,
    HANG,
    NOT_RUN,
    RED,
    Outcomes,
    Runs,
    file_of,
    files,
    named,
    where,
)
from hotfix.record.parts import TestRow

PROVEN = "PROVEN"

NEXT = {
    "NO_TEST": "Add a regression test to the fix on trunk, then `hotfix pick` again.",
    "NO_FIX": "Pick the commit that changes the code too: `hotfix pick` with the fix.",
    "UNRUNNABLE": "Make the run possible (`[test]` in hotfix.toml on trunk), then `hotfix prove` again.",
    "BASE_BROKEN": "Run the tests with production's own dependencies until the old ones pass on the base.",
    "WRONG_TREE": "Let the tests load the tree they lie in: no editable install, no path of another checkout (`[test]`).",
    "RED_BY_LOAD": "Let the test load on the base: import what the fix adds inside the test, not at the top.",
    "SKIPPED": "Let the regression test run here: install what it needs, or remove its skip or xfail mark.",
    "NOT_RED": "Make the test show the defect: it must fail without the fix, then `hotfix pick` again.",
    "NOT_GREEN": "Complete the fix until its own tests pass on the base too, then `hotfix pick` again.",
    "FLAKY": "Make the test give one answer (clock, order, randomness, network), then `hotfix pick` again.",
    "BROKE_OTHERS": "Keep what passed: mend the fix, or leave renamed and deleted tests to trunk.",
    "PROVEN_WEAK": "Let the test show the symptom, not only that a name of the fix is missing, then `hotfix pick` again.",
    PROVEN: "",
}
"""What cures each verdict."""


class Verdict(msgspec.Struct, frozen=True):
    """What the runs show."""

    name: str
    reason: str
    next: str
    fail_to_pass: tuple[str, ...]
    broke: tuple[str, ...]
    edited: tuple[str, ...]
    known: int
    """Tests that are broken on the base already, and were not judged."""
    rows: tuple[TestRow, ...]
    repeats: int
    """How many times red and how many times green were seen, the first time counted."""


def judge_runs(runs: Runs) -> Verdict:
    """The first verdict that applies."""
    name, reason = next((name, said) for name, ask in _QUESTIONS if (said := ask(runs)))
    return Verdict(
        name=name,
        reason=reason + ("" if name == PROVEN else _network(runs)),
        next=NEXT[name],
        fail_to_pass=fail_to_pass(runs),
        broke=broke(runs),
        edited=edited(runs),
        known=len(where(runs.base_suite or runs.base, BROKEN)),
        rows=_rows(runs),
        repeats=1 + min(len(runs.red_repeats), len(runs.green_repeats)),
    )


def fail_to_pass(runs: Runs) -> tuple[str, ...]:
    """Tests that ran and failed without the fix, and passed with it."""
    red = where(runs.base_with_tests, RED)
    return tuple(sorted(red & where(runs.result, {"passed"})))


def broke(runs: Runs) -> tuple[str, ...]:
    """Tests that the fix cost: passed before and not (or no longer there) after, alone or in the suite.

    A test that the patch itself takes away or renames counts by how it fares, as it was, with the fix; one that
    it only gave other parameters is edited, not lost.
    """
    lost = {test for test in where(runs.base, {"passed"}) if runs.result.get(test) != "passed"}
    return tuple(
        sorted((lost | _broke_in_suite(runs)) - _only_taken_away(runs) - _with_other_parameters(runs))
    )


def edited(runs: Runs) -> tuple[str, ...]:
    """Tests that passed on the base, and of which the patch changes what they expect.

    They are there still and fail without the fix; or the patch took their parameters away, and others of the same
    test turned green. They are told, and left to whoever reads the patch.
    """
    there = {test for test in fail_to_pass(runs) if runs.base.get(test) == "passed"}
    return tuple(sorted(there | (_with_other_parameters(runs) - _only_taken_away(runs))))


def _with_other_parameters(runs: Runs) -> set[str]:
    turned = {test.partition("[")[0] for test in fail_to_pass(runs) if "[" in test}
    return {test for test in taken_away(runs) if "[" in test and test.partition("[")[0] in turned}


def taken_away(runs: Runs) -> tuple[str, ...]:
    """Tests that passed before and that the patch's own test files no longer have."""
    there = {*runs.base_with_tests, *runs.result, *(runs.result_suite or {})}
    before = where(runs.base, {"passed"})
    # A file that cannot be loaded without the fix says nothing of the tests in it.
    unread = where(runs.base_with_tests, {"load-error"}) | where(runs.result, {"load-error"})
    return tuple(sorted(test for test in before - there if file_of(test) not in unread))


def _only_taken_away(runs: Runs) -> set[str]:
    """Of those, the ones that still pass, as they were, with the fix."""
    return set(taken_away(runs)) & where(runs.old_tests or {}, {"passed"})


def _broke_in_suite(runs: Runs) -> set[str]:
    before, after = runs.base_suite or {}, runs.result_suite
    if after is None:
        return set()
    lost = {test for test in where(before, {"passed"}) if after.get(test) != "passed"}
    only_alone = where(runs.result, {"passed"}) & where(after, BROKEN)
    known = where(before, BROKEN)
    new = {test for test in where(after, BROKEN) if not {test, file_of(test)} & known}
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
    """A changed test file that cannot be loaded as it was on the base, or of which nothing passes in any tree."""
    if fail_to_pass(runs):
        return ""
    unloaded = files(where(runs.base, {"load-error"}))
    if unloaded:
        return f"{named(unloaded)} cannot be loaded on the base, as it is there: what it needs is not here."
    alive = files(where(runs.base, {"passed"}), where(runs.base_with_tests, {"passed"}))
    alive |= files(where(runs.result, {"passed"}))
    dead = files(where(runs.base, BROKEN)) - alive
    return (
        f"{named(dead)} fails on the base already and in every tree, so it can show nothing." if dead else ""
    )


def _wrong_tree(runs: Runs) -> str:
    """Tests that pass, although every file that the fix changes was broken on purpose."""
    if fail_to_pass(runs) or runs.poisoned is None:
        return ""
    unmoved = where(runs.poisoned, {"passed"}) & where(runs.result, {"passed"})
    moved = where(runs.result, {"passed"}) - unmoved
    if not unmoved or moved:
        return ""
    return (
        f"{named(unmoved)} passes even where the changed files are broken on purpose: "
        "the tests load them from elsewhere, or not at all."
    )


def _red_by_load(runs: Runs) -> str:
    if fail_to_pass(runs):
        return ""
    unloaded = files(where(runs.base_with_tests, {"load-error"}))
    only_with_fix = unloaded & files(where(runs.result, {"passed"}))
    if not only_with_fix:
        return ""
    return (
        f"{named(only_with_fix)} cannot be loaded without the fix: that shows a missing name, not the defect."
    )


def _skipped(runs: Runs) -> str:
    if fail_to_pass(runs):
        return ""
    new = {test for test in where(runs.result, {"skipped"}) if runs.base.get(test) != "skipped"}
    return f"{named(new)} is skipped on the result, and a skipped test shows nothing." if new else ""


def _not_red(runs: Runs) -> str:
    if fail_to_pass(runs) or where(runs.base_with_tests, BROKEN) - where(runs.base, BROKEN):
        return ""
    if where(runs.result, BROKEN) - where(runs.base, BROKEN):
        return "No test newly fails without the fix, and with it some do."
    return "No test newly fails without the fix, so none shows the defect."


def _not_green(runs: Runs) -> str:
    """Tests of the patch that the result does not turn green."""
    # What failed before the patch is not its fault, and what worked until the fix is a broken other.
    known = where(runs.base, BROKEN)
    worked = where(runs.base, {"passed"}) & where(runs.base_with_tests, {"passed"})
    ran = where(runs.base_with_tests, RED | {"passed"})
    vanished = {test for test in ran if test not in runs.result}
    still = (where(runs.result, BROKEN) | vanished) - known - worked
    if still:
        return f"{named(still)} does not pass with the fix."
    return "" if fail_to_pass(runs) else "No test fails without the fix and passes with it."


def _flaky(runs: Runs) -> str:
    proven = frozenset(fail_to_pass(runs))
    unsteady = _unsteady(runs.base_with_tests, runs.red_repeats, proven)
    unsteady |= _unsteady(runs.result, runs.green_repeats, proven)
    return f"{named(unsteady)} did not give the same answer every time." if unsteady else ""


def _unrepeated(runs: Runs) -> str:
    """What was not seen often enough is not known to be the same every time."""
    if 1 + min(len(runs.red_repeats), len(runs.green_repeats)) >= runs.repeats:
        return ""
    return f"Red and green were not both seen {runs.repeats} times, so nothing is known of the next time."


def _broke_others(runs: Runs) -> str:
    lost = broke(runs)
    return f"{named(lost)} was not broken before, and with the fix it fails or is gone." if lost else ""


def _proven_weak(runs: Runs) -> str:
    tests = fail_to_pass(runs)
    if not set(tests) <= set(runs.missing):
        return ""
    return (
        f"{named(tests)} is red only because a name that the fix adds is missing: that is not yet the defect."
    )


def _proven(runs: Runs) -> str:
    tests = fail_to_pass(runs)
    hangs = where(runs.base_with_tests, {HANG}).intersection(tests)
    how = "is not over in time" if set(tests) <= hangs else "fails"
    return f"{named(tests)} {how} without the fix and passes with it."


def _network(runs: Runs) -> str:
    if not runs.tried_network:
        return ""
    return " Something asked for an address outside this machine, and was refused."


_QUESTIONS: tuple[tuple[str, Callable[[Runs], str]], ...] = (
    ("NO_TEST", _no_test),
    ("NO_FIX", _no_fix),
    ("UNRUNNABLE", _unrunnable),
    ("BASE_BROKEN", _base_broken),
    ("WRONG_TREE", _wrong_tree),
    ("RED_BY_LOAD", _red_by_load),
    ("SKIPPED", _skipped),
    ("NOT_RED", _not_red),
    ("NOT_GREEN", _not_green),
    ("FLAKY", _flaky),
    ("UNRUNNABLE", _unrepeated),
    ("BROKE_OTHERS", _broke_others),
    ("PROVEN_WEAK", _proven_weak),
    (PROVEN, _proven),
)
"""Each gives its reason where it applies, and an empty text where the next one is to be asked."""


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
