"""The Drivers port: a locked file per repository and environment, with the process id of whoever holds it."""

import fcntl
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from hotfix.adapters.places import own_places
from hotfix.record.finding import refused

_POLITE_SECONDS = 1.0
"""What a process has to end by itself, so that it can say why, before it is killed."""
_LOOKING_SECONDS = 0.5
"""Somebody who only looks whether the file is locked holds it for an instant."""
_PAUSE = 0.02
_WIDTH = 64
"""Bytes of the file, always the same: a full disk must not keep a rollback from writing its number."""


class LocalDrivers:
    """On files of this person on this machine."""

    def hold(self, origin: str, environment: str) -> "_Held":
        """See the port."""
        return _Held(_path(origin, environment), environment)

    def preempt(self, origin: str, environment: str, within: float) -> str:
        """See the port. First asked to end, then killed: a stopped process only heeds the latter."""
        path = _path(origin, environment)
        deadline = time.monotonic() + within
        pid = _holder(path)
        if pid is None or pid == os.getpid():
            return ""
        _signal(pid, signal.SIGTERM)
        polite = time.monotonic() + _POLITE_SECONDS
        while _holder(path) == pid and time.monotonic() < deadline:
            if time.monotonic() > polite:
                _signal(pid, signal.SIGKILL)
            time.sleep(_PAUSE)
        if _holder(path) == pid:
            return f"process {pid} ships to {environment} and could not be ended; its effects are fenced off"
        return f"ended process {pid}, which was shipping to {environment}"


class _Held:
    """The lock, held while the block runs."""

    def __init__(self, path: Path, environment: str) -> None:
        self._path = path
        self._environment = environment
        self._descriptor = -1

    def __enter__(self) -> "_Held":
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        deadline = time.monotonic() + _LOOKING_SECONDS
        while not self._locked():
            if time.monotonic() > deadline:
                os.close(self._descriptor)
                raise refused(
                    "ship-held",
                    f"Process {_read(self._path)} on this machine is shipping to {self._environment}.",
                    "hotfix status --watch follows it; hotfix rollback takes it back",
                )
            time.sleep(_PAUSE)
        os.pwrite(self._descriptor, _entry(os.getpid()), 0)
        return self

    def _locked(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def __exit__(self, *exc: object) -> None:
        os.pwrite(self._descriptor, b" " * (_WIDTH - 1) + b"\n", 0)
        os.close(self._descriptor)


def _path(origin: str, environment: str) -> Path:
    from hotfix.record.canonical import sha256  # here, because most starts are `status`, and drive nothing

    name = sha256(f"{origin}\0{environment}".encode())[:32]
    places = [place / "drivers" / name for place in own_places()]
    for path in places:
        if path.exists():
            return path
    for path in places:
        with suppress(OSError):
            path.parent.mkdir(exist_ok=True)
            with path.open("xb") as made:
                made.write(b" " * (_WIDTH - 1) + b"\n")
            return path
        if path.exists():
            return path  # another process was faster
    raise refused(
        "ship-no-place",
        "There is no folder on this machine in which a lock could be kept.",
        "make one that only you can write: XDG_STATE_HOME, ~/.local/state or TMPDIR",
    )


def _holder(path: Path) -> int | None:
    """The process that holds the lock now; None where nobody does."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read(path)
    return None


def _read(path: Path) -> int | None:
    """The number in the file, if it is that of the very process that wrote it, and not of a later one."""
    pid, _, born = path.read_text("ascii", "replace").strip().partition(" ")
    return int(pid) if pid.isdigit() and born == _born(int(pid)) else None


def _entry(pid: int) -> bytes:
    return f"{pid} {_born(pid)}".ljust(_WIDTH - 1).encode() + b"\n"


def _born(pid: int) -> str:
    """When the process began, in the system's own count; a number that is used again begins later."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2]
        return after_name.split()[19]
    except (OSError, IndexError):
        return "unknown"


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
