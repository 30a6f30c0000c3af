"""The binomial distribution, beside scipy's."""

import math

import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from hotfix.trend import binomial

EXACT = 1e-9

counts = st.integers(0, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
shares = st.floats(0.001, 0.999)


@given(counts, shares)
def test_a_term_is_that_of_scipy(k_of_n: tuple[int, int], p: float) -> None:
    k, n = k_of_n
    assert binomial.pmf(k, n, p) == pytest.approx(scipy.stats.binom.pmf(k, n, p), abs=EXACT)


@given(counts, shares)
def test_a_tail_is_that_of_scipy(k_of_n: tuple[int, int], p: float) -> None:
    k, n = k_of_n
    assert binomial.at_least(k, n, p) == pytest.approx(scipy.stats.binom.sf(k - 1, n, p), abs=EXACT)


@given(counts, st.sampled_from((0.8, 0.95, 0.99)))
def test_the_interval_is_that_of_scipy(k_of_n: tuple[int, int], confidence: float) -> None:
    k, n = k_of_n
    found = binomial.interval(k, n, confidence)
    if n == 0:
        assert (found.low, found.high) == (0.0, 1.0)
        return
    expected = scipy.stats.binomtest(k, n).proportion_ci(confidence, method="exact")
    assert found.low == pytest.approx(expected.low, abs=EXACT)
    assert found.high == pytest.approx(expected.high, abs=EXACT)


@given(counts, shares)
def test_a_tail_is_the_sum_of_its_terms(k_of_n: tuple[int, int], p: float) -> None:
    k, n = k_of_n
    terms = math.fsum(binomial.pmf(each, n, p) for each in range(k, n + 1))
    assert binomial.at_least(k, n, p) == pytest.approx(terms, abs=EXACT)


def test_a_sure_thing_and_an_impossible_one() -> None:
    assert binomial.pmf(5, 5, 1.0) == 1.0
    assert binomial.pmf(0, 5, 0.0) == 1.0
    assert binomial.pmf(1, 5, 0.0) == 0.0
    assert binomial.pmf(6, 5, 0.5) == 0.0
