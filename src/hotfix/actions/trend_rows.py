"""Months and test as rows with stable names, the same for a record and for a repository with only its tags."""

import msgspec

from hotfix.trend import bands
from hotfix.trend.course import Course
from hotfix.trend.months import Month


class MonthRow(msgspec.Struct, frozen=True):
    """One month of the count."""

    month: str
    hotfixes: int
    partial: bool
    series: int
    band: bands.Band | None
    """None of a month that is not whole: it is judged in nothing."""


class TrendRow(msgspec.Struct, frozen=True):
    """What the exact test says of the last three months."""

    verdict: str
    p: float | None
    ratio: float | None
    low: float | None
    high: float | None
    """95 % interval of the ratio; None where it has no end."""
    recent: int
    baseline: int
    clustered: bool


def month_rows(found: Course) -> tuple[MonthRow, ...]:
    """A row for each month."""
    return tuple(
        MonthRow(
            one.month,
            one.hotfixes,
            one.partial,
            one.series,
            None if one.partial else bands.of_month(one.hotfixes),
        )
        for one in found.months
    )


def counted(rows: tuple[MonthRow, ...]) -> tuple[Month, ...]:
    """The months again, for a chart."""
    return tuple(Month(one.month, one.hotfixes, one.series, one.partial) for one in rows)


def trend_row(found: Course) -> TrendRow:
    """What the test says."""
    change = found.change
    between = change.interval
    return TrendRow(
        verdict=change.verdict,
        p=change.p,
        ratio=change.ratio,
        low=between.low if between else None,
        high=between.high if between and between.high != float("inf") else None,
        recent=change.recent,
        baseline=change.baseline,
        clustered=change.clustered,
    )
