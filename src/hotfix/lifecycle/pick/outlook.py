"""The outlook of a pick that nobody made yet: how it would end on one release line."""

from collections.abc import Sequence

import msgspec

from hotfix.policy.path_kind import kind_of
from hotfix.policy.rules import Rules

CLEAN, CONFLICT, EMPTY, UNKNOWN = "clean", "conflict", "empty", "unknown"


class ConflictAt(msgspec.Struct, frozen=True, rename={"path_class": "class"}):
    """One path in conflict."""

    path: str
    kind: str
    """What collided, as git calls it."""
    path_class: str
    """What sort of file it is: ``changelog``, ``lock``, ``generated``, ``vendored``, ``docs``, ``test``, ``source``, …"""


class Size(msgspec.Struct, frozen=True):
    """How much the line would change."""

    files: int
    added: int
    removed: int


class Outlook(msgspec.Struct, frozen=True, omit_defaults=False):
    """One fix, one line."""

    sha: str
    """The fix; of several, the last."""
    onto: str
    """The commit that it would be picked onto."""
    outcome: str
    """``clean``, ``conflict``, ``empty`` (what it does is there already) or ``unknown`` (it could not be tried)."""
    tree: str = ""
    """The result tree of a clean pick, in full."""
    conflicts: tuple[ConflictAt, ...] = ()
    stray: tuple[str, ...] = ()
    """Paths that would change and that no fix named: git followed a rename."""
    prerequisites: tuple[tuple[str, ...], ...] | None = None
    """Sets of commits of which each, picked first, was tried and makes the pick clean. None: not looked for."""
    ms: float = 0.0
    """What it took, in milliseconds; of a batch, its share."""
    line: str = ""
    """What the line is called."""
    fixes: tuple[str, ...] = ()
    """All fixes, in order."""
    stopped_at: str = ""
    """The fix that did not go on."""
    why: str = ""
    """Why it could not be tried."""
    size: Size | None = None
    """How much a clean pick would change; None where the lines are not in this clone."""


def conflicts_at(clashes: Sequence[tuple[str, str]], rules: Rules) -> tuple[ConflictAt, ...]:
    """(path, kind) of each clash, with the class of its path."""
    return tuple(ConflictAt(path, kind, kind_of(path, rules)) for path, kind in clashes)


def settled(outlook: Outlook) -> bool:
    """Whether nobody has anything to resolve: it goes on, or it is there already."""
    return outlook.outcome in (CLEAN, EMPTY)
