"""The cumulative sum of Poisson counts: it remembers, so that a small rise which stays is seen too.

S = max(0, S + x - k) with Lucas' reference value k = (l1 - l0) / ln(l1 / l0) for a rise from l0 to l1 (Lucas 1985,
Technometrics 27, 129-144). Here l1 is twice l0, and the alarm is at h = 4 sqrt(l0) (benchmarks/trend).
"""

import math
from collections.abc import Sequence

import msgspec

from hotfix.trend.rates import BASELINE, LEAST_BASELINE, RECENT


class Cusum(msgspec.Struct, frozen=True):
    """The sum after each month that was watched, and whether the last of them is an alarm."""

    baseline: float
    """The rate that counts as usual, per month."""
    reference: float
    limit: float
    sums: tuple[float, ...]
    alarm: bool


def reference(usual: float) -> float:
    """k, for a rise to twice the usual rate."""
    return usual / math.log(2.0)


def limit(usual: float) -> float:
    """h."""
    return 4.0 * math.sqrt(usual)


def cusum(counts: Sequence[int], usual: float) -> Cusum:
    """The sums over `counts`, where `usual` a month (above 0) is usual."""
    k, h = reference(usual), limit(usual)
    sums, now = [], 0.0
    for count in counts:
        now = max(0.0, now + count - k)
        sums.append(now)
    return Cusum(usual, k, h, tuple(sums), now > h)


def of_months(counts: Sequence[int]) -> Cusum | None:
    """Up to twelve months watched against up to twelve before them; None where those are too few.

    Nothing in all of the baseline is taken for one: a rate of zero, or of half a hotfix, would make an alarm of the first.
    """
    watched = min(BASELINE, max(RECENT, len(counts) - BASELINE))
    before = counts[-watched - BASELINE : -watched]
    if len(before) < LEAST_BASELINE:
        return None
    return cusum(counts[-watched:], max(sum(before), 1) / len(before))
