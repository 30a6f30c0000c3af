"""Numbers and nouns as people say them."""

from datetime import timedelta

from hotfix.record import moment


def count(number: int, noun: str) -> str:
    """``1 file``, ``2 files``, ``2 fixes``; `noun` is a regular one."""
    plural = f"{noun}es" if noun.endswith(("s", "x", "ch", "sh")) else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def size(lines: int, files: int) -> str:
    """How narrow a patch is, in words."""
    return f"{count(lines, 'line')} in {count(files, 'file')} of production code"


def duration(seconds: float) -> str:
    """So many seconds, as a person reads them."""
    return moment.in_words(timedelta(seconds=seconds))
