"""Trees of git as folders, cheaply: one is checked out, the others are hard links to it but for what differs.

Changed files are unlinked and written anew, never written in place, which would change every copy. Tests may do just
that to a file of git: it is noticed by its time, its size or its mode, and from then on every copy is a whole one.
"""

import os
import shutil
import threading
from collections.abc import Iterable
from pathlib import Path

import msgspec

from hotfix.ports import Git
from hotfix.record import lossless

_NO_CACHES = frozenset({".bin", ".pnpm", ".store", ".package-lock.json", ".modules.yaml", ".yarn-state.yml"})
"""Hidden entries of a folder of packages that are more than that."""


class _Entry(msgspec.Struct, frozen=True):
    """A file as it was checked out."""

    path: str
    """As the system's calls take it."""
    size: int
    modified: int
    mode: int


class Master:
    """A folder of which copies are made, and what it looked like when it was whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._entries = tuple(_entries(folder))
        self._folders = tuple(_folders(folder))

    def copy(self, target: Path, without: frozenset[str], *, linked: bool) -> None:
        """Lay out every file but those `without`, by the paths that the system's calls take."""
        own, root = str(target), str(self.folder)
        target.mkdir()
        kept = [entry for entry in self._entries if entry.path not in without]
        needed = {os.path.dirname(entry.path) for entry in kept}
        for folder in self._folders if not without else sorted(needed):
            os.makedirs(f"{own}/{folder}", exist_ok=True)
        for entry in kept:
            source, copied = f"{root}/{entry.path}", f"{own}/{entry.path}"
            if linked:
                os.link(source, copied, follow_symlinks=False)
            else:
                shutil.copy2(source, copied, follow_symlinks=False)

    def spoiled(self) -> bool:
        """Whether anything in it is not as it was."""
        return any(_looks(f"{self.folder}/{entry.path}", entry.path) != entry for entry in self._entries)


class LaidOut:
    """The trees of one proof, around one that the others resemble."""

    def __init__(self, git: Git, base: str, scratch: Path) -> None:
        self._git = git
        self._base = base
        self._scratch = scratch
        self._lock = threading.Lock()
        self._masters: dict[str, Master] = {}
        self._number = 0
        self.linked = True
        """Whether copies share their files; not any longer once a test changed one in place."""

    def prepare(self) -> None:
        """Check the base out, before anything is asked for."""
        self._whole_base()

    def lay_built(self, name: str, target: Path) -> bool:
        """The files of the master called `name` at `target`; false where it is not there any more."""
        master = self._masters.get(name)
        if master is not None:
            master.copy(target, frozenset(), linked=self.linked)
        return master is not None

    def lay(self, tree: str, target: Path) -> None:
        """The tree's files at `target`."""
        whole = self._whole_base()
        changed = [] if tree == self._base else [each.path for each in self._git.changes(self._base, tree)]
        whole.copy(target, frozenset(map(_on_disk, changed)), linked=self.linked)
        self._git.write(tree, changed, target)

    def has(self, name: str) -> bool:
        """Whether there is a master called `name`."""
        return name in self._masters

    def add(self, name: str, folder: Path) -> None:
        """Make `folder`, which is laid out and built, the master called `name`."""
        self._masters[name] = Master(folder)

    def mended(self) -> bool:
        """Whether every master was still whole; else they are made again, and from now on nothing is shared."""
        with self._lock:
            if not self.linked:
                return True
            if not any(master.spoiled() for master in self._masters.values()):
                return True
            self._masters.clear()
            self.linked = False
            return False

    def _whole_base(self) -> Master:
        with self._lock:
            if self._base not in self._masters:
                self._number += 1
                folder = self._scratch / f"base-{self._number}"
                self._git.export(self._base, folder)
                self._masters[self._base] = Master(folder)
            return self._masters[self._base]


def link_entries(source: str, target: str) -> None:
    """A folder whose entries point at those of `source`; its own links stay as they are.

    A workspace's link to a package of the repository, ``node_modules/shop → ../packages/shop``, so leads into the
    tree under test, and not into the clone. Hidden entries are caches, but for the few that hold packages.
    """
    os.makedirs(target)
    with os.scandir(source) as entries:
        for entry in entries:
            here = f"{target}/{entry.name}"
            if entry.name.startswith(".") and entry.name not in _NO_CACHES:
                continue
            if entry.is_symlink():
                os.symlink(os.readlink(entry.path), here)
            elif entry.name.startswith("@"):
                link_entries(entry.path, here)
            else:
                os.symlink(entry.path, here)


def _folders(folder: Path) -> Iterable[str]:
    for place, folders, _files in os.walk(folder):
        for name in folders:
            if not os.path.islink(f"{place}/{name}"):
                yield os.path.relpath(f"{place}/{name}", folder)


def _entries(folder: Path) -> Iterable[_Entry]:
    for place, folders, files in os.walk(folder):
        links = [name for name in folders if os.path.islink(f"{place}/{name}")]
        for name in (*files, *links):
            full = f"{place}/{name}"
            entry = _looks(full, os.path.relpath(full, folder))
            if entry is not None:
                yield entry


def _looks(full: str, path: str) -> _Entry | None:
    try:
        seen = os.lstat(full)
    except OSError:
        return None
    return _Entry(path, seen.st_size, seen.st_mtime_ns, seen.st_mode)


def _on_disk(path: str) -> str:
    return os.fsdecode(lossless.to_bytes(path))
