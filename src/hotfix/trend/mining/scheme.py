"""What the numbers of a family of tags tell: versions with levels, days, or nothing but an order."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum

from hotfix.trend.mining.production import Tag
from hotfix.trend.mining.tag_name import TagName

_MOST = 0.3
"""Share of tags with three numbers above which those with two are their first releases (1.26, 1.26.1)."""


class Scheme(StrEnum):
    """How a family of tags is numbered."""

    LEVELS = "versions"
    """1.26.1, 2026.5.1: the third number counts patches of a release."""
    DAYS = "days"
    """20260131.1: the number after the day counts patches."""
    ORDER = "an order"
    """release-4711, 2026.01.31: no number tells a patch from a release."""


def scheme(tags: Sequence[tuple[Tag, TagName]]) -> Scheme:
    """How these tags are numbered."""
    if not tags:
        return Scheme.ORDER
    if _share(tags, lambda tag, name: re.fullmatch(r"(19|20)\d{6}", str(name.numbers[0])) is not None) > 0.5:
        return Scheme.DAYS
    if _share(tags, _is_its_own_day) > 0.5:
        return Scheme.ORDER
    return Scheme.LEVELS if _share(tags, lambda tag, name: len(name.numbers) >= 3) > _MOST else Scheme.ORDER


def _share(tags: Sequence[tuple[Tag, TagName]], fits: Callable[[Tag, TagName], bool]) -> float:
    return sum(fits(tag, name) for tag, name in tags) / len(tags)


def _is_its_own_day(tag: Tag, name: TagName) -> bool:
    """2026.01.31, made on that day or the next."""
    numbers = (*name.numbers, *name.order[1])[:3]
    if len(numbers) < 3 or not 1990 <= numbers[0] <= 2200:
        return False
    made = datetime.fromtimestamp(tag.at, UTC)
    return (made.month == numbers[1] or made.day == 1) and abs(made.day - numbers[2]) in (0, 1, 30)


def line(name: TagName, by: Scheme) -> str:
    """The release line: ``4.2.x``; empty where the numbers tell of none."""
    if by is Scheme.ORDER:
        return ""
    kept = name.numbers[:1] if by is Scheme.DAYS else (*name.numbers, 0)[:2]
    return ".".join(map(str, kept)) + ".x"


def is_patch(name: TagName, by: Scheme) -> bool | None:
    """Whether the numbers say that it mends a release which was there; None where they cannot."""
    if by is Scheme.ORDER:
        return True if name.says_hotfix or name.is_another else None
    lowest = name.numbers[1:] if by is Scheme.DAYS else name.numbers[2:]
    return any(lowest) or name.says_hotfix or name.is_another
