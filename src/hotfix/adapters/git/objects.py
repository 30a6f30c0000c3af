"""Objects read and written as they are."""

import re
from collections.abc import Iterable, Sequence

from hotfix.adapters.git.process import GitFailed, GitProcess
from hotfix.ports import Change, Commit
from hotfix.record import lossless
from hotfix.record.finding import refused

_HEX = r"[0-9a-f]{40}([0-9a-f]{24})?"


def is_full_id(name: str) -> bool:
    """Whether `name` is written as a full object id (SHA-1 or SHA-256)."""
    return re.fullmatch(_HEX, name) is not None


def read(git: GitProcess, ids: Sequence[str], kind: str = "") -> list[bytes | None]:
    """The contents of the objects (ids, or ``<commit>:<path>``), None where there is none, or none of that `kind`."""
    if not ids:
        return []
    out = git.store("cat-file", "--batch", input="".join(f"{id}\n" for id in ids).encode())
    contents: list[bytes | None] = []
    position = 0
    for _ in ids:
        end = out.index(b"\n", position)
        header = out[position:end]
        position = end + 1
        if header.endswith((b" missing", b" ambiguous")):
            contents.append(None)
            continue
        _, told, size_told = header.decode().rsplit(" ", 2)
        size = int(size_told)
        contents.append(out[position : position + size] if kind in ("", told) else None)
        position += size + 1
    return contents


def write_blob(git: GitProcess, content: bytes, *, keep: bool) -> str:
    """Store a blob; its id."""
    return git.store("hash-object", "-w", "--stdin", input=content, keep=keep).decode().strip()


def write_commit(git: GitProcess, raw: bytes, *, keep: bool) -> str:
    """Store a commit object from its exact bytes; its id. git checks that it is well formed."""
    return git.store("hash-object", "-t", "commit", "-w", "--stdin", input=raw, keep=keep).decode().strip()


def commit_bytes(
    tree: str, parents: Iterable[str], author: bytes, committer: bytes, message: bytes, encoding: bytes = b""
) -> bytes:
    """A commit object's bytes, in git's own order of headers."""
    lines = [f"tree {tree}".encode(), *(f"parent {parent}".encode() for parent in parents)]
    lines += [b"author " + author, b"committer " + committer]
    if encoding:
        lines.append(b"encoding " + encoding)
    return b"\n".join(lines) + b"\n\n" + message


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
    (raw,) = read(git, [id], kind="commit")
    if raw is None:
        raise refused(
            "git-missing-object",
            f"The commit {id[:12]} is not in this clone.",
            "git fetch --unshallow, or git fetch, then try again",
        )
    return parse_commit(id, raw)


def empty_tree(git: GitProcess) -> str:
    """The id of the tree without files."""
    return git.store("hash-object", "-t", "tree", "-w", "--stdin", input=b"").decode().strip()


def changes(git: GitProcess, old_tree: str, new_tree: str) -> tuple[Change, ...]:
    """Every path that differs. No rename detection: a rename shows only its new path, and hides the old one."""
    raw = git.store("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", old_tree, new_tree)
    fields = raw.split(b"\0")[:-1]
    counted = _counted(git, old_tree, new_tree)
    result = []
    for meta, path in zip(fields[::2], fields[1::2], strict=True):
        old_mode, new_mode, old_blob, new_blob, _status = meta.lstrip(b":").decode().split(" ")
        added, removed = counted.get(path, (0, 0))
        binary = added < 0
        result.append(
            Change(
                lossless.to_text(path),
                old_mode,
                new_mode,
                old_blob,
                new_blob,
                max(added, 0),
                max(removed, 0),
                binary,
            )
        )
    return tuple(result)


def _counted(git: GitProcess, old_tree: str, new_tree: str) -> dict[bytes, tuple[int, int]]:
    """Lines by path, from blobs: the scratch directory has no attributes that could say ``-diff``; -1 for binaries."""
    raw = git.store(
        "diff-tree",
        "-r",
        "-z",
        "--numstat",
        "--no-renames",
        "--no-ext-diff",
        "--no-textconv",
        old_tree,
        new_tree,
    )
    counted = {}
    for line in raw.split(b"\0")[:-1]:
        added, removed, path = line.split(b"\t", 2)
        counted[path] = (-1, -1) if added == b"-" else (int(added), int(removed))
    return counted


def diff(git: GitProcess, old_tree: str, new_tree: str) -> bytes:
    """Unified diff of blobs as they are; binaries are named, not shown."""
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
