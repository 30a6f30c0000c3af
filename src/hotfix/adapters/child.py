"""Runs one command of the operator: bounded in time and output, and given nothing it does not need."""

import errno
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO

import msgspec

KEPT = 1024 * 1024
"""Bytes kept of each of stdout and stderr; the rest is thrown away while the command runs."""
NOTHING_RAN = 127
"""The exit that stands for "no command ran", as shells have it."""

_PASSED = frozenset({"PATH", "HOME", "LANG", "TZ", "TMPDIR", "USER"})
_LOOK = 0.25
_DYING = 5.0


_SHORTEST_SECRET = 6
"""Shorter values would be replaced where they stand for something else."""


class Finished(msgspec.Struct, frozen=True):
    """What a command left behind. `exit` is negative where a signal ended it."""

    exit: int
    stdout: bytes
    stderr: bytes
    seconds: float
    timed_out: bool = False
    missing: bool = False
    """It could not be started (not found, not executable, no such folder); `stderr` says why."""

    def tail(self, length: int) -> str:
        """The last `length` characters of stdout, then stderr; bytes that are no text as ``\\x..``."""
        return (self.stdout + self.stderr).decode("utf-8", "backslashreplace").strip()[-length:]

    def last_line(self) -> str:
        """The last line that it said, on stderr if it said anything there."""
        text = (self.stderr.strip() or self.stdout.strip()).decode("utf-8", "backslashreplace")
        return text.splitlines()[-1].strip() if text else ""


def run(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    timeout: float,
    cwd: Path | None = None,
    stdin: bytes = b"",
    pass_env: Sequence[str] = (),
) -> Finished:
    """Run `argv` in its own session and process group; never raises for what the command does.

    `env` comes on top of an allow list of the caller's environment, and of the variables that `pass_env`
    names, where they are set; `timeout` is in seconds. At the time-out, and when the caller is
    interrupted, the whole group is killed. Otherwise nothing is: a restart command rightly leaves a
    service behind. The call is back when the command itself ends, even where that service still holds
    its stdout, because output goes to files without a name, not to pipes. A service should therefore be
    started with its output sent elsewhere: it would fill such a file.
    """
    started = time.monotonic()
    with Spool() as stdout, Spool() as stderr:
        try:
            process = _start(argv, stdin, stdout, stderr, cwd, environment(env, pass_env))
        except (OSError, ValueError) as error:
            return Finished(NOTHING_RAN, b"", _why(argv, error), time.monotonic() - started, missing=True)
        timed_out = _wait(process, started + timeout, stdout, stderr)
        exit = -signal.SIGKILL if process.returncode is None else process.returncode
        seconds = time.monotonic() - started
        said, complained = (without_secrets(spool.kept(), pass_env) for spool in (stdout, stderr))
        return Finished(exit, said, complained, seconds, timed_out)


def without_secrets(output: bytes, pass_env: Sequence[str]) -> bytes:
    """`output` without the values of the variables that `pass_env` names.

    What was passed on by name is a credential more often than not; it does not belong on a record for good."""
    for name in pass_env:
        value = os.environb.get(name.encode(), b"")
        if len(value) >= _SHORTEST_SECRET:
            output = output.replace(value, b"[" + name.encode() + b"]")
    return output


class Spool:
    """Where a command's output goes. With no room for a file the command still runs, and says so."""

    def __enter__(self) -> "Spool":
        self._file: IO[bytes] | None = None
        self._lost = b""
        try:
            # Not a with block: the file lives as long as this object, which closes it.
            self._file = _nameless_file()
        except OSError as error:
            self._lost = f"(output was not kept: {error})".encode()
        return self

    def __exit__(self, *exc: object) -> None:
        if self._file is not None:
            self._file.close()

    def fileno(self) -> int:
        """What a process is given as its output."""
        return subprocess.DEVNULL if self._file is None else self._file.fileno()

    def trim(self) -> None:
        """Throw away what is more than is kept."""
        if self._file is not None and os.fstat(self._file.fileno()).st_size > KEPT:
            os.ftruncate(self._file.fileno(), KEPT)

    def kept(self) -> bytes:
        """What was written, or why that is lost."""
        if self._file is None:
            return self._lost
        # Not seek and read: a service that was left behind writes on at the very position that they move.
        return os.pread(self._file.fileno(), KEPT, 0)


def _nameless_file() -> IO[bytes]:
    """A file for what is kept at most: on a disk, or in memory where no disk has that much room. Raises OSError.

    With a full disk a unit can still be asked what it serves: its answer needs a place.
    """
    with ExitStack() as unless_given:
        try:
            file = unless_given.enter_context(tempfile.TemporaryFile())
            disk = os.fstatvfs(file.fileno())
            if disk.f_bavail * disk.f_frsize < KEPT:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            if sys.platform != "linux":
                raise
            return os.fdopen(os.memfd_create("hotfix"), "w+b")
        unless_given.pop_all()
        return file


def _start(
    argv: Sequence[str], stdin: bytes, stdout: Spool, stderr: Spool, cwd: Path | None, env: dict[str, str]
) -> subprocess.Popen[bytes]:
    if not argv:
        raise ValueError("the command is empty")
    with _nameless_file() if stdin else Path(os.devnull).open("rb") as source:
        if stdin:
            source.write(stdin)
            source.seek(0)
        return subprocess.Popen(
            list(argv),
            stdin=source,
            stdout=stdout.fileno(),
            stderr=stderr.fileno(),
            cwd=cwd,
            env=env,
            start_new_session=True,
        )


def environment(given: Mapping[str, str], also: Sequence[str]) -> dict[str, str]:
    """All that a command is given: `given`, on top of an allow list and of the variables that `also` names."""
    passed = _PASSED.union(also)
    own = {name: value for name, value in os.environ.items() if name in passed or name.startswith("LC_")}
    return {**own, **given}


def _wait(process: subprocess.Popen[bytes], deadline: float, *spools: Spool) -> bool:
    """Whether the command had to be killed, because the deadline passed."""
    try:
        while (left := deadline - time.monotonic()) > 0:
            with suppress(subprocess.TimeoutExpired):
                process.wait(min(left, _LOOK))
                return False
            for spool in spools:
                spool.trim()
        return process.poll() is None
    finally:
        # The deadline passed, or the caller is being interrupted.
        if process.returncode is None:
            _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    # The leader is not reaped yet, so that its number still means this group and no other.
    # A command that became another user (sudo) cannot be killed: it is left, rather than waited for.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_DYING)


def _why(argv: Sequence[str], error: OSError | ValueError) -> bytes:
    name = argv[0] if argv else ""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    about = f": {error.filename}" if isinstance(error, OSError) and error.filename not in (None, name) else ""
    return f"{name!r} could not be started: {reason}{about}".encode("utf-8", "backslashreplace")
