"""The ladder: cadence, narrowness and words together, and a reason for every rung."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfix.trend.mining import ladder
from hotfix.trend.mining.ladder import Class, Seen, Usual
from trend.mining.tags import DAY

MONTHLY = Usual((30 * DAY,) * 6, (20,) * 6, 1.0)
HOTFIX = Seen(patch=True, gap=DAY, after="v1.0.0", core=1, fixes=1, files=1, lines=4)


def rung(usual: Usual = MONTHLY, **changes: object) -> Class:
    return ladder.judge(msgspec.structs.replace(HOTFIX, **changes), usual).rung


def test_soon_narrow_and_worded_as_a_fix_is_probable() -> None:
    judged = ladder.judge(HOTFIX, MONTHLY)
    assert judged.rung is Class.PROBABLE
    assert judged.reasons == (
        "cadence: 24 h after v1.0.0; usual are 30 d",
        "narrowness: 1 commit, 4 lines in 1 file; usual are 20 commits",
        "wording: 1 of 1 commit read as fixes",
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"patch": False}, Class.REGULAR),
        ({"patch": None}, Class.PROBABLE),
        ({"gap": None}, Class.REGULAR),
        ({"gap": -DAY}, Class.REGULAR),
        ({"gap": 7.1 * DAY}, Class.REGULAR),
        ({"gap": 7 * DAY}, Class.PROBABLE),
        ({"core": 0}, Class.REGULAR),
        ({"core": 11, "fixes": 11}, Class.REGULAR),
        ({"core": 10, "fixes": 10}, Class.PROBABLE),
        ({"core": 3, "fixes": 2}, Class.PROBABLE),
        ({"core": 3, "fixes": 1}, Class.CANDIDATE),
        ({"core": 3, "fixes": 1, "says_hotfix": "its tag"}, Class.PROBABLE),
        ({"core": 3, "fixes": 0, "says_hotfix": "its tag"}, Class.CANDIDATE),
        ({"files": 11}, Class.CANDIDATE),
        ({"lines": 251}, Class.CANDIDATE),
        ({"lines": None}, Class.PROBABLE),
        ({"files": None}, Class.CANDIDATE),
        ({"files": None, "lines": None, "fixes": 0}, Class.CANDIDATE),
        ({"files": None, "core": 11}, Class.REGULAR),
    ],
)
def test_each_signal_has_its_limit(changes: dict[str, object], expected: Class) -> None:
    assert rung(**changes) is expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Class.PROBABLE),
        ({"gap": 4 * DAY}, Class.CANDIDATE),
        ({"lines": 36}, Class.CANDIDATE),
        ({"files": 4}, Class.CANDIDATE),
        ({"lines": None}, Class.CANDIDATE),
        ({"others": 1}, Class.CANDIDATE),
        ({"core": 2}, Class.CANDIDATE),
    ],
)
def test_one_small_commit_very_soon_needs_no_words(changes: dict[str, object], expected: Class) -> None:
    assert rung(fixes=0, **changes) is expected


def test_an_early_batch_of_fixes_is_no_more_than_a_candidate() -> None:
    biweekly = Usual((14 * DAY,) * 6, (20,) * 6, 2.0)
    assert rung(biweekly, gap=4 * DAY, core=5, fixes=5) is Class.PROBABLE
    assert rung(biweekly, gap=6 * DAY, core=5, fixes=5) is Class.CANDIDATE


def test_where_releases_come_every_other_day_a_short_gap_alone_says_nothing() -> None:
    busy = Usual((2 * DAY,) * 6, (6,) * 6, 15.0)
    assert rung(busy, gap=DAY / 2, core=2, fixes=0) is Class.REGULAR
    assert rung(busy, gap=DAY / 2, core=2, fixes=2) is Class.PROBABLE


def test_too_few_releases_before_it_tell_nothing() -> None:
    few = Usual((30 * DAY,) * 2, (20,) * 2, 1.0)
    judged = ladder.judge(HOTFIX, few)
    assert judged.rung is Class.REGULAR
    assert judged.reasons == ("cadence: only 2 releases before it, too few to tell what is usual",)


@given(
    st.builds(
        Seen,
        patch=st.sampled_from([True, False, None]),
        gap=st.none() | st.floats(-1e8, 1e8),
        after=st.just("v1"),
        core=st.integers(0, 200),
        fixes=st.integers(0, 200),
        others=st.integers(0, 200),
        files=st.none() | st.integers(0, 500),
        lines=st.none() | st.integers(0, 10**6),
    ),
    st.lists(st.tuples(st.floats(0, 1e8), st.integers(0, 500)), max_size=20),
    st.floats(0, 60),
)
def test_every_rung_has_its_reasons(seen: Seen, before: list[tuple[float, int]], per_month: float) -> None:
    judged = ladder.judge(seen, ladder.usual(before, per_month))
    assert judged.reasons
    assert all(": " in reason for reason in judged.reasons)


@given(st.integers(1, 4), st.floats(60.0, 3 * DAY))
def test_more_words_never_lower_the_rung(core: int, gap: float) -> None:
    order = [Class.REGULAR, Class.CANDIDATE, Class.PROBABLE]
    rungs = [order.index(rung(core=core, fixes=fixes, gap=gap, lines=99)) for fixes in range(core + 1)]
    assert rungs == sorted(rungs)


def test_only_the_newest_twelve_before_tell_what_is_usual() -> None:
    usual = ladder.usual([(1.0, 1)] * 20 + [(9.0, 9)] * 12, 1.0)
    assert (usual.gap, usual.size) == (9.0, 9.0)
