"""One test process: no credentials, a home of its own, and nothing of it left when it is over.

The tests of a hotfix are somebody's code, run on a machine that may hold keys to production. What
they can see of it is listed here, name by name; everything else of the environment stays outside.
"""

import os
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import msgspec

from hotfix.ports import Report
from hotfix.record.lossless import to_bytes

OUTPUT_LIMIT = 64 * 2**20
"""Bytes of output after which a run is ended: no honest test run writes as much, and disks are finite."""
OUTPUT_KEPT = 2**20
"""Bytes kept of the output, from its end."""
_LOOK_EVERY = 0.2
_SWEEPS = 20

NOTHING_TO_RUN = Report(cases=(), exit=5, seconds=0.0, raw=b"")
"""The tree has none of the files: their tests are absent there. 5 is pytest's own "no tests collected"."""


class Ended(msgspec.Struct, frozen=True):
    """How the process ended. A negative `exit` is the signal that ended it."""

    exit: int
    seconds: float
    output: bytes
    problem: str = ""
    """Why its exit code says nothing: not started, time-out, too much output."""

    @property
    def killed_by(self) -> str:
        """The signal that ended it; empty where it ended by itself."""
        return f"signal {-self.exit}" if self.exit < 0 else ""

    def last_words(self, lines: int = 5, about: str = "") -> str:
        """The last lines of its output that speak of `about`, for a sentence."""
        said = [line.strip() for line in self.output.decode("utf-8", "replace").splitlines()]
        return " / ".join([line for line in said if line and about in line.lower()][-lines:])[-600:]


@contextmanager
def room() -> Iterator[Path]:
    """A fresh folder with ``home`` and ``tmp`` in it, removed afterwards with all that was left there."""
    # A file that cannot be removed must not turn a finished run into a crash.
    with tempfile.TemporaryDirectory(prefix="hotfix-run-", ignore_cleanup_errors=True) as folder:
        place = Path(folder).resolve()
        (place / "home").mkdir()
        (place / "tmp").mkdir()
        yield place


def environment(place: Path, tree: Path | None, extra: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of a run in `tree`: this list and the policy's own ``[test] env``.

    The tree comes first on ``PYTHONPATH``, before any editable install of another checkout. Without
    bytecode a file swapped within one second cannot be taken for its predecessor.
    """
    own = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        **extra,
        "HOME": str(place / "home"),
        "TMPDIR": str(place / "tmp"),
    }
    if tree is not None:
        sources = [tree, tree / "src"] if (tree / "src").is_dir() else [tree]
        asked_for = [extra["PYTHONPATH"]] if extra.get("PYTHONPATH") else []
        own["PYTHONPATH"] = os.pathsep.join([*map(str, sources), *asked_for])
    return own


def run(argv: Sequence[str], *, cwd: Path, place: Path, env: Mapping[str, str], timeout: float) -> Ended:
    """Run `argv` in a process group of its own; within `timeout` seconds it is over, with all its children.

    Output goes to a file: a grandchild that keeps a pipe open would keep us waiting for its end.
    """
    began = time.monotonic()
    with tempfile.TemporaryFile(dir=place) as output:
        try:
            process = subprocess.Popen(
                list(argv),
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            said = f"{argv[0]} could not be started ({error.strerror})"
            return Ended(127, time.monotonic() - began, b"", said)
        try:
            problem = _watch(process, output, began + timeout, timeout)
        finally:
            _end(process, place)
        return Ended(process.returncode, time.monotonic() - began, _tail(output), problem)


def _watch(process: subprocess.Popen[bytes], output: BinaryIO, deadline: float, timeout: float) -> str:
    while True:
        try:
            process.wait(min(_LOOK_EVERY, max(0.0, deadline - time.monotonic())))
            return ""
        except subprocess.TimeoutExpired:
            if time.monotonic() >= deadline:
                return f"it was not done after {timeout:g} s, and was ended"
            if os.fstat(output.fileno()).st_size > OUTPUT_LIMIT:
                return f"it wrote more than {OUTPUT_LIMIT // 2**20} MiB of output, and was ended"


def _end(process: subprocess.Popen[bytes], place: Path) -> None:
    """Kill the whole group, then whoever left the group, then reap."""
    # Nobody may be left in it (macOS says so with EPERM).
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for _ in range(_SWEEPS):
        strays = _strays(place)
        if not strays:
            return
        for pid in strays:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _strays(place: Path) -> list[int]:
    """Processes that began a session of their own: known by their home, which no other run ever had.

    Linux only; elsewhere the process group has to do.
    """
    mark = b"HOME=" + os.fsencode(place / "home")
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in environ.read_bytes().split(b"\0"):
                found.append(int(environ.parent.name))
        except OSError:
            # Gone meanwhile, or another user's.
            continue
    return found


def _tail(output: BinaryIO) -> bytes:
    size = os.fstat(output.fileno()).st_size
    return os.pread(output.fileno(), OUTPUT_KEPT, max(0, size - OUTPUT_KEPT))


def read_file(path: Path, limit: int) -> bytes | None:
    """What a test process left at `path`: None for no file, :class:`ValueError` for one not to be read.

    The tests could have put anything there: a link to somebody's key would end up in the record, a
    named pipe would never end.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ValueError(f"it cannot be opened ({error.strerror})") from error
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("it is not a regular file")
        raw = file.read(limit + 1)
    if len(raw) > limit:
        raise ValueError(f"it is larger than {limit // 2**20} MiB")
    return raw


def present(tree: Path, files: Sequence[str]) -> tuple[str, ...]:
    """Those of `files` (lossless paths) that `tree` has."""
    return tuple(file for file in files if (tree / on_disk(file)).is_file())


def on_disk(file: str) -> str:
    """The lossless path as the system's calls take it."""
    return os.fsdecode(to_bytes(file))
