"""What is asked of a repository about picks that nobody made yet. Nothing of it is written there."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from hotfix.ports.git import Change, Clash, Commit
from hotfix.record.parts import Resolved


class Attempt(msgspec.Struct, frozen=True):
    """What would be picked onto what: full ids."""

    fixes: tuple[str, ...]
    """Commits, in order; a merge stands for what it brought to its first parent."""
    onto: str
    """A commit, or a tree that an earlier attempt gave."""
    resolved: tuple[Resolved, ...] = ()
    """What somebody made of paths in conflict; those that nobody did stay in conflict."""
    union: tuple[str, ...] = ()
    """Paths in which both sides' lines are kept, as ``merge=union`` would."""


class Tried(msgspec.Struct, frozen=True):
    """How far an attempt came."""

    trees: tuple[str, ...]
    """The tree after each fix that went on. All of them: the pick is clean."""
    clashes: tuple[Clash, ...] = ()
    """Why the next fix did not go on."""
    empty: bool = False
    """The next fix would change nothing: what it does is there already."""
    unreadable: str = ""
    """Why it cannot be told how the next fix goes on: something of it is not in this clone."""
    conflicted: str = ""
    """With clashes, the tree with conflict markers in them: for a person to work on, never for a ref."""

    @property
    def clean(self) -> bool:
        """Whether every fix went on."""
        return not (self.clashes or self.empty or self.unreadable)


class Line(msgspec.Struct, frozen=True):
    """A release line: what it is called, and the commit that stands there."""

    name: str
    commit: str


class Touched(msgspec.Struct, frozen=True):
    """A commit that changed a file, and where."""

    commit: str
    hunks: tuple[tuple[int, int, int, int], ...]
    """Old start and count, new start and count, as a diff without context says them; none of a binary or a mode."""


class Mention(msgspec.Struct, frozen=True):
    """A commit whose message names another commit."""

    commit: str
    message: str
    """Lossless text."""


class Blamed(msgspec.Struct, frozen=True):
    """A line, and the commit that touched it last."""

    number: int
    commit: str
    known: bool
    """Whether that is where the line comes from, and not only where this clone's history ends."""


class Picking(Protocol):
    """A repository, bare or not, that is only read: its objects, and the names of its refs."""

    def resolve(self, name: str) -> str:
        """The full commit id that `name` means. Ambiguous and unknown names are refused."""

    def is_plain_id(self, name: str) -> bool:
        """Whether `name` is a full id, and no ref is called so: it needs no resolving."""

    def commits_in(self, name: str) -> tuple[str, ...]:
        """`name` as a commit, or ``A..B`` as the commits along B's first parents that A lacks, oldest first."""

    def branches(self, pattern: str) -> tuple[Line, ...]:
        """The branches that fit the glob, as last fetched from the remote; where none is, the repository's own."""

    def tags(self, pattern: str, newest: int) -> tuple[Line, ...]:
        """The `newest` tags that fit the glob, by their date, newest first."""

    def commits(self, ids: Sequence[str]) -> tuple[Commit | None, ...]:
        """The commits, None where there is none here."""

    def attempt(self, attempts: Sequence[Attempt]) -> tuple[Tried, ...]:
        """Every attempt, in memory: what ``git cherry-pick`` would make in a work tree that stands on `onto`."""

    def strays(self, results: Sequence[tuple[Attempt, str]]) -> tuple[tuple[str, ...], ...]:
        """For each attempt and its result tree, the paths that the result changes and no fix named."""

    def changes(self, trees: Sequence[tuple[str, str]]) -> tuple[tuple[Change, ...] | None, ...]:
        """For each (old, new), every path that differs; None where the lines are not in this clone."""

    def history(self, path: str, older: str, newer: str) -> tuple[Touched, ...]:
        """Commits along the first parents of `newer` that `older` lacks and that changed `path`, newest first."""

    def touching(self, paths: Sequence[str], older: str, newer: str, most: int) -> tuple[str, ...]:
        """The newest commits that `newer` has and `older` lacks and that changed any of the paths, newest first."""

    def hunks(self, path: str, old_tree: str, new_tree: str) -> tuple[tuple[int, int, int, int], ...]:
        """Where `path` differs between two trees, as in :class:`Touched`."""

    def twins(self, commit: str, path: str) -> tuple[str, ...]:
        """The other paths of `commit` with the very content of `path`."""

    def in_order(self, commits: Sequence[str], older: str, newer: str) -> tuple[str, ...]:
        """Those of `commits` along the first parents of `newer` that `older` lacks, oldest first."""

    def blob(self, tree: str, path: str) -> str:
        """The blob at `path` of a tree; empty where there is none."""

    def mode(self, tree: str, path: str) -> str:
        """The mode of what is at `path` of a tree, as git writes it; empty where nothing is, or a folder."""

    def as_one(self, older: str, newer: str) -> str:
        """A commit by nobody that does at once all that lies between two commits, for an attempt."""

    def paths_with(self, commit: str, blob: str) -> tuple[str, ...]:
        """The paths of `commit` that have that very content."""

    def with_blobs(self, tree: str, blobs: Mapping[str, str]) -> str:
        """The tree (empty: that of nothing) with each path as the blob given, or without it where that is empty."""

    def content(self, blob: str) -> bytes:
        """What a blob holds. Raises Refused where it is not in this clone."""

    def keep_content(self, content: bytes) -> str:
        """Make a blob, for an attempt; its id. It is not in the repository until a pick with it is kept."""

    def paths(self, commit: str) -> tuple[str, ...]:
        """The paths that a commit changed since its first parent; all that it has, where it has no parent."""

    def blame(self, commit: str, path: str, regions: Sequence[tuple[int, int]]) -> tuple[Blamed, ...]:
        """Who touched the lines of each (first, end) last, at `commit`; white space and moves are no touch."""

    def first_tag_with(self, commit: str) -> tuple[str, str]:
        """The earliest tag, by date, that contains the commit, and that date as the record writes moments; else empty."""

    def merge_base(self, one: str, other: str) -> str:
        """The newest commit that both have; empty where there is none, or several."""

    def along(self, older: str, newer: str) -> tuple[str, ...]:
        """The commits along the first parents of `newer` that `older` lacks, oldest first."""

    def merge_of(self, commit: str, trunk: str) -> str:
        """The merge along the first parents of `trunk` that brought `commit`; empty where no merge did."""

    def is_in(self, commit: str, onto: str) -> bool:
        """Whether `commit` is in the history of `onto`."""

    def mentions(self, commit: str, within: str) -> tuple[Mention, ...]:
        """The commits of `within` after `commit` whose message has the beginning of its id, newest first."""

    def trunk(self) -> str:
        """The tip of the main line, as far as the repository says which one it is; else empty."""

    def forget(self) -> None:
        """Let go of every tree that attempts gave."""
