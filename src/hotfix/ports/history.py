"""What is asked of a repository's past: its tags, its commits, and what a few of them changed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import msgspec

from hotfix.trend.mining.graph import Logged
from hotfix.trend.mining.production import Tag


class Changed(msgspec.Struct, frozen=True):
    """A path that a commit changed."""

    path: str
    """Lossless text of the path's bytes."""
    lines: int | None
    """Added and removed; None where the clone lacks what it would take to count them."""


class Detail(msgspec.Struct, frozen=True):
    """One commit, looked at."""

    message: str
    changes: tuple[Changed, ...]


class History(Protocol):
    """The past of a repository, read without believing its configuration."""

    def tags(self) -> tuple[Tag, ...]:
        """Every tag that points at a commit."""

    def newest(self) -> float:
        """When the newest commit or tag was made that a ref points at, in seconds since 1970; 0 where there is none."""

    def is_shallow(self) -> bool:
        """Whether this clone has only the newest part of the history: then what is measured at its end is too little."""

    def log(self, tips: Sequence[str], without: Sequence[str]) -> list[Logged]:
        """The history of `tips` without what all of `without` have in common, children before their parents, newest first."""

    def made(self, commits: Sequence[str]) -> Mapping[str, float]:
        """When each of these commits was made, in seconds since 1970; of those that this clone lacks, nothing."""

    def changed(self, tip: str, since: float) -> Iterator[tuple[str, ...]]:
        """The paths that each commit of `tip` since that moment changed; merges changed nothing by themselves."""

    def details(self, commits: Sequence[str]) -> Mapping[str, Detail]:
        """What each of these commits said and changed; of those that this clone cannot tell of, nothing."""

    def differences(self, pairs: Sequence[tuple[str, str]]) -> Sequence[tuple[Changed, ...] | None]:
        """For each (older, newer) commit, what differs between them; None where this clone lacks one of them."""
