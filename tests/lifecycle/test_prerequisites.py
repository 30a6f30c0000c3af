"""Which commits make a pick clean: only what was tried is an answer, and the smallest that was tried first."""

from collections.abc import Callable, Sequence
from itertools import chain, combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from hotfix.lifecycle.pick.prerequisites import Chain, search

BASE = Chain((), "")
NAMES = "abcdefg"


def world(
    needs: dict[str, set[str]], clashes: frozenset[str] = frozenset()
) -> Callable[[Sequence[tuple[str, str]]], list[str]]:
    """A tree is the letters of what was picked; a commit goes on where what it needs is in, and never twice."""

    def go(pairs: Sequence[tuple[str, str]]) -> list[str]:
        return [
            tree + commit
            if needs.get(commit, set()) <= set(tree) and commit not in tree and commit not in clashes
            else ""
            for commit, tree in pairs
        ]

    return go


def always() -> bool:
    return True


def test_every_single_commit_that_is_enough_is_an_answer() -> None:
    def go(pairs: Sequence[tuple[str, str]]) -> list[str]:
        return [tree + commit if commit != "X" or {"b", "d"} & set(tree) else "" for commit, tree in pairs]

    assert search(BASE, "X", "abcd", go, always) == (Chain(("b",), "bX"), Chain(("d",), "dX"))


def test_two_go_on_in_trunks_order() -> None:
    go = world({"X": {"b", "d"}, "d": {"b"}})

    assert search(BASE, "X", "abcd", go, always) == (Chain(("b", "d"), "bdX"),)


def test_of_more_only_those_that_are_needed_remain() -> None:
    go = world({"X": {"b", "d", "f"}, "d": {"b"}}, clashes=frozenset("c"))

    assert search(BASE, "X", NAMES, go, always) == (Chain(("b", "d", "f"), "bdfX"),)


def test_nothing_is_found_where_nothing_helps() -> None:
    assert search(BASE, "X", "abc", world({"X": {"elsewhere"}}), always) == ()
    assert search(BASE, "X", "", world({"X": {"a"}}), always) == ()


def test_no_round_begins_when_time_is_up() -> None:
    asked: list[str] = []

    def go(pairs: Sequence[tuple[str, str]]) -> list[str]:
        asked.extend(commit for commit, _ in pairs)
        return ["" for _ in pairs]

    assert search(BASE, "X", "abc", go, lambda: False) == ()
    assert asked == []


NEEDS = st.dictionaries(st.sampled_from(NAMES + "X"), st.sets(st.sampled_from(NAMES), max_size=4))


@settings(max_examples=300)
@given(NEEDS, st.sets(st.sampled_from(NAMES), max_size=2))
def test_every_answer_was_tried_and_up_to_two_none_is_smaller(
    needs: dict[str, set[str]], clashing: set[str]
) -> None:
    go = world(needs, frozenset(clashing))

    def ends_in(commits: Sequence[str]) -> str:
        tree = ""
        for commit in (*commits, "X"):
            (tree,) = go([(commit, tree)])
            if not tree:
                return ""
        return tree

    answers = search(BASE, "X", NAMES, go, always)

    assert all(ends_in(answer.commits) == answer.tree for answer in answers)
    few = [one for one in chain(combinations(NAMES, 1), combinations(NAMES, 2)) if ends_in(one)]
    if few:
        smallest = len(few[0])
        assert {answer.commits for answer in answers} == {one for one in few if len(one) == smallest}
    for answer in answers:
        without = (tuple(c for c in answer.commits if c != one) for one in answer.commits)
        assert not any(ends_in(fewer) for fewer in without if fewer)
