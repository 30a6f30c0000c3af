"""Hunks: every place of a patch can be left out by itself, and nothing else changes."""

import difflib

from hypothesis import given
from hypothesis import strategies as st

from hotfix.lifecycle.prove.hunk import Hunk, Range, hunks_of, without

LINES = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\r\n", b"\n"]), max_size=12)
ENDS = st.sampled_from([b"", b"no end"])


def ranges(before: bytes, after: bytes) -> list[Range]:
    """As ``git diff -U0`` says them."""
    old, new = (content.split(b"\n") for content in (before, after))
    found = []
    for tag, a, b, c, d in difflib.SequenceMatcher(
        None, lines(old), lines(new), autojunk=False
    ).get_opcodes():
        if tag != "equal":
            found.append((a + 1 if b > a else a, b - a, c + 1 if d > c else c, d - c))
    return found


def lines(parts: list[bytes]) -> list[bytes]:
    *whole, last = parts
    return [part + b"\n" for part in whole] + ([last] if last else [])


def file(content: list[bytes], end: bytes) -> bytes:
    return b"".join(content) + end


@given(LINES, ENDS, LINES, ENDS)
def test_all_left_out_is_the_file_before_and_none_is_the_file_after(
    old: list[bytes], old_end: bytes, new: list[bytes], new_end: bytes
) -> None:
    before, after = file(old, old_end), file(new, new_end)
    hunks = hunks_of("shop.py", before, after, ranges(before, after))
    if before == after:
        return
    if hunks[0].range is None:
        return
    assert without(before, after, hunks, frozenset()) == after
    assert without(before, after, hunks, {hunk.id for hunk in hunks}) == before
    assert len({hunk.id for hunk in hunks}) == len(hunks)


@given(LINES, LINES, st.data())
def test_leaving_some_out_and_then_the_others_is_leaving_all_out(
    old: list[bytes], new: list[bytes], data: st.DataObject
) -> None:
    before, after = file(old, b""), file(new, b"")
    hunks = hunks_of("shop.py", before, after, ranges(before, after))
    if before == after or hunks[0].range is None:
        return
    some = {hunk.id for hunk in hunks if data.draw(st.booleans())}
    halfway = without(before, after, hunks, some)
    left = hunks_of("shop.py", before, halfway, ranges(before, halfway))
    if halfway != before:
        assert without(before, halfway, left, {hunk.id for hunk in left}) == before


def test_a_hunk_is_known_by_its_lines_wherever_they_stand() -> None:
    here = hunks_of("shop.py", b"a\nb\n", b"a\nc\n", [(2, 1, 2, 1)])
    there = hunks_of("shop.py", b"x\ny\na\nb\n", b"x\ny\na\nc\n", [(4, 1, 4, 1)])
    assert [hunk.id for hunk in here] == [hunk.id for hunk in there]
    assert [hunk.line for hunk in (*here, *there)] == [2, 4]
    elsewhere = hunks_of("cart.py", b"a\nb\n", b"a\nc\n", [(2, 1, 2, 1)])
    assert elsewhere[0].id != here[0].id


def test_a_hunk_shows_its_first_line_that_says_something() -> None:
    (written,) = hunks_of("shop.py", b"a\n", b"a\n\n  total = 0\n", [(1, 0, 2, 2)])
    assert written.text == "total = 0"
    (removed,) = hunks_of("shop.py", b"a\nb\n", b"a\n", [(2, 1, 1, 0)])
    assert removed.text == "- b"


def test_the_same_change_twice_is_two_hunks() -> None:
    first, second = hunks_of("shop.py", b"a\nb\na\n", b"c\nb\nc\n", [(1, 1, 1, 1), (3, 1, 3, 1)])
    assert first.id != second.id
    assert without(b"a\nb\na\n", b"c\nb\nc\n", [first, second], {second.id}) == b"c\nb\na\n"


def test_a_file_that_is_brought_or_removed_or_binary_is_one_hunk() -> None:
    for before, after in ((None, b"a\n"), (b"a\n", None), (b"\0a", b"\0b")):
        (hunk,) = hunks_of("logo.png", before, after, [])
        assert isinstance(hunk, Hunk)
        assert (hunk.range, hunk.line) == (None, 0)
