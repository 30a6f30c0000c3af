"""The exact conditional test, beside scipy's, and what is made of it."""

import math

import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from hotfix.trend import rates
from hotfix.trend.rates import Verdict

EXACT = 1e-9

counts = st.integers(0, 150)
exposures = st.floats(0.5, 400.0)


@given(counts, counts, exposures, exposures)
def test_mid_p_is_that_of_scipy(x: int, b: int, tx: float, tb: float) -> None:
    null = scipy.stats.binom(x + b, tx / (tx + tb))
    higher, lower = rates.mid_p(x, b, tx, tb)
    assert higher == pytest.approx(null.sf(x) + null.pmf(x) / 2, abs=EXACT)
    assert lower == pytest.approx(null.cdf(x - 1) + null.pmf(x) / 2, abs=EXACT)


@given(counts, counts, exposures, exposures)
def test_the_two_sides_add_up_to_one(x: int, b: int, tx: float, tb: float) -> None:
    assert sum(rates.mid_p(x, b, tx, tb)) == pytest.approx(1.0, abs=EXACT)


@given(counts, st.integers(1, 150), exposures, exposures)
def test_the_interval_is_the_one_of_the_share(x: int, b: int, tx: float, tb: float) -> None:
    found = rates.ratio_interval(x, b, tx, tb)
    share = scipy.stats.binomtest(x, x + b).proportion_ci(0.95, method="exact")
    assert found.low == pytest.approx(share.low / (1 - share.low) * tb / tx, rel=EXACT, abs=EXACT)
    assert found.high == pytest.approx(share.high / (1 - share.high) * tb / tx, rel=1e-8)


@given(counts, st.integers(1, 150), exposures, exposures)
def test_what_was_seen_lies_in_its_interval(x: int, b: int, tx: float, tb: float) -> None:
    change = rates.compare(x, b, tx, tb)
    assert change.ratio is not None
    assert change.interval is not None
    assert change.interval.low - EXACT <= change.ratio <= change.interval.high + EXACT


def test_two_a_month_needs_twelve_in_three_months_to_be_called_a_rise() -> None:
    year = [2] * 12
    assert rates.of_months([*year, 2, 2, 2]).verdict is Verdict.STEADY
    assert rates.of_months([*year, 4, 4, 4]).verdict is Verdict.WATCH_RISING
    assert rates.of_months([*year, 5, 5, 5]).verdict is Verdict.RISING
    assert rates.of_months([*year, 1, 0, 0]).verdict is Verdict.WATCH_FALLING
    assert rates.of_months([*year, 0, 0, 0]).verdict is Verdict.FALLING


def test_five_months_before_are_too_few_and_six_are_enough() -> None:
    few = rates.of_months([2] * 5 + [9, 9, 9])
    assert few.verdict is Verdict.NOT_ENOUGH
    assert (few.p, few.ratio, few.interval) == (None, None, None)
    assert rates.of_months([2] * 6 + [9, 9, 9]).verdict is Verdict.RISING


def test_nothing_before_has_no_ratio_and_still_a_p() -> None:
    change = rates.of_months([0] * 12 + [1, 1, 2])
    assert change.ratio is None
    assert change.verdict is Verdict.RISING
    assert change.interval is not None
    assert math.isinf(change.interval.high)


def test_only_fifteen_months_count() -> None:
    assert rates.of_months([50] * 20 + [2] * 15) == rates.of_months([2] * 15)


def test_exposure_may_be_deployments() -> None:
    busier = rates.compare(12, 24, 300.0, 600.0)
    assert busier.verdict is Verdict.STEADY
    assert busier.ratio == pytest.approx(1.0)


def test_months_that_bring_each_other_are_called_clustered() -> None:
    assert rates.is_clustered([0, 0, 9, 0, 0, 8, 0, 0])
    assert not rates.is_clustered([2, 1, 2, 3, 2, 1, 2, 3])
    assert not rates.is_clustered([0, 0, 0])
    assert not rates.is_clustered([7])
