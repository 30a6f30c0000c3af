"""``hotfix pick --resolve``, ``--continue``, ``--abort``: a conflict in source is resolved by a person, in its files alone."""

import shutil
from pathlib import Path

import msgspec

from hotfix.actions.settle import read_back, stopped_at
from hotfix.lifecycle.pick import resolution
from hotfix.lifecycle.pick.outlook import ConflictAt
from hotfix.policy.rules import Rules
from hotfix.ports import Ports
from hotfix.ports.picking import Attempt, Tried
from hotfix.record.finding import refused
from hotfix.record.parts import Resolved

_FILES, _FIX, _STATE = "files", "the-fix.diff", "state.json"


class Resolving(msgspec.Struct, frozen=True):
    """A pick that waits for somebody to resolve its conflict."""

    hotfix: str
    fixes: tuple[str, ...]
    base: str
    stopped_at: str
    conflicts: tuple[ConflictAt, ...]
    resolved: tuple[Resolved, ...]
    """What was resolved before, of this fix and those ahead of it."""
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
    """Lay the files in conflict out, with markers, and remember what for."""
    place = _place(ports, hotfix)
    stopped = asked.fixes[len(tried.trees)]
    resolving = Resolving(
        hotfix,
        asked.fixes,
        asked.onto,
        stopped,
        stopped_at(tried, rules),
        asked.resolved,
        paired_with,
        authored,
        str(place / _FILES),
        str(place / _FIX),
    )
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    blobs = {one.path: ports.picking.blob(tried.conflicted, one.path) for one in resolving.conflicts}
    ports.git.export(
        ports.picking.with_blobs("", {path: blob for path, blob in blobs.items() if blob}), place / _FILES
    )
    source = ports.git.commit(stopped)
    before = ports.git.commit(source.parents[0]).tree if source.parents else ports.picking.with_blobs("", {})
    (place / _FIX).write_bytes(ports.git.diff(before, source.tree))
    (place / _STATE).write_bytes(msgspec.json.encode(resolving))
    return resolving


def waiting(ports: Ports, hotfix: str) -> Resolving | None:
    """The pick of `hotfix` that waits; None where none does."""
    state = _place(ports, hotfix) / _STATE
    return msgspec.json.decode(state.read_bytes(), type=Resolving) if state.exists() else None


def read(ports: Ports, hotfix: str) -> tuple[Resolving, tuple[Resolved, ...]]:
    """What waits, and what somebody made of it. Raises Refused where nothing waits, or a marker is left."""
    resolving = waiting(ports, hotfix)
    if resolving is None:
        raise refused(
            "pick-nothing-to-resolve",
            f"No pick of {hotfix} waits for a conflict to be resolved in this clone.",
            f"hotfix pick FIX --resolve --hotfix {hotfix}",
        )

    def check(path: str, content: bytes) -> None:
        if resolution.has_markers(content):
            raise refused(
                "pick-markers",
                f"{path} still has conflict markers.",
                f"edit {resolving.folder}/{path}, then: hotfix pick --continue --hotfix {hotfix}",
            )

    paths = [one.path for one in resolving.conflicts]
    made = read_back(
        ports.picking, resolving.stopped_at, Path(resolving.folder), paths, resolution.BY_HAND, check
    )
    return resolving, made


def forget(ports: Ports, hotfix: str) -> None:
    """Leave nothing of it."""
    shutil.rmtree(_place(ports, hotfix), ignore_errors=True)


def _place(ports: Ports, hotfix: str) -> Path:
    return ports.git.state_dir() / "resolving" / hotfix
