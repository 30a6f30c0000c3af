"""Folders that live as long as the process that made them, whatever becomes of it.

Each is locked by its process for as long as that lives: the system lets go of the lock when the process dies, however it
dies. So a folder that anybody can lock is one that a killed process left, and the next command removes it. A number in a
file would not do: another process can have it by then, and another container's numbers mean nothing here.
"""

import fcntl
import os
import stat
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

MEMORY = "/dev/shm"
"""Where files cost no disk."""
_PREFIX = "hotfix-scratch-"
_TRIES = 100
_PLACES = ("$TMPDIR", "$TEMP", "$TMP", "/tmp", "/var/tmp", "$XDG_RUNTIME_DIR", MEMORY)


class Scratch:
    """A fresh folder, for this person alone."""

    def __init__(self, place: Path, name: str) -> None:
        """Make one below `place`. Raises OSError where that cannot be."""
        for _ in range(_TRIES):
            self.path = place / f"{_PREFIX}{os.getuid()}-{name}-{os.urandom(4).hex()}"
            self.path.mkdir(mode=0o700)
            lock = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            fcntl.flock(lock, fcntl.LOCK_EX)
            # Between the two somebody who sweeps may have taken it for one that was left.
            if os.fstat(lock).st_nlink:
                break
            os.close(lock)
        else:
            raise FileNotFoundError(f"every folder made in {place} was removed at once")
        self._end = weakref.finalize(self, _leave, self.path, lock)

    def cleanup(self) -> None:
        """Remove it with all that is in it."""
        self._end()


def places() -> tuple[str, ...]:
    """Where such folders may lie, best first."""
    return tuple(dict.fromkeys(filter(os.path.isabs, map(os.path.expandvars, _PLACES))))


def sweep(ended: Callable[[Path], None] = lambda folder: None) -> None:
    """Remove what dead processes of this person left; `ended` is called before, for each folder."""
    mine = f"{_PREFIX}{os.getuid()}-"
    for place in places():
        try:
            left = [folder for folder in Path(place).iterdir() if folder.name.startswith(mine)]
        except OSError:
            continue
        for folder in left:
            with suppress(OSError):
                lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    # Anybody may make a folder of that name where everybody may.
                    if os.fstat(lock).st_uid == os.getuid():
                        ended(folder)
                        remove(folder)
                finally:
                    os.close(lock)


def remove(folder: Path) -> None:
    """Remove a folder, and what was made unreadable in it too; what cannot be removed stays."""
    from shutil import rmtree  # here, because it is slow to import and most starts are `status`

    rmtree(folder, ignore_errors=True)
    if folder.is_dir():
        _open_up(folder)
        rmtree(folder, ignore_errors=True)


def _open_up(folder: Path) -> None:
    """Make every folder in it readable, by descriptors: no link is followed out of it."""
    with suppress(OSError):
        folder.chmod(0o700)
    for _place, folders, _files, here in os.fwalk(folder, follow_symlinks=False):
        for name in folders:
            with suppress(OSError):
                if stat.S_ISDIR(os.stat(name, dir_fd=here, follow_symlinks=False).st_mode):
                    os.chmod(name, 0o700, dir_fd=here)


def _leave(folder: Path, lock: int) -> None:
    remove(folder)
    os.close(lock)
