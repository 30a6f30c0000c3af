"""Median and 90th percentile, beside the standard library's."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfix.trend import spread

values = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60)


@given(values)
def test_the_median_is_that_of_the_standard_library(some: list[float]) -> None:
    assert spread.median(some) == pytest.approx(statistics.median(some), abs=1e-6)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=60))
def test_the_ninetieth_is_that_of_the_standard_library(some: list[float]) -> None:
    expected = statistics.quantiles(some, n=10, method="inclusive")[8]
    assert spread.quantile(some, 0.9) == pytest.approx(expected, abs=1e-6)


def test_nothing_has_no_quantile() -> None:
    with pytest.raises(ValueError, match="nothing"):
        spread.median([])
