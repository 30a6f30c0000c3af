"""On which line of a TOML file a key stands: an error without its line costs minutes at 2 am."""

import re
from collections.abc import Iterator
from itertools import takewhile

_HEADER = re.compile(r"\s*\[\[?\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*([A-Za-z0-9_."'\s-]+?)\s*=""")
_PART = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*(?:\.|$)""")
_LONG_QUOTE = re.compile(r"\"\"\"|'''")


def line_of(text: str, path: list[str]) -> int:
    """The line (from 1) that shares the longest beginning of `path`; 0 where none shares any."""
    best_length, best_line, table = 0, 0, list[str]()
    for number, line in _outside_long_strings(text):
        header, key = _HEADER.match(line), _KEY.match(line)
        if header:
            table = here = _parts(header.group(1))
        elif key:
            here = table + _parts(key.group(1))
        else:
            continue
        length = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(here, path, strict=False)))
        if length > best_length:
            best_length, best_line = length, number
    return best_line


def _outside_long_strings(text: str) -> Iterator[tuple[int, str]]:
    """The numbered lines, without those that begin inside a string of several lines."""
    inside = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if not inside:
            yield number, line
        for quote in _LONG_QUOTE.findall(line):
            if quote == inside:
                inside = ""
            elif not inside and not line.lstrip().startswith("#"):
                inside = quote


def _parts(dotted: str) -> list[str]:
    return [next(group for group in match.groups() if group is not None) for match in _PART.finditer(dotted)]
