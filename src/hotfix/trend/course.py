"""The course of hotfixes over months: the band, the test on series, the cumulative sum; in one hand, for every source."""

from collections.abc import Sequence

import msgspec

from hotfix.trend import bands, cusum, months, rates
from hotfix.trend.bands import Band
from hotfix.trend.cusum import Cusum
from hotfix.trend.months import Month
from hotfix.trend.rates import Change


class Course(msgspec.Struct, frozen=True):
    """What the months say."""

    months: tuple[Month, ...]
    status: Band
    mean: float | None
    """Hotfixes a month, over the last three full ones."""
    change: Change
    """Of series, not of hotfixes: those bring each other, and a test takes its events for independent."""
    cusum: Cusum | None


def course(counted: Sequence[Month]) -> Course:
    """What `counted`, oldest first, says. Months that are not whole are shown, and judged in nothing."""
    full = months.full(counted)
    status, mean = bands.status([month.hotfixes for month in full])
    begun = [month.series for month in full]
    change = rates.of_months(begun)
    clustered = rates.is_clustered([month.hotfixes for month in full[-rates.RECENT - rates.BASELINE :]])
    return Course(
        tuple(counted),
        status,
        mean,
        msgspec.structs.replace(change, clustered=change.clustered or clustered),
        cusum.of_months(begun),
    )


def in_words(found: Course) -> tuple[str, ...]:
    """Each judgement with what it goes by, a sentence each."""
    return (_status(found), _change(found.change), _sums(found.cusum))


def _status(found: Course) -> str:
    if found.mean is None:
        return f"status: {Band.NOT_ENOUGH}: {bands.STATUS_MONTHS} full months are needed, and there are fewer"
    span = [month.month for month in months.full(found.months)[-bands.STATUS_MONTHS :]]
    return (
        f"status: {found.status}: {found.mean:.1f} hotfixes a month, the mean of {span[0]} to {span[-1]} "
        f"(healthy is {bands.RANGES[Band.HEALTHY]}, elevated {bands.RANGES[Band.ELEVATED]}, "
        f"high {bands.RANGES[Band.HIGH]}, critical {bands.RANGES[Band.CRITICAL]})"
    )


def _change(change: Change) -> str:
    if change.p is None:
        return (
            f"trend: {change.verdict}: {rates.RECENT} full months are compared with at least "
            f"{rates.LEAST_BASELINE} before them, and there are {change.baseline_exposure:g}"
        )
    ratio = "nothing before" if change.ratio is None else f"{change.ratio:.2f} times the rate before"
    between = (
        f", 95 % interval {change.interval.low:.2f} to {change.interval.high:.2f}" if change.interval else ""
    )
    optimistic = "; clustered, so that p is optimistic" if change.clustered else ""
    return (
        f"trend: {change.verdict}: {change.recent} series in {change.recent_exposure:g} months against "
        f"{change.baseline} in the {change.baseline_exposure:g} before, {ratio}{between}; exact conditional test, "
        f"one-sided mid-p {change.p:.3f}{optimistic}"
    )


def _sums(sums: Cusum | None) -> str:
    if sums is None:
        return f"cusum: {Band.NOT_ENOUGH}"
    state = "ALARM: a rise that stays" if sums.alarm else "quiet"
    return (
        f"cusum: {state}: {sums.sums[-1]:.2f} of {sums.limit:.2f}, after {len(sums.sums)} months against "
        f"{sums.baseline:.2f} a month before (k {sums.reference:.2f})"
    )
