"""Has the rate changed? The exact conditional test of two Poisson counts, with the mid-p correction.

Under "nothing changed", `x` events in `tx` of time, and `b` in `tb` before it, make `x` binomial: of ``x + b`` with
probability ``tx / (tx + tb)`` (Przyborowski and Wilenski 1940, Biometrika 31, 313-323). Half of the probability
of what was seen is counted (Lancaster 1961), which makes small counts less timid.
"""

import math
from collections.abc import Sequence
from enum import StrEnum

import msgspec

from hotfix.trend import binomial
from hotfix.trend.binomial import Interval

RECENT, BASELINE, LEAST_BASELINE = 3, 12, 6
"""Full months that are compared, full months before them, and how few of those are too few to say anything."""
SURE, WATCH = 0.01, 0.05
"""Looked at every month, the first alarms falsely in about 9 % of years at two a month (benchmarks/trend)."""
_CLUSTERED = 1.5
"""A variance so many times the mean says that hotfixes bring hotfixes: then p is optimistic."""


class Verdict(StrEnum):
    """What can be said of the rate."""

    RISING = "rising"
    WATCH_RISING = "watch: rising?"
    STEADY = "steady"
    WATCH_FALLING = "watch: falling?"
    FALLING = "falling"
    NOT_ENOUGH = "not enough history"


class Change(msgspec.Struct, frozen=True):
    """Two counts compared. `p` is that of the side which was seen; none where there is not enough history."""

    verdict: Verdict
    p: float | None
    ratio: float | None
    """Rate now by rate before; None where there was nothing before."""
    interval: Interval | None
    """95 %, exact."""
    recent: int
    baseline: int
    recent_exposure: float
    baseline_exposure: float
    clustered: bool = False

    @property
    def rises(self) -> bool:
        """Whether the rate is surely higher than before."""
        return self.verdict is Verdict.RISING


def mid_p(x: int, b: int, tx: float, tb: float) -> tuple[float, float]:
    """(p that the rate is higher, p that it is lower), one-sided, after `x` in `tx` and `b` in `tb` before."""
    n, share = x + b, tx / (tx + tb)
    at = binomial.pmf(x, n, share)
    higher = binomial.at_least(x + 1, n, share) + at / 2
    lower = binomial.at_least(b + 1, n, 1.0 - share) + at / 2
    return higher, lower


def ratio_interval(x: int, b: int, tx: float, tb: float, confidence: float = 0.95) -> Interval:
    """The exact interval of the ratio of the two rates."""
    shares = binomial.interval(x, x + b, confidence)
    return Interval(_odds(shares.low) * tb / tx, _odds(shares.high) * tb / tx)


def _odds(share: float) -> float:
    return share / (1.0 - share) if share < 1.0 else math.inf


def compare(x: int, b: int, tx: float, tb: float, *, clustered: bool = False) -> Change:
    """`x` in `tx` against `b` in `tb` before it; months, or any other exposure."""
    higher, lower = mid_p(x, b, tx, tb)
    if higher <= lower:
        p, sure, watch = higher, Verdict.RISING, Verdict.WATCH_RISING
    else:
        p, sure, watch = lower, Verdict.FALLING, Verdict.WATCH_FALLING
    verdict = sure if p <= SURE else watch if p <= WATCH else Verdict.STEADY
    ratio = (x / tx) / (b / tb) if b else None
    return Change(verdict, p, ratio, ratio_interval(x, b, tx, tb), x, b, tx, tb, clustered)


def of_months(counts: Sequence[int]) -> Change:
    """The last three full months against up to twelve before them; `counts` are of full months, oldest first."""
    recent, before = counts[-RECENT:], counts[-RECENT - BASELINE : -RECENT]
    if len(before) < LEAST_BASELINE:
        return Change(
            Verdict.NOT_ENOUGH, None, None, None, sum(recent), sum(before), len(recent), len(before)
        )
    return compare(
        sum(recent), sum(before), len(recent), len(before), clustered=is_clustered([*before, *recent])
    )


def is_clustered(counts: Sequence[int]) -> bool:
    """Whether the counts vary more than those of events that do not bring each other."""
    mean = sum(counts) / len(counts) if counts else 0.0
    if len(counts) < 2 or mean == 0.0:
        return False
    return sum((count - mean) ** 2 for count in counts) / (len(counts) - 1) / mean > _CLUSTERED
