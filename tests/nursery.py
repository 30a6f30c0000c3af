"""A process that imported hotfix once, and forks a child for each command: so a thousand ships take an hour, not a day.

Run as ``python -m nursery``; :class:`Nursery` talks to it over its standard streams. Where it adopts, whatever its
children leave behind when they are killed (git, guardians, restart commands) becomes its own child, so it
knows when nothing of them is under way any more, and leaves nothing behind itself.
"""

import ctypes
import importlib
import json
import os
import pkgutil
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import hotfix

_SOURCES = [str(Path(__file__).resolve().parent), str(Path(hotfix.__file__).resolve().parents[1])]
_ADOPT = "--adopt"
_PR_SET_CHILD_SUBREAPER = 36
_PAUSE = 0.01
_REMINDS = " remind HF-"
"""A halted ship leaves a process behind that tells people for a day; here nobody listens."""
_ENDED: dict[int, int] = {}


@dataclass(frozen=True)
class Running:
    """A command that was started."""

    pid: int
    argv: tuple[str, ...]
    out: Path

    @property
    def said(self) -> str:
        """Its standard output so far."""
        return _text(self.out)

    @property
    def told(self) -> str:
        """Its narration so far."""
        return _text(self.out.with_suffix(".err"))


def _text(file: Path) -> str:
    return file.read_text("utf-8", "replace") if file.exists() else ""  # it has only just begun


class Nursery:
    """The tests' end of it."""

    def __init__(self, *, adopts: bool) -> None:
        """With `adopts`, nothing that it ever started is left to the system."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "nursery", *([_ADOPT] if adopts else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(_SOURCES)},
        )
        self._ask(do="hello")

    def __enter__(self) -> "Nursery":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def start(
        self,
        argv: tuple[str, ...],
        cwd: Path,
        env: Mapping[str, str],
        out: Path,
        typed: Path = Path(os.devnull),
    ) -> Running:
        """Run ``hotfix argv`` in `cwd`, fed with what is `typed`, its output in `out` and, beside it, its narration."""
        asked = {"argv": argv, "cwd": str(cwd), "env": dict(env), "out": str(out), "typed": str(typed)}
        return Running(self._ask(do="start", **asked), argv, out)

    def wait(self, running: Running, seconds: float) -> int | None:
        """Its exit code (negative: the signal that ended it), or None where it runs on after so many seconds."""
        code: int | None = self._ask(do="wait", pid=running.pid, seconds=seconds)
        return code

    def signal(self, running: Running, number: signal.Signals) -> bool:
        """Send the signal to that very process; False where it had ended before."""
        return bool(self._ask(do="signal", pid=running.pid, number=int(number)))

    def quiet(self, seconds: float) -> list[str]:
        """Wait until nothing of what was ever started runs any more; else what does after so many seconds."""
        left: list[str] = self._ask(do="quiet", seconds=seconds)
        return left

    def _ask(self, **question: object) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question).encode() + b"\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def main() -> None:
    """Answer one question after the other, until nobody asks any more."""
    adopts = _ADOPT in sys.argv
    if adopts and ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "this system lets no process adopt what others leave behind")
    hotfix_main = _import_everything()
    command = None
    with suppress(BrokenPipeError):
        command = _serve()
    if command is None:
        if adopts:
            _end_everything()
        return
    # In the child this is the whole program, ended as the real one is.
    _become(command)
    hotfix_main.main()


def _serve() -> dict[str, Any] | None:
    """In a child: the command that it is to be. In the nursery itself: None, when nobody asks any more."""
    for line in sys.stdin:
        question = json.loads(line)
        if question["do"] == "start":
            if (pid := os.fork()) == 0:
                return dict(question)
            _ENDED.pop(pid, None)  # the number may have been another's
            answer: object = pid
        else:
            answer = _ANSWERS[question.pop("do")](**question)
        print(json.dumps(answer), flush=True)
    return None


def _import_everything() -> Any:
    for module in pkgutil.walk_packages(hotfix.__path__, "hotfix."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return importlib.import_module("hotfix.cli.main")


def _become(question: Mapping[str, Any]) -> None:
    os.setsid()
    sys.argv[1:] = question["argv"]
    os.environ.clear()
    os.environ.update(question["env"])
    tempfile.tempdir = None  # whose it was is known no more
    os.chdir(question["cwd"])
    out = Path(question["out"])
    for number, path, flags in (
        (0, Path(question["typed"]), os.O_RDONLY),
        (1, out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        (2, out.with_suffix(".err"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
    ):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)


def _reap() -> bool:
    """Take note of every child that ended; whether any is left."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return False
        if pid == 0:
            return True
        _ENDED[pid] = os.waitstatus_to_exitcode(status)


def _wait(pid: int, seconds: float) -> int | None:
    if pid in _ENDED:
        return _ENDED[pid]
    descriptor = os.pidfd_open(pid)
    try:
        ready, _, _ = select.select([descriptor], [], [], seconds)
    finally:
        os.close(descriptor)
    if not ready:
        return None
    if pid not in _ENDED:
        _ENDED[pid] = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return _ENDED[pid]


def _signal(pid: int, number: int) -> bool:
    if pid in _ENDED:
        return False
    # Not reaped, so the number is still that process's.
    os.kill(pid, number)
    return True


def _quiet(seconds: float) -> list[str]:
    deadline = time.monotonic() + seconds
    while _reap():
        for pid in _children():
            if _REMINDS in _called(pid):
                os.kill(pid, signal.SIGKILL)
        if time.monotonic() >= deadline:
            return [_called(pid) for pid in _children()]
        time.sleep(_PAUSE)
    return []


def _children() -> list[int]:
    return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


def _called(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace").replace("\0", " ").strip()
    except OSError:
        return f"process {pid}"


def _end_everything() -> None:
    while _reap():
        for pid in _children():
            os.kill(pid, signal.SIGKILL)
        time.sleep(_PAUSE)


_ANSWERS: dict[str, Callable[..., object]] = {
    "hello": lambda: "hello",
    "wait": _wait,
    "signal": _signal,
    "quiet": _quiet,
}

if __name__ == "__main__":
    main()
