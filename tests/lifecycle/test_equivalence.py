"""The ladder: how alike what was made is to what a re-pick makes."""

import pytest

from hotfix.lifecycle.pick.equivalence import DELTA, SAME, UNCOUNTED, is_counted, rung
from hotfix.policy.rules import Rules

RULES = Rules(service="shop")


@pytest.mark.parametrize(
    ("different", "expected"),
    [
        ((), SAME),
        (("CHANGELOG.md",), UNCOUNTED),
        (("newsfragments/1.bugfix", "api_pb2.py"), UNCOUNTED),
        (("CHANGELOG.md", "shop/cart.py"), DELTA),
        (("tests/test_cart.py",), DELTA),
    ],
)
def test_only_changelogs_and_generated_files_may_differ_without_a_name(
    different: tuple[str, ...], expected: str
) -> None:
    assert rung(different, RULES) == expected


def test_a_changelog_by_itself_is_nothing_to_be_equal_in() -> None:
    assert [path for path in ("NEWS", "dist/app.js", "cart.py", "uv.lock") if is_counted(path, RULES)] == [
        "cart.py",
        "uv.lock",
    ]
