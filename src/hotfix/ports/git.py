"""What is asked of the repository."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec

from hotfix.record.parts import Resolved

SYMLINK, SUBMODULE = "120000", "160000"
"""Modes of what is no file."""


class Commit(msgspec.Struct, frozen=True):
    """A commit as it is stored: no mailmap, no replace ref, no graft. Bytes stay bytes."""

    id: str
    tree: str
    parents: tuple[str, ...]
    author: bytes
    """The whole author line after ``author``: name, e-mail, seconds, zone."""
    message: bytes
    encoding: bytes = b""

    @property
    def subject(self) -> bytes:
        """The first line of the message."""
        return self.message.split(b"\n", 1)[0]

    @property
    def author_name(self) -> bytes:
        """What the author line calls its author: text, never proof of identity."""
        return self.author.partition(b" <")[0]

    @property
    def author_email(self) -> bytes:
        """The author line's e-mail: text, never proof of identity."""
        return self.author.partition(b"<")[2].partition(b">")[0]


class Trunk(msgspec.Struct, frozen=True):
    """The main line: its name, the ref that was read, and its tip."""

    name: str
    ref: str
    commit: str


class Change(msgspec.Struct, frozen=True):
    """One path that differs between two trees. Renames are shown as what they are: a removal and an addition."""

    path: str
    """Lossless text of the path's bytes."""
    old_mode: str
    new_mode: str
    old_blob: str
    new_blob: str
    added: int
    removed: int
    binary: bool


class Picked(msgspec.Struct, frozen=True):
    """The fixes went on cleanly: one new commit per fix, oldest first."""

    commits: tuple[str, ...]
    tree: str
    strays: tuple[str, ...]
    """Paths that the result changes and no fix named (git followed a rename)."""
    undo: str
    """The commit on top that takes all of it back: its tree was computed, and is the base tree."""


class Clash(msgspec.Struct, frozen=True):
    """One path in conflict."""

    path: str
    """Lossless text of the path's bytes."""
    kind: str
    """As git calls it: ``contents``, ``modify/delete``, ``rename/rename``, …; and ``add/add``."""


class Conflict(msgspec.Struct, frozen=True):
    """The fix does not go onto the base by itself."""

    fix: str
    clashes: tuple[Clash, ...]


class Empty(msgspec.Struct, frozen=True):
    """The base already has what the fix does: nothing would ship."""

    fix: str


PickOutcome = Picked | Conflict | Empty


class Git(Protocol):
    """The user's repository: read without believing its configuration, written without touching its work tree."""

    def trunk(self, configured: str = "") -> Trunk:
        """The main line as last fetched: `configured`, else ``origin/HEAD``, else the only one of main and master."""

    def resolve(self, name: str) -> str:
        """The full commit id that `name` means. Ambiguous and unknown names are refused."""

    def commit(self, id: str) -> Commit:
        """The commit `id` (a full id)."""

    def tag_commit(self, name: str) -> str | None:
        """The commit that the tag `name` points at, where there is such a tag."""

    def tags_of(self, commit: str) -> tuple[str, ...]:
        """Names of the tags that point at `commit`."""

    def release_before(self, commit: str) -> tuple[str, str] | None:
        """(tag, commit) of the newest tagged commit in the history of `commit`, itself not counted; None without one."""

    def file_at(self, commit: str, path: str) -> bytes | None:
        """The content of `path` in `commit`, or None where there is no such file."""

    def contents(self, tree: str, paths: Sequence[str]) -> tuple[bytes | None, ...]:
        """What stands at each path (lossless) of the tree; None for nothing, or for no file."""

    def blob_at(self, commit: str, path: str) -> str:
        """The id of the blob at `path` in `commit`; empty where there is none."""

    def blob_in(self, tree: str, path: str) -> str:
        """The id of the blob at `path` (lossless) in a tree; empty where there is none."""

    def paths(self, commit: str) -> tuple[str, ...]:
        """Every path of `commit`, as lossless text."""

    def authors(self, commit: str, limit: int) -> tuple[str, ...]:
        """The e-mails that the newest `limit` commits name as authors, each once: text, never proof."""

    def top(self) -> Path | None:
        """The work tree's top folder; None in a bare repository."""

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        """Whether `ancestor`, a full id, is in the history of `descendant`; what this clone does not know is not."""

    def count_between(self, older: str, newer: str) -> int:
        """How many commits `newer` has that `older` lacks."""

    def subjects_between(self, older: str, newer: str, limit: int) -> tuple[tuple[str, str], ...]:
        """(id, subject) of commits that `newer` has and `older` lacks, newest first, at most `limit`."""

    def tips(self, branch: str) -> tuple[str, ...]:
        """Where `branch` stands, here and as last fetched from the remote; nothing where it does not exist."""

    def pick(
        self, fixes: Sequence[str], onto: str, at: datetime, resolved: Sequence[Resolved] = ()
    ) -> PickOutcome:
        """Cherry-pick in memory, with what somebody made of the paths in conflict.

        Writes no ref, no work tree and, until :meth:`keep`, no object of the repository.
        """

    def commits_since(self, base: str, tip: str) -> tuple[str, ...]:
        """The commits from `base` to `tip`, oldest first; none where `base` is not in its history, or a merge is among them."""

    def keep(self, result: str, base: str) -> None:
        """Move what `result` has and `base` lacks into the repository's own store."""

    def point(self, ref: str, new: str, old: str | None) -> None:
        """Move `ref` from `old` (None: it must not exist) to `new`, or refuse."""

    def ref(self, name: str) -> str | None:
        """What `name` (a full ref) points at."""

    def publish(self, refs: Mapping[str, tuple[str, str | None]]) -> None:
        """Give refs, as ``name: (new, old)``, to the remote, which must have them at `old` (None: not at all).

        All or none. Without a remote, nothing happens. Raises :class:`Refused` where the remote says no.
        """

    def fetch(self, *, within: float = 60.0) -> str:
        """Bring trunk, tags and hotfix refs up to date: empty, or the reason why the remote could not be reached."""

    def remote_url(self) -> str:
        """Where the remote is; empty where there is none."""

    def pull_request(self, number: int) -> str | None:
        """The head of a pull or merge request, brought here; None where the remote offers none of that number."""

    def has_remote(self) -> bool:
        """Whether there is a remote to speak of."""

    def changes(self, old_tree: str, new_tree: str) -> tuple[Change, ...]:
        """Every path that differs, counted from blobs; attributes, drivers and rename detection have no say."""

    def diff(self, old_tree: str, new_tree: str, paths: Sequence[str] = ()) -> bytes:
        """Unified diff with three lines of context, of blobs as they are; of all paths, or of those named (lossless)."""

    def graft(self, base_tree: str, donor_tree: str, paths: Sequence[str]) -> str:
        """The tree id of `base_tree` with `paths` (lossless) as `donor_tree` has them."""

    def with_contents(self, tree: str, contents: Mapping[str, bytes | None]) -> str:
        """The tree id of `tree` with each path (lossless) as given, and without it for None; modes stay."""

    def size(self, tree: str) -> int:
        """Bytes of all files of the tree."""

    def write(self, tree: str, paths: Sequence[str], directory: Path) -> None:
        """Write those of the paths (lossless) that the tree has, as :meth:`export` does, beside what is there."""

    def export(self, tree: str, directory: Path) -> None:
        """Write the tree's files: blobs as they are, no filter, no attribute, no hook; submodules stay empty."""

    def clone_id(self) -> str:
        """A short name of this clone, the same for every process in it, and another in every other clone."""

    def state_dir(self) -> Path:
        """A folder of this clone where the program may keep what can be made again."""

    def identity(self) -> str:
        """``Name <e-mail>`` as git would commit: stated, not proven."""

    def lock(self, name: str) -> "Lock":
        """An exclusive lock among the processes of this clone."""


class Lock(Protocol):
    """Held while the block runs; freed by the system if the process dies."""

    def __enter__(self) -> "Lock":
        """Wait for the lock."""

    def __exit__(self, *exc: object) -> None:
        """Let go."""
