"""A lock among the processes of one clone: the system frees it when its holder dies."""

import fcntl
import os
from pathlib import Path


class FileLock:
    """An exclusive advisory lock on a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1

    def __enter__(self) -> "FileLock":
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        return self

    def __exit__(self, *exc: object) -> None:
        os.close(self._descriptor)
        self._descriptor = -1
