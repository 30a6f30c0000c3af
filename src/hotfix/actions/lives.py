"""Every hotfix of the record as a flat row; of a long record, what did not change is remembered."""

import msgspec

from hotfix.actions import shelf
from hotfix.ports import Outline, Ports
from hotfix.questions.life_of import life_of
from hotfix.record.chain import Entry
from hotfix.record.hotfix import fold, fold_all
from hotfix.trend.life import Life

LIVES = "lives-1.msgpack"
"""The number changes with what a row has, so that nothing is taken for something else."""


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """A row, what it is of, and when its hotfix's first fact was."""

    folder: str
    first: str
    life: Life


def lives(ports: Ports) -> tuple[tuple[Life, ...], str]:
    """(the rows in the order of their hotfixes, when the record begins: empty where there is none)."""
    outline = ports.ledger.outline()
    file = shelf.place(ports, LIVES) if len(outline.folders) > shelf.LONG else None
    kept = _known(shelf.recall(file))
    fresh = [id for id, folder in outline.folders.items() if id not in kept or kept[id].folder != folder]
    entries = shelf.read_folders(ports, outline, fresh)
    if entries is None:
        return _all(ports)
    found = {id: kept[id] for id in outline.folders if id in kept} | {
        id: _row(outline, id, its) for id, its in entries.items()
    }
    if fresh:
        shelf.keep(file, msgspec.msgpack.encode(found))
    begun = min((one.first for one in found.values()), default="")
    return tuple(found[id].life for id in outline.folders), begun


def lives_on(ports: Ports, until: str) -> tuple[tuple[Life, ...], str]:
    """The same, from the facts until that moment only: what was known then."""
    known = [entry for entry in ports.ledger.read().entries if entry.fact.at <= until]
    every = [life_of(hotfix) for hotfix in fold_all(known).values()]
    return tuple(every), min((life.started for life in every if life.started), default="")


def declared(ports: Ports) -> dict[str, str]:
    """By release: the hotfix on record that shipped it."""
    rows, _ = lives(ports)
    return {ship.release: life.id for life in rows for ship in life.ships if ship.purpose == "hotfix"}


def _row(outline: Outline, id: str, entries: tuple[Entry, ...]) -> _Kept:
    life = life_of(fold(id, (entry.fact for entry in entries)))
    return _Kept(outline.folders[id], life.started or entries[0].fact.at, life)


def _all(ports: Ports) -> tuple[tuple[Life, ...], str]:
    """From all of the record, where a line is filed under another hotfix than its own."""
    every = [life_of(hotfix) for hotfix in fold_all(ports.ledger.read().entries).values()]
    return tuple(every), min((life.started for life in every if life.started), default="")


def _known(raw: bytes) -> dict[str, _Kept]:
    try:
        return msgspec.msgpack.decode(raw, type=dict[str, _Kept])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return {}
