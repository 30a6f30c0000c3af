"""Bands: of a month, and of the mean of three."""

import pytest

from hotfix.trend import bands
from hotfix.trend.bands import Band


@pytest.mark.parametrize(
    ("hotfixes", "band"),
    [
        (0, "healthy"),
        (2, "healthy"),
        (3, "elevated"),
        (4, "elevated"),
        (5, "high"),
        (10, "high"),
        (11, "critical"),
    ],
)
def test_the_band_of_a_month(hotfixes: int, band: str) -> None:
    assert bands.of_month(hotfixes) == band


@pytest.mark.parametrize(
    ("months", "band"),
    [
        ([2, 2, 3], "healthy"),
        ([2, 3, 3], "elevated"),
        ([9, 0, 0], "elevated"),
        ([4, 5, 5], "high"),
        ([10, 10, 10], "high"),
        ([10, 10, 11], "critical"),
        ([99, 0, 1, 2], "healthy"),
    ],
)
def test_the_status_goes_by_the_mean_of_the_last_three_months(months: list[int], band: str) -> None:
    assert bands.status(months)[0] == band


def test_two_months_are_not_enough() -> None:
    assert bands.status([9, 9]) == (Band.NOT_ENOUGH, None)
