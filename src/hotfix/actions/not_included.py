"""What trunk has and the release will not: the proof that nothing rode along."""

from collections.abc import Iterable, Sequence

from hotfix.ports import Ports
from hotfix.record.hotfix import Hotfix


def not_included(
    ports: Ports, every: Iterable[Hotfix], base: str, trunk: str, fixes: Sequence[str], limit: int
) -> tuple[int, tuple[tuple[str, str], ...]]:
    """How many commits of trunk stay out, and (id, subject) of at most `limit` of them, newest first.

    Neither the fixes themselves count, nor those of earlier hotfixes that the base was made with.
    """
    inside = {*fixes, *_fixes_in(ports, every, base)}
    there = [
        fix for fix in inside if ports.git.is_ancestor(fix, trunk) and not ports.git.is_ancestor(fix, base)
    ]
    count = ports.git.count_between(base, trunk) - len(there)
    named = ports.git.subjects_between(base, trunk, limit + len(inside))
    return count, tuple((commit, subject) for commit, subject in named if commit not in inside)[:limit]


def _fixes_in(ports: Ports, every: Iterable[Hotfix], base: str) -> set[str]:
    picks = [picked for hotfix in every for picked in hotfix.pick.history]
    return {fix for picked in picks if _is_in(ports, picked.result_commit, base) for fix in picked.fixes}


def _is_in(ports: Ports, commit: str, base: str) -> bool:
    return commit == base or ports.git.is_ancestor(commit, base)
