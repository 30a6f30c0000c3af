"""Which lines of a file a commit touched, followed back through the commits before it.

A pick conflicts where both sides changed the same lines, or lines next to them. The commits that changed the lines
around the fix before the fix did are those whose absence from the release explains the conflict.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

MARGIN = 3
"""Lines around a change that count as touched with it: as many as a diff shows for context."""


class Hunk(NamedTuple):
    """One place of a diff without context: lines counted from 1; a count of 0 stands after the line `start`."""

    old_start: int
    old_count: int
    new_start: int
    new_count: int

    @property
    def old(self) -> "Region":
        """The lines before the change."""
        return _lines(self.old_start, self.old_count)

    @property
    def new(self) -> "Region":
        """The lines after the change."""
        return _lines(self.new_start, self.new_count)


class Region(NamedTuple):
    """Lines from `first` up to, and without, `end`."""

    first: int
    end: int


def _lines(start: int, count: int) -> Region:
    return Region(start, start + count) if count else Region(start + 1, start + 1)


def around(hunks: Iterable[Hunk]) -> tuple[Region, ...]:
    """The lines that a change replaced, and their neighbours."""
    return _joined(Region(max(hunk.old.first - MARGIN, 1), hunk.old.end + MARGIN) for hunk in hunks)


def touches(regions: Sequence[Region], hunks: Iterable[Hunk]) -> bool:
    """Whether a commit, by its hunks, changed any of the lines; lines taken away count where they stood."""
    return any(
        hunk.new.first < region.end and region.first < max(hunk.new.end, hunk.new.first + 1)
        for hunk in hunks
        for region in regions
    )


def meet(one: Iterable[Region], other: Sequence[Region]) -> bool:
    """Whether any lines are in both."""
    return any(a.first < b.end and b.first < a.end for a in one for b in other)


def before(regions: Sequence[Region], hunks: Sequence[Hunk]) -> tuple[Region, ...]:
    """The same lines in the file before the commit with these hunks; what it replaced comes in as a whole."""
    return _joined(
        Region(max(_first_before(region.first, hunks), 1), _end_before(region.end, hunks))
        for region in regions
    )


def _first_before(line: int, hunks: Sequence[Hunk]) -> int:
    shift = 0
    for hunk in hunks:
        if hunk.new.first > line:
            break
        if hunk.new.end > line or (not hunk.new_count and hunk.new.first == line):
            return hunk.old.first
        shift = hunk.old.end - hunk.new.end
    return line + shift


def _end_before(end: int, hunks: Sequence[Hunk]) -> int:
    shift = 0
    for hunk in hunks:
        if hunk.new.first >= end:
            break
        if hunk.new.end > end:
            return hunk.old.end
        shift = hunk.old.end - hunk.new.end
    return end + shift


def _joined(regions: Iterable[Region]) -> tuple[Region, ...]:
    """Regions in order, those that meet made one."""
    result: list[Region] = []
    for region in sorted(regions):
        if result and region.first <= result[-1].end:
            result[-1] = Region(result[-1].first, max(result[-1].end, region.end))
        else:
            result.append(region)
    return tuple(result)


class Step(NamedTuple):
    """A commit that changed a file, and where."""

    commit: str
    hunks: tuple[Hunk, ...]


def touching(fix: Sequence[Hunk], history: Iterable[Step]) -> tuple[str, ...]:
    """The commits of `history` (of one file, newest first, ending where the fix begins) that touched the fix's lines.

    A fix without hunks (a binary file, a mode) is touched by all of them.
    """
    if not fix:
        return tuple(step.commit for step in history)
    regions = around(fix)
    found = []
    for step in history:
        if not step.hunks or touches(regions, step.hunks):
            found.append(step.commit)
        regions = before(regions, step.hunks)
    return tuple(found)
