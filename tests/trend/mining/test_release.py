"""Lines, what each release follows there, and what its numbers say."""

import pytest

from hotfix.trend.mining import scheme
from hotfix.trend.mining.scheme import Scheme
from trend.mining.tags import BEGIN, DAY, in_lines, name, named, tag


def test_maintained_lines_are_kept_apart() -> None:
    found = in_lines(
        tag("v4.0.0", 0),
        tag("v4.0.1", 10),
        tag("v4.1.0", 20),
        tag("v4.0.2", 22),
        tag("v4.1.1", 23),
        tag("v4.0.3", 50),
    )
    assert {key: one.before.name if one.before else "" for key, one in found.items()} == {
        "v4.0.0": "",
        "v4.0.1": "v4.0.0",
        "v4.1.0": "v4.0.1",
        "v4.0.2": "v4.0.1",
        "v4.1.1": "v4.1.0",
        "v4.0.3": "v4.0.2",
    }
    assert found["v4.0.3"].line == "4.0.x"
    assert [one.patch for one in found.values()] == [False, True, False, True, True, True]


def test_a_patch_that_came_later_is_not_what_the_next_number_followed() -> None:
    weekly = (
        tag("j-2.528", 0),
        tag("j-2.529", 7),
        tag("j-2.530", 14),
        tag("j-2.528.1", 30),
        tag("j-2.531", 31),
    )
    found = in_lines(*weekly, by=Scheme.ORDER)
    assert {key: one.before.name if one.before else "" for key, one in found.items()} == {
        "j-2.528": "",
        "j-2.529": "j-2.528",
        "j-2.530": "j-2.529",
        "j-2.528.1": "j-2.528",
        "j-2.531": "j-2.530",
    }


def test_two_numbers_are_the_first_release_of_a_line_with_three() -> None:
    found = in_lines(tag("1.26", 0), tag("1.26.1", 1), tag("1.27", 30))
    assert found["1.26.1"].before == found["1.26"].tag
    assert [one.patch for one in found.values()] == [False, True, False]


def test_two_tags_of_one_commit_or_one_version_are_one_release() -> None:
    found = in_lines(
        tag("v1.0.0", 0, "c1"), tag("stable-1.0.0", 1, "c1"), tag("v1.0.1", 5, "c2"), tag("1.0.1", 6, "c3")
    )
    assert {key: [other.name for other in one.also] for key, one in found.items()} == {
        "v1.0.0": ["stable-1.0.0"],
        "v1.0.1": ["1.0.1"],
    }


def test_numbers_without_levels_are_one_line_in_the_order_of_their_numbers() -> None:
    found = in_lines(tag("release-9", 0), tag("release-10", 1), tag("release-11-hotfix", 2), by=Scheme.ORDER)
    assert found["release-10"].before == found["release-9"].tag
    assert (found["release-10"].patch, found["release-11-hotfix"].patch) == (None, True)
    assert {one.line for one in found.values()} == {""}


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1.0.0", "1.0.1", "1.1"], Scheme.LEVELS),
        (["20240101.0", "20240101.1", "20240201.0"], Scheme.DAYS),
        (["release-1", "release-2"], Scheme.ORDER),
        ([], Scheme.ORDER),
    ],
)
def test_how_a_family_is_numbered(texts: list[str], expected: Scheme) -> None:
    assert scheme.scheme(named(*(tag(text, day) for day, text in enumerate(texts)))) is expected


def test_dates_with_three_numbers_have_no_patches() -> None:
    # The beginning of time is 2023-11-14.
    texts = ("2023.11.14", "2023.11.15", "2023-11-16")
    tags = named(*(tag(text, day) for day, text in enumerate(texts)))
    assert BEGIN % DAY < DAY
    assert scheme.scheme(tags) is Scheme.ORDER
    assert scheme.scheme(named(tag("2023.11.0", 0), tag("2023.11.1", 20))) is Scheme.LEVELS


def test_the_number_after_a_day_counts_patches() -> None:
    assert scheme.is_patch(name("20240501.0"), Scheme.DAYS) is False
    assert scheme.is_patch(name("20240501.2"), Scheme.DAYS) is True
    assert scheme.line(name("20240501.2"), Scheme.DAYS) == "20240501.x"
