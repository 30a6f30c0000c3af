"""Every hotfix of the record as a flat row; of a long record, what did not change is remembered."""

from collections.abc import Iterable

import msgspec

from hotfix.actions import shelf
from hotfix.ports import Ports
from hotfix.questions.life_of import life_of
from hotfix.record.chain import Entry
from hotfix.record.hotfix import fold_all
from hotfix.trend.life import Life

LIVES = "lives-2.msgpack"
"""The number changes with what a row has, so that nothing is taken for something else."""


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """A row, and the id of all that it was drawn from."""

    folder: str
    life: Life


def lives(ports: Ports) -> tuple[Life, ...]:
    """The rows, in the order of their hotfixes."""
    outline = ports.ledger.outline()
    kept = _known(shelf.recall(ports, outline, LIVES))
    fresh = [id for id, folder in outline.folders.items() if id not in kept or kept[id].folder != folder]
    entries = shelf.read_folders(ports, outline, fresh)
    if entries is None:
        return lives_of(ports.ledger.read().entries)
    found = {id: kept[id] for id in outline.folders if id in kept} | {
        id: _Kept(outline.folders[id], life) for id, its in entries.items() for life in lives_of(its)
    }
    if fresh:
        shelf.keep(ports, outline, LIVES, msgspec.msgpack.encode(found))
    return tuple(found[id].life for id in outline.folders)


def lives_of(entries: Iterable[Entry], until: str = "") -> tuple[Life, ...]:
    """The rows of these entries; with `until` from the facts until that moment only: what was known then."""
    known = [entry for entry in entries if not until or entry.fact.at <= until]
    return tuple(life_of(hotfix) for hotfix in fold_all(known).values())


def declared(ports: Ports) -> dict[str, str]:
    """By release: the hotfix on record that shipped it."""
    return {ship.release: life.id for life in lives(ports) for ship in life.ships if ship.purpose == "hotfix"}


def _known(raw: bytes) -> dict[str, _Kept]:
    try:
        return msgspec.msgpack.decode(raw, type=dict[str, _Kept])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return {}
