"""What trunk said of a fix afterwards: that it was reverted, or that it needed a fix itself."""

import re
from collections.abc import Sequence

import msgspec

_REVERTS = r"\b[Rr]everts commit ([0-9a-f]{7,64})\b"
_FIXES = r"(?im)^[ \t]*Fixes:[ \t]*([0-9a-f]{7,64})\b"


class Later(msgspec.Struct, frozen=True):
    """A later commit that names the fix."""

    commit: str
    how: str
    """``reverts`` or ``fixes``."""


def aftermath(fix: str, messages: Sequence[tuple[str, str]]) -> tuple[Later, ...]:
    """The commits, of (commit, message), that say they revert the fix, or mend what it broke."""
    found = []
    for commit, message in messages:
        if _names(_REVERTS, message, fix):
            found.append(Later(commit, "reverts"))
        elif _names(_FIXES, message, fix):
            found.append(Later(commit, "fixes"))
    return tuple(found)


def _names(pattern: str, message: str, fix: str) -> bool:
    return any(fix.startswith(named) for named in re.findall(pattern, message))
