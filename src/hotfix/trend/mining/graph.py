"""What a release has that the one before it lacks: read from one listing of the history, in no further git process."""

import heapq
from collections.abc import Iterable, Sequence

import msgspec


class Logged(msgspec.Struct, frozen=True, array_like=True):
    """One commit of the listing."""

    id: str
    parents: tuple[str, ...]
    subject: str
    at: float = 0.0
    """When it was committed, in seconds since 1970."""


class Graph:
    """The commits of a listing in which children stand before their parents, newest first."""

    def __init__(self, commits: Iterable[Logged]) -> None:
        self.commits = list(commits)
        self._place = {commit.id: place for place, commit in enumerate(self.commits)}
        self._parents = [
            [self._place[parent] for parent in commit.parents if parent in self._place]
            for commit in self.commits
        ]

    def between(self, older: str, newer: str) -> Sequence[Logged]:
        """The commits that `newer` has and `older` lacks, newest first; all of the listing's where it does not know `older`.

        Walks both histories from the newest commit down, until nothing is left that only `newer` has.
        """
        begin = self._place.get(newer)
        if begin is None:
            return []
        only, both = 1, 2
        marks = {begin: only}
        queue = [begin]
        if older in self._place:
            at = self._place[older]
            marks[at] = both
            if at != begin:
                heapq.heappush(queue, at)
        open_ones = 1 if marks[begin] == only else 0
        found = []
        while queue and open_ones:
            place = heapq.heappop(queue)
            mark = marks[place]
            if mark == only:
                open_ones -= 1
                found.append(self.commits[place])
            for parent in self._parents[place]:
                known = marks.get(parent)
                if known is None:
                    marks[parent] = mark
                    heapq.heappush(queue, parent)
                    open_ones += mark == only
                elif known == only and mark == both:
                    marks[parent] = both
                    open_ones -= 1
        return found
