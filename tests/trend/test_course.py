"""The course: what months say, in one hand and in words."""

from hotfix.trend import chart, course
from hotfix.trend.bands import Band
from hotfix.trend.months import Month, after
from hotfix.trend.rates import Verdict


def counted(*hotfixes: int, series: tuple[int, ...] = ()) -> list[Month]:
    """Full months since 2024, and a partial one at the end."""
    begun = series or hotfixes
    return [
        *(
            Month(after("2024-01", place), all_, first, False)
            for place, (all_, first) in enumerate(zip(hotfixes, begun, strict=True))
        ),
        Month(after("2024-01", len(hotfixes)), 99, 99, True),
    ]


def test_the_status_goes_by_hotfixes_and_the_test_by_series() -> None:
    found = course.course(counted(*[2] * 12, 9, 9, 9, series=(2,) * 15))
    assert found.status is Band.HIGH
    assert found.change.verdict is Verdict.STEADY
    assert found.change.clustered


def test_the_partial_month_is_judged_in_nothing() -> None:
    found = course.course(counted(*[2] * 15))
    assert (found.status, found.mean, found.change.recent) == (Band.HEALTHY, 2.0, 6)


def test_too_little_history_is_said() -> None:
    told = course.in_words(course.course(counted(1, 2)))
    assert told[0].startswith("status: not enough history")
    assert told[1].startswith("trend: not enough history: 3 full months are compared with at least 6")
    assert told[2] == "cusum: not enough history"


def test_every_sentence_says_what_it_goes_by() -> None:
    status, change, sums = course.in_words(course.course(counted(*[2] * 12, 5, 5, 5)))
    assert "5.0 hotfixes a month, the mean of 2025-01 to 2025-03" in status
    assert "rising: 15 series in 3 months against 24 in the 12 before, 2.50 times the rate before" in change
    assert "95 % interval" in change
    assert "mid-p 0.00" in change
    assert sums.startswith("cusum: ")


def test_a_line_for_every_month() -> None:
    assert chart.lines([Month("2024-01", 3, 2, False), Month("2024-02", 0, 0, True)]) == [
        "2024-01   3 ███ (elevated, 1 follow-up)",
        "2024-02   0 (partial month)",
    ]


def test_a_bar_never_runs_off_the_screen() -> None:
    assert max(map(len, chart.lines([Month("2024-01", 400, 400, False), Month("2024-02", 7, 7, False)]))) < 80


def test_the_drawing_has_a_bar_for_every_month_and_no_foreign_markup() -> None:
    drawn = chart.svg(counted(1, 2, 3))
    assert drawn.count("<rect") == 4
    assert drawn.startswith("<svg")
    assert "script" not in drawn
    assert chart.svg([]).endswith("</svg>")
