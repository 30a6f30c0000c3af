"""What trunk said of a fix afterwards: that it was reverted, or that it needed a fix itself."""

import re
from collections.abc import Callable, Sequence

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


Messages = Callable[[str], Sequence[tuple[str, str]]]
"""(commit, message) of what trunk said of a commit afterwards."""


def still_reverted(fix: str, messages: Messages) -> str:
    """The revert of the fix that stands; empty where there is none. A revert that was reverted itself does not."""
    reverts = (one.commit for one in aftermath(fix, messages(fix)) if one.how == "reverts")
    return next((revert for revert in reverts if not still_reverted(revert, messages)), "")


def standing(fix: str, messages: Messages) -> tuple[Later, ...]:
    """What was said of the fix and was not reverted itself."""
    return tuple(one for one in aftermath(fix, messages(fix)) if not still_reverted(one.commit, messages))


def _names(pattern: str, message: str, fix: str) -> bool:
    return any(fix.startswith(named) for named in re.findall(pattern, message))
