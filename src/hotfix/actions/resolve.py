"""``hotfix pick --resolve``, ``--continue``, ``--abort``: a conflict in source is resolved by a person, in its files alone."""

import shutil
from pathlib import Path

import msgspec

from hotfix.actions.places import RESOLVING, STATE
from hotfix.actions.settle import in_folder, read_back, standing, stopped_at
from hotfix.lifecycle.pick import resolution
from hotfix.lifecycle.pick.outlook import ConflictAt
from hotfix.policy.rules import Rules
from hotfix.ports import Ports
from hotfix.ports.git import SUBMODULE, SYMLINK
from hotfix.ports.picking import Attempt, Tried
from hotfix.record import lossless
from hotfix.record.finding import Refused, refused
from hotfix.record.parts import Resolved

_FILES, _FIX, _MADE = "files", "the-fix.diff", "made"
_OURS, _THEIRS = ".of-the-release", ".of-the-fix"
"""Where there are no lines to merge (a binary, a file that one side took away), both sides lie there under these names."""


class Resolving(msgspec.Struct, frozen=True):
    """A pick that waits for somebody to resolve its conflict."""

    hotfix: str
    fixes: tuple[str, ...]
    base: str
    stopped_at: str
    conflicts: tuple[ConflictAt, ...]
    sides: tuple[str, ...]
    """Paths of which both sides lie there under names of their own, for a person to choose or to write anew."""
    resolved: tuple[Resolved, ...]
    """What was resolved before, of this fix and those ahead of it; their contents lie beside."""
    paired_with: tuple[str, ...]
    authored: bool
    folder: str
    """Where the files in conflict lie, and nothing else."""
    fix: str
    """The fix's own change, as a diff."""


def begin(
    ports: Ports,
    hotfix: str,
    asked: Attempt,
    tried: Tried,
    rules: Rules,
    paired_with: tuple[str, ...],
    authored: bool,
) -> Resolving:
    """Lay the files in conflict out, and remember what for. What lay there before is gone only when all of it stands."""
    place, new = _place(ports, hotfix), _place(ports, f"{hotfix}.new")
    shutil.rmtree(new, ignore_errors=True)
    (new / _MADE).mkdir(parents=True)
    stopped = asked.fixes[len(tried.trees)]
    conflicts = resolution.for_people(stopped_at(tried, rules), rules)
    source = ports.git.commit(stopped)
    before = ports.git.commit(source.parents[0]).tree if source.parents else ports.picking.with_blobs("", {})
    sides = _lay_out(
        ports, conflicts, tried.conflicted, standing(ports.picking, asked, tried), source.tree, new / _FILES
    )
    resolving = Resolving(
        hotfix,
        asked.fixes,
        asked.onto,
        stopped,
        conflicts,
        sides,
        asked.resolved,
        paired_with,
        authored,
        str(place / _FILES),
        str(place / _FIX),
    )
    for one in asked.resolved:
        if one.blob:
            (new / _MADE / one.blob).write_bytes(ports.picking.content(one.blob))
    (new / _FIX).write_bytes(ports.git.diff(before, source.tree))
    (new / STATE).write_bytes(msgspec.json.encode(resolving))
    shutil.rmtree(place, ignore_errors=True)
    new.rename(place)
    return resolving


def _lay_out(
    ports: Ports, conflicts: tuple[ConflictAt, ...], merged: str, ours: str, theirs: str, folder: Path
) -> tuple[str, ...]:
    """The files with markers, and of what has none both sides; the paths of the latter."""
    blobs: dict[str, str] = {}
    sides: list[str] = []
    for one in conflicts:
        modes = {ports.picking.mode(tree, one.path) for tree in (ours, theirs)}
        if modes & {SUBMODULE, SYMLINK} or modes == {""}:
            raise _not_a_file(one)
        blob = ports.picking.blob(merged, one.path)
        content = ports.picking.content(blob) if blob else b""
        if resolution.has_markers(content):
            blobs[one.path] = ports.picking.keep_content(resolution.labelled(content))
            continue
        sides.append(one.path)
        for tree, end in ((ours, _OURS), (theirs, _THEIRS)):
            side = ports.picking.blob(tree, one.path)
            if side:
                blobs[_with_end(one.path, end)] = side
    ports.git.export(ports.picking.with_blobs("", blobs), folder)
    return tuple(sides)


def _not_a_file(one: ConflictAt) -> Refused:
    return refused(
        "pick-not-a-file",
        f"{one.path} is in conflict ({one.kind}) and is no plain file on both sides: it cannot be laid out.",
        "write the fix on the base instead: hotfix pick --authored BRANCH",
    )


def _with_end(path: str, end: str) -> str:
    return lossless.to_text(lossless.to_bytes(path) + end.encode())


def waiting(ports: Ports, hotfix: str) -> Resolving | None:
    """The pick of `hotfix` that waits; None where none does."""
    place = _place(ports, hotfix)
    if not (place / STATE).exists():
        return None
    state = msgspec.json.decode((place / STATE).read_bytes(), type=Resolving)
    return msgspec.structs.replace(state, folder=str(place / _FILES), fix=str(place / _FIX))


def read(ports: Ports, hotfix: str) -> tuple[Resolving, tuple[Resolved, ...]]:
    """What waits, and what somebody made of it. Raises Refused where nothing waits, or something is undecided."""
    resolving = waiting(ports, hotfix)
    if resolving is None:
        raise refused(
            "pick-nothing-to-resolve",
            f"No pick of {hotfix} waits for a conflict to be resolved in this clone.",
            f"hotfix pick FIX --resolve --hotfix {hotfix}",
        )
    folder = Path(resolving.folder)
    again = f"then: hotfix pick --continue --hotfix {hotfix}"
    if not folder.is_dir():
        raise refused(
            "pick-folder-gone",
            f"{folder} is not there any more, so what was made of the conflict is not known.",
            f"hotfix pick --abort --hotfix {hotfix}, then pick again",
        )
    for path in resolving.sides:
        left = [name for end in (_OURS, _THEIRS) if in_folder(folder, name := _with_end(path, end)).exists()]
        if left:
            raise refused(
                "pick-undecided",
                f"{path} is undecided: {' and '.join(left)} still lie there.",
                f"rename one of them to {path}, or write it anew; remove what is left (all: it goes); {again}",
            )

    def check(path: str, content: bytes) -> None:
        if resolution.has_markers(content):
            raise refused(
                "pick-markers", f"{path} still has conflict markers.", f"edit {folder}/{path}, {again}"
            )

    for file in (_place(ports, hotfix) / _MADE).iterdir():
        ports.picking.keep_content(file.read_bytes())
    paths = [one.path for one in resolving.conflicts]
    return resolving, read_back(ports.picking, resolving.stopped_at, folder, paths, resolution.BY_HAND, check)


def forget(ports: Ports, hotfix: str) -> None:
    """Leave nothing of it."""
    for name in (hotfix, f"{hotfix}.new"):
        shutil.rmtree(_place(ports, name), ignore_errors=True)


def _place(ports: Ports, hotfix: str) -> Path:
    return ports.git.state_dir() / RESOLVING / hotfix
