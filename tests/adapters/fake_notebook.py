"""The Notebook port in memory."""


class FakeNotebook:
    """Files of nobody's disk."""

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}

    def read(self, name: str) -> bytes:
        return self._files.get(name, b"")

    def write(self, name: str, body: bytes) -> str:
        self._files[name] = body
        return ""

    def add(self, name: str, line: bytes) -> None:
        self._files[name] = self.read(name) + line.rstrip(b"\n") + b"\n"
