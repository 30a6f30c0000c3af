"""Which hunks no test notices."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from hotfix.lifecycle.prove.minimal import Minimal, Part, one_minimal

PARTS: tuple[Part, ...] = (("a",), ("b",), ("c", "d"))
EVERYTHING = frozenset("abcd")


def green_without(*needed: str) -> object:
    """A test that passes as long as all of these are there."""
    return lambda wanted: [not dropped & frozenset(needed) for dropped in wanted]


def found(ask: object, parts: Sequence[Part] = PARTS) -> Minimal:
    return one_minimal(parts, ask)  # type: ignore[arg-type]


def test_what_is_needed_stays_and_the_rest_is_unproven() -> None:
    assert found(green_without("a", "c")) == Minimal(("b",), ())
    assert found(green_without("a", "b", "d")).minimal is True
    assert found(green_without("a")).unproven == ("b", "c", "d")


def test_neighbours_that_do_not_parse_alone_are_left_out_together() -> None:
    asked: list[frozenset[str]] = []

    def ask(wanted: Sequence[frozenset[str]]) -> list[bool]:
        asked.extend(wanted)
        return [False for _ in wanted]

    found(ask)
    assert frozenset("cd") in asked
    assert not {frozenset("c"), frozenset("d")} & set(asked)


def test_the_only_part_is_needed_without_asking() -> None:
    assert found(lambda wanted: [1 / 0 for _ in wanted], [("a",)]).minimal is True
    assert found(lambda wanted: [1 / 0 for _ in wanted], []).minimal is True


def test_of_two_that_do_the_same_one_is_enough() -> None:
    assert found(lambda wanted: [not {"a", "b"} <= dropped for dropped in wanted]).unproven == ("a", "c", "d")


def test_a_function_goes_once_its_call_is_gone() -> None:
    """Without the function alone the call fails; without the call both are superfluous."""

    def ask(wanted: Sequence[frozenset[str]]) -> list[bool]:
        return [not ("b" in dropped and "c" not in dropped) and "a" not in dropped for dropped in wanted]

    assert found(ask).unproven == ("b", "c", "d")


def test_what_nobody_could_ask_is_told_and_never_called_unproven() -> None:
    answer = found(lambda wanted: [None for _ in wanted])
    assert answer == Minimal((), ("a", "b", "c", "d"))
    assert answer.minimal is None


SUITES = st.lists(st.frozensets(st.sampled_from("abcd"), min_size=1), min_size=1, max_size=4)
"""Tests: each needs at least one of its hunks."""


@given(SUITES)
def test_all_unproven_together_stay_green_and_nothing_more_can_go(tests: list[frozenset[str]]) -> None:
    def green(dropped: frozenset[str]) -> bool:
        return all(needs - dropped for needs in tests)

    answer = found(lambda wanted: [green(dropped) for dropped in wanted])
    dropped = frozenset(answer.unproven)
    assert green(dropped)
    for part in PARTS:
        assert set(part) <= dropped or not green(dropped | frozenset(part))
