"""Where things stand on the record branch, and reading and building its trees."""

import functools
import re
from collections.abc import Mapping, Sequence

from hotfix.adapters.git import objects
from hotfix.adapters.git.process import GitProcess
from hotfix.record import chain
from hotfix.record.chain import Entry
from hotfix.record.finding import refused

_RECORD = r"(HF-[1-9][0-9]*)/record/([0-9]{6,})\.jsonl"
ABOUT = (
    "# The record of hotfixes\n\nEvery commit of this branch adds facts and changes none. "
    "One folder per hotfix: `record/` holds the facts, one\n"
    "line of canonical JSON each, numbered over the whole record and chained by SHA-256; `evidence/` holds what\n"
    "they speak of; `README.md` is drawn from them. Check it all with `hotfix log --verify`. Protect this branch from\n"
    "force pushes and deletion.\n"
)


class Line:
    """One stored line, the file it stood in, and its entry."""

    __slots__ = ("entry", "file", "hotfix", "raw")

    def __init__(self, file: str, hotfix: str, raw: bytes, entry: Entry) -> None:
        self.file = file
        self.hotfix = hotfix
        self.raw = raw
        self.entry = entry


def record_path(hotfix: str, seq: int) -> str:
    """The file of an append whose first fact has number `seq`."""
    return f"{hotfix}/record/{seq:06d}.jsonl"


# An append asks for the same head several times, and the way back waits for it.
@functools.lru_cache(maxsize=4)
def record_files(git: GitProcess, commit: str, below: tuple[str, ...] = ()) -> tuple[tuple[str, str], ...]:
    """(path, blob) of every file of facts, or of those `below` these folders, in the order of the record.

    `commit` is a full id.
    """
    found = []
    for line in git.store("ls-tree", "-r", "-z", "--full-tree", commit, "--", *below).split(b"\0")[:-1]:
        meta, _, path = line.partition(b"\t")
        match = re.fullmatch(_RECORD, path.decode("utf-8", "replace"))
        if match:
            found.append((int(match[2]), path.decode(), meta.decode().split()[2]))
    return tuple((path, blob) for _, path, blob in sorted(found))


def raw_lines(git: GitProcess, files: Sequence[tuple[str, str]]) -> list[tuple[str, bytes]]:
    """(path, line) of every line of the files, in order. Raises Refused where one is not in this clone."""
    contents = objects.read(git, [blob for _, blob in files])
    return [
        (path, line)
        for (path, _), content in zip(files, contents, strict=True)
        for line in _here(path, content).split(b"\n")
        if line
    ]


def _here(path: str, content: bytes | None) -> bytes:
    if content is None:
        raise refused(
            "record-not-here",
            f"{path} of the record is not in this clone, which has only a part of the repository.",
            "git fetch --refetch --no-filter, or a clone without --filter",
        )
    return content


def parse(path: str, raw: bytes) -> Line:
    """The line as an entry. Raises Refused where it cannot be read: nothing may be decided on half a record."""
    try:
        entry = chain.read(raw)
    except ValueError as error:
        raise refused(
            "record-unreadable",
            f"{path} holds a line that cannot be read: {error}.",
            "hotfix log --verify names it; a newer version of hotfix may have written it",
        ) from None
    return Line(path, path.partition("/")[0], raw, entry)


def tree_with(git: GitProcess, head: str, files: Mapping[str, bytes]) -> str:
    """The tree of `head` (empty: none) with `files` added."""
    index = {"GIT_INDEX_FILE": str(git.scratch / "record-index")}
    git.store("read-tree", *([head] if head else ["--empty"]), env=index, keep=True)
    lines = [
        f"100644 {objects.write_blob(git, content, keep=True)}\t{path}\0"
        for path, content in sorted(files.items())
    ]
    git.store("update-index", "-z", "--index-info", input="".join(lines).encode(), env=index, keep=True)
    return git.store("write-tree", env=index, keep=True).decode().strip()
