"""The gate of the proof: the newest one is of today's patch, made by today's rules, and shows what it says."""

import msgspec

from hotfix.lifecycle.gate import Gate, closed, opened
from hotfix.lifecycle.prove.runs import RED
from hotfix.lifecycle.prove.verdict import NEXT, PROVEN
from hotfix.policy.rules import Rules, Test
from hotfix.record import canonical, words
from hotfix.record.facts import LeftOut, Proved
from hotfix.record.finding import Finding
from hotfix.record.hotfix import Hotfix
from hotfix.record.patch import Patch


def gate(hotfix: Hotfix, rules: Rules) -> Gate:
    """Open when the newest proof is of today's patch, made by today's rules, says PROVEN, and its hunks were asked about."""
    patch, fact, again = hotfix.patch, hotfix.prove.fact, f"hotfix prove {hotfix.id}"
    if patch is None:
        said = "There is nothing to prove yet: no fix was picked."
        return closed("prove", Finding("prove-missing", said, f"hotfix pick FIX --hotfix {hotfix.id}"))
    if fact is None:
        return closed("prove", Finding("prove-missing", "The regression test was not run yet.", again))
    finding = (
        _of_another_patch(patch, fact, again)
        or _stale(fact, rules.test, again)
        or _unproven(fact, again)
        or _not_left_out(fact, hotfix.prove.left_out, again)
    )
    if finding:
        return closed("prove", finding)
    return opened("prove", _rests_on(fact) + _what_of_hunks(hotfix.prove.left_out))


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


def _not_left_out(fact: Proved, left: LeftOut | None, again: str) -> Finding | None:
    """What was interrupted before the hunks were asked about is no smaller a question for that."""
    if left is not None and (left.patch, left.rule) == (fact.patch, fact.rule):
        return None
    said = "Nobody asked yet which hunks of the fix the tests need: the proof ended before that."
    return Finding("proof-unfinished", said, again)


def _what_of_hunks(left: LeftOut | None) -> str:
    if left is None:
        return ""
    if left.unasked:
        return f"; {len(left.unasked)} of {left.hunks} hunks not asked about"
    return (
        "; every hunk needed"
        if not left.unproven
        else f"; {words.count(len(left.unproven), 'hunk')} that no test notices"
    )


def _shown_by_rows(fact: Proved) -> bool:
    """Whether the verdict follows from the table beside it: nobody has to believe the word alone."""
    red_then_green = {row.id for row in fact.tests if row.base_with_tests in RED and row.result == "passed"}
    return bool(fact.fail_to_pass) and red_then_green.issuperset(fact.fail_to_pass)


def _rests_on(fact: Proved) -> str:
    if fact.runner == "script":
        return f"script proof: red → green, {fact.repeats} times"
    tests = len(fact.fail_to_pass)
    return f"{tests} test{'s' if tests > 1 else ''} red → green, {fact.repeats} times"
