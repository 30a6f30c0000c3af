"""Months: their names, and which of them are whole."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from hotfix.trend import months

names = st.tuples(st.integers(1990, 2100), st.integers(1, 12)).map(lambda at: f"{at[0]}-{at[1]:02d}")


@given(names, st.integers(-500, 500))
def test_there_and_back_again(month: str, by: int) -> None:
    assert months.after(months.after(month, by), -by) == month


@given(names, st.integers(0, 60))
def test_a_span_has_both_its_ends(month: str, by: int) -> None:
    span = months.span(month, months.after(month, by))
    assert len(span) == by + 1
    assert span == sorted(span)


def test_a_year_ends() -> None:
    assert months.after("2026-12") == "2027-01"
    assert months.after("2026-01", -1) == "2025-12"


def test_the_first_and_the_last_month_are_partial() -> None:
    counted = months.counted(
        ["2026-01", "2026-03", "2026-03"],
        ["2026-01", "2026-03"],
        datetime(2026, 1, 15, tzinfo=UTC),
        datetime(2026, 4, 2, tzinfo=UTC),
    )
    assert [(month.month, month.hotfixes, month.series, month.partial) for month in counted] == [
        ("2026-01", 1, 1, True),
        ("2026-02", 0, 0, False),
        ("2026-03", 2, 1, False),
        ("2026-04", 0, 0, True),
    ]
    assert [month.month for month in months.full(counted)] == ["2026-02", "2026-03"]


def test_what_is_known_from_the_first_of_a_month_is_whole() -> None:
    (first, _) = months.counted([], [], datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 2, tzinfo=UTC))
    assert not first.partial
