"""How the attributes of a tree say that a path is merged, as a work tree that stands on it would have them.

A merge in memory has no work tree, so git finds no ``.gitattributes`` and a changelog with ``merge=union`` conflicts
where ``git cherry-pick`` is clean. Here the attribute files above a path become one, which git is given by
``core.attributesFile``. The drivers that they name need configuration to be run, and there is none.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from hotfix.adapters.git import objects
from hotfix.adapters.git.process import GitProcess
from hotfix.record import lossless

_FILE = b".gitattributes"
_REGULAR = (b"100644", b"100755")
_LINE = rb'[ \t]*(?P<pattern>"(?:[^"\\]|\\.)*"|[^ \t]+)(?P<rest>.*)'
_ESCAPE = rb'\\([abfnrtv"\\]|[0-3][0-7]{2})'
_QUOTED = rb'"(?:[^"\\]|' + _ESCAPE + rb')*"'
_LETTERS = dict(
    zip(
        (b"a", b"b", b"f", b"n", b"r", b"t", b"v"),
        (b"\a", b"\b", b"\f", b"\n", b"\r", b"\t", b"\v"),
        strict=True,
    )
)
_MACRO = b"[attr]"
_MARK = b"\xef\xbb\xbf"
"""What some editors put before UTF-8."""
_OF_MERGING = {b"merge", b"binary"}
"""What a merge asks of a path. ``binary`` is git's own macro, and says ``-merge``."""


class Wanted(NamedTuple):
    """A tree, and paths (lossless) that are merged there."""

    tree: str
    paths: frozenset[str]


def read(git: GitProcess, wanted: Sequence[Wanted]) -> list[bytes | None]:
    """For each, what the tree's attribute files in the folders above the paths say of merging, as one file.

    None where such a file is not in this clone.
    """
    places = list(dict.fromkeys((one.tree, folder) for one in wanted for folder in _above(one.paths)))
    folders = objects.read_named(git, [tree.encode() + b":" + folder for tree, folder in places], "tree")
    blobs = {
        place: blob
        for place, folder in zip(places, folders, strict=True)
        if (blob := _blob_in(folder or b"", git.layout.object_format))
    }
    ids = list(dict.fromkeys(blobs.values()))
    contents = dict(zip(ids, objects.read(git, ids, "blob"), strict=True))
    return [_say(one, {place: contents[blob] for place, blob in blobs.items()}) for one in wanted]


def union_of(paths: Iterable[str]) -> bytes:
    """Lines that say of exactly these paths (lossless) that both sides' lines are kept."""
    return b"".join(_quoted(b"/" + _literal(lossless.to_bytes(path))) + b" merge=union\n" for path in paths)


def _say(wanted: Wanted, files: Mapping[tuple[str, bytes], bytes | None]) -> bytes | None:
    found = {
        folder: files[wanted.tree, folder]
        for folder in _above(wanted.paths)
        if (wanted.tree, folder) in files
    }
    here = {folder: content for folder, content in found.items() if content is not None}
    return combined(here) if len(here) == len(found) else None


def _blob_in(folder: bytes, object_format: str) -> str:
    """The blob of the attribute file in a tree object; empty where it has none. A symbolic link is none, for git neither."""
    size = 32 if object_format == "sha256" else 20
    position = 0
    while position < len(folder):
        end = folder.index(b"\0", position)
        mode, _, name = folder[position:end].partition(b" ")
        if name == _FILE:
            return folder[end + 1 : end + 1 + size].hex() if mode in _REGULAR else ""
        if name > _FILE:
            break
        position = end + 1 + size
    return ""


def _above(paths: Iterable[str]) -> set[bytes]:
    """Every folder that a path lies in, the top too."""
    folders: set[bytes] = set()
    for path in paths:
        raw = lossless.to_bytes(path)
        while raw:
            raw = raw.rpartition(b"/")[0]
            folders.add(raw)
    return folders


def combined(files: Mapping[bytes, bytes]) -> bytes:
    """One attribute file that says how each path is merged, as `files` (folder → content) say it.

    A deeper folder has the last word, as in gitattributes(5); only the top may define macros. Lines that say nothing of
    merging are left out: they mean nothing here, and trees that merge alike are merged by one process.
    """
    macros = _macros(files.get(b"", b""))
    moved = (_moved(line, folder) for folder in sorted(files) for line in _lines(files[folder]))
    return b"".join(line + b"\n" for line in moved if _is_about(line, macros | _OF_MERGING))


def _lines(content: bytes) -> list[bytes]:
    return [line.rstrip(b"\r") for line in content.removeprefix(_MARK).split(b"\n")]


def _macros(top: bytes) -> set[bytes]:
    words = (line.split() for line in _lines(top))
    return {word[0].removeprefix(_MACRO) for word in words if word and word[0].startswith(_MACRO)}


def _is_about(line: bytes, attributes: set[bytes]) -> bool:
    match = re.fullmatch(_LINE, line, re.DOTALL)
    if match is None or match["pattern"].startswith(_MACRO):
        return match is not None
    return any(word.lstrip(b"-!").partition(b"=")[0] in attributes for word in match["rest"].split())


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
    if not re.fullmatch(_QUOTED, word, re.DOTALL):
        return word  # no quoted word after all, for git neither
    return re.sub(_ESCAPE, _unescaped, word[1:-1])


def _unescaped(match: re.Match[bytes]) -> bytes:
    body = match[1]
    return bytes([int(body, 8)]) if body.isdigit() else _LETTERS.get(body, body)


def _quoted(pattern: bytes) -> bytes:
    """The pattern as one word."""
    if re.fullmatch(rb"[!-~]+", pattern) and not pattern.startswith((b'"', b"#", b"!", b"[")):
        return pattern
    return b'"' + b"".join(_escaped(byte) for byte in pattern) + b'"'


def _escaped(byte: int) -> bytes:
    if byte in b'"\\':
        return b"\\" + bytes([byte])
    return bytes([byte]) if 0x20 <= byte < 0x7F else b"\\%03o" % byte
