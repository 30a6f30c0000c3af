"""The middle and the far end of a few values: median and 90th percentile, never a mean of times."""

import math
from collections.abc import Sequence


def quantile(values: Sequence[float], share: float) -> float:
    """Between the order statistics, linearly (Hyndman and Fan 1996, definition 7). Of nothing it is an error to ask."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("nothing has no quantile")
    place = (len(ordered) - 1) * share
    low, high = math.floor(place), math.ceil(place)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return quantile(values, 0.5)
