"""How many hotfixes are how bad: 0-2 a month is healthy; above 5-10 release quality is the problem, not the hotfix.

A single month is noise (at a true rate of two, every third month has three or more), so that the status goes by the
mean of three full months, with cuts halfway between the bands.
"""

from collections.abc import Sequence
from enum import StrEnum

STATUS_MONTHS = 3


class Band(StrEnum):
    """Where a month, or the mean of three, lies."""

    HEALTHY = "healthy"
    ELEVATED = "elevated"
    HIGH = "high"
    CRITICAL = "critical"
    NOT_ENOUGH = "not enough history"


RANGES = {Band.HEALTHY: "0-2", Band.ELEVATED: "3-4", Band.HIGH: "5-10", Band.CRITICAL: "above 10"}
"""Hotfixes in one month."""
CUTS = {Band.HEALTHY: 2.5, Band.ELEVATED: 4.5, Band.HIGH: 10.0}
"""The highest three-month mean of each band; above them all is critical."""


def of_month(hotfixes: int) -> Band:
    """The band of one month."""
    if hotfixes <= 2:
        return Band.HEALTHY
    if hotfixes <= 4:
        return Band.ELEVATED
    return Band.HIGH if hotfixes <= 10 else Band.CRITICAL


def status(full_months: Sequence[int]) -> tuple[Band, float | None]:
    """(band, mean) of the last three full months, oldest first; no band where there are fewer."""
    last = full_months[-STATUS_MONTHS:]
    if len(last) < STATUS_MONTHS:
        return Band.NOT_ENOUGH, None
    mean = sum(last) / STATUS_MONTHS
    return next((band for band, highest in CUTS.items() if mean <= highest), Band.CRITICAL), mean
