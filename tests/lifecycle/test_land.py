"""The fix on the main line: on what evidence, and of which pick."""

import pytest

from hotfix.lifecycle import land
from hotfix.lifecycle.land import Seen
from lifecycle.facts_of import OTHER_PATCH, hotfix, landed, picked

FIRST, SECOND, LATER = "f" * 40, "a" * 40, "9" * 40


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (Seen(FIRST, "ancestor", FIRST), "ffffffffffff is in the history of main"),
        (Seen(FIRST, "same change", LATER), "999999999999 of main is the same change as ffffffffffff"),
        (
            Seen(FIRST, "same but for changelogs", LATER),
            "999999999999 of main is the same change as ffffffffffff, but for changelogs and generated files",
        ),
        (Seen(FIRST, "there already", LATER), "main has all that ffffffffffff changes"),
        (
            Seen(FIRST, "acknowledged", LATER, "rewritten"),
            "999999999999 of main stands for ffffffffffff: rewritten",
        ),
    ],
)
def test_what_shows_that_a_fix_is_there(seen: Seen, said: str) -> None:
    assert seen.there
    assert land.judge(hotfix(picked()), (seen,), "main") == (said, ())


@pytest.mark.parametrize(
    ("seen", "code", "said"),
    [
        (Seen(FIRST, "missing"), "land-missing", "is not on main: the defect returns with the next release"),
        (
            Seen(FIRST, "another change", LATER),
            "land-delta",
            "999999999999 of main says that it is ffffffffffff, and it is another",
        ),
        (Seen(FIRST, "undone", LATER), "land-undone", "was taken back there by 999999999999"),
        (Seen(FIRST, "undone"), "land-undone", "was taken back there."),
    ],
)
def test_what_does_not(seen: Seen, code: str, said: str) -> None:
    how, (finding,) = land.judge(hotfix(picked()), (seen,), "main")
    assert (how, finding.code) == ("", code)
    assert said in finding.sentence
    assert "hotfix land HF-7" in finding.next


def test_one_fix_that_is_missing_is_enough() -> None:
    how, findings = land.judge(hotfix(picked()), (Seen(FIRST, "ancestor"), Seen(SECOND, "missing")), "main")
    assert how == ""
    assert [finding.code for finding in findings] == ["land-missing"]
    assert SECOND[:12] in findings[0].sentence


def test_nothing_picked_has_not_landed() -> None:
    how, findings = land.judge(hotfix(), (), "main")
    assert (how, findings[0].code) == ("", "land-nothing-picked")


def test_a_newer_pick_may_bring_fixes_that_trunk_lacks() -> None:
    assert land.landed(hotfix(picked())) is None
    assert land.landed(hotfix(picked(), landed())) == landed()
    assert land.landed(hotfix(picked(), landed(), picked(patch=OTHER_PATCH))) is None
    assert land.landed(hotfix(picked(), landed(), picked(), landed(500))) == landed(500)
