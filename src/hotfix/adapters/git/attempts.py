"""Picks tried in memory, many at a time: how far each would come, as ``git cherry-pick`` in a work tree there."""

from collections.abc import Iterable, Sequence

from hotfix.adapters.git import merge, objects, trees
from hotfix.adapters.git.process import GitProcess
from hotfix.ports.git import Commit
from hotfix.ports.picking import Attempt, Tried
from hotfix.record import lossless
from hotfix.record.finding import refused
from hotfix.record.parts import LEFT_OUT

_NOT_HERE = "{} is not in this clone"
_MOST_REMEMBERED = 20_000


class Attempts:
    """Tries picks; remembers commits that it has read."""

    def __init__(self, git: GitProcess) -> None:
        self._git = git
        self._commits: dict[str, Commit] = {}
        self._given: set[str] = set()

    def commits(self, ids: Iterable[str]) -> dict[str, Commit]:
        """The commits that are here, by id."""
        wanted = dict.fromkeys(ids)
        unknown = [id for id in wanted if id not in self._commits]
        if len(self._commits) > _MOST_REMEMBERED:
            self._commits.clear()
            unknown = list(wanted)
        found = objects.commits(self._git, unknown)
        self._commits |= {commit.id: commit for commit in found if commit is not None}
        return {id: self._commits[id] for id in wanted if id in self._commits}

    def attempt(self, attempts: Sequence[Attempt]) -> list[Tried]:
        """Each attempt, in rounds: the first fix of all of them, then the second of those that are still clean."""
        named = (id for attempt in attempts for id in (*attempt.fixes, attempt.onto))
        sources = self.commits(id for id in named if id not in self._given)
        self.commits(source.parents[0] for source in sources.values() if source.parents)
        starts = [_start(attempt, sources) for attempt in attempts]
        tried = [Tried(()) for _ in attempts]
        for step in range(max((len(attempt.fixes) for attempt in attempts), default=0)):
            going = [
                number
                for number, attempt in enumerate(attempts)
                if tried[number].clean and step < len(attempt.fixes)
            ]
            asked: dict[int, merge.Trio] = {}
            for number in going:
                before = tried[number].trees
                ours = merge.Side(before[-1]) if before else starts[number]
                trio = self._trio(attempts[number], step, ours, sources)
                if isinstance(trio, merge.Trio):
                    asked[number] = trio
                else:
                    tried[number] = Tried(before, unreadable=trio)
            answers = merge.merge(self._git, list(asked.values()))
            for number, merged in zip(asked, answers, strict=True):
                settled = self._settled(attempts[number], step, merged)
                tried[number] = _next(tried[number].trees, asked[number].ours.tree, settled)
        self._given |= {tree for one in tried for tree in one.trees}
        return tried

    def as_one(self, older: str, newer: str) -> str:
        """A commit by nobody whose parent is `older` and whose tree is that of `newer`."""
        tree = self.commits([newer])[newer].tree
        (made,) = objects.write_commits(
            self._git, [objects.commit_bytes(tree, (older,), objects.NOBODY, objects.NOBODY, b"synthetic\n")]
        )
        return made

    def revert(self, commits: Sequence[str]) -> str:
        """The tree that taking back the commits, newest first, gives on the last of them; empty where it conflicts."""
        known = self.commits(commits)
        tree = known[commits[-1]].tree
        for commit in reversed(commits):
            before = merge.Side(self._before(known[commit]))
            (merged,) = merge.merge(self._git, [merge.Trio(_side(known[commit]), merge.Side(tree), before)])
            if merged.clashes or merged.unreadable:
                return ""
            tree = merged.tree
        return tree

    def forget(self) -> None:
        """The trees that attempts gave are no longer there."""
        self._given.clear()

    def strays(self, results: Sequence[tuple[Attempt, str]]) -> list[tuple[str, ...]]:
        """For each attempt and its result tree, the paths that the result changes and no fix named."""
        own: list[tuple[str, str]] = []
        done: list[tuple[str, str]] = []
        for attempt, tree in results:
            sources = self.commits((*attempt.fixes, attempt.onto))
            done.append((_start(attempt, sources).tree, tree))
            own += [
                (self._before(source), source.tree) for fix in attempt.fixes if (source := sources.get(fix))
            ]
        changed = [[found.path for found in pair] for pair in objects.differences(self._git, [*done, *own])]
        named = iter(changed[len(done) :])
        result = []
        for (attempt, _), paths in zip(results, changed, strict=False):
            known = {path for _ in attempt.fixes for path in next(named)}
            result.append(tuple(lossless.to_text(path) for path in sorted(set(paths) - known)))
        return result

    def paths(self, commit: str) -> tuple[str, ...]:
        """The paths that a commit changed since its first parent; none of a commit that is not here."""
        source = self.commits([commit]).get(commit)
        if source is None:
            return ()
        (found,) = objects.differences(self._git, [(self._before(source), source.tree)])
        return tuple(lossless.to_text(one.path) for one in found)

    def _before(self, source: Commit) -> str:
        """The tree that the commit changed: its first parent's, or that of nothing."""
        if not source.parents:
            return objects.empty_tree(self._git)
        parent = self.commits(source.parents[:1]).get(source.parents[0])
        if parent is None:
            raise refused(
                "git-missing-object",
                f"{_NOT_HERE.format(f'{source.parents[0][:12]}, the parent of {source.id[:12]},')}.",
                "git fetch --unshallow, then try again",
            )
        return parent.tree

    def _trio(
        self, attempt: Attempt, step: int, ours: merge.Side, sources: dict[str, Commit]
    ) -> merge.Trio | str:
        """What picking the fix merges, or why that cannot be told."""
        fix = attempt.fixes[step]
        source = sources.get(fix)
        if source is None:
            return _NOT_HERE.format(fix[:12])
        if not source.parents:
            nothing = merge.Side(objects.empty_tree(self._git))
            return merge.Trio(nothing, ours, _side(source), attempt.union)
        parent = self._commits.get(source.parents[0])
        if parent is None:
            return _NOT_HERE.format(f"{source.parents[0][:12]}, the parent of {fix[:12]},")
        return merge.Trio(_side(parent), ours, _side(source), attempt.union)

    def _settled(self, attempt: Attempt, step: int, merged: merge.Merged) -> merge.Merged:
        """The merge, with what somebody made of its paths in conflict, and without the hunks that somebody left out.

        Paths in conflict that nobody resolved stay so.
        """
        fix = attempt.fixes[step]
        clashing = {clash.path for clash in merged.clashes}
        blobs = {
            one.path: one.blob
            for one in attempt.resolved
            if one.fix == fix and (one.path in clashing or one.how == LEFT_OUT)
        }
        if not blobs:
            return merged
        left = tuple(clash for clash in merged.clashes if clash.path not in blobs)
        return merge.Merged(trees.put(self._git, merged.tree, blobs), left)


def _start(attempt: Attempt, sources: dict[str, Commit]) -> merge.Side:
    """A commit that is here; whatever else is taken for a tree, and git says so where it is none."""
    commit = sources.get(attempt.onto)
    return _side(commit) if commit else merge.Side(attempt.onto)


def _side(commit: Commit) -> merge.Side:
    return merge.Side(commit.tree, commit.id)


def _next(trees: tuple[str, ...], ours: str, merged: merge.Merged) -> Tried:
    if merged.unreadable or merged.clashes:
        markers = merged.tree if merged.clashes else ""
        return Tried(trees, clashes=merged.clashes, unreadable=merged.unreadable, conflicted=markers)
    if merged.tree == ours:
        return Tried(trees, empty=True)
    return Tried((*trees, merged.tree))
