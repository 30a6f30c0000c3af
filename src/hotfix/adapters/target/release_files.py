"""The files of a release in their folder: put there whole, marked with what they are, durable."""

import os
import shutil
import tempfile
from pathlib import Path

import msgspec

from hotfix.ports import Release
from hotfix.record.finding import Finding, refused

MARKER = ".hotfix-release"
"""The file in a release's folder that says which release it is; a folder without it is not ours."""

_OURS = ".hotfix-incoming-"


def put(files: Path, folder: Path, release: Release) -> None:
    """Copy `files` beside `folder`, mark them, then rename. Raises :class:`Refused`, leaving nothing."""
    if folder.is_dir():
        return _require_same(folder, release)
    if os.path.lexists(files / MARKER):
        raise refused(
            "release-files-have-marker",
            f"The release has a file {MARKER} of its own, and hotfix marks folders by that name.",
            f"remove {MARKER} from the repository or from what the build makes",
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=_OURS) as beside:
            whole = Path(beside) / "files"
            shutil.copytree(files, whole, symlinks=True)
            # The export may come from a private temporary folder; the service runs as somebody else.
            whole.chmod(0o755)
            (whole / MARKER).write_bytes(msgspec.json.encode(release))
            _sync_all(whole)
            whole.rename(folder)
        sync(folder.parent)
        sync(folder.parent.parent)
    except OSError as error:
        if folder.is_dir():
            return _require_same(folder, release)
        raise refused(
            "release-not-put",
            f"The files of {release.name} could not be put into {folder}: {error}.",
            "free the space or the permissions it needs there, then: hotfix ship",
        ) from error


def missing(folder: Path, release: Release) -> Finding | None:
    """Why `folder` cannot be taken for `release`, or None where it can."""
    if not folder.is_dir():
        return Finding(
            "way-back-missing",
            f"The folder {folder} is not there, so the unit could not go back to {release.name}.",
            f"put {release.name} back into {folder}, and keep it from being cleaned up",
        )
    try:
        marked = _marker(folder)
    except _Unreadable as error:
        return Finding("way-back-unreadable", f"{folder} says it is a release of hotfix, and {error}.", _LOOK)
    if marked is None or _agree(marked, release):
        return None
    return Finding(
        "way-back-other",
        f"The folder {folder} holds {_say(marked)}, not {_say(release)}: the way back would lead elsewhere.",
        _LOOK,
    )


def sync(directory: Path) -> None:
    """Make the names in `directory` survive a power cut."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_LOOK = "look into the folder and move it away if it is not what it should be"


class _Unreadable(Exception):
    """The marker is there and cannot be believed."""


def _require_same(folder: Path, release: Release) -> None:
    try:
        marked = _marker(folder)
    except _Unreadable as error:
        raise refused(
            "release-folder-unreadable", f"{folder} is already there, and {error}.", _LOOK
        ) from None
    if marked != release:
        found = "files that hotfix did not put there" if marked is None else _say(marked)
        raise refused(
            "release-folder-taken",
            f"{folder} is already there with {found}, not with {_say(release)}.",
            _LOOK,
        )


def _marker(folder: Path) -> Release | None:
    try:
        return msgspec.json.decode((folder / MARKER).read_bytes(), type=Release)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _Unreadable(f"its {MARKER} cannot be read ({error})") from None


def _agree(marked: Release, wanted: Release) -> bool:
    # What nobody told of the wanted release cannot disagree; its name is always known.
    pairs = ((marked.commit, wanted.commit), (marked.artifact, wanted.artifact))
    return marked.name == wanted.name and all(theirs in ("", ours) for ours, theirs in pairs)


def _say(release: Release) -> str:
    return f"{release.name} (commit {release.commit}, artifact {release.artifact})"


def _sync_all(tree: Path) -> None:
    for where, _folders, names in os.walk(tree):
        for name in names:
            _sync_file(Path(where) / name)
        sync(Path(where))


def _sync_file(path: Path) -> None:
    if path.is_symlink():
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
