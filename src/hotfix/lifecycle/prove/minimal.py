"""Which hunks no test notices: leave each out, then as many together as stay unnoticed.

Leaving out is greedy, down to a 1-minimal set: of what remains, every part is needed. Delta debugging by halves buys
nothing here: a fix has two hunks of logic in the median, and ten at most.
"""

from collections.abc import Callable, Sequence

import msgspec

Part = tuple[str, ...]
"""Hunks that are left out together: one, or neighbours that do not parse without each other."""
Green = bool | None
"""Whether the tests stay green without those hunks; None: nobody could ask, time or tries were used up."""
Ask = Callable[[Sequence[frozenset[str]]], Sequence[Green]]
"""Runs the tests on the result without each set of hunks."""


class Minimal(msgspec.Struct, frozen=True):
    """What leaving out showed."""

    unproven: tuple[str, ...]
    """Hunks that can be left out, all of them together, and the tests stay green."""
    unasked: tuple[str, ...]
    """Hunks of which nothing is known."""

    @property
    def minimal(self) -> bool | None:
        """Whether every hunk is needed; None where not every one was asked."""
        if self.unproven:
            return False
        return None if self.unasked else True


def one_minimal(parts: Sequence[Part], ask: Ask) -> Minimal:
    """Leave out what the tests do not notice, until every part that remains is needed."""
    everything = frozenset(hunk for part in parts for hunk in part)
    alone = [frozenset(part) for part in parts]
    # Without any of them the tests are red: that is what the proof has shown.
    asked = [part for part in alone if part != everything]
    first = dict(zip(asked, ask(asked), strict=True))
    unasked = tuple(hunk for part in asked if first[part] is None for hunk in sorted(part))
    dropped: frozenset[str] = frozenset()
    for part in asked:
        if first[part] and (not dropped or _green(ask, dropped | part, everything)):
            dropped |= part
    # What was needed may be so only for what is gone now, such as a function for its call.
    while dropped and (more := _next(alone, dropped, everything, ask)):
        dropped |= more
    order = [hunk for part in parts for hunk in part]
    return Minimal(
        tuple(hunk for hunk in order if hunk in dropped), tuple(h for h in unasked if h not in dropped)
    )


def _next(
    parts: Sequence[frozenset[str]], dropped: frozenset[str], everything: frozenset[str], ask: Ask
) -> frozenset[str]:
    left = [part for part in parts if not part <= dropped and dropped | part != everything]
    answers = ask([dropped | part for part in left])
    return next((part for part, green in zip(left, answers, strict=True) if green), frozenset())


def _green(ask: Ask, dropped: frozenset[str], everything: frozenset[str]) -> bool:
    return dropped != everything and ask([dropped])[0] is True
