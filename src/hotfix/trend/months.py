"""Calendar months: named ``2026-11``, counted whole, and the last one marked as partial."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec


class Month(msgspec.Struct, frozen=True):
    """One month of the count."""

    month: str
    hotfixes: int
    series: int
    """Hotfixes that began something, and did not follow up on one of before."""
    partial: bool
    """Whether it is not over yet, or began before what is known."""


def name(moment: datetime) -> str:
    """The month that `moment` lies in, in its own time zone."""
    return f"{moment.year:04d}-{moment.month:02d}"


def after(month: str, by: int = 1) -> str:
    """The month `by` months after (below 0: before)."""
    years, months = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + by, 12)
    return f"{years:04d}-{months + 1:02d}"


def span(first: str, last: str) -> list[str]:
    """Every month from `first` to `last`, both with it."""
    months = []
    while first <= last:
        months.append(first)
        first = after(first)
    return months


def counted(
    hotfixes: Iterable[str], series: Iterable[str], since: datetime, now: datetime
) -> tuple[Month, ...]:
    """How many of each month, oldest first; `hotfixes` and `series` name a month for each of theirs.

    Nothing is known from before `since`: its month is whole only where `since` is its first day.
    """
    each, begun = list(hotfixes), list(series)
    first, last = name(since), name(now)
    return tuple(
        Month(
            month,
            each.count(month),
            begun.count(month),
            partial=month == last or (month == first and since.day > 1),
        )
        for month in span(first, last)
    )


def full(months: Sequence[Month]) -> list[Month]:
    """Those that are over and known from their first day."""
    return [month for month in months if not month.partial]
