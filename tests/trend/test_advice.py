"""The advice fits the state, and names the components and the gates."""

import pytest

from hotfix.trend import advice, course
from trend.test_course import counted

PARTS, GATES = [("cart", 5), ("mail", 2)], [("prove", 3)]


@pytest.mark.parametrize(
    ("months", "words"),
    [
        (
            (6,) * 15,
            "This is a release-quality problem, not a hotfix problem: 6.0 a month; most of them in cart (5)",
        ),
        ((1,) * 12 + (0, 1, 0), "Healthy"),
        ((3,) * 15, "Worth watching"),
        ((0,) * 12 + (2, 2, 2), "More than before, and hardly by chance"),
        ((1, 1), "There is not enough history yet"),
    ],
)
def test_the_advice_fits_the_state(months: tuple[int, ...], words: str) -> None:
    told = advice.advice(course.course(counted(*months)), PARTS, 8, GATES)
    assert told.startswith(words)


def test_the_gates_that_were_opened_all_the_same_are_named() -> None:
    told = advice.advice(course.course(counted(*[6] * 15)), PARTS, 8, GATES)
    assert "gates opened all the same: prove (3)" in told
    assert "most of them in cart (5), mail (2)" in told
    assert "spread over components, first of them cart (5)" in advice.advice(
        course.course(counted(*[6] * 15)), PARTS, 12, ()
    )
