"""The fix on the main line: on what evidence, and of which pick."""

from hotfix.lifecycle import land
from hotfix.lifecycle.land import Seen
from lifecycle.facts_of import OTHER_PATCH, hotfix, landed, picked

FIRST, SECOND = "f" * 40, "a" * 40


def test_it_landed_when_every_fix_is_there_by_itself_or_by_name() -> None:
    how, findings = land.judge(
        hotfix(picked()), (Seen(FIRST, "ancestor"), Seen(SECOND, "trailer", "9" * 40)), "main"
    )
    assert findings == ()
    assert how == f"{FIRST[:12]} is in the history of main; {SECOND[:12]} was cherry-picked to main"


def test_one_fix_that_is_missing_is_enough() -> None:
    how, findings = land.judge(hotfix(picked()), (Seen(FIRST, "ancestor"), Seen(SECOND, "missing")), "main")
    assert how == ""
    assert [finding.code for finding in findings] == ["land-missing"]
    assert SECOND[:12] in findings[0].sentence
    assert "hotfix land HF-7" in findings[0].next


def test_nothing_picked_has_not_landed() -> None:
    how, findings = land.judge(hotfix(), (), "main")
    assert (how, findings[0].code) == ("", "land-nothing-picked")


def test_a_newer_pick_may_bring_fixes_that_trunk_lacks() -> None:
    assert land.landed(hotfix(picked())) is None
    assert land.landed(hotfix(picked(), landed())) == landed()
    assert land.landed(hotfix(picked(), landed(), picked(patch=OTHER_PATCH))) is None
    assert land.landed(hotfix(picked(), landed(), picked(), landed(500))) == landed(500)
