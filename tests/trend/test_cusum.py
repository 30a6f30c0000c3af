"""The cumulative sum: quiet while nothing changes, and loud when a rise stays."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfix.trend import cusum

counts = st.lists(st.integers(0, 30), max_size=40)


@given(counts, st.floats(0.05, 20.0))
def test_the_sums_are_what_the_definition_says(watched: list[int], usual: float) -> None:
    found = cusum.cusum(watched, usual)
    k = (2 * usual - usual) / math.log(2 * usual / usual)
    now = 0.0
    for count, shown in zip(watched, found.sums, strict=True):
        now = max(0.0, now + count - k)
        assert shown == pytest.approx(now, rel=1e-9, abs=1e-9)
    assert found.alarm == (now > 4 * math.sqrt(usual))


@given(st.integers(1, 12), st.integers(0, 40))
def test_the_usual_is_never_an_alarm(usual: int, months: int) -> None:
    assert not cusum.cusum([usual] * months, float(usual)).alarm


def test_a_rise_to_twice_the_usual_that_stays_is_an_alarm() -> None:
    found = cusum.of_months([2] * 12 + [4] * 6)
    assert found is not None
    assert found.alarm
    assert found.baseline == 2.0


def test_nothing_in_the_baseline_does_not_make_an_alarm_of_the_first() -> None:
    found = cusum.of_months([0] * 12 + [0, 0, 1])
    assert found is not None
    assert found.baseline == pytest.approx(1 / 12)
    assert not found.alarm


def test_too_few_months_before_say_nothing() -> None:
    assert cusum.of_months([2] * 8) is None
    assert cusum.of_months([2] * 9) is not None
