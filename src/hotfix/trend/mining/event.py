"""Events: releases of several lines on one day are one; and a hotfix of a hotfix belongs to its series."""

from collections.abc import Sequence

import msgspec

from hotfix.trend.mining.ladder import Class, days
from hotfix.trend.mining.release import Release

_TOGETHER = 24 * 3600.0
"""Seconds within which patches of several lines are one event."""
_AT_ONCE = 48 * 3600.0
"""Seconds within which a hotfix after a hotfix is its follow-up, whatever it touches."""
_FOLLOWS = 7 * 24 * 3600.0
"""Seconds within which it is one where both touch the same folder."""
_RUNGS = (Class.REGULAR, Class.CANDIDATE, Class.PROBABLE, Class.CONFIRMED)


class Found(msgspec.Struct, frozen=True):
    """A release, its rung and its reasons."""

    release: Release
    rung: Class
    reasons: tuple[str, ...]
    folders: frozenset[str] = frozenset()
    """Where its commits changed something; known of those that may be hotfixes."""
    series: str = ""
    """The tag of the first hotfix of its series; empty for what is none."""
    mined: Class | None = None
    """The rung before a person spoke; None where nobody did."""
    others: tuple[Release, ...] = ()
    """Releases of other lines that are the same event."""

    @property
    def is_hotfix(self) -> bool:
        """Whether it counts as one."""
        return self.rung in (Class.CONFIRMED, Class.PROBABLE)


def together(found: Sequence[Found]) -> list[Found]:
    """Patches of several lines within a day as one event, told by the strongest of them; `found` is in the order of time."""
    events: list[Found] = []
    for one in found:
        last = next((place for place in range(len(events) - 1, -1, -1) if _is_one(events[place], one)), None)
        if last is None:
            events.append(one)
        else:
            events[last] = _merged(events[last], one)
    return events


def _is_one(event: Found, one: Found) -> bool:
    members = (event.release, *event.others)
    return (
        0 <= one.release.tag.at - event.release.tag.at <= _TOGETHER
        and one.release.patch is True
        and all(member.patch is True and member.line != one.release.line for member in members)
    )


def _merged(event: Found, one: Found) -> Found:
    first, second = sorted((one, event), key=_strength, reverse=True)
    others = tuple(
        sorted(
            (*first.others, second.release, *second.others),
            key=lambda release: release.name.order,
            reverse=True,
        )
    )
    return msgspec.structs.replace(first, others=others, folders=first.folders | second.folders)


def _strength(one: Found) -> tuple[int, object]:
    """The higher rung tells; of equals, the newer line."""
    return _RUNGS.index(one.rung), one.release.name.order


def in_series(events: Sequence[Found]) -> list[Found]:
    """Each hotfix with the tag that its series began with: a follow-up within two days, or a week where folders are shared."""
    told: list[Found] = []
    for event in events:
        if event.rung is Class.REGULAR:
            told.append(event)
            continue
        before = next(
            (one for one in reversed(told) if one.series and _may_lead(one, event) and _follows(event, one)),
            None,
        )
        if before is None:
            told.append(msgspec.structs.replace(event, series=event.release.tag.name))
        else:
            gap = days(event.release.tag.at - before.release.tag.at)
            reason = f"series: follows {before.release.tag.name} by {gap}"
            told.append(
                msgspec.structs.replace(event, series=before.series, reasons=(*event.reasons, reason))
            )
    return told


def _may_lead(before: Found, event: Found) -> bool:
    """What counts follows only what counts: a candidate takes no hotfix out of the count of series."""
    return before.is_hotfix or not event.is_hotfix


def _follows(event: Found, before: Found) -> bool:
    lines = {release.line for release in (before.release, *before.others)}
    if not lines & {release.line for release in (event.release, *event.others)}:
        return False
    gap = event.release.tag.at - before.release.tag.at
    return gap <= _AT_ONCE or (gap <= _FOLLOWS and bool(event.folders & before.folders))
