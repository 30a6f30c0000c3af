"""The fix on the main line: on what evidence, and of which pick."""

import pytest

from hotfix.lifecycle import land
from hotfix.lifecycle.land import Seen
from hotfix.record.any_fact import AnyFact
from lifecycle.facts_of import OTHER_PATCH, ended, hotfix, landed, picked, planned

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


SHIPPED = (picked(), planned(), ended("validated"))
MENDED = picked(patch=OTHER_PATCH, fixes=("a" * 40,))


def test_production_runs_what_was_validated_and_not_taken_back() -> None:
    def runs(*facts: AnyFact) -> list[str]:
        return [fix for one in land.shipped_picks(hotfix(*facts)) for fix in one.fixes]

    again = planned(ship=2, patch=OTHER_PATCH.digest)
    back = planned(ship=2, purpose="return")
    assert runs(*SHIPPED) == [FIRST]
    assert runs(picked(), planned()) == runs(picked(), planned(), ended("rolled_back")) == []
    assert runs(*SHIPPED, MENDED) == [FIRST], "a pick that did not ship changes nothing there"
    assert runs(*SHIPPED, MENDED, again, ended("rolled_back", ship=2)) == [FIRST]
    assert runs(*SHIPPED, MENDED, again, ended("validated", ship=2)) == [FIRST, SECOND]
    assert runs(*SHIPPED, back, ended("validated", ship=2)) == []


def test_what_is_owed_is_owed_since_it_was_validated() -> None:
    assert land.owed_since(hotfix(*SHIPPED)) == ended("validated").at
    assert land.owed_since(hotfix(*SHIPPED, landed())) == land.owed_since(hotfix(picked())) == ""
