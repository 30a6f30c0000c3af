"""The outlook of a pick that nobody made yet: how it would end on one release line."""

from collections.abc import Sequence

import msgspec

from hotfix.lifecycle.pick.aftermath import Later
from hotfix.policy.path_kind import kind_of
from hotfix.policy.rules import Rules

CLEAN, CONFLICT, EMPTY, UNKNOWN = "clean", "conflict", "empty", "unknown"
FOUND, NONE, OUT_OF_TIME, FAILED = "found", "none", "out of time", "failed"
IN_HISTORY, SAME_CHANGE, BY_ITS_WORDS = "in its history", "same change", "by its own words"


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


class Proven(msgspec.Struct, frozen=True):
    """Commits that make the pick clean when they are picked first: tried, not guessed."""

    first: tuple[str, ...]
    tree: str
    """The result of them and the fix."""
    size: Size | None
    """What they and the fix change together, which is what the scope guard will see."""
    command: str


class Offer(msgspec.Struct, frozen=True):
    """A resolution that a rule allows and nobody has asked for yet: shown, never taken by itself."""

    how: str
    """``union``: both sides' lines of every changelog in conflict."""
    paths: tuple[str, ...]
    tree: str
    """The result with it."""
    size: Size | None
    command: str


class Alike(msgspec.Struct, frozen=True):
    """A stray path, and the paths that had the very same content: git chose among them."""

    path: str
    others: tuple[str, ...]


class Already(msgspec.Struct, frozen=True):
    """The line has the fix already, or had it."""

    commit: str
    how: str
    """``in its history`` (the fix itself), ``same change`` (picked there again, the fix gives that commit's tree) or
    ``by its own words`` (the commit says that it was picked from the fix; its tree is another)."""
    undone_by: str = ""
    """The commit of the line that says it reverts it, and was not reverted itself."""


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
    alike: tuple[Alike, ...] = ()
    """Strays that could as well have landed elsewhere."""
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
    """Why it could not be tried, or explained."""
    size: Size | None = None
    """How much a clean pick would change; None where that was not counted, or the lines are not in this clone."""
    proven: tuple[Proven, ...] = ()
    """The prerequisites, with what they would bring."""
    search: str = ""
    """How the search for prerequisites ended: ``found``, ``none``, ``out of time``, or ``failed`` (`why` says it); empty
    where there was no search."""
    offers: tuple[Offer, ...] = ()
    already: Already | None = None
    later: tuple[Later, ...] = ()
    """Commits of trunk that revert the fix, or mend it."""


def conflicts_at(clashes: Sequence[tuple[str, str]], rules: Rules) -> tuple[ConflictAt, ...]:
    """(path, kind) of each clash, with the class of its path."""
    return tuple(ConflictAt(path, kind, kind_of(path, rules)) for path, kind in clashes)


def settled(outlook: Outlook) -> bool:
    """Whether nobody has anything to resolve: it goes on, or it is there already."""
    return outlook.outcome == CLEAN or is_there(outlook)


def is_there(outlook: Outlook) -> bool:
    """Whether the line has the fix, and what it did: nothing is left to pick, or the lines went on changing since."""
    already = outlook.already
    has_it = already is not None and already.how in (IN_HISTORY, SAME_CHANGE) and not already.undone_by
    return outlook.outcome == EMPTY or (outlook.outcome == CONFLICT and has_it and len(outlook.fixes) == 1)
