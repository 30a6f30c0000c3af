"""The record from afar: which hotfixes it has and which of them changed, without reading what is on record of them."""

import functools
import re
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from hotfix.adapters.git.process import GitFailed, GitProcess
from hotfix.adapters.ledger import files
from hotfix.ports.ledger import LONG
from hotfix.record.chain import Entry

_FOLDER = rb"040000 tree ([0-9a-f]+)\t(HF-[1-9][0-9]*)"
_MANY = 400
"""Folders above which all of them are read at once: a command line has an end."""


def folders(git: GitProcess, head: str) -> dict[str, str]:
    """By hotfix, the id of its folder's tree; in the order of their numbers."""
    return dict(_folders(git, head)) if head else {}


# One command asks for the same head several times.
@functools.lru_cache(maxsize=4)
def _folders(git: GitProcess, head: str) -> tuple[tuple[str, str], ...]:
    raw = git.store("ls-tree", "-z", "--full-tree", head)
    found = [(name.decode(), tree.decode()) for tree, name in re.findall(_FOLDER + rb"\0", raw)]
    return tuple(sorted(found, key=lambda one: int(one[0][3:])))


def entries_of(git: GitProcess, head: str, hotfixes: Collection[str]) -> dict[str, tuple[Entry, ...]]:
    """What stands in the folders of these hotfixes, each in the order of the record."""
    if not hotfixes:
        return {}
    named = () if len(hotfixes) > _MANY else tuple(f"{hotfix}/record/" for hotfix in hotfixes)
    found: dict[str, list[Entry]] = {hotfix: [] for hotfix in hotfixes}
    listed = [file for file in files.record_files(git, head, named) if file[0].partition("/")[0] in found]
    for path, raw in files.raw_lines(git, listed):
        line = files.parse(path, raw)
        found[line.hotfix].append(line.entry)
    return {hotfix: tuple(entries) for hotfix, entries in found.items()}


def origin(git: GitProcess, head: str) -> str:
    """The id of the record's first commit.

    A long record has very many commits: there it is looked for once, and afterwards only whether the record still goes on
    from what was known then. Where that cannot be remembered, it is looked for every time.
    """
    if len(folders(git, head)) <= LONG:
        return _first(git, head)
    memory = git.layout.common_dir / "hotfix" / "record-origin"
    known, _, first = _remembered(memory).partition(" ")
    if first and _goes_on(git, known, head):
        if known == head:
            return first
    else:
        first = _first(git, head)
    with suppress(OSError):
        memory.parent.mkdir(exist_ok=True)
        memory.write_text(f"{head} {first}")
    return first


def _first(git: GitProcess, head: str) -> str:
    return git.store("rev-list", "--max-parents=0", head).decode().split()[0]


def _remembered(memory: Path) -> str:
    try:
        text = memory.read_text("ascii")
    except (OSError, UnicodeDecodeError):
        return ""
    return text if re.fullmatch(r"[0-9a-f]{40,64} [0-9a-f]{40,64}", text) else ""


def _goes_on(git: GitProcess, known: str, head: str) -> bool:
    if known == head:
        return True
    try:
        git.store("merge-base", "--is-ancestor", known, head)
    except GitFailed:
        return False
    return True
