"""A file system of its own on a disk image, whose power can be cut.

Only for a process in a mount namespace of its own: with its last process every mount goes, and with the
mount its loop device, so that not even a killed run leaves anything behind.
"""

import fcntl
import os
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "hotfix-powercut-"
_SHUTDOWN = 0x8004587D
"""``EXT4_IOC_SHUTDOWN``: from now on the file system gives nothing more to its device, as xfstests cut the power."""
_WITHOUT_FLUSHING_THE_JOURNAL = 2


class Disk:
    """An ext4 file system with default options in `folder`, on an image below `store`."""

    def __init__(self, folder: Path, store: Path) -> None:
        self.folder = folder
        self._kept = store / "kept"
        self._image = store / f"{_PREFIX}{os.getpid()}"

    def format(self, megabytes: int) -> None:
        """Make it, empty, and keep it as that which every run begins with."""
        with self._kept.open("wb") as image:
            image.truncate(megabytes << 20)
        _do("mkfs.ext4", "-q", str(self._kept))

    @contextmanager
    def fresh(self) -> Iterator[None]:
        """Mounted, as it was kept."""
        _copy(self._kept, self._image)
        with self._mounted():
            yield

    @contextmanager
    def after_the_cut(self) -> Iterator[None]:
        """Mounted again, from what the device had when the power was cut."""
        self._image.with_suffix(".cut").replace(self._image)
        with self._mounted():
            yield

    def keep(self) -> None:
        """What is there now, unmounted in order, is what every run begins with."""
        _copy(self._image, self._kept)

    def cut(self) -> None:
        """Cut the power: what the device has is all that will ever be known."""
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.ioctl(descriptor, _SHUTDOWN, struct.pack("I", _WITHOUT_FLUSHING_THE_JOURNAL))
        finally:
            os.close(descriptor)
        # Before anything is unmounted: nothing that a dying file system still does may count.
        _copy(self._image, self._image.with_suffix(".cut"))

    @contextmanager
    def _mounted(self) -> Iterator[None]:
        _do("mount", "-o", "loop", str(self._image), str(self.folder))
        try:
            yield
        finally:
            _do("umount", str(self.folder))


def detach_left() -> list[str]:
    """Detach the loop devices of runs that are no more; their names."""
    left = []
    for told in Path("/sys/block").glob("loop*/loop/backing_file"):
        name = Path(told.read_text().strip().removesuffix(" (deleted)")).name
        pid = name.removeprefix(_PREFIX)
        if name != pid and not Path("/proc", pid).exists():
            left.append(f"/dev/{told.parts[3]}")
            subprocess.run(["losetup", "--detach", left[-1]], check=False, capture_output=True)
    return left


def _copy(old: Path, new: Path) -> None:
    _do("cp", "--sparse=always", str(old), str(new))


def _do(*argv: str) -> None:
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)
