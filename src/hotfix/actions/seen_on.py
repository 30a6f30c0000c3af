"""How a fix stands with trunk or with a release candidate: shown by picking it there again, never by what a message says."""

from hotfix.actions.twins import candidates, picks_by_name, said_within
from hotfix.lifecycle import land as stage
from hotfix.lifecycle.land import Seen
from hotfix.lifecycle.pick.aftermath import still_reverted
from hotfix.lifecycle.pick.equivalence import DELTA, SAME, is_counted, rung
from hotfix.policy.path_kind import kind_of
from hotfix.policy.rules import Rules
from hotfix.ports.git import Change, Commit
from hotfix.ports.picking import Attempt, Picking, Tried
from hotfix.record.finding import Refused, refused

_MAY_GO = frozenset({"changelog", "generated", "docs", "test"})
"""What a main line takes away again without taking the fix back: fragments at a release, tests that moved."""


def seen_on(picking: Picking, fix: str, onto: str, since: str, rules: Rules) -> Seen:
    """How `fix` stands with the commit `onto`; `since` is the base, whose history has no landing in it.

    Raises Refused where something that is needed to tell is not in this clone.
    """
    there = Seen(fix, stage.ANCESTOR, fix) if picking.is_in(fix, onto) else None
    seen = there or _by_a_twin(picking, fix, onto, since, rules)
    if seen.there:
        return not_taken_back(picking, seen, onto, rules)
    return Seen(fix, stage.THERE, onto) if _again(picking, fix, onto).empty else seen


def not_taken_back(picking: Picking, seen: Seen, onto: str, rules: Rules) -> Seen:
    """The same, unless what its commit did was undone on `onto`: by a commit that says so, or by what the files say."""
    again = _again(picking, seen.commit, onto)
    if again.empty:
        return seen
    reverted = still_reverted(seen.commit, said_within(picking, onto))
    if reverted or (again.clean and _takes_effect(picking, onto, again.trees[-1], rules)):
        return Seen(seen.fix, stage.UNDONE, reverted)
    return seen


def _again(picking: Picking, commit: str, onto: str) -> Tried:
    """How picking the commit would go there."""
    (tried,) = picking.attempt([Attempt((commit,), onto)])
    if tried.unreadable:
        raise _cannot_tell(commit, tried.unreadable)
    return tried


def _cannot_tell(commit: str, why: str) -> Refused:
    return refused(
        "land-cannot-tell",
        f"Whether {commit[:12]} is there cannot be told: {why}.",
        "git fetch --unshallow, or git fetch --refetch --no-filter, then try again",
    )


def _changes(picking: Picking, old: str, new: str) -> tuple[Change, ...]:
    (changes,) = picking.changes([(old, new)])
    if changes is None:
        raise _cannot_tell(new, "the files that differ are not in this clone")
    return changes


def _takes_effect(picking: Picking, onto: str, tree: str, rules: Rules) -> bool:
    """Whether picking it again would change code that is there, or bring a file that is nowhere there."""
    (commit,) = picking.commits([onto])
    for change in _changes(picking, commit.tree if commit else onto, tree):
        if kind_of(change.path, rules) in _MAY_GO:
            continue
        moved = change.old_mode == "000000" and picking.paths_with(onto, change.new_blob)
        if not moved:
            return True
    return False


def _by_a_twin(picking: Picking, fix: str, onto: str, since: str, rules: Rules) -> Seen:
    """The commit there that does what the fix does; those that name it come first."""
    says = picks_by_name(picking, fix, onto)
    tried = candidates(picking, fix, since, onto, says)
    paths = picking.paths(fix)
    # Of a fix that is nothing but a changelog, whatever else touches that changelog would be the same.
    rungs = (stage.SAME, stage.UNCOUNTED) if any(is_counted(path, rules) for path in paths) else (stage.SAME,)
    for wanted in rungs:
        for twin, one in tried:
            if one.clean and _likeness(picking, twin, one.trees[-1], rules) == wanted:
                return Seen(fix, wanted, twin.id)
    return Seen(fix, stage.DELTA, says[0]) if says else Seen(fix, stage.MISSING)


def _likeness(picking: Picking, twin: Commit, again: str, rules: Rules) -> str:
    """The rung of the ladder on which two trees stand, as landing calls it."""
    if twin.tree == again:
        return stage.SAME
    found = rung([change.path for change in _changes(picking, again, twin.tree)], rules)
    return {SAME: stage.SAME, DELTA: stage.DELTA}.get(found, stage.UNCOUNTED)
