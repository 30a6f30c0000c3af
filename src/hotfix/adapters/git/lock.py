"""A lock among the processes of one clone: the system frees it when its holder dies."""

import fcntl
import os
import shlex
import time
from pathlib import Path

from hotfix.record.finding import refused

_PAUSE = 0.005


class FileLock:
    """An exclusive advisory lock on a file; with `patience`, it is waited for at most so many seconds."""

    def __init__(self, path: Path, patience: float | None = None) -> None:
        self._path = path
        self._patience = patience
        self._descriptor = -1

    def __enter__(self) -> "FileLock":
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if self._patience is None:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        else:
            self._wait(self._patience)
        return self

    def _wait(self, patience: float) -> None:
        deadline = time.monotonic() + patience
        while True:
            try:
                return fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    self.__exit__()
                    raise refused(
                        "lock-busy",
                        f"Another process of this clone holds {self._path}, for more than {patience:.0f} s.",
                        f"see which one: fuser -v {shlex.quote(str(self._path))}; let it end, or end it; the lock goes "
                        "with it",
                    ) from None
            time.sleep(_PAUSE)

    def __exit__(self, *exc: object) -> None:
        os.close(self._descriptor)
        self._descriptor = -1
