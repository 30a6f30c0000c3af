"""The places of a patch, each of which can be left out by itself."""

from collections.abc import Collection, Iterable, Iterator, Sequence

import msgspec

from hotfix.record.canonical import sha256

_ID = 12
"""Letters of a hunk's id: enough for the few hunks of one patch."""
_TEXT = 80
"""Characters kept of its first line."""

Range = tuple[int, int, int, int]
"""Old start and count, new start and count, as a diff without context says them; a count of 0 stands after the line."""


class Hunk(msgspec.Struct, frozen=True):
    """One place that the patch changes, or a whole file that it brings, removes or replaces."""

    id: str
    """Of its path and its lines, old and new: the same wherever else the patch goes."""
    path: str
    """Lossless text of the path's bytes."""
    line: int
    """Where it stands in the result, counted from 1; 0 for a whole file."""
    range: Range | None = None
    """None: the whole file."""
    text: str = ""
    """The first line that says something, for a person to know it by; one that the patch only removes after a ``-``."""


def hunks_of(
    path: str, before: bytes | None, after: bytes | None, ranges: Sequence[Range]
) -> tuple[Hunk, ...]:
    """The hunks of one file. Without ranges (a file that is brought or removed, a binary, a mode) it is one."""
    if before is None or after is None or not ranges:
        return (Hunk(_id(path, [before or b""], [after or b""], 0), path, 0),)
    old, new = _lines(before), _lines(after)
    found: dict[str, Hunk] = {}
    for one in ranges:
        parts = _cut(old, one[0], one[1]), _cut(new, one[2], one[3])
        # The same change twice in one file is two hunks.
        again = 0
        while (id := _id(path, *parts, again)) in found:
            again += 1
        found[id] = Hunk(id, path, max(one[2], 1), one, _text(*parts))
    return tuple(found.values())


def without(before: bytes, after: bytes, hunks: Iterable[Hunk], dropped: Collection[str]) -> bytes:
    """`after` with the hunks named in `dropped` as `before` has them. All hunks belong to this file."""
    return b"".join(_woven(_lines(before), _lines(after), hunks, dropped))


def _woven(
    old: Sequence[bytes], new: Sequence[bytes], hunks: Iterable[Hunk], dropped: Collection[str]
) -> Iterator[bytes]:
    position = 0
    for hunk in hunks:
        if hunk.range is None:
            raise ValueError("a whole file is not taken apart")
        old_start, old_count, new_start, new_count = hunk.range
        first = new_start - 1 if new_count else new_start
        yield from new[position:first]
        position = first + new_count
        if hunk.id in dropped:
            yield from _cut(old, old_start, old_count)
        else:
            yield from new[first:position]
    yield from new[position:]


def _text(old: Sequence[bytes], new: Sequence[bytes]) -> str:
    said = [line.decode("utf-8", "replace").strip() for line in new]
    said += [f"- {line.decode('utf-8', 'replace').strip()}" for line in old if line.strip()]
    return next(filter(None, said), "")[:_TEXT]


def _cut(lines: Sequence[bytes], start: int, count: int) -> Sequence[bytes]:
    return lines[start - 1 : start - 1 + count] if count else ()


def _lines(content: bytes) -> list[bytes]:
    """With their ends; only a line feed ends a line, as for git."""
    parts = content.split(b"\n")
    last = parts.pop()
    return [part + b"\n" for part in parts] + ([last] if last else [])


def _id(path: str, old: Sequence[bytes], new: Sequence[bytes], again: int) -> str:
    sides = [str(len(old)).encode(), *old, *new, str(again).encode()]
    return sha256(path.encode("utf-8", "surrogatepass") + b"\0" + b"\0".join(sides))[:_ID]
