"""Why a pick would end as the forecast says: what is missing there, what is there already, what came after."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import msgspec

from hotfix.actions.forecast import size_of
from hotfix.actions.settle import by_union
from hotfix.actions.twins import candidates, picks_by_name, said_within, same_change
from hotfix.lifecycle.pick import outlook as rows
from hotfix.lifecycle.pick.aftermath import Later, standing, still_reverted
from hotfix.lifecycle.pick.outlook import Alike, Already, Offer, Outlook, Proven
from hotfix.lifecycle.pick.prerequisites import CANDIDATES, Chain, search
from hotfix.lifecycle.pick.region import Hunk, Step, touching
from hotfix.lifecycle.pick.resolution import UNION, for_union, union_is_enough
from hotfix.ports import Clock
from hotfix.ports.picking import Attempt, Picking
from hotfix.record.finding import Refused

_MOST_PATHS = 6
"""Conflicting paths whose history is read: with more, no few commits explain the conflict."""


def explain(
    picking: Picking,
    clock: Clock,
    row: Outlook,
    patience: float,
    narrate: Callable[[str], None],
    *,
    union: bool = False,
) -> Outlook:
    """The row with who has it already, what was said of it since and, for a conflict, proven prerequisites.

    The search for prerequisites begins no round after `patience` seconds. With `union`, changelogs in conflict keep both
    sides' lines in it, and no commit is looked for on their account.
    """
    if row.outcome == rows.UNKNOWN:
        return row
    try:
        return _explained(picking, clock, row, patience, narrate, for_union(row.conflicts) if union else ())
    except (
        Refused
    ) as refused:  # history that is not in this clone: the outlook stands, and the reasons are not known
        return msgspec.structs.replace(row, search=rows.FAILED, why=refused.findings[0].sentence)


def _explained(
    picking: Picking,
    clock: Clock,
    row: Outlook,
    patience: float,
    narrate: Callable[[str], None],
    union: tuple[str, ...],
) -> Outlook:
    stopped = row.stopped_at or row.sha
    already = _already(picking, row, stopped)
    later = tuple(one for fix in row.fixes for one in _later(picking, fix))
    alike = tuple(Alike(path, others) for path in row.stray if (others := picking.twins(row.onto, path)))
    row = msgspec.structs.replace(row, already=already, later=later, alike=alike)
    if row.outcome != rows.CONFLICT or (already and already.how == rows.IN_HISTORY):
        return msgspec.structs.replace(row, prerequisites=())
    row = msgspec.structs.replace(row, offers=_offers(picking, row))
    narrate(f"forecast: looking for what {stopped[:12]} needs first on {row.line[:40]}")
    return _with_prerequisites(picking, clock, row, patience, union)


# -- prerequisites ------------------------------------------------------------------------------------


def _with_prerequisites(
    picking: Picking, clock: Clock, row: Outlook, patience: float, union: tuple[str, ...]
) -> Outlook:
    until = clock.now() + timedelta(seconds=patience)
    late: list[bool] = []

    def more() -> bool:
        if clock.now() >= until:
            late.append(True)
        return not late

    start = _before_the_stop(picking, row)
    found: tuple[Chain, ...] = ()
    for tried in _candidates(picking, row, union):
        found = found or search(start, row.stopped_at, tried, _go(picking, union), more)
    proven = tuple(way for chain in found if (way := _proven(picking, row, chain, union)))
    return msgspec.structs.replace(
        row,
        prerequisites=tuple(way.first for way in proven),
        proven=proven,
        search=rows.FOUND if proven else rows.OUT_OF_TIME if late else rows.NONE,
    )


def _before_the_stop(picking: Picking, row: Outlook) -> Chain:
    """What stands there when the fix that did not go on is picked: the line, and the fixes before it."""
    done = row.fixes[: row.fixes.index(row.stopped_at)]
    (tried,) = picking.attempt([Attempt(done, row.onto)])
    (base,) = picking.commits([row.onto])
    return Chain((), tried.trees[-1] if tried.trees else base.tree if base else row.onto)


def _candidates(picking: Picking, row: Outlook, union: tuple[str, ...]) -> list[tuple[str, ...]]:
    """In trunk's order, oldest first: those that touched the same lines; then, if they are others, the same files."""
    lines: dict[str, None] = {}
    files: dict[str, None] = {}
    conflicts = [one for one in row.conflicts if one.path not in union]
    for conflict in conflicts[:_MOST_PATHS]:
        steps = [
            Step(one.commit, tuple(Hunk(*hunk) for hunk in one.hunks))
            for one in picking.history(conflict.path, row.onto, row.stopped_at)
        ]
        own = next((step.hunks for step in steps if step.commit == row.stopped_at), ())
        earlier = [step for step in steps if step.commit not in row.fixes]
        lines |= dict.fromkeys(touching(own, earlier))
        files |= dict.fromkeys(step.commit for step in earlier)
    rounds = [_oldest_first(picking, row, group) for group in (lines, files)]
    return [one for number, one in enumerate(rounds) if one and one not in rounds[:number]]


def _oldest_first(picking: Picking, row: Outlook, commits: dict[str, None]) -> tuple[str, ...]:
    order = picking.in_order(tuple(commits), row.onto, row.stopped_at)
    return order[-CANDIDATES:]


def _go(picking: Picking, union: tuple[str, ...]) -> Callable[[Sequence[tuple[str, str]]], list[str]]:
    def go(pairs: Sequence[tuple[str, str]]) -> list[str]:
        tried = picking.attempt([Attempt((commit,), tree, union=union) for commit, tree in pairs])
        return [one.trees[-1] if one.clean else "" for one in tried]

    return go


def _proven(picking: Picking, row: Outlook, chain: Chain, union: tuple[str, ...]) -> Proven | None:
    """The whole pick with the prerequisites where they are needed; None where a later fix does not go on after them."""
    at = row.fixes.index(row.stopped_at)
    whole = (*row.fixes[:at], *chain.commits, *row.fixes[at:])
    (tried,) = picking.attempt([Attempt(whole, row.onto, union=union)])
    if not tried.clean:
        return None
    command = f"hotfix pick {' '.join(commit[:12] for commit in whole)}"
    command += " --union-changelog" if union else ""
    return Proven(chain.commits, tried.trees[-1], size_of(picking, row.onto, tried.trees[-1]), command)


def _offers(picking: Picking, row: Outlook) -> tuple[Offer, ...]:
    """Both sides' lines, where nothing but changelogs conflicts, and the rest of the fixes goes on with them."""
    if not union_is_enough(row.conflicts):
        return ()
    ours = _before_the_stop(picking, row).tree
    found = by_union(picking, row.stopped_at, ours, row.conflicts)
    if not found:
        return ()
    (tried,) = picking.attempt([Attempt(row.fixes, row.onto, found)])
    if not tried.clean:
        return ()
    tree = tried.trees[-1]
    fixes = " ".join(fix[:12] for fix in row.fixes)
    paths = tuple(one.path for one in found)
    command = f"hotfix pick {fixes} --union-changelog"
    return (Offer(UNION, paths, tree, size_of(picking, row.onto, tree), command),)


# -- what is there already ----------------------------------------------------------------------------


def _already(picking: Picking, row: Outlook, fix: str) -> Already | None:
    if picking.is_in(fix, row.onto):
        return _with_its_end(picking, row, Already(fix, rows.IN_HISTORY))
    says = picks_by_name(picking, fix, row.onto)
    if row.outcome != rows.CLEAN:
        same = same_change(candidates(picking, fix, fix, row.onto, says))
        if same:
            return _with_its_end(picking, row, Already(same, rows.SAME_CHANGE))
    return Already(says[0], rows.BY_ITS_WORDS) if says else None


def _with_its_end(picking: Picking, row: Outlook, already: Already) -> Already:
    """With the commit of the line that took it back, where one says so."""
    undone_by = still_reverted(already.commit, said_within(picking, row.onto))
    return msgspec.structs.replace(already, undone_by=undone_by)


# -- what came after ----------------------------------------------------------------------------------


def _later(picking: Picking, fix: str) -> tuple[Later, ...]:
    """What trunk says of the fix; a revert that was reverted itself is none."""
    trunk = picking.trunk()
    if not trunk or not picking.is_in(fix, trunk):
        return ()
    return standing(fix, said_within(picking, trunk))
