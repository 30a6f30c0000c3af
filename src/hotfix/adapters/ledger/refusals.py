"""Why nothing was written: a lock of git's in the way, or no remote to anchor it."""

import shlex

from hotfix.record.finding import Refused, refused


def locked(named: list[str]) -> Refused:
    """Git's own lock files are in the way."""
    return refused(
        "record-locked",
        f"git's own lock is in the way: {', '.join(named)}. Some git is at work in this clone, or was killed or lost "
        "its power in the middle of it.",
        f"look whether any git runs here: pgrep -a git; where none does: rm {shlex.join(named)}",
    )


def offline(why: str) -> Refused:
    """It counts only on the remote, and that is away."""
    return refused(
        "record-offline",
        f"This counts only once it is on the remote, and {why}.",
        "try again when the remote is back; reading and rollback work without it",
    )
