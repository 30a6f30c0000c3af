from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfix.record.moment import between, from_text, in_words, to_text

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(
    min_value=datetime(1, 1, 2),
    max_value=datetime(9999, 12, 30),
    timezones=ZONES,
)


@given(MOMENTS)
def test_a_moment_comes_back_to_the_millisecond(moment: datetime) -> None:
    lost = moment - from_text(to_text(moment))
    assert timedelta(0) <= lost < timedelta(milliseconds=1)


@given(MOMENTS, MOMENTS)
def test_the_order_of_texts_is_the_order_of_time(one: datetime, other: datetime) -> None:
    earlier, later = sorted((one, other))
    assert to_text(earlier) <= to_text(later)
    assert len(to_text(earlier)) == len(to_text(later))


def test_every_zone_is_written_as_utc() -> None:
    in_prague = datetime(2026, 11, 22, 3, 14, 7, 123999, tzinfo=timezone(timedelta(hours=1)))
    assert to_text(in_prague) == "2026-11-22T02:14:07.123Z"
    assert from_text("2026-11-22T02:14:07.123Z").tzinfo == UTC


def test_a_moment_without_zone_is_refused_rather_than_guessed() -> None:
    with pytest.raises(ValueError, match="zone"):
        to_text(datetime(2026, 11, 22, 3, 14))


def test_between_is_the_time_that_passed() -> None:
    assert between("2026-11-22T01:35:00.000Z", "2026-11-22T03:05:00.500Z") == timedelta(
        minutes=90, milliseconds=500
    )


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=0), "0 s"),
        (timedelta(seconds=45), "45 s"),
        (timedelta(seconds=119), "119 s"),
        (timedelta(seconds=119.6), "2 min"),
        (timedelta(minutes=12, seconds=59), "12 min"),
        (timedelta(hours=1, minutes=59), "119 min"),
        (timedelta(hours=3, minutes=5), "3 h 05 min"),
        (timedelta(days=2, hours=4), "2 d 4 h"),
        (timedelta(minutes=-12), "-12 min"),
    ],
)
def test_a_span_in_words(span: timedelta, words: str) -> None:
    assert in_words(span) == words
