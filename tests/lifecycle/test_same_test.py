"""Which tests of two runs are the same, where an id changes from run to run."""

from hypothesis import given
from hypothesis import strategies as st

from hotfix.lifecycle.prove.same_test import by_position, unsteady_families

CLOCK = "test_a.py::test_clock"


def run(*parameters: str, test: str = CLOCK) -> dict[str, str]:
    return {f"{test}[{parameter}]": "passed" for parameter in parameters}


def test_ids_that_change_are_told_apart_by_position() -> None:
    first, second = run("10:01", "10:02"), run("10:03", "10:04")
    families = unsteady_families([first, second])
    assert families == {CLOCK}
    assert by_position(first, families) == by_position(second, families) == run("#1", "#2")


def test_ids_that_stay_are_left_alone() -> None:
    assert unsteady_families([run("a", "b"), run("b", "a")]) == frozenset()
    assert by_position(run("a", "b"), frozenset()) == run("a", "b")


def test_a_run_may_leave_the_whole_test_out() -> None:
    assert unsteady_families([run("a"), {}, run("b"), {"x": "passed"}]) == {CLOCK}


def test_runs_with_more_or_fewer_tests_cannot_be_matched() -> None:
    assert unsteady_families([run("a"), run("b", "c")]) == frozenset()


def test_a_test_without_parameters_is_never_renamed() -> None:
    plain = {CLOCK: "passed", "test_a.py": "load-error"}
    assert by_position(plain, frozenset({CLOCK})) == plain


@given(
    st.dictionaries(
        st.sampled_from([f"{CLOCK}[{n}]" for n in "abc"] + ["x", "y[1]"]),
        st.sampled_from(["passed", "failed"]),
    )
)
def test_no_test_is_dropped(outcomes: dict[str, str]) -> None:
    renamed = by_position(outcomes, frozenset({CLOCK, "y"}))
    assert list(renamed.values()) == list(outcomes.values())
