"""Commits elsewhere that are the same change, or say that they are; and what is said of a commit there."""

from collections.abc import Iterable

from hotfix.lifecycle.pick.aftermath import Messages
from hotfix.ports.git import Commit
from hotfix.ports.picking import Attempt, Picking, Tried

_MOST = 50
"""Commits that touched the same files, newest first, among which the same change is looked for."""


def picks_by_name(picking: Picking, fix: str, within: str) -> tuple[str, ...]:
    """The commits of `within` that say they were picked from `fix`, newest first. That shows nothing by itself."""
    trailer = f"(cherry picked from commit {fix})"
    return tuple(one.commit for one in picking.mentions(fix, within) if trailer in one.message)


def candidates(
    picking: Picking, change: str, older: str, newer: str, first: Iterable[str] = ()
) -> tuple[tuple[Commit, Tried], ...]:
    """Commits that `newer` has, `older` lacks and that touched the same files, after those named `first`.

    Each with what the change gives where that commit's parent stands.
    """
    touching = picking.touching(picking.paths(change), older, newer, _MOST)
    found = picking.commits(list(dict.fromkeys((*first, *touching))))
    commits = [commit for commit in found if commit and commit.parents]
    tried = picking.attempt([Attempt((change,), commit.parents[0]) for commit in commits])
    return tuple(zip(commits, tried, strict=True))


def same_change(tried: Iterable[tuple[Commit, Tried]]) -> str:
    """The first candidate whose tree is what the change gives there; empty where there is none."""
    return next((commit.id for commit, one in tried if one.clean and one.trees[-1] == commit.tree), "")


def said_within(picking: Picking, within: str) -> Messages:
    """Asks what `within` said of a commit afterwards."""
    return lambda commit: [(one.commit, one.message) for one in picking.mentions(commit, within)]
