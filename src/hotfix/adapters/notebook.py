"""The Notebook port: files in a folder of the clone, written whole or not at all."""

import os
from contextlib import suppress
from pathlib import Path


class FileNotebook:
    """The files of one folder, which is made with the first of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str) -> bytes:
        """See the port."""
        try:
            return (self._folder / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return b""

    def write(self, name: str, body: bytes) -> str:
        """See the port."""
        own = self._folder / f"{name}.{os.getpid()}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            own.write_bytes(body)
            own.replace(self._folder / name)
        except OSError as error:
            with suppress(OSError):  # a full disk is not filled further
                own.unlink()
            return f"{self._folder / name} cannot be written: {error.strerror or error}"
        return ""

    def add(self, name: str, line: bytes) -> None:
        """See the port. One write at the end: two processes at once add two lines."""
        self._folder.mkdir(parents=True, exist_ok=True)
        file = os.open(self._folder / name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(file, line.rstrip(b"\n") + b"\n")
        finally:
            os.close(file)
