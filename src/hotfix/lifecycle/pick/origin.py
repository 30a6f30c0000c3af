"""Where a defect came from, inferred: the commits that last touched the lines which the fix changes.

That is the idea of Śliwerski, Zimmermann and Zeller (2005): blame the lines that a fix replaces. White space and moves are
not taken for authorship. It is evidence and not proof: a fix may add what was always missing, and may mend a place far from
the cause. So a person confirms it.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from hotfix.lifecycle.pick.region import Hunk, Region
from hotfix.policy.path_kind import kind_of
from hotfix.policy.rules import Rules

_NOT_THE_DEFECT = frozenset({"test", "docs", "changelog", "generated", "lock"})
"""A line of these is replaced along with a fix, and breaks nothing in production."""


class Line(NamedTuple):
    """A line that the fix changes, and who touched it last."""

    commit: str
    path: str
    number: int
    changed: bool
    """Whether the fix replaces the line; else it adds something next to it."""


class Suspect(msgspec.Struct, frozen=True):
    """A commit that may have brought the defect, and why it is suspected."""

    commit: str
    lines: int
    """How many of the lines that the fix changes it touched last."""
    replaced: bool
    """Whether the fix replaces lines of it; else it only adds something next to them, which is weaker."""
    evidence: tuple[str, ...]
    """``path:line``, or ``path:first-last``, of each run of lines, at the base."""


class Origin(msgspec.Struct, frozen=True):
    """A suspect, and since when production has what it brought."""

    suspect: Suspect
    subject: str
    release: str
    """The first release that contains it; empty where no tag does."""
    live_since: str
    """When that release went to production; empty where nothing tells."""
    known_by: str
    """How that is known: ``record``, ``tag date``, or empty."""


def asked(path: str, rules: Rules) -> bool:
    """Whether lines of this path can be the defect."""
    return kind_of(path, rules) not in _NOT_THE_DEFECT


def replaced(hunks: Iterable[Hunk]) -> tuple[Region, ...]:
    """The lines that a fix replaces."""
    return tuple(hunk.old for hunk in hunks if hunk.old_count)


def beside(hunks: Iterable[Hunk]) -> tuple[Region, ...]:
    """Where a fix only adds, the lines before and after."""
    added = (hunk.old_start for hunk in hunks if not hunk.old_count)
    return tuple(Region(max(line, 1), line + 2) for line in added)


def suspects(lines: Sequence[Line]) -> tuple[Suspect, ...]:
    """Who touched the lines last, those with most lines first; of lines beside an addition only where nothing is replaced."""
    strong = any(line.changed for line in lines)
    touched: dict[str, list[Line]] = {}
    for line in lines:
        if line.changed == strong:
            touched.setdefault(line.commit, []).append(line)
    found = (Suspect(commit, len(its), strong, _runs(its)) for commit, its in touched.items())
    return tuple(sorted(found, key=lambda one: -one.lines))


def _runs(lines: Sequence[Line]) -> tuple[str, ...]:
    """``path:12`` or ``path:12-15`` of each run of lines."""
    runs: list[tuple[str, int, int]] = []
    for path, number in sorted({(line.path, line.number) for line in lines}):
        if runs and runs[-1][0] == path and runs[-1][2] == number - 1:
            runs[-1] = (path, runs[-1][1], number)
        else:
            runs.append((path, number, number))
    return tuple(
        f"{path}:{first}" if first == last else f"{path}:{first}-{last}" for path, first, last in runs
    )


def first_live(origins: Iterable[Origin]) -> str:
    """Since when production has what the first of the suspects brought; empty where nothing tells."""
    return min((one.live_since for one in origins if one.live_since), default="")
