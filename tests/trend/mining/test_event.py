"""Releases of several lines on one day are one event; a hotfix of a hotfix belongs to its series."""

from hotfix.trend.mining import event, verdicts
from hotfix.trend.mining.event import Found
from hotfix.trend.mining.ladder import Class
from hotfix.trend.mining.verdicts import Said, Words
from trend.mining.tags import in_lines, tag

LINES = in_lines(
    tag("v1.0.0", 0),
    tag("v2.0.0", 1),
    tag("v1.0.1", 20),
    tag("v2.0.1", 20.5),
    tag("v2.0.2", 22),
    tag("v2.1.0", 22.1),
    tag("v2.0.3", 27),
    tag("v2.0.4", 60),
)


def found(name: str, rung: Class = Class.REGULAR, *folders: str) -> Found:
    return Found(LINES[name], rung, (f"because of {name}",), frozenset(folders))


def names(one: Found) -> list[str]:
    return [one.release.tag.name, *(other.tag.name for other in one.others)]


def test_patches_of_two_lines_within_a_day_are_one_event_told_by_the_stronger() -> None:
    events = event.together([found("v1.0.1", Class.PROBABLE), found("v2.0.1", Class.REGULAR)])
    assert [names(one) for one in events] == [["v1.0.1", "v2.0.1"]]
    assert events[0].rung is Class.PROBABLE


def test_of_equals_the_newer_line_tells() -> None:
    events = event.together([found("v1.0.1"), found("v2.0.1")])
    assert [names(one) for one in events] == [["v2.0.1", "v1.0.1"]]


def test_two_of_one_line_or_a_new_line_are_never_one_event() -> None:
    events = event.together([found("v2.0.2"), found("v2.1.0")])
    assert len(events) == 2
    same = event.together([found("v2.0.1"), found("v2.0.1")])
    assert len(same) == 2


def test_a_hotfix_of_a_hotfix_belongs_to_its_series() -> None:
    events = event.in_series(
        [
            found("v2.0.1", Class.PROBABLE, "shop"),
            found("v2.0.2", Class.CANDIDATE, "mail"),
            found("v2.0.3", Class.PROBABLE, "shop"),
            found("v2.0.4", Class.PROBABLE, "shop"),
        ]
    )
    assert [one.series for one in events] == ["v2.0.1", "v2.0.1", "v2.0.1", "v2.0.4"]
    assert events[1].reasons[-1] == "series: follows v2.0.1 by 36 h"


def test_a_regular_release_has_no_series_and_ends_none() -> None:
    events = event.in_series(
        [found("v2.0.1", Class.PROBABLE), found("v2.0.2"), found("v2.0.3", Class.PROBABLE, "a")]
    )
    assert [one.series for one in events] == ["v2.0.1", "", "v2.0.3"]


def test_what_a_person_says_counts_and_the_guess_is_kept() -> None:
    said = {
        "id of v2.0.1": Said("v2.0.1", "id of v2.0.1", True, "ann@example.com", "2026-11-23T02:00:00.000Z")
    }
    confirmed = verdicts.with_words(found("v2.0.1", Class.CANDIDATE), Words(said))
    untouched = verdicts.with_words(found("v2.0.2", Class.PROBABLE), Words(said))

    assert (confirmed.rung, confirmed.mined, confirmed.is_hotfix) == (Class.CONFIRMED, Class.CANDIDATE, True)
    assert confirmed.reasons[0] == "confirmed: by ann@example.com on 2026-11-23"
    assert untouched.mined is None


def test_precision_is_what_people_made_of_the_guesses() -> None:
    def judged(name: str, mined: Class, hotfix: bool) -> Found:
        word = Said(name, f"id of {name}", hotfix, "ann", "2026-11-23T02:00:00.000Z")
        return verdicts.with_words(found(name, mined), Words({word.id: word}))

    rows = verdicts.precision(
        [
            judged("v2.0.1", Class.PROBABLE, True),
            judged("v2.0.2", Class.PROBABLE, True),
            judged("v2.0.3", Class.PROBABLE, False),
            judged("v2.0.4", Class.REGULAR, True),
            found("v1.0.1", Class.PROBABLE),
        ]
    )
    assert [(one.rung, one.right, one.judged) for one in rows] == [
        (Class.PROBABLE, 2, 3),
        (Class.REGULAR, 1, 1),
    ]
    assert rows[0].interval.low < 2 / 3 < rows[0].interval.high


def test_what_the_record_says_it_shipped_is_declared_and_no_guess_of_it_is_counted() -> None:
    words = Words(declared={"v2.0.1": "HF-3"})
    declared = verdicts.with_words(found("v2.0.1"), words)
    assert (declared.rung, declared.mined) == (Class.CONFIRMED, None)
    assert declared.reasons[0] == "declared: HF-3 is on record as having shipped it"
    assert verdicts.precision([declared]) == ()


def test_a_candidate_takes_no_hotfix_out_of_the_count_of_series() -> None:
    events = event.in_series([found("v2.0.1", Class.CANDIDATE), found("v2.0.2", Class.PROBABLE)])
    assert [one.series for one in events] == ["v2.0.1", "v2.0.2"]
