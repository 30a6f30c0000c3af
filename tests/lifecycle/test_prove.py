"""What runs of tests prove, and what they do not."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfix.lifecycle.prove import gate as prove
from hotfix.lifecycle.prove.runs import Runs
from hotfix.lifecycle.prove.verdict import NEXT, Verdict, judge_runs
from hotfix.policy.rules import Rules
from hotfix.policy.rules import Test as TestRule
from hotfix.record.facts import LeftOut, Picked, Proved
from hotfix.record.hotfix import Hotfix, fold
from hotfix.record.parts import HunkAt
from hotfix.record.patch import Patch

NEW = "tests/test_cart.py::test_abandoned"
OLD = "tests/test_cart.py::test_total"
FILE = "tests/test_cart.py"
OTHER = "tests/test_orders.py::test_order"

HONEST = Runs(
    has_tests=True,
    has_fix=True,
    base={OLD: "passed"},
    base_with_tests={OLD: "passed", NEW: "failed"},
    result={OLD: "passed", NEW: "passed"},
    red_repeats=({NEW: "failed"}, {NEW: "error"}),
    green_repeats=({NEW: "passed"}, {NEW: "passed"}),
    base_suite={OLD: "passed", OTHER: "passed"},
    result_suite={OLD: "passed", NEW: "passed", OTHER: "passed"},
    messages={NEW: "KeyError: 'cart'"},
)
"""A proof as it should be; each test below spoils one thing of it."""


def judge(**spoiled: object) -> Verdict:
    return judge_runs(msgspec.structs.replace(HONEST, **spoiled))


def test_red_without_the_fix_and_green_with_it_is_proven() -> None:
    verdict = judge()
    assert verdict.name == "PROVEN"
    assert verdict.fail_to_pass == (NEW,)
    assert verdict.broke == ()
    assert verdict.repeats == 3
    assert NEW in verdict.reason
    rows = {row.id: (row.base, row.base_with_tests, row.result) for row in verdict.rows}
    assert rows == {OLD: ("passed", "passed", "passed"), NEW: ("absent", "failed", "passed")}
    assert {row.message for row in verdict.rows} == {"", "KeyError: 'cart'"}


@pytest.mark.parametrize("red", ["failed", "error"])
def test_an_exception_is_as_red_as_an_assertion(red: str) -> None:
    assert judge(base_with_tests={OLD: "passed", NEW: red}).name == "PROVEN"


def test_a_patch_needs_a_test_and_a_fix() -> None:
    assert judge(has_tests=False).name == "NO_TEST"
    assert judge(has_fix=False).name == "NO_FIX"


def test_a_run_with_a_problem_proves_nothing() -> None:
    verdict = judge(problems={"base": "", "red repeat 2": "pytest gave no result: time-out."})
    assert verdict.name == "UNRUNNABLE"
    assert "red repeat 2: pytest gave no result" in verdict.reason


def test_runs_without_any_test_prove_nothing() -> None:
    nothing = judge(base={}, base_with_tests={}, result={}, red_repeats=(), green_repeats=())
    assert nothing.name == "UNRUNNABLE"
    assert judge(result_suite=None).name == "UNRUNNABLE"
    assert judge(base_suite=None).name == "UNRUNNABLE"
    assert judge(base_suite=None, result_suite=None).name == "PROVEN"


def test_where_old_tests_fail_already_and_everywhere_the_base_is_broken() -> None:
    same = {FILE: "load-error"}
    assert judge(base=same, base_with_tests=same, result=same).name == "BASE_BROKEN"
    assert (
        judge(base={OLD: "error"}, base_with_tests=same, result={OLD: "error", NEW: "error"}).name
        == "BASE_BROKEN"
    )


def test_an_old_failure_is_only_a_note_where_the_new_test_can_be_judged() -> None:
    broken = "tests/test_cart.py::test_needs_network"
    verdict = judge(
        base={OLD: "passed", broken: "failed"},
        base_with_tests={OLD: "passed", broken: "failed", NEW: "failed"},
        result={OLD: "passed", broken: "failed", NEW: "passed"},
    )
    assert verdict.name == "PROVEN"
    assert broken in {row.id for row in verdict.rows}


def test_a_test_that_cannot_be_loaded_without_the_fix_is_red_for_the_wrong_reason() -> None:
    verdict = judge(base_with_tests={FILE: "load-error"})
    assert verdict.name == "RED_BY_LOAD"
    assert FILE in verdict.reason


def test_a_skipped_test_shows_nothing() -> None:
    assert (
        judge(base_with_tests={OLD: "passed", NEW: "skipped"}, result={OLD: "passed", NEW: "skipped"}).name
        == "SKIPPED"
    )
    assert judge(result={OLD: "passed", NEW: "skipped"}).name == "SKIPPED"


def test_a_test_that_passes_without_the_fix_does_not_show_the_defect() -> None:
    assert judge(base_with_tests={OLD: "passed", NEW: "passed"}).name == "NOT_RED"
    assert (
        judge(base_with_tests={OLD: "passed", NEW: "passed"}, result={OLD: "passed", NEW: "failed"}).name
        == "NOT_RED"
    )


def never(test: str, outcome: str) -> dict[str, object]:
    """Runs in which `test` has one outcome, whatever the tree, and the new test shows nothing."""
    steady = {OLD: "passed", test: outcome}
    return {"base": steady, "base_with_tests": {**steady, NEW: "passed"}, "result": {**steady, NEW: "passed"}}


@pytest.mark.parametrize("outcome", ["failed", "skipped"])
def test_what_was_so_before_the_patch_is_no_excuse_for_a_test_that_does_not_fail(outcome: str) -> None:
    assert judge(**never("tests/test_cart.py::test_needs_network", outcome)).name == "NOT_RED"


def test_a_test_of_the_patch_may_not_vanish_with_the_fix() -> None:
    verdict = judge(base_with_tests={OLD: "passed", NEW: "failed", "tests/test_cart.py::test_lost": "passed"})
    assert verdict.name == "NOT_GREEN"
    assert "test_lost" in verdict.reason


@pytest.mark.parametrize("outcome", ["failed", "error", "absent"])
def test_a_test_that_the_fix_does_not_turn_green_shows_that_it_is_no_fix(outcome: str) -> None:
    result = {OLD: "passed"} if outcome == "absent" else {OLD: "passed", NEW: outcome}
    assert judge(result=result).name == "NOT_GREEN"


def test_every_test_of_the_patch_must_turn_green() -> None:
    second = "tests/test_cart.py::test_emptied"
    verdict = judge(
        base_with_tests={OLD: "passed", NEW: "failed", second: "failed"},
        result={OLD: "passed", NEW: "passed", second: "failed"},
    )
    assert verdict.name == "NOT_GREEN"
    assert second in verdict.reason


def test_a_new_test_file_that_never_loads_is_not_green() -> None:
    lost = "tests/test_typo.py"
    verdict = judge(
        base_with_tests={**HONEST.base_with_tests, lost: "load-error"},
        result={**HONEST.result, lost: "load-error"},
    )
    assert verdict.name == "NOT_GREEN"


@pytest.mark.parametrize(
    "spoiled",
    [
        {"red_repeats": ({NEW: "failed"}, {NEW: "passed"})},
        {"green_repeats": ({NEW: "passed"}, {NEW: "failed"})},
        {"green_repeats": ({NEW: "passed"}, {})},
        {"red_repeats": ({FILE: "load-error"},)},
        {"green_repeats": ({NEW: "passed", OLD: "failed"},)},
        {"green_repeats": ({NEW: "passed", "tests/test_cart.py::test_sometimes": "passed"},)},
    ],
)
def test_one_answer_that_differs_is_flaky(spoiled: dict[str, object]) -> None:
    assert judge(**spoiled).name == "FLAKY"


@pytest.mark.parametrize(
    ("spoiled", "lost"),
    [
        ({"result": {NEW: "passed", OLD: "failed"}}, OLD),
        ({"result": {NEW: "passed", OLD: "skipped"}}, OLD),
        ({"base": {OLD: "passed", "tests/test_gone.py::test_x": "passed"}}, "tests/test_gone.py::test_x"),
        ({"result_suite": {OLD: "passed", NEW: "passed", OTHER: "failed"}}, OTHER),
        ({"result_suite": {OLD: "passed", NEW: "passed"}}, OTHER),
        ({"result_suite": {OLD: "passed", NEW: "failed", OTHER: "passed"}}, NEW),
        ({name: {OLD: "passed", NEW: "failed"} for name in ("base_suite", "result_suite")}, NEW),
        (
            {"result_suite": {**HONEST.result_suite, "tests/x.py::test[new]": "failed"}},
            "tests/x.py::test[new]",
        ),
    ],
    ids=[
        "fails",
        "skipped",
        "deleted",
        "fails in suite",
        "gone from suite",
        "red in suite",
        "red in both suites",
        "new in suite",
    ],
)
def test_what_passed_before_must_pass_after_and_is_listed_by_name(
    spoiled: dict[str, object], lost: str
) -> None:
    verdict = judge(**spoiled)
    assert verdict.name == "BROKE_OTHERS"
    assert verdict.broke == (lost,)
    assert lost in {row.id for row in verdict.rows}


OLD_PARAMETER, NEW_PARAMETER = f"{NEW}[1-0]", f"{NEW}[1-1]"


def test_a_test_that_the_patch_takes_away_counts_by_how_it_fares_with_the_fix() -> None:
    gone = "tests/test_cart.py::test_gone"
    before = {OLD: "passed", gone: "passed"}
    assert judge(base=before, old_tests={gone: "passed"}).name == "PROVEN"
    for old_tests in ({gone: "failed"}, {}, None):
        verdict = judge(base=before, old_tests=old_tests)
        assert (verdict.name, verdict.broke) == ("BROKE_OTHERS", (gone,))


def test_a_test_that_only_gets_other_parameters_is_edited_and_told() -> None:
    turned = {"base_with_tests": {NEW_PARAMETER: "failed"}, "result": {NEW_PARAMETER: "passed"}}
    repeats = {"red_repeats": (), "green_repeats": (), "base_suite": None, "result_suite": None}
    verdict = judge(base={OLD_PARAMETER: "passed"}, old_tests={OLD_PARAMETER: "failed"}, **turned, **repeats)
    assert (verdict.name, verdict.broke, verdict.edited) == ("PROVEN", (), (OLD_PARAMETER,))
    other = judge(base={f"{OLD}[1]": "passed"}, old_tests={f"{OLD}[1]": "failed"}, **turned, **repeats)
    assert (other.name, other.edited) == ("BROKE_OTHERS", ())


def test_a_test_that_expects_something_else_now_is_edited_and_told() -> None:
    verdict = judge(base={OLD: "passed", NEW: "passed"})
    assert (verdict.name, verdict.edited) == ("PROVEN", (NEW,))


def test_a_proof_by_a_missing_name_alone_is_weak() -> None:
    weak = judge(missing=(NEW,))
    assert (weak.name, weak.fail_to_pass) == ("PROVEN_WEAK", (NEW,))
    second = "tests/test_cart.py::test_email"
    both = {"base_with_tests": {NEW: "failed", second: "failed"}, "result": {NEW: "passed", second: "passed"}}
    repeats = {"red_repeats": (), "green_repeats": (), "base_suite": None, "result_suite": None}
    assert judge(base={}, missing=(NEW,), **both, **repeats).name == "PROVEN"


def test_a_hang_that_the_fix_ends_is_red() -> None:
    verdict = judge(base_with_tests={OLD: "passed", NEW: "hang"}, red_repeats=({NEW: "hang"}, {NEW: "hang"}))
    assert verdict.name == "PROVEN"
    assert "is not over in time without the fix" in verdict.reason


def test_tests_that_pass_with_the_fix_broken_on_purpose_load_it_from_elsewhere() -> None:
    steady = {OLD: "passed", NEW: "passed"}
    same = {"base": {OLD: "passed"}, "base_with_tests": steady, "result": steady}
    assert judge(**same, poisoned=steady).name == "WRONG_TREE"
    assert judge(**same, poisoned={OLD: "passed", NEW: "failed"}).name == "NOT_RED"
    assert judge(**same, poisoned={FILE: "load-error"}).name == "NOT_RED"
    assert judge(poisoned=steady).name == "PROVEN", "red and green over two trees guard themselves"


def test_who_asked_for_the_network_is_told_where_nothing_is_proven() -> None:
    refused = "asked for an address outside this machine, and was refused"
    assert refused in judge(base_with_tests={OLD: "passed", NEW: "passed"}, tried_network=("B-1",)).reason
    assert refused not in judge(tried_network=("B-1",)).reason


def test_old_tests_that_cannot_be_loaded_on_the_base_make_it_broken_even_if_they_can_with_the_fix() -> None:
    verdict = judge(base={FILE: "load-error"}, base_with_tests={FILE: "load-error"})
    assert verdict.name == "BASE_BROKEN"
    assert "cannot be loaded on the base, as it is there" in verdict.reason


def test_a_suite_that_was_broken_before_is_not_the_fixs_fault() -> None:
    known = {"tests/test_net.py": "load-error"}
    verdict = judge(
        base_suite={**HONEST.base_suite, **known},
        result_suite={**HONEST.result_suite, "tests/test_net.py::test_dns": "failed"},
    )
    assert verdict.name == "PROVEN"


def test_every_verdict_says_what_to_do_next() -> None:
    assert judge(has_fix=False).next == NEXT["NO_FIX"]
    assert all(sentence for name, sentence in NEXT.items() if name != "PROVEN")


# -- whatever was run -----------------------------------------------------------------------------

IDS = st.sampled_from([NEW, OLD, FILE, OTHER, "tests/test_orders.py"])
OUTCOMES = st.sampled_from(["passed", "failed", "error", "skipped", "load-error"])
RUN = st.dictionaries(IDS, OUTCOMES, max_size=4)
SOME_RUNS = st.builds(
    Runs,
    has_tests=st.just(True),
    has_fix=st.just(True),
    base=RUN,
    base_with_tests=RUN,
    result=RUN,
    red_repeats=st.lists(RUN, max_size=2).map(tuple),
    green_repeats=st.lists(RUN, max_size=2).map(tuple),
    base_suite=st.none() | RUN,
    result_suite=st.none() | RUN,
)


def near_a_proof(spoil: Runs, keep: frozenset[str]) -> Runs:
    """`spoil` with the fields in `keep` as an honest proof has them: random runs alone prove too rarely."""
    return msgspec.structs.replace(spoil, **{name: getattr(HONEST, name) for name in keep})


FIELDS = st.frozensets(
    st.sampled_from(
        ["base", "base_with_tests", "result", "red_repeats", "green_repeats", "base_suite", "result_suite"]
    )
)
ANY_RUNS = st.builds(near_a_proof, SOME_RUNS, FIELDS)


@given(ANY_RUNS)
def test_nothing_is_proven_without_a_test_that_went_from_red_to_green(runs: Runs) -> None:
    verdict = judge_runs(runs)
    turned = {
        test
        for test, outcome in runs.base_with_tests.items()
        if outcome in ("failed", "error") and runs.result.get(test) == "passed"
    }
    assert set(verdict.fail_to_pass) == turned
    assert turned or verdict.name != "PROVEN"


@given(ANY_RUNS)
def test_nothing_is_proven_where_a_repeat_disagrees(runs: Runs) -> None:
    verdict = judge_runs(runs)
    red = all(
        run.get(test) in ("failed", "error") for run in runs.red_repeats for test in verdict.fail_to_pass
    )
    green = all(run.get(test) == "passed" for run in runs.green_repeats for test in verdict.fail_to_pass)
    assert (red and green) or verdict.name != "PROVEN"


@given(ANY_RUNS)
def test_nothing_is_proven_where_a_test_that_passed_before_does_not_pass_after(runs: Runs) -> None:
    verdict = judge_runs(runs)
    lost = {
        test
        for test, outcome in runs.base.items()
        if outcome == "passed" and runs.result.get(test) != "passed"
    }
    if runs.base_suite is not None and runs.result_suite is not None:
        before, after = runs.base_suite, runs.result_suite
        lost |= {
            test for test, outcome in before.items() if outcome == "passed" and after.get(test) != "passed"
        }
    assert lost <= set(verdict.broke)
    assert not lost or verdict.name != "PROVEN"


@given(ANY_RUNS)
def test_no_test_is_dropped_from_the_table(runs: Runs) -> None:
    verdict = judge_runs(runs)
    listed = [row.id for row in verdict.rows]
    assert len(listed) == len(set(listed))
    assert {*runs.base, *runs.base_with_tests, *runs.result, *verdict.broke} == set(listed)


@given(ANY_RUNS, st.sampled_from(["base", "result", "red repeat 1"]))
def test_a_problem_anywhere_is_never_proven(runs: Runs, where: str) -> None:
    assert judge_runs(msgspec.structs.replace(runs, problems={where: "time-out"})).name == "UNRUNNABLE"


@given(ANY_RUNS)
def test_what_is_proven_opens_the_gate_and_nothing_else_does(runs: Runs) -> None:
    verdict = judge_runs(runs)
    state = prove.gate(hotfix(verdict=verdict, repeats=3), RULES).state
    assert state == ("open" if verdict.name == "PROVEN" else "closed")


# -- the gate -------------------------------------------------------------------------------------

RULES = Rules(service="shop")
ARGV = ("python3", "-m", "pytest", "-p", "no:rerunfailures", "tests/test_cart.py")
PATCH = Patch("r" * 64, "shop", "production", "c" * 40, "b" * 40, "d" * 40)


def picked(patch: Patch = PATCH) -> Picked:
    return Picked(
        at="2026-05-01T10:00:00.000Z",
        by="ann",
        patch=patch,
        base_release="v1",
        units=(),
        fixes=("f" * 40,),
        commits=("e" * 40,),
        result_commit="e" * 40,
        release="v1+hf.1",
        branch="hotfix/HF-1",
        subject="cart",
        paired_with=(),
        authors=(),
        not_included=0,
        strays=(),
    )


def proved(verdict: Verdict, **changed: object) -> Proved:
    fact = Proved(
        at="2026-05-01T10:05:00.000Z",
        by="ann",
        patch=PATCH.digest,
        verdict=verdict.name,
        reason=verdict.reason,
        base_tree=PATCH.base_tree,
        base_with_tests_tree="a" * 40,
        result_tree=PATCH.result_tree,
        runner="pytest",
        argv=ARGV,
        rule=prove.rule_digest(RULES.test),
        fingerprint="CPython 3.11",
        repeats=verdict.repeats,
        fail_to_pass=verdict.fail_to_pass,
        broke=verdict.broke,
        tests=verdict.rows,
        evidence=(),
        seconds=1.0,
    )
    return msgspec.structs.replace(fact, **changed)


def hotfix(verdict: Verdict | None = None, **changed: object) -> Hotfix:
    proof = proved(verdict or judge(), **changed)
    return fold("HF-1", [picked(), proof, left_out(rule=proof.rule)])


def left_out(**changed: object) -> LeftOut:
    fact = LeftOut(
        at="2026-05-01T10:06:00.000Z",
        by="ann",
        patch=PATCH.digest,
        rule=prove.rule_digest(RULES.test),
        hunks=2,
        unproven=(),
        unasked=(),
        seconds=1.0,
    )
    return msgspec.structs.replace(fact, **changed)


def shut_by(state: Hotfix, rules: Rules = RULES) -> tuple[str, str]:
    answer = prove.gate(state, rules)
    assert answer.state == "closed"
    (finding,) = answer.findings
    return finding.code, finding.next


def test_a_proof_of_todays_patch_opens_the_gate() -> None:
    assert prove.gate(hotfix(), RULES).note == "1 test red → green, 3 times; every hunk needed"


def test_a_script_proof_is_called_one() -> None:
    command = ("sh", "check.sh")
    rules = Rules(service="shop", test=TestRule(runner="script", run=command))
    by_script = hotfix(runner="script", argv=command, rule=prove.rule_digest(rules.test))
    answer = prove.gate(by_script, rules)
    assert (answer.state, answer.note) == ("open", "script proof: red → green, 3 times; every hunk needed")
    stricter = Rules(service="shop", test=TestRule(runner="script", run=(*command, "--strict")))
    assert shut_by(by_script, stricter)[0] == "proof-stale"


def test_without_a_pick_or_a_proof_the_gate_says_what_to_type() -> None:
    assert shut_by(Hotfix("HF-1")) == ("prove-missing", "hotfix pick FIX --hotfix HF-1")
    assert shut_by(fold("HF-1", [picked()])) == ("prove-missing", "hotfix prove HF-1")


@pytest.mark.parametrize("tree", ["base_tree", "result_tree"])
def test_a_proof_of_other_trees_does_not_count(tree: str) -> None:
    assert shut_by(hotfix(**{tree: "0" * 40})) == ("prove-missing", "hotfix prove HF-1")
    again = msgspec.structs.replace(PATCH, **{tree: "0" * 40})
    assert shut_by(fold("HF-1", [picked(), proved(judge()), picked(again)]))[0] == "prove-missing"


@pytest.mark.parametrize(
    "test",
    [
        TestRule(runner="script", run=("sh", "check.sh")),
        TestRule(runner="script", run=ARGV),
        TestRule(run=("python3.13", "-m", "pytest")),
        TestRule(run=("python3", "-m", "pytest", "-W", "error")),
        TestRule(run=("python3", "-m", "pytest", "-p", "no:rerunfailures")),
        TestRule(run=("python3", "-m")),
        TestRule(repeats=4),
        TestRule(suite="changed"),
        TestRule(timeout=1.0),
        TestRule(env={"TZ": "UTC"}),
        TestRule(files=("tests",)),
    ],
)
def test_a_proof_by_other_rules_is_stale(test: TestRule) -> None:
    assert shut_by(hotfix(), Rules(service="shop", test=test)) == ("proof-stale", "hotfix prove HF-1")


@pytest.mark.parametrize(
    ("spoiled", "code"),
    [
        ({"base_with_tests": {OLD: "passed", NEW: "passed"}}, "prove-not-red"),
        ({"base_with_tests": {FILE: "load-error"}}, "prove-red-by-load"),
        ({"has_tests": False}, "prove-no-test"),
    ],
)
def test_any_other_verdict_keeps_the_gate_shut_and_names_its_cure(
    spoiled: dict[str, object], code: str
) -> None:
    verdict = judge(**spoiled)
    assert shut_by(hotfix(verdict)) == (code, verdict.next)


def test_the_word_proven_alone_opens_nothing() -> None:
    assert shut_by(hotfix(fail_to_pass=()))[0] == "prove-contradiction"
    assert shut_by(hotfix(tests=()))[0] == "prove-contradiction"
    assert shut_by(hotfix(broke=(OLD,)))[0] == "prove-contradiction"


def test_a_proof_whose_hunks_nobody_left_out_is_not_finished() -> None:
    interrupted = fold("HF-1", [picked(), proved(judge())])
    assert shut_by(interrupted) == ("proof-unfinished", "hotfix prove HF-1")
    of_other_rules = fold("HF-1", [picked(), proved(judge()), left_out(rule="0" * 64)])
    assert shut_by(of_other_rules)[0] == "proof-unfinished"
    before_the_proof = fold("HF-1", [picked(), left_out(), proved(judge())])
    assert shut_by(before_the_proof)[0] == "proof-unfinished"


def test_hunks_that_no_test_notices_are_told_and_do_not_shut_this_gate() -> None:
    hunk = HunkAt("1f0c92ab77de", "shop/cart.py", 12)
    for changed, note in (
        ({"unproven": (hunk,)}, "1 hunk that no test notices"),
        ({"unasked": (hunk,)}, "1 of 2 hunks not asked about"),
    ):
        answer = prove.gate(fold("HF-1", [picked(), proved(judge()), left_out(**changed)]), RULES)
        assert answer.state == "open"
        assert note in answer.note
