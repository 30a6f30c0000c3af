"""Other hotfixes on the same base: where they overlap, and what both together would be."""

import msgspec

from hotfix.lifecycle.pick.region import Hunk, around, meet
from hotfix.ports import Ports
from hotfix.ports.picking import Attempt, Picking
from hotfix.record.facts import Picked
from hotfix.record.hotfix import Hotfix


class Beside(msgspec.Struct, frozen=True):
    """Another hotfix that was picked onto the same base, and is not shipped yet."""

    hotfix: str
    release: str
    paths: tuple[str, ...]
    """Paths that both change."""
    lines: tuple[str, ...]
    """Those of them in which both change the same lines, or neighbours."""
    order: tuple[str, ...]
    """In which order both go on, the other first where either way is the same; empty where they do not."""
    tree: str
    """What both together give, in that order."""


def beside(ports: Ports, hotfix: Hotfix, picked: Picked, every: tuple[Hotfix, ...]) -> tuple[Beside, ...]:
    """Every open hotfix whose newest pick stands on the same base, in the same environment, and was not shipped."""
    others = (
        (other, other.pick.fact)
        for other in every
        if other.id != hotfix.id and other.after.closed is None and not other.is_live and other.pick.fact
    )
    here = (picked.patch.base_commit, picked.patch.environment)
    return tuple(
        _beside(ports.picking, hotfix.id, picked, other.id, its)
        for other, its in others
        if (its.patch.base_commit, its.patch.environment) == here
    )


def _beside(picking: Picking, id: str, ours: Picked, other: str, theirs: Picked) -> Beside:
    base = ours.patch.base_commit
    theirs_first, ours_first = picking.attempt(
        [Attempt((*theirs.fixes, *ours.fixes), base), Attempt((*ours.fixes, *theirs.fixes), base)]
    )
    order: tuple[str, ...] = ()
    tree = ""
    if theirs_first.clean:
        order, tree = (other, id), theirs_first.trees[-1]
    elif ours_first.clean:
        order, tree = (id, other), ours_first.trees[-1]
    paths = sorted(_paths(picking, ours) & _paths(picking, theirs))
    lines = tuple(path for path in paths if _same_lines(picking, path, ours, theirs))
    return Beside(other, theirs.release, tuple(paths), lines, order, tree)


def _paths(picking: Picking, picked: Picked) -> set[str]:
    (changes,) = picking.changes([(picked.patch.base_tree, picked.patch.result_tree)])
    return {change.path for change in changes or ()}


def _same_lines(picking: Picking, path: str, ours: Picked, theirs: Picked) -> bool:
    one, two = (
        around(Hunk(*hunk) for hunk in picking.hunks(path, picked.patch.base_tree, picked.patch.result_tree))
        for picked in (ours, theirs)
    )
    return meet(one, two)
