"""A long record, without reading all of it: what is closed is remembered by the id of all that is on record of it.

Nothing is decided on this memory. It serves who only looks (`status`, `trend`), it is made anew from the record whenever
a folder changed, and where it cannot be read or written everything is read.
"""

from collections.abc import Sequence

import msgspec

from hotfix.ports import Outline, Ports
from hotfix.ports.ledger import LONG
from hotfix.record.actions import Action
from hotfix.record.chain import Entry
from hotfix.record.hotfix import Hotfix, fold
from hotfix.record.page import headline

CLOSED = "closed-2.json"
"""The number changes with what is remembered, so that nothing is taken for something else."""


class Closed(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered of a closed hotfix."""

    folder: str
    """The id of all that is on record of it."""
    seq: int
    """Its highest."""
    owed: tuple[Action, ...] = ()
    """Its actions that nobody has closed yet."""


class Look(msgspec.Struct, frozen=True):
    """The record, as far as who only looks needs it."""

    hotfixes: tuple[Hotfix, ...]
    """Those that are not closed."""
    extent: "Extent"
    owed: tuple[tuple[str, Action], ...]
    """(hotfix, action) of everything that is not done yet, of closed ones too."""


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


def open_ones(ports: Ports) -> Look | None:
    """Every hotfix that is not closed, and what closed ones still owe; None where only reading all of it can tell."""
    outline = ports.ledger.outline()
    if not outline.level:
        return None  # which facts the remote lacks stands in their numbers
    known = _remembered(recall(ports, outline, CLOSED))
    closed = {id: told for id, told in known.items() if outline.folders.get(id) == told.folder}
    entries = read_folders(ports, outline, [id for id in outline.folders if id not in closed])
    if entries is None:
        return None
    hotfixes = {id: fold(id, (entry.fact for entry in its)) for id, its in entries.items()}
    closed |= {
        id: Closed(outline.folders[id], entries[id][-1].seq, owed_by(hotfix))
        for id, hotfix in hotfixes.items()
        if is_closed(hotfix)
    }
    if closed != known:
        keep(ports, outline, CLOSED, msgspec.json.encode(closed))
    still = tuple(hotfix for id, hotfix in hotfixes.items() if id not in closed)
    seqs = [entries[hotfix.id][-1].seq for hotfix in still] + [told.seq for told in closed.values()]
    last = max(seqs, default=0)
    owed = [(id, item) for id, told in closed.items() for item in told.owed]
    owed += [(hotfix.id, item) for hotfix in still for item in owed_by(hotfix)]
    return Look(still, Extent(last, last if outline.remote else -1), tuple(owed))


def owed_by(hotfix: Hotfix) -> tuple[Action, ...]:
    """Its actions that nobody has closed."""
    return tuple(item for item in hotfix.actions.items.values() if item.closed is None)


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


def keep(ports: Ports, outline: Outline, name: str, body: bytes) -> None:
    """Remember what was read of a long record; where that cannot be, everything is read again the next time."""
    if len(outline.folders) > LONG:
        ports.notebook.write(name, body)


def recall(ports: Ports, outline: Outline, name: str) -> bytes:
    """What was remembered of a long record; empty where nothing was."""
    try:
        return ports.notebook.read(name) if len(outline.folders) > LONG else b""
    except OSError:
        return b""


def _remembered(raw: bytes) -> dict[str, Closed]:
    try:
        return msgspec.json.decode(raw, type=dict[str, Closed])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return {}
