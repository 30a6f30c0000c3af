"""Restart one unit of the shop on whatever release its ``current`` link shows.

python3 restart.py UNIT          the folder UNIT lies beside this script

Stands in for systemd. A process of the shop inherits an exclusive lock from here and holds it for as long
as it lives, so "is it gone?" is answered by the kernel, and a recycled pid is never mistaken for it.
"""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 3.0
"""Seconds between the polite signal and the other one."""


@contextmanager
def stopped(root: Path) -> Iterator[int]:
    """End the unit's process if there is one, and hold its lock (the descriptor) while the block runs."""
    lock = os.open(root / "shop.lock", os.O_RDWR | os.O_CREAT)
    try:
        began, sent = time.monotonic(), None
        while not _taken(lock):
            wish = signal.SIGTERM if time.monotonic() - began < PATIENCE else signal.SIGKILL
            pid = pid_of(root)
            if pid is not None and (pid, wish) != sent:
                _signal(pid, wish)
                sent = (pid, wish)
            time.sleep(0.02)
        (root / "shop.pid").unlink(missing_ok=True)
        yield lock
    finally:
        os.close(lock)


def pid_of(root: Path) -> int | None:
    """The process that was last started for the unit."""
    try:
        return int((root / "shop.pid").read_text())
    except (FileNotFoundError, ValueError):
        return None


def start(root: Path, lock: int) -> None:
    """Start the unit from its current release, with the lock in its hands."""
    unit = json.loads((root / "unit.json").read_text())
    argv = [sys.executable, "-m", "shop", "--port", str(unit["port"]), "--smtp", unit["smtp"]]
    with (root / "shop.log").open("ab") as log:
        process = subprocess.Popen(
            argv,
            cwd=(root / "current").resolve(strict=True),
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[lock],
            start_new_session=True,
        )
    (root / "shop.pid").write_text(str(process.pid))


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _signal(pid: int, wish: signal.Signals) -> None:
    try:
        os.kill(pid, wish)
    except ProcessLookupError:
        return  # it died by itself between the question and the signal


def main() -> int:
    """Stop, then start."""
    root = Path(__file__).resolve().parent / sys.argv[1]
    with stopped(root) as lock:
        if (root.parent / "closed").exists():
            print(f"{root.name} stays down: the shop was closed for good", file=sys.stderr)
            return 1
        start(root, lock)
    return 0


if __name__ == "__main__":
    sys.exit(main())
