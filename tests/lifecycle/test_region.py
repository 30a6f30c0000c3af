"""Lines of a file, followed back through the commits before: whoever changed them is found, whatever moved them."""

import difflib

from hypothesis import given
from hypothesis import strategies as st

from hotfix.lifecycle.pick.region import MARGIN, Hunk, Region, Step, around, before, touches, touching

FILE = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=12)


def hunks(old: list[str], new: list[str]) -> tuple[Hunk, ...]:
    """As ``diff -U0`` counts them: a count of 0 stands after the line that it names."""
    found = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            found.append(Hunk(i1 + 1 if i2 > i1 else i1, i2 - i1, j1 + 1 if j2 > j1 else j1, j2 - j1))
    return tuple(found)


def test_around_a_change_are_its_neighbours() -> None:
    assert around([Hunk(20, 2, 20, 1)]) == (Region(20 - MARGIN, 22 + MARGIN),)
    assert around([Hunk(10, 0, 11, 1)]) == (Region(11 - MARGIN, 11 + MARGIN),), "lines added after line 10"
    assert around([Hunk(1, 1, 1, 1), Hunk(5, 1, 5, 1)]) == (Region(1, 6 + MARGIN),), (
        "places that meet are one"
    )


def test_lines_added_removed_or_changed_there_touch_it() -> None:
    place = [Region(10, 15)]
    assert touches(place, [Hunk(12, 1, 12, 1)])
    assert touches(place, [Hunk(12, 3, 11, 0)]), "lines taken away after line 11"
    assert touches(place, [Hunk(9, 0, 10, 2)])
    assert not touches(place, [Hunk(1, 0, 2, 3), Hunk(20, 1, 23, 1)])


def test_a_line_is_followed_through_what_was_added_above_it() -> None:
    history = [
        Step("unrelated above", (Hunk(1, 0, 2, 10),)),
        Step("touched it", (Hunk(30, 1, 30, 1),)),
        Step("unrelated below", (Hunk(90, 1, 90, 1),)),
        Step("unknown", ()),
    ]

    assert touching([Hunk(40, 1, 40, 1)], history) == ("touched it", "unknown")
    assert touching([], history) == tuple(step.commit for step in history), "a fix without lines"


def places(lines: list[str]) -> list[Region]:
    """Every run of lines."""
    ends = range(1, len(lines) + 1)
    return [Region(first, end + 1) for first in ends for end in ends if first <= end]


@given(FILE, FILE)
def test_lines_that_a_commit_left_alone_are_found_where_they_were(old: list[str], new: list[str]) -> None:
    changed = hunks(old, new)
    for place in places(new):
        (back,) = before([place], changed)
        if not touches([place], changed):
            assert old[back.first - 1 : back.end - 1] == new[place.first - 1 : place.end - 1]


@given(FILE, FILE)
def test_what_a_commit_replaced_there_comes_in_as_a_whole(old: list[str], new: list[str]) -> None:
    changed = hunks(old, new)
    for place in places(new):
        (back,) = before([place], changed)
        assert 1 <= back.first <= back.end <= len(old) + 1
        for hunk in changed:
            if touches([place], [hunk]):
                assert back.first <= hunk.old.first and hunk.old.end <= back.end
