"""The attributes of a tree, as a work tree that stands on it would have them.

A merge in memory has no work tree, so git finds no ``.gitattributes`` and a changelog with ``merge=union`` conflicts
where ``git cherry-pick`` is clean. Here all of a tree's attribute files become one, which git is given by
``core.attributesFile``. The drivers that they name need configuration to be run, and there is none.
"""

import re
from collections.abc import Container, Iterable, Mapping, Sequence

from hotfix.adapters.git import objects
from hotfix.adapters.git.process import GitProcess

_FILE = b".gitattributes"
_EVERYWHERE = ":(glob)**/.gitattributes"
_REGULAR = ("100644", "100755")
_LINE = rb'[ \t]*(?P<pattern>"(?:[^"\\]|\\.)*"|[^ \t]+)(?P<rest>.*)'
_MACRO = b"[attr]"
_MARK = b"\xef\xbb\xbf"
"""What some editors put before UTF-8."""

Files = Mapping[bytes, str]
"""Folder (empty: the top) → blob of its attribute file."""


class Attributes:
    """What the attribute files of trees say; remembers what it has read."""

    def __init__(self, git: GitProcess) -> None:
        self._git = git
        self._known: tuple[str, Files] | None = None
        self._contents: dict[str, bytes | None] = {}

    def of(self, trees: Iterable[str]) -> dict[str, bytes | None]:
        """For each tree, all its attributes as one file; None where an attribute file is not in this clone."""
        wanted = list(dict.fromkeys(trees))
        if not wanted:
            return {}
        if self._known is None:
            self._known = (wanted[0], self._all_files(wanted[0]))
        files = self._files(wanted, *self._known)
        blobs = {blob for found in files.values() for blob in found.values()} - self._contents.keys()
        ordered = sorted(blobs)
        self._contents |= zip(ordered, objects.read(self._git, ordered, kind="blob"), strict=True)
        return {tree: self._combined(files[tree]) for tree in wanted}

    def forget(self, trees: Container[str]) -> None:
        """These trees are no longer there."""
        if self._known and self._known[0] in trees:
            self._known = None

    def _all_files(self, tree: str) -> Files:
        raw = self._git.store("ls-tree", "-r", "-z", "--full-tree", tree)
        found: dict[bytes, str] = {}
        for line in raw.split(b"\0")[:-1]:
            if line.endswith(_FILE):
                meta, _, path = line.partition(b"\t")
                mode, _, blob = meta.decode().split(" ")
                _note(found, path, mode, blob)
        return found

    def _files(self, trees: Sequence[str], known: str, files: Files) -> dict[str, Files]:
        """The attribute files of each tree, by how it differs from the tree that is `known`: git skips what is the same."""
        changed = objects.differences(self._git, [(known, tree) for tree in trees], _EVERYWHERE)
        result: dict[str, Files] = {}
        for tree, differences in zip(trees, changed, strict=True):
            found = dict(files)
            for difference in differences:
                _note(found, difference.path, difference.new_mode, difference.new_blob)
            result[tree] = found
        return result

    def _combined(self, files: Files) -> bytes | None:
        contents = {folder: self._contents[blob] for folder, blob in files.items()}
        present = {folder: content for folder, content in contents.items() if content is not None}
        return combined(present) if len(present) == len(contents) else None


def _note(files: dict[bytes, str], path: bytes, mode: str, blob: str) -> None:
    folder, _, name = path.rpartition(b"/")
    if name != _FILE:
        return
    files.pop(folder, None)
    if mode in _REGULAR:  # a symbolic link is not followed, by git neither
        files[folder] = blob


def combined(files: Mapping[bytes, bytes]) -> bytes:
    """One attribute file that says of every path what `files` (folder → content) say.

    A deeper folder has the last word, as in gitattributes(5); only the top may define macros.
    """
    lines = []
    for folder in sorted(files):
        for line in files[folder].removeprefix(_MARK).split(b"\n"):
            moved = _moved(line.rstrip(b"\r"), folder)
            if moved:
                lines.append(moved)
    return b"".join(line + b"\n" for line in lines)


def _moved(line: bytes, folder: bytes) -> bytes:
    """The line as it must be said at the top; empty where it says nothing."""
    match = re.fullmatch(_LINE, line, re.DOTALL)
    if not folder or match is None:
        return line
    pattern = _unquoted(match["pattern"])
    # A comment; a macro, which only the top may define; a negation, which attributes do not have.
    if pattern.startswith((b"#", _MACRO, b"!")):
        return b""
    anchored = b"/" in pattern[:-1]
    pattern = _literal(folder) + (b"/" if anchored else b"/**/") + pattern.removeprefix(b"/")
    return _quoted(pattern) + match["rest"]


def _literal(folder: bytes) -> bytes:
    """The folder's own name as a pattern: what stands for something else in patterns stands for itself."""
    return re.sub(rb"([\\*?\[\]])", rb"\\\1", folder)


def _unquoted(word: bytes) -> bytes:
    """As git reads a quoted word: C's escapes, octal numbers."""
    if not word.startswith(b'"'):
        return word
    letters = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}

    def one(match: re.Match[bytes]) -> bytes:
        body = match[1]
        return bytes([int(body, 8) & 255]) if body.isdigit() else letters.get(body, body)

    return re.sub(rb"\\([0-7]{3}|.)", one, word[1:-1], flags=re.DOTALL)


def _quoted(pattern: bytes) -> bytes:
    """The pattern as one word."""
    if re.fullmatch(rb"[!-~]+", pattern) and not pattern.startswith((b'"', b"#", b"!", b"[")):
        return pattern
    return b'"' + b"".join(_escaped(byte) for byte in pattern) + b'"'


def _escaped(byte: int) -> bytes:
    if byte in b'"\\':
        return b"\\" + bytes([byte])
    return bytes([byte]) if 0x20 <= byte < 0x7F else b"\\%03o" % byte
