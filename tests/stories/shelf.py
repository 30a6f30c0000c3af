"""Worlds kept as they stand at some point of a story, so that not every test has to live through it again.

Policies, keys and remotes are known by absolute paths, so every kept world is used at one and the same
path: ``here``, a symbolic link to the folder of the test that runs.
"""

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

Listing = dict[str, tuple[int, int]]


class Shelf:
    """The kept worlds of one test process."""

    def __init__(self, folder: Path) -> None:
        """Keep them in `folder`."""
        self._folder = folder
        self.here = folder / "here"
        self._left: Listing = {}
        folder.mkdir()

    def use(self, place: Path) -> None:
        """From now on the world is in `place`, which is empty."""
        place.mkdir()
        self.here.unlink(missing_ok=True)
        self.here.symlink_to(place)
        self._left = _listing(place)

    def bring(self, point: str, live: Callable[[], object]) -> None:
        """Let the world stand at `point`: by living through it, or by a copy where nobody touched it so far."""
        place, kept = self.here.resolve(), self._folder / point
        untouched = _listing(place) == self._left
        if untouched and kept.exists():
            shutil.rmtree(place)
            shutil.copytree(kept, place, symlinks=True)
        else:
            live()
            if untouched:
                shutil.copytree(place, kept, symlinks=True)
        if untouched:
            self._left = _listing(place)


def _listing(place: Path) -> Listing:
    """Every file with its moment and size: whatever anybody does to the world shows here."""
    found = {}
    for path in place.rglob("*"):
        told = path.lstat()
        found[str(path)] = (told.st_mtime_ns, told.st_size)
    return found


@cache
def shelf_in(folder: Path) -> Shelf:
    """The one shelf of this process."""
    return Shelf(folder)
