"""Trees made in the object store, and written out as plain files."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from hotfix.adapters.git import objects
from hotfix.adapters.git.process import LITERAL, GitProcess
from hotfix.record import lossless
from hotfix.record.finding import refused

_MOST_NAMED = 500
_SYMLINK, _SUBMODULE = "120000", "160000"


def modes_at(git: GitProcess, tree: str, paths: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Path (lossless) → (mode, id) of those of the paths that the tree has; folders are none."""
    found = {}
    for start in range(0, len(paths), _MOST_NAMED):
        names = [os.fsdecode(lossless.to_bytes(path)) for path in paths[start : start + _MOST_NAMED]]
        raw = git.store("ls-tree", "-z", "--full-tree", tree, "--", *names, env=LITERAL)
        for line in raw.split(b"\0")[:-1]:
            meta, _, path = line.partition(b"\t")
            mode, kind, id = meta.decode().split()
            if kind != "tree":
                found[lossless.to_text(path)] = (mode, id)
    return found


def put(git: GitProcess, tree: str, blobs: Mapping[str, str]) -> str:
    """The tree with each path (lossless) as the blob given, or without it where that is empty; modes stay."""
    modes = {path: mode for path, (mode, _) in modes_at(git, tree, list(blobs)).items()}
    index = {"GIT_INDEX_FILE": str(git.scratch / "put-index")}
    git.store("read-tree", tree, env=index)
    lines = [
        _index_line(modes.get(path, "100644"), blob, lossless.to_bytes(path))
        if blob
        else _index_line("0", "0" * len(tree), lossless.to_bytes(path))
        for path, blob in blobs.items()
    ]
    git.store("update-index", "-z", "--index-info", input=b"".join(lines), env=index)
    return git.store("write-tree", env=index).decode().strip()


def graft(git: GitProcess, base_tree: str, donor_tree: str, paths: Sequence[str]) -> str:
    """`base_tree` with `paths` as `donor_tree` has them (absent there: absent here)."""
    wanted = {lossless.to_bytes(path) for path in paths}
    donor = {path: (mode, id) for mode, id, path in entries(git, donor_tree) if path in wanted}
    index = {"GIT_INDEX_FILE": str(git.scratch / "graft-index")}
    git.store("read-tree", base_tree, env=index)
    lines = [_index_line(*donor.get(path, ("0", "0" * len(base_tree))), path) for path in sorted(wanted)]
    git.store("update-index", "-z", "--index-info", input=b"".join(lines), env=index)
    return git.store("write-tree", env=index).decode().strip()


def _index_line(mode: str, id: str, path: bytes) -> bytes:
    return f"{mode} {id}\t".encode() + path + b"\0"


def with_contents(git: GitProcess, tree: str, contents: Mapping[str, bytes | None]) -> str:
    """`tree` with each path (lossless) as given, and without it for None."""
    ids = {
        path: "" if content is None else objects.write_blob(git, content, keep=False)
        for path, content in contents.items()
    }
    return put(git, tree, ids)


def contents(git: GitProcess, tree: str, paths: Sequence[str]) -> tuple[bytes | None, ...]:
    """What stands at each path (lossless); None for nothing, a folder or a submodule."""
    there = modes_at(git, tree, paths)
    ids = [there[path][1] if path in there and there[path][0] != _SUBMODULE else "" for path in paths]
    found = dict(zip(ids, objects.read(git, [id or "0" * len(tree) for id in ids], kind="blob"), strict=True))
    return tuple(found[id] for id in ids)


def size(git: GitProcess, tree: str) -> int:
    """Bytes of all files of the tree."""
    out = git.store("ls-tree", "-r", "-z", "--format=%(objectsize)", "--full-tree", tree)
    return sum(int(each) for each in out.split(b"\0") if each.isdigit())


def write(git: GitProcess, tree: str, paths: Sequence[str], directory: Path) -> None:
    """Write those of the paths (lossless) that the tree has below `directory`; none of them may be there yet."""
    there = modes_at(git, tree, paths)
    _write_all(git, [(mode, id, lossless.to_bytes(path)) for path, (mode, id) in there.items()], directory)


def export(git: GitProcess, tree: str, directory: Path) -> None:
    """Write every file of the tree below `directory`, which must be empty or absent."""
    directory.mkdir(parents=True, exist_ok=True)
    _write_all(git, entries(git, tree), directory)


def _write_all(git: GitProcess, found: Sequence[tuple[str, str, bytes]], directory: Path) -> None:
    files = [entry for entry in found if entry[0] != _SUBMODULE]
    contents = objects.read(git, [id for _, id, _ in files])
    for (mode, id, path), content in zip(files, contents, strict=True):
        if content is None:
            raise refused(
                "git-missing-object",
                f"The file {lossless.to_text(path)} ({id[:12]}) is not in this clone.",
                "git fetch --refetch, then try again",
            )
        try:
            _write(directory, mode, path, content)
        except FileExistsError:
            raise refused(
                "git-unsafe-path",
                f"The tree writes {lossless.to_text(path)} over something that is already there.",
                "do not ship this tree",
            ) from None


def _write(directory: Path, mode: str, path: bytes, content: bytes) -> None:
    parts = path.split(b"/")
    if any(part in (b"", b".", b"..") or part.lower() == b".git" for part in parts):
        raise refused(
            "git-unsafe-path",
            f"The tree holds the path {lossless.to_text(path)}, which leads outside of it.",
            "do not ship this tree",
        )
    target = directory / os.fsdecode(path)
    _make_folder(directory, parts[:-1])
    if mode == _SYMLINK:
        target.symlink_to(os.fsdecode(content))
        return
    with target.open(
        "xb"
    ) as file:  # never over, and never through, what is there: one tree can name a path twice
        file.write(content)
    target.chmod(0o755 if mode == "100755" else 0o644)


def _make_folder(directory: Path, parts: Sequence[bytes]) -> None:
    """Folders are made one by one, and never through a symbolic link that the same tree brought."""
    folder = directory
    for part in parts:
        folder = folder / os.fsdecode(part)
        if folder.is_symlink():
            raise refused(
                "git-unsafe-path",
                f"The tree writes through the symbolic link {folder.name}.",
                "do not ship this tree",
            )
        folder.mkdir(exist_ok=True)


def entries(git: GitProcess, tree: str) -> list[tuple[str, str, bytes]]:
    """(mode, id, path) of every file of a tree, or of a commit."""
    result = []
    for line in git.store("ls-tree", "-r", "-z", "--full-tree", tree).split(b"\0")[:-1]:
        meta, _, path = line.partition(b"\t")
        mode, _type, id = meta.decode().split()
        result.append((mode, id, path))
    return result
