"""What is asked of a clone's own memory."""

from typing import Protocol


class Notebook(Protocol):
    """A few files of this clone: what can be measured again, and what a person said here."""

    def read(self, name: str) -> bytes:
        """What was written under that name; empty where nothing was. Raises OSError where it cannot be read."""

    def write(self, name: str, body: bytes) -> str:
        """Put `body` in the place of what was there; empty, or the reason why that cannot be."""

    def add(self, name: str, line: bytes) -> None:
        """Add a line at the end. Raises OSError where that cannot be."""
