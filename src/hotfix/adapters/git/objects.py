"""Objects read and written as they are."""

import functools
import os
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from hotfix.adapters.git.process import GitFailed, GitProcess
from hotfix.ports import Change, Commit
from hotfix.record import lossless
from hotfix.record.finding import refused

NOBODY = b"hotfix <hotfix@invalid> 0 +0000"
_HEX = r"[0-9a-f]{40}([0-9a-f]{24})?"


def is_full_id(name: str) -> bool:
    """Whether `name` is written as a full object id (SHA-1 or SHA-256)."""
    return re.fullmatch(_HEX, name) is not None


def read(git: GitProcess, ids: Sequence[str], kind: str = "") -> list[bytes | None]:
    """The contents of the objects (ids, or ``<commit>:<path>``), None where there is none, or none of that `kind`."""
    return read_named(git, [id.encode() for id in ids], kind)


def read_named(git: GitProcess, names: Sequence[bytes], kind: str = "") -> list[bytes | None]:
    """The same of names that are bytes."""
    if not names:
        return []
    out = git.store("cat-file", "--batch", "-z", input=b"".join(name + b"\0" for name in names))
    contents: list[bytes | None] = []
    position = 0
    for name in names:
        # What git says of a name that it does not find begins with the name, line breaks and all.
        if out.startswith((name + b" missing\n", name + b" ambiguous\n"), position):
            position = out.index(b"\n", position + len(name)) + 1
            contents.append(None)
            continue
        end = out.index(b"\n", position)
        answer = out[position:end].decode().split(" ")
        position = end + 1
        if len(answer) != 3:  # newer versions of git say "submodule" of a path that lies in one
            contents.append(None)
            continue
        told, size = answer[1], int(answer[2])
        contents.append(out[position : position + size] if kind in ("", told) else None)
        position += size + 1
    return contents


def missing(git: GitProcess, ids: Sequence[str]) -> frozenset[str]:
    """Those of the objects that are not in this clone."""
    asked = "".join(f"{id}\n" for id in ids).encode()
    said = git.store("cat-file", "--batch-check", input=asked).decode().splitlines() if ids else []
    return frozenset(line.split()[0] for line in said if line.endswith(" missing"))


def write_blob(git: GitProcess, content: bytes, *, keep: bool) -> str:
    """Store a blob; its id."""
    return git.store("hash-object", "-w", "--stdin", input=content, keep=keep).decode().strip()


def write_commit(git: GitProcess, raw: bytes, *, keep: bool) -> str:
    """Store a commit object from its exact bytes; its id. git checks that it is well formed."""
    return git.store("hash-object", "-t", "commit", "-w", "--stdin", input=raw, keep=keep).decode().strip()


def write_commits(git: GitProcess, raws: Sequence[bytes]) -> list[str]:
    """Store commit objects from their exact bytes in the scratch store, by one process; their ids."""
    if not raws:
        return []
    files = [git.scratch / f"commit-{number}" for number in range(len(raws))]
    for file, raw in zip(files, raws, strict=True):
        file.write_bytes(raw)
    paths = b"".join(bytes(file) + b"\n" for file in files)
    out = git.store("hash-object", "-t", "commit", "-w", "--no-filters", "--stdin-paths", input=paths)
    return out.decode().split()


def commit_bytes(
    tree: str, parents: Iterable[str], author: bytes, committer: bytes, message: bytes, encoding: bytes = b""
) -> bytes:
    """A commit object's bytes, in git's own order of headers."""
    lines = [f"tree {tree}".encode(), *(f"parent {parent}".encode() for parent in parents)]
    lines += [b"author " + author, b"committer " + committer]
    if encoding:
        lines.append(b"encoding " + encoding)
    return b"\n".join(lines) + b"\n\n" + message


def committer_line(identity: str, at: datetime) -> bytes:
    """A committer line: the person as git names them, the moment, and UTC."""
    return f"{identity} {int(at.timestamp())} +0000".encode()


def parse_commit(id: str, raw: bytes) -> Commit:
    """The commit that these bytes are."""
    head, _, message = raw.partition(b"\n\n")
    fields: dict[bytes, list[bytes]] = {}
    for line in head.split(b"\n"):
        key, _, value = line.partition(b" ")
        if key:
            fields.setdefault(key, []).append(value)
    return Commit(
        id=id,
        tree=fields[b"tree"][0].decode(),
        parents=tuple(parent.decode() for parent in fields.get(b"parent", [])),
        author=fields[b"author"][0],
        message=message,
        encoding=fields.get(b"encoding", [b""])[0],
    )


def commit(git: GitProcess, id: str) -> Commit:
    """The commit `id`."""
    return _known(git, id) if is_full_id(id) else _commit(git, id)


# A ship asks for the same few commits again and again, and what a full id means never changes.
@functools.lru_cache(maxsize=64)
def _known(git: GitProcess, id: str) -> Commit:
    return _commit(git, id)


def _commit(git: GitProcess, id: str) -> Commit:
    (raw,) = read(git, [id], kind="commit")
    if raw is None:
        raise refused(
            "git-missing-object",
            f"The commit {id[:12]} is not in this clone.",
            "git fetch --unshallow, or git fetch, then try again",
        )
    return parse_commit(id, raw)


def commits(git: GitProcess, ids: Sequence[str]) -> list[Commit | None]:
    """The commits, None where there is none."""
    raws = read(git, ids, kind="commit")
    return [None if raw is None else parse_commit(id, raw) for id, raw in zip(ids, raws, strict=True)]


def empty_tree(git: GitProcess) -> str:
    """The id of the tree without files."""
    return git.store("hash-object", "-t", "tree", "-w", "--stdin", input=b"").decode().strip()


class Difference(NamedTuple):
    """One path that differs between two trees, as git tells it."""

    path: bytes
    old_mode: str
    new_mode: str
    old_blob: str
    new_blob: str


_NO_RENAMES = ("-r", "-z", "--no-renames", "--no-abbrev", "--no-ext-diff", "--no-textconv")
"""No rename detection: a rename shows only its new path, and hides the old one."""


def differences(
    git: GitProcess, trees: Sequence[tuple[str, str]], *pathspec: str
) -> list[tuple[Difference, ...]]:
    """For each (old, new), every path that differs, or of those that fit the pathspec."""
    said = _diff_trees(git, trees, "--raw", *(["--", *pathspec] if pathspec else []))
    return [tuple(different) for different, _ in said]


def changes(git: GitProcess, trees: Sequence[tuple[str, str]]) -> list[tuple[Change, ...]]:
    """For each (old, new), every path that differs, and how many lines of it.

    Counted from blobs: the scratch directory has no attributes that could say ``-diff``.
    """
    said = _diff_trees(git, trees, "--raw", "--numstat")
    return [tuple(_change(one, lines.get(one.path, (0, 0))) for one in found) for found, lines in said]


def _change(one: Difference, lines: tuple[int, int]) -> Change:
    added, removed = lines
    return Change(
        lossless.to_text(one.path),
        one.old_mode,
        one.new_mode,
        one.old_blob,
        one.new_blob,
        max(added, 0),
        max(removed, 0),
        binary=added < 0,
    )


_Said = tuple[list[Difference], dict[bytes, tuple[int, int]]]
"""What differs, and the lines added and removed by path; -1 for binaries."""


def _diff_trees(git: GitProcess, trees: Sequence[tuple[str, str]], *options: str) -> list[_Said]:
    if not trees:
        return []
    pairs = [f"{old} {new}\n".encode() for old, new in trees]
    out = git.store("diff-tree", "--stdin", *_NO_RENAMES, *options, input=b"".join(pairs))
    said: list[_Said] = []
    fields = iter(out.split(b"\0"))
    field = next(fields)
    for pair in pairs:
        # The pair itself, then what differs. A path is never taken for anything else, whatever it is called.
        field = field.removeprefix(pair)
        found: list[Difference] = []
        lines: dict[bytes, tuple[int, int]] = {}
        while field[:1] == b":" or b"\t" in field[:20]:
            if field[:1] == b":":
                found.append(_difference(field, next(fields)))
            else:
                added, removed, path = field.split(b"\t", 2)
                lines[path] = (-1, -1) if added == b"-" else (int(added), int(removed))
            field = next(fields)
        said.append((found, lines))
    return said


def _difference(meta: bytes, path: bytes) -> Difference:
    old_mode, new_mode, old_blob, new_blob, _status = meta.removeprefix(b":").decode().split(" ")
    return Difference(path, old_mode, new_mode, old_blob, new_blob)


def diff(git: GitProcess, old_tree: str, new_tree: str, paths: Sequence[str] = ()) -> bytes:
    """Unified diff of blobs as they are, or of some paths (lossless); binaries are named, not shown."""
    named = [":(literal)" + os.fsdecode(lossless.to_bytes(path)) for path in paths]
    return git.store(
        "diff-tree",
        "-r",
        "-p",
        "--no-renames",
        "--full-index",
        "--no-ext-diff",
        "--no-textconv",
        "--no-color",
        old_tree,
        new_tree,
        "--",
        *named,
    )


def tree_of(git: GitProcess, commit: str) -> str:
    """The tree id of a commit."""
    try:
        return git.store("rev-parse", "--verify", "--end-of-options", f"{commit}^{{tree}}").decode().strip()
    except GitFailed:
        raise refused(
            "git-missing-object",
            f"The commit {commit[:12]} is not in this clone.",
            "git fetch (in a shallow clone: git fetch --unshallow), then try again",
        ) from None
