"""Where a machine keeps what must not lie in a repository: locks of units, who ships, cards for the way back.

The folders belong to the person: other people's processes cannot read or hold anything in them.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path


def own_places() -> Iterator[Path]:
    """Folders of this person on this machine, best first; each exists, is theirs alone, and can be entered."""
    for folder in _candidates():
        if _is_ours(folder):
            yield folder


def _candidates() -> Iterator[Path]:
    state = os.environ.get("XDG_STATE_HOME") or ""
    if not state.startswith("/"):
        home = os.environ.get("HOME") or ""
        state = f"{home}/.local/state" if home.startswith("/") else ""
    if state:
        yield Path(state) / "hotfix"
    for temporary in dict.fromkeys((os.environ.get("TMPDIR") or "/tmp", "/tmp", "/dev/shm")):
        if temporary.startswith("/"):
            # Anybody may make a folder there before us: what is not ours is not used.
            yield Path(temporary) / f"hotfix-{os.getuid()}"


def _is_ours(folder: Path) -> bool:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        seen = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(seen.st_mode) and seen.st_uid == os.getuid() and not seen.st_mode & 0o077
