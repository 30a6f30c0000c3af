"""The second way out, before any hotfix: return to the release before the bad one. What would that mean?"""

from collections.abc import Sequence

import msgspec

from hotfix.lifecycle.rehearse import irreversible
from hotfix.record.words import count


class Return(msgspec.Struct, frozen=True):
    """Going back to an earlier release, and what goes with it."""

    now: str
    to: str
    commit: str
    takes_away: tuple[tuple[str, str], ...]
    """(commit, subject) of what the release of now has and the other lacks, newest first; at most those listed."""
    commits: int
    """How many there are in all."""
    irreversible: tuple[str, ...]
    """Paths changed in between whose change the return does not undo."""
    not_startable: tuple[str, ...]
    """Of each unit that could not start it: why."""

    @property
    def is_safe(self) -> bool:
        """Whether nothing is known that speaks against it; what it takes away is for people to weigh."""
        return not self.irreversible and not self.not_startable

    @property
    def sentence(self) -> str:
        """All of it in one breath."""
        said = f"return from {self.now} to {self.to}: takes {count(self.commits, 'commit')} away"
        if self.irreversible:
            said += f"; NOT SAFE: it does not undo {', '.join(self.irreversible)}"
        if self.not_startable:
            said += f"; NOT POSSIBLE: {'; '.join(self.not_startable)}"
        return said


def returning(
    now: str,
    to: str,
    commit: str,
    takes_away: Sequence[tuple[str, str]],
    commits: int,
    changed: Sequence[str],
    not_startable: Sequence[str],
    patterns: Sequence[str],
) -> Return:
    """What returning from `now` to `to` would mean, `changed` being every path that differs."""
    lasting = irreversible(changed, patterns)
    return Return(now, to, commit, tuple(takes_away), commits, lasting, tuple(not_startable))
