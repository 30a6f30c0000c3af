"""Four pure functions of the product, remembered: else ten thousand lives would take hours instead of minutes.

Nothing is judged from memory. A patch has the digest that it had, a value its canonical form,
a policy file reads as it read, and a fold goes on from where the very same entries had brought it.
"""

import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import msgspec
import pytest

from hotfix.policy import schema
from hotfix.record import canonical
from hotfix.record.chain import Entry
from hotfix.record.hotfix import Hotfix
from hotfix.record.patch import Patch


class Folds:
    """``fold_all`` that begins anew only where the entries are not those of before and some more."""

    def __init__(self) -> None:
        self._last: Entry | None = None
        self._count = 0
        self._folded: dict[str, Hotfix] = {}

    def fold_all(self, entries: Iterable[Entry]) -> dict[str, Hotfix]:
        """See :func:`hotfix.record.hotfix.fold_all`."""
        every = tuple(entries)
        if not self._count or len(every) < self._count or every[self._count - 1] is not self._last:
            self._count, self._folded = 0, {}
        folded = dict(self._folded)
        for entry in every[self._count :]:
            folded[entry.hotfix] = folded.get(entry.hotfix, Hotfix(entry.hotfix)).apply(entry.fact)
        self._last, self._count, self._folded = every[-1] if every else None, len(every), folded
        return dict(folded)


class Canonical:
    """``canonical.encode`` that looks up what it has encoded before."""

    def __init__(self) -> None:
        self._encode = canonical.encode
        self._known: dict[bytes, bytes] = {}

    def encode(self, value: Mapping[str, Any]) -> bytes:
        """See :func:`hotfix.record.canonical.encode`."""
        key = msgspec.json.encode(value)
        if key not in self._known:
            if len(self._known) > 20_000:
                self._known.clear()
            self._known[key] = self._encode(value)
        return self._known[key]


def remember(patch: pytest.MonkeyPatch) -> None:
    """Until `patch` is undone."""
    patch.setattr(schema, "parse", lru_cache(1024)(schema.parse))
    patch.setattr(Patch, "digest", property(lru_cache(4096)(Patch.digest.fget)))  # type: ignore[attr-defined]
    patch.setattr(canonical, "encode", Canonical().encode)
    folds = Folds()
    for name, module in list(sys.modules.items()):
        if name.startswith("hotfix.actions.") and hasattr(module, "fold_all"):
            patch.setattr(module, "fold_all", folds.fold_all)
