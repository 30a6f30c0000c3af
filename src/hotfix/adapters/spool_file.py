"""A file of JSON lines with its room allocated beforehand, so that a full disk takes what is written to it.

Lines are written in place, behind the last one; room that is not used yet reads as NUL. Whoever writes, or
takes the lines over, holds a lock on the file.
"""

import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

ROOM = 256 * 1024
"""Bytes allocated beforehand: about a hundred facts. A spool may grow beyond it where the disk lets it."""
MOST = 4 * 1024 * 1024
"""Bytes of a file that is still believed."""

_PATIENCE = 5.0
_PAUSE = 0.005
_BLANK = b"\0 \t\r"


class _Numbered(msgspec.Struct):
    n: int


def open_own(path: Path, flags: int) -> int:
    """A descriptor of a regular file that nobody but this person (or root) can have written. Raises OSError."""
    # Not blocking: a pipe that somebody put there would wait for its other end.
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    seen = os.fstat(descriptor)
    why = ""
    if not stat.S_ISREG(seen.st_mode):
        why = "it is no file"
    elif seen.st_uid not in (os.getuid(), 0) or seen.st_mode & 0o022:
        why = "somebody else can write it"
    elif seen.st_size > MOST:
        why = f"it has more than {MOST} bytes"
    if why:
        os.close(descriptor)
        raise PermissionError(f"{path} is not believed: {why}")
    return descriptor


def read_own(path: Path) -> bytes:
    """The content of such a file. Raises OSError."""
    descriptor = open_own(path, os.O_RDONLY)
    try:
        return _content(descriptor)
    finally:
        os.close(descriptor)


def make(path: Path) -> None:
    """An empty spool with its room, durable; one that is there already stays as it is. Raises OSError."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        return
    try:
        _allocate(descriptor)
        os.fsync(descriptor)
        sync_folder(path.parent)
    except OSError:
        path.unlink()
        raise
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make names in `folder` durable. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def append(path: Path, line: bytes) -> None:
    """Add a line durably, or raise OSError with the file as it was. A spool that is not there is made."""
    while True:
        make(path)
        with suppress(FileNotFoundError), held(path) as descriptor:
            return _write(descriptor, line)


@contextmanager
def held(path: Path, patience: float = _PATIENCE) -> Iterator[int]:
    """A descriptor of the file, which nobody else holds.

    Raises FileNotFoundError where the file is gone, TimeoutError after `patience` seconds, and OSError.
    """
    deadline = time.monotonic() + patience
    while True:
        descriptor = open_own(path, os.O_RDWR)
        try:
            _lock(descriptor, path, deadline)
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                yield descriptor
                return
        finally:
            os.close(descriptor)


def _lock(descriptor: int, path: Path, deadline: float) -> None:
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise TimeoutError(f"another process holds {path}") from None
        time.sleep(_PAUSE)


def lines_of(content: bytes) -> tuple[list[tuple[int, bytes]], list[bytes]]:
    """(number, line) of every whole line, and what a power cut left of others."""
    whole, torn = [], []
    for chunk in content.split(b"\n"):
        line = chunk.strip(_BLANK)
        try:
            if line:
                whole.append((msgspec.json.decode(line, type=_Numbered).n, line))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            torn.append(line)
    return whole, torn


def _allocate(descriptor: int) -> None:
    """Real blocks. A file system that copies on write may ask for new ones all the same."""
    try:
        os.posix_fallocate(descriptor, 0, ROOM)
    except (AttributeError, OSError):  # not every system has it, nor every file system
        _write_all(descriptor, bytes(ROOM), 0)


def _write(descriptor: int, line: bytes) -> None:
    content = _content(descriptor)
    used = len(content.rstrip(b"\0"))
    torn = used > 0 and content[used - 1 : used] != b"\n"
    data = (b"\n" if torn else b"") + line + b"\n"
    if used + len(data) > MOST:
        raise OSError("the spool is full")
    try:
        _write_all(descriptor, data, used)
        os.fsync(descriptor)
    except OSError:
        # What is there now may be half a line, or a whole one that the next place will hold too.
        with suppress(OSError):
            _write_all(descriptor, bytes(max(0, min(len(data), len(content) - used))), used)
        with suppress(OSError):
            os.ftruncate(descriptor, len(content))
        raise


def _content(descriptor: int) -> bytes:
    parts, at = [], 0
    while part := os.pread(descriptor, MOST, at):
        parts.append(part)
        at += len(part)
    return b"".join(parts)


def _write_all(descriptor: int, data: bytes, at: int) -> None:
    while data:
        written = os.pwrite(descriptor, data, at)
        data, at = data[written:], at + written
