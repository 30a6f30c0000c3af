"""The binomial distribution, exactly: tails by summing its terms, and the interval of Clopper and Pearson.

Clopper, C. J. and Pearson, E. S. (1934): The use of confidence or fiducial limits illustrated in the case of
the binomial. Biometrika 26, 404-413.
"""

import math

import msgspec

_NEGLIGIBLE = 1e-19
_HALVINGS = 200
"""More than enough to come down to two neighbouring floats."""


class Interval(msgspec.Struct, frozen=True):
    """From `low` to `high`, both of them in it; `high` may be infinite."""

    low: float
    high: float


def pmf(k: int, n: int, p: float) -> float:
    """The probability of exactly `k` among `n`, each with probability `p`."""
    if not 0 <= k <= n:
        return 0.0
    if p in (0.0, 1.0):
        return float(k == n * p)
    logs = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return math.exp(logs + k * math.log(p) + (n - k) * math.log1p(-p))


def at_least(k: int, n: int, p: float) -> float:
    """The probability of `k` or more among `n`."""
    if k <= 0:
        return 1.0
    if k > n * p:
        return _sum(k, n, p)
    return 1.0 - _sum(n - k + 1, n, 1.0 - p)  # k - 1 or fewer hits are n - k + 1 or more misses


def _sum(k: int, n: int, p: float) -> float:
    """Terms from `k` upwards; `k` lies above the mean, so that they only fall."""
    term = pmf(k, n, p)
    terms = [term]
    while k < n and term > _NEGLIGIBLE * terms[0]:
        term *= (n - k) / (k + 1) * p / (1.0 - p)
        k += 1
        terms.append(term)
    return min(math.fsum(terms), 1.0)


def interval(k: int, n: int, confidence: float = 0.95) -> Interval:
    """The exact interval of a proportion of which `k` of `n` were seen. Of nothing at all, everything is possible."""
    if n == 0:
        return Interval(0.0, 1.0)
    half = (1.0 - confidence) / 2
    return Interval(_low(k, n, half), 1.0 - _low(n - k, n, half))


def _low(k: int, n: int, half: float) -> float:
    """The lowest proportion under which `k` or more of `n` are not rarer than `half`."""
    if k == 0:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if at_least(k, n, middle) < half else (low, middle)
    return (low + high) / 2
