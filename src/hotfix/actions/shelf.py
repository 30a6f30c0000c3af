"""A long record, without reading all of it: what is closed is remembered by the id of all that is on record of it.

Nothing is decided on this memory. It serves who only looks (`status`, `trend`), it is made anew from the record whenever
a folder changed, and where it cannot be read or written everything is read.
"""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from hotfix.ports import Outline, Ports
from hotfix.record.chain import Entry
from hotfix.record.hotfix import Hotfix, fold
from hotfix.record.page import headline

CLOSED = "closed-1.json"
"""The number changes with what is remembered, so that nothing is taken for something else."""
LONG = 200
"""Hotfixes from which on remembering pays, and a person is told that the first look takes time."""


class Extent(msgspec.Struct, frozen=True):
    """How far the record goes, and how much of it is on the remote."""

    entries: int
    anchored: int
    """The highest seq that the remote is known to have; -1 without a remote."""

    @property
    def is_ahead(self) -> bool:
        """Whether it has what the remote is not known to have."""
        return -1 < self.anchored < self.entries


def is_closed(hotfix: Hotfix) -> bool:
    """Whether its life is over: closed, and nothing happened to production since."""
    return headline(hotfix).startswith("closed")


def open_ones(ports: Ports) -> tuple[list[Hotfix], Extent] | None:
    """Every hotfix that is not closed, and how far the record goes; None where only reading all of it can tell."""
    outline = ports.ledger.outline()
    if not outline.level:
        return None  # which facts the remote lacks stands in their numbers
    file = place(ports, CLOSED) if len(outline.folders) > LONG else None
    known = _remembered(file)
    closed = {id: told for id, told in known.items() if outline.folders.get(id) == told[0]}
    entries = read_folders(ports, outline, [id for id in outline.folders if id not in closed])
    if entries is None:
        return None
    hotfixes = {id: fold(id, (entry.fact for entry in its)) for id, its in entries.items()}
    over = {id for id, hotfix in hotfixes.items() if is_closed(hotfix)}
    closed |= {id: (outline.folders[id], entries[id][-1].seq) for id in over}
    if closed != known:
        keep(file, msgspec.json.encode(closed))
    last = max((entry.seq for its in entries.values() for entry in its[-1:]), default=0)
    extent = max([last, *(seq for _, seq in closed.values())])
    still = [hotfix for id, hotfix in hotfixes.items() if id not in over]
    return still, Extent(extent, extent if outline.remote else -1)


def read_folders(
    ports: Ports, outline: Outline, hotfixes: Sequence[str]
) -> dict[str, tuple[Entry, ...]] | None:
    """What is on record of each; None where a line speaks of another hotfix than the one in whose folder it lies."""
    if len(hotfixes) > LONG:
        ports.narrate(
            f"reading what is on record of {len(hotfixes)} hotfixes; the next time only what is new"
        )
    found = ports.ledger.entries_of(outline.head, hotfixes)
    strange = any(entry.hotfix != id for id, its in found.items() for entry in its)
    return None if strange or not all(found.values()) else found


def place(ports: Ports, name: str) -> Path | None:
    """Where this clone remembers; None where it has no such place."""
    try:
        return ports.git.state_dir() / name
    except OSError:
        return None


def keep(file: Path | None, body: bytes) -> None:
    """Remember; where that cannot be, everything is read again the next time."""
    if file is None:
        return
    new = file.with_name(f"{file.name}.new")
    with suppress(OSError):
        new.write_bytes(body)
        new.replace(file)


def recall(file: Path | None) -> bytes:
    """What was remembered; empty where nothing was."""
    try:
        return file.read_bytes() if file else b""
    except OSError:
        return b""


def _remembered(file: Path | None) -> dict[str, tuple[str, int]]:
    """(folder's id, highest seq) of each closed hotfix."""
    try:
        return msgspec.json.decode(recall(file), type=dict[str, tuple[str, int]])
    except msgspec.MsgspecError:
        return {}
