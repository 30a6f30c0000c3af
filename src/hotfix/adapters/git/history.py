"""What happened to a file, or was said of a commit, between two commits."""

import os
import re
from collections.abc import Iterator, Sequence

from hotfix.adapters.git.process import LITERAL, GitFailed, GitProcess
from hotfix.ports.picking import Blamed, Mention, Touched
from hotfix.record import lossless

_MOST = 200
"""Commits of one file that are looked at, newest first."""
_SHORTEST = 7
"""Letters of an id by which people and git name a commit at least."""
_HUNK = rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@"
_BLAME = rb"([0-9a-f]{40,64}) \d+ (\d+)(?: \d+)?"
_PLAIN = ("--no-renames", "--no-ext-diff", "--no-textconv", "--no-color", "--no-mailmap")


def touched(git: GitProcess, path: str, older: str, newer: str) -> tuple[Touched, ...]:
    """Commits along the first parents of `newer` that `older` lacks and that changed `path`, newest first."""
    raw = git.store(
        "log",
        *("--first-parent", "--diff-merges=first-parent", f"--max-count={_MOST}"),
        *("-p", "-U0", *_PLAIN, "--format=commit %H"),
        *(newer, f"^{older}", "--", _literal(path)),
    )
    return tuple(_parsed(raw))


def hunks(git: GitProcess, path: str, old_tree: str, new_tree: str) -> tuple[tuple[int, int, int, int], ...]:
    """Where `path` differs between two trees."""
    plain = ("--no-renames", "--no-ext-diff", "--no-textconv", "--no-color")
    raw = git.store("diff-tree", "-r", "-p", "-U0", *plain, old_tree, new_tree, "--", _literal(path))
    return tuple(hunk for line in raw.split(b"\n") if (hunk := _hunk(line)))


def _hunk(line: bytes) -> tuple[int, int, int, int] | None:
    match = re.match(_HUNK, line)
    if match is None:
        return None
    old, old_count, new, new_count = map(int, match.groups(b"1"))
    return old, old_count, new, new_count


def _parsed(raw: bytes) -> Iterator[Touched]:
    """Every line of a file's content begins with a sign, so that none is taken for a head."""
    commit = ""
    found: list[tuple[int, int, int, int]] = []
    for line in raw.split(b"\n"):
        if line.startswith(b"commit "):
            if commit:
                yield Touched(commit, tuple(found))
            commit, found = line[len("commit ") :].decode(), []
        elif hunk := _hunk(line):
            found.append(hunk)
    if commit:
        yield Touched(commit, tuple(found))


def touching(git: GitProcess, paths: Sequence[str], older: str, newer: str, most: int) -> tuple[str, ...]:
    """The newest commits that `newer` has and `older` lacks and that changed any of the paths, newest first.

    Paths are read by lines: of one with a line break, its parts are looked for, which finds more and misses nothing else.
    """
    named = "".join(f"{os.fsdecode(lossless.to_bytes(path))}\n" for path in paths)
    asked = f"{newer}\n^{older}\n--\n{named}".encode("utf-8", "surrogateescape")
    limits = ("--no-merges", f"--max-count={most}", "--stdin")
    return tuple(git.store("rev-list", *limits, input=asked, env=LITERAL).decode().split())


def _literal(path: str) -> str:
    return ":(literal)" + os.fsdecode(lossless.to_bytes(path))


def mentions(git: GitProcess, commit: str, within: str) -> tuple[Mention, ...]:
    """The commits of `within` after `commit` whose message has the beginning of its id, newest first."""
    raw = git.store(
        "log",
        "-z",
        "--no-mailmap",
        "--fixed-strings",
        f"--grep={commit[:_SHORTEST]}",
        "--format=%H%n%B",
        within,
        f"^{commit}",
    )
    found = (item.partition(b"\n") for item in raw.split(b"\0") if item)
    return tuple(Mention(id.decode(), lossless.to_text(message)) for id, _, message in found)


def blame(git: GitProcess, commit: str, path: str, regions: Sequence[tuple[int, int]]) -> tuple[Blamed, ...]:
    """Who touched the lines of each (first, end) last, at `commit`; white space and moves are no touch."""
    wanted = [f"-L{first},{end - 1}" for first, end in regions if first < end]
    if not wanted:
        return ()
    name = os.fsdecode(lossless.to_bytes(path))
    try:
        raw = git.store("blame", "-w", "-M", "-C", "--line-porcelain", *wanted, commit, "--", name)
    except GitFailed:
        return ()  # a file shorter than the line beside an addition, a binary, or a blob that is not here
    return tuple(_blamed(raw))


def _blamed(raw: bytes) -> Iterator[Blamed]:
    """Each line's own begins with a tab, so that none is taken for a head."""
    commit, number, known = "", 0, True
    for line in raw.split(b"\n"):
        if match := re.fullmatch(_BLAME, line):
            commit, number, known = match[1].decode(), int(match[2]), True
        elif line == b"boundary":
            known = False
        elif line.startswith(b"\t"):
            yield Blamed(number, commit, known)
