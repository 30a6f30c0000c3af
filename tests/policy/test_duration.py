from datetime import timedelta

import pytest

from hotfix.policy.duration import seconds, span


@pytest.mark.parametrize(
    ("text", "expected"),
    [("250ms", 0.25), ("90s", 90), ("25m", 1500), ("1.5h", 5400), ("7d", 604800), (" 2 h ", 7200), ("0s", 0)],
)
def test_a_number_and_a_unit_are_a_duration(text: str, expected: float) -> None:
    assert seconds(text) == expected
    assert span(text) == timedelta(seconds=expected)


@pytest.mark.parametrize("text", ["", "15", "m", "-5s", "1e3s", "5 minutes", "5M", "1h30m"])
def test_everything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write a number and a unit, such as 90s"):
        seconds(text)
