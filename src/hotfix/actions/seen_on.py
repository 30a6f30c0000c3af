"""How a fix stands with trunk or with a release candidate: shown by picking it there again, never by what a message says."""

from collections.abc import Sequence

from hotfix.lifecycle import land as stage
from hotfix.lifecycle.land import Seen
from hotfix.lifecycle.pick.aftermath import still_reverted
from hotfix.lifecycle.pick.equivalence import DELTA, SAME, rung
from hotfix.policy.path_kind import kind_of
from hotfix.policy.rules import Rules
from hotfix.ports.git import Change
from hotfix.ports.picking import Attempt, Picking, Tried

_MOST_TWINS = 50
"""Commits that touched the same files, newest first, among which the same change is looked for."""
_MAY_GO = frozenset({"changelog", "generated", "docs", "test"})
"""What a main line takes away again without taking the fix back: fragments at a release, tests that moved."""


def seen_on(picking: Picking, fix: str, onto: str, since: str, rules: Rules) -> Seen:
    """How `fix` stands with the commit `onto`; `since` is the base, whose history has no landing in it."""
    (again,) = picking.attempt([Attempt((fix,), onto)])
    if picking.is_in(fix, onto):
        return _in_history(picking, fix, onto, again, rules)
    seen = _by_a_twin(picking, fix, onto, since, rules)
    return Seen(fix, stage.THERE, onto) if again.empty and not seen.there else seen


def _in_history(picking: Picking, fix: str, onto: str, again: Tried, rules: Rules) -> Seen:
    """In the history, and not taken back: neither by a commit that says so, nor by what the files say."""
    reverted = still_reverted(fix, lambda commit: _messages(picking, commit, onto))
    if reverted and not again.empty:
        return Seen(fix, stage.UNDONE, reverted)
    if again.clean and _takes_effect(_changes(picking, onto, again.trees[-1]), rules):
        return Seen(fix, stage.UNDONE)
    return Seen(fix, stage.ANCESTOR, fix)


def _messages(picking: Picking, commit: str, within: str) -> list[tuple[str, str]]:
    return [(one.commit, one.message) for one in picking.mentions(commit, within)]


def _changes(picking: Picking, onto: str, tree: str) -> Sequence[Change]:
    (commit,) = picking.commits([onto])
    (changes,) = picking.changes([(commit.tree if commit else onto, tree)])
    return changes or ()


def _takes_effect(changes: Sequence[Change], rules: Rules) -> bool:
    """Whether picking it again would change code that is there. What would only be new may have been moved since."""
    return any(
        change.old_mode != "000000" and kind_of(change.path, rules) not in _MAY_GO for change in changes
    )


def _by_a_twin(picking: Picking, fix: str, onto: str, since: str, rules: Rules) -> Seen:
    """The commit there that does what the fix does; those that name it come first."""
    says = [
        one.commit
        for one in picking.mentions(fix, onto)
        if f"(cherry picked from commit {fix})" in one.message
    ]
    touching = picking.touching(picking.paths(fix), since, onto, _MOST_TWINS)
    twins = [
        twin for twin in picking.commits(list(dict.fromkeys((*says, *touching)))) if twin and twin.parents
    ]
    tried = picking.attempt([Attempt((fix,), twin.parents[0]) for twin in twins])
    for wanted in (stage.SAME, stage.UNCOUNTED):
        for twin, one in zip(twins, tried, strict=True):
            if one.clean and _likeness(picking, twin.tree, one.trees[-1], rules) == wanted:
                return Seen(fix, wanted, twin.id)
    return Seen(fix, stage.DELTA, says[0]) if says else Seen(fix, stage.MISSING)


def _likeness(picking: Picking, tree: str, again: str, rules: Rules) -> str:
    """The rung of the ladder on which two trees stand, as landing calls it."""
    if tree == again:
        return stage.SAME
    (changes,) = picking.changes([(again, tree)])
    if changes is None:
        return stage.DELTA
    found = rung([change.path for change in changes], rules)
    return {SAME: stage.SAME, DELTA: stage.DELTA}.get(found, stage.UNCOUNTED)
