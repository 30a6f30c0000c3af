"""Names of tags: what is a version, what comes before one, what is of another environment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfix.trend.mining import tag_name
from trend.mining.tags import name


@pytest.mark.parametrize(
    ("text", "family", "numbers"),
    [
        ("v1.2.3", "", (1, 2, 3)),
        ("1.2.3", "", (1, 2, 3)),
        ("V1.2", "", (1, 2)),
        ("v.1.1.27", "", (1, 1, 27)),
        ("release-4711", "release", (4711,)),
        ("release/v2.0.1", "release", (2, 0, 1)),
        ("oncall-1.16.9", "oncall", (1, 16, 9)),
        ("@scope/pkg@1.2.3", "@scope/pkg", (1, 2, 3)),
        ("k8s-v1.2", "k8s", (1, 2)),
        ("v1_2_3", "", (1, 2, 3)),
        ("20240501.1", "", (20240501, 1)),
    ],
)
def test_a_name_is_taken_apart(text: str, family: str, numbers: tuple[int, ...]) -> None:
    parsed = name(text)
    assert (parsed.family, parsed.numbers) == (family, numbers)


@pytest.mark.parametrize("text", ["latest", "v", "stable", "", "1.1.x", "v2.X"])
def test_a_name_without_a_number_is_none(text: str) -> None:
    assert tag_name.parse(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "v1.2.0-rc1",
        "v1.2.0rc.1",
        "2.0.0a1",
        "v2.0-beta1",
        "v5.4.0-BETA2",
        "v1.0.alpha.157",
        "v1.2.3-dev",
        "v1-pre.2",
    ],
)
def test_what_comes_before_a_release_is_seen(text: str) -> None:
    assert name(text).is_before_release


@pytest.mark.parametrize(
    "text", ["v1.2.0", "v1.2.0-hotfix", "v1.0.3-r1", "1.0.post1", "v1.2.0+hf.1", "v2.0.0-final"]
)
def test_a_release_is_none(text: str) -> None:
    assert not name(text).is_before_release


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("v1.7.2-hotfix", True),
        ("v1.7.2-hot-fix.1", True),
        ("v2.14.0+hf.1", True),
        ("v1.7.2", False),
        ("hf-1.2", False),
    ],
)
def test_a_name_may_speak_of_a_hotfix(text: str, says: bool) -> None:
    assert name(text).says_hotfix is says


def test_environments_that_are_not_production_are_seen() -> None:
    assert tag_name.environment_words("v1.21.7-dev-hotfix") == {"dev"}
    assert tag_name.environment_words("staging/v1.2") == {"staging"}
    assert tag_name.environment_words("v1.2-device") == frozenset()


@given(st.text(max_size=80))
def test_no_name_breaks_it(text: str) -> None:
    parsed = tag_name.parse(text)
    if parsed is not None:
        assert parsed.numbers
        assert parsed.order[0] == parsed.numbers


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=5))
def test_numbers_come_back(numbers: list[int]) -> None:
    assert name("v" + ".".join(map(str, numbers))).numbers == tuple(numbers)
