"""The document of one hotfix: every line is of the record, and what is not on record is said not to be."""

import re
from datetime import UTC
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfix.lifecycle.postmortem import markdown, page
from hotfix.lifecycle.postmortem.document import Clock, Document, Line
from hotfix.questions.clocks import NAMES
from hotfix.questions.life_of import life_of
from hotfix.questions.postmortem.context import Around
from hotfix.questions.postmortem.document import document
from hotfix.questions.postmortem.sections import gaps
from hotfix.questions.postmortem.suggestions import Limits
from hotfix.questions.postmortem.told import tell
from hotfix.record import facts
from hotfix.record.action_facts import ActionAdded, ActionDeclined
from hotfix.record.any_fact import AnyFact
from hotfix.record.chain import Entry
from hotfix.record.hotfix import fold
from hotfix.trend.life import Life, Owed, Went
from lifecycle.facts_of import (
    ANN,
    BOB,
    CAT,
    NEW,
    PATCH,
    activated,
    activating,
    at,
    ended,
    go,
    landed,
    origin_confirmed,
    picked,
    planned,
    proved,
    reasoned,
    returned,
    returning,
    rollback_requested,
    scoped,
    serving,
    started,
    vote,
    with_,
)

WHOLE_LIFE: tuple[AnyFact, ...] = (
    started(),
    picked(),
    scoped(),
    reasoned("scope-wide", "one table moved"),
    proved(),
    vote(CAT).fact,
    go("dan@example.com").fact,
    planned(),
    activating("shop-1"),
    activated(serving("shop-1", NEW)),
    ended("validated"),
    landed(),
)
LIMITS = Limits(7200.0, 300.0)


def draw(
    *of: AnyFact, boxes: dict[str, str] | None = None, lives: tuple[Life, ...] = (), names: bool = False
) -> Document:
    entries = tuple(Entry(seq, "0" * 64, "HF-7", fact) for seq, fact in enumerate(of, start=1))
    rows = (*lives, life_of(fold("HF-7", of)))
    around = Around(rows, {row.id: ("shop",) for row in rows}, "2026-01-01T00:00:00.000Z", UTC)
    return document(tell("HF-7", entries, names=names), around, boxes or {}, LIMITS, None, 1)


def said(lines: tuple[Line, ...]) -> str:
    return "\n".join(line.said for line in lines)


def codes(drawn: Document) -> list[str]:
    return [one.code for one in drawn.suggestions]


def test_the_record_tells_what_happened_in_order() -> None:
    drawn = draw(*WHOLE_LIFE)
    told = [
        "the defect was detected",
        "decided on a hotfix, 10 min after detection",
        "picked " + "f" * 12,
        "measured: 5 lines in 1 file",
        "gave reasons: scope-wide: one table moved",
        "proof: PROVEN",
        "approved patch",
        "authorized patch",
        "ship 1 planned: ",
        "ship 1: began to change shop-1",
        "ship 1: shop-1 serving",
        "ship 1 ended validated",
        "found it on trunk",
    ]
    lines = [event.line.said for event in drawn.timeline]
    places = [next(place for place, line in enumerate(lines) if line.startswith(words)) for words in told]
    assert places == sorted(places)
    assert [event.at for event in drawn.timeline] == sorted(event.at for event in drawn.timeline)


def test_every_line_of_the_record_names_its_fact() -> None:
    drawn = draw(*WHOLE_LIFE)
    facts_of = {seq for event in drawn.timeline for seq in event.line.seqs}
    assert facts_of == set(range(1, len(WHOLE_LIFE) + 1))
    for line in (*drawn.summary, *drawn.shipped, *drawn.waived):
        assert line.seqs, line.said
    assert [clock.seqs for clock in drawn.clocks] == [(), (), (1,), (9,), (11,)]


@pytest.mark.parametrize(
    ("severity", "day"), [("SEV1", "2026-11-25"), ("SEV2", "2026-11-27"), ("SEV4", "2026-11-27")]
)
def test_the_review_has_an_owner_and_a_day(severity: str, day: str) -> None:
    # The story ends on a Sunday: five business days later is a Friday.
    drawn = draw(started(severity=severity), *WHOLE_LIFE[1:])
    assert (
        drawn.summary[-1].said
        == f"Owner of this review: on-call, who started it; the meeting is due by {day}"
    )


def test_the_clocks_and_the_longest_gap() -> None:
    drawn = draw(with_(WHOLE_LIFE[0], introduced_at=at(-90_000), impact_since=at(-86_400)), *WHOLE_LIFE[1:])
    assert [(clock.name, clock.at) for clock in drawn.clocks][:3] == [
        ("introduced", at(-90_000)),
        ("impact", at(-86_400)),
        ("detected", at(-600)),
    ]
    assert [gap.between for gap in drawn.gaps if gap.longest] == ["impact → detected"]
    assert "within the budget of 2 h 00 min" in drawn.target.said


def test_the_origin_that_a_person_confirmed_sets_the_first_clock() -> None:
    first = draw(*WHOLE_LIFE, origin_confirmed(at(-50_000))).clocks[0]
    assert (first.at, first.how, first.seqs) == (at(-50_000), "v2.14.0 went live, by tag date", (13,))


def test_what_is_not_known_is_said_to_be_not() -> None:
    drawn = draw(*WHOLE_LIFE)
    assert [clock.how for clock in drawn.clocks[:2]] == [
        "hotfix origin finds out",
        "nobody said (hotfix start --impact-since)",
    ]
    assert "Duration: not measured; when it began is not known" in said(drawn.impact)
    assert said(draw().impact).startswith("In numbers: not measured")
    assert "Nothing was picked." in said(draw().shipped)
    assert draw().target.said == "Detection to deployment: not measured, since it was not shipped"


def test_what_the_goals_said_before_and_last_is_the_symptom() -> None:
    was = facts.Sample("mails", "shop-1", "fail", "no e-mail", 0.0)
    watched = facts.Observed(
        at=at(250),
        by=ANN,
        ship=1,
        phase="window",
        states=(),
        samples=(facts.Sample("mails", "shop-1", "pass", "it came", 4.0),),
    )
    drawn = draw(
        *WHOLE_LIFE[:7],
        planned(goals=("mails",), baseline=(was,)),
        activating("shop-1"),
        watched,
        ended("validated"),
    )
    (symptom,) = (line for line in drawn.impact if line.said.startswith("Goal"))
    assert symptom.said == "Goal mails on shop-1: fail 0 (no e-mail) before, pass 4 (it came) at the end"
    assert symptom.seqs == (8, 10)
    assert "not measured, since no goal" not in said(drawn.impact)


def test_one_person_with_two_hats_is_told_to_be_one() -> None:
    drawn = draw(started(), picked(), vote(CAT).fact, go(CAT).fact)
    assert said(drawn.waived) == "Two hats: the peer and the senior approver are one person"
    assert drawn.waived[0].seqs == (3, 4)
    assert draw(started(), picked(), vote(CAT).fact, go("dan@example.com").fact).waived == ()


def test_the_budget_is_measured_to_the_last_unit() -> None:
    late = draw(
        *WHOLE_LIFE[:9], with_(activated(serving("shop-1", NEW)), at=at(7000)), ended("validated", 7100)
    )
    assert "the last unit changed: 2 h 06 min, over the budget" in late.target.said
    assert "over-budget" in codes(late)


def test_an_empty_list_of_waivers_is_stated() -> None:
    drawn = draw(*(fact for fact in WHOLE_LIFE if not isinstance(fact, facts.Reasoned)))
    assert drawn.waived == ()
    assert "## Guardrails waived\n\nNone.\n" in markdown.render(drawn)
    assert said(draw(*WHOLE_LIFE).waived) == "scope-wide: one table moved"


def test_a_way_back_is_told_too() -> None:
    drawn = draw(
        started(),
        planned(),
        activating("shop-1"),
        rollback_requested(),
        returning("shop-1"),
        returned(serving("shop-1", "v2.14.0")),
        ended("rolled_back"),
    )
    told = "\n".join(event.line.said for event in drawn.timeline)
    assert "the way back was asked for" in told
    assert "ended rolled back" in told
    assert "Ended rolled back" in said(drawn.summary)
    assert codes(drawn) == ["went-back-1"]


def test_a_rehearsal_that_found_something_is_why_production_never_got_it() -> None:
    drawn = draw(
        started(),
        planned(purpose="rehearsal"),
        activating("shop-1"),
        rollback_requested(),
        ended("rolled_back"),
    )
    assert "No ship was to stay in production: its rehearsal ended rolled back" in said(drawn.summary)
    assert "Rehearsal in production: shop-1, shop-2 did not serve the base for" in said(drawn.impact)
    assert codes(drawn) == ["rehearsal-found-1"]


def test_it_blames_nobody_by_name_unless_names_are_asked_for() -> None:
    text = markdown.render(draw(*WHOLE_LIFE)) + page.render(draw(*WHOLE_LIFE))
    assert not any(person in text for person in (ANN, BOB, CAT, "dan@example.com"))
    named = markdown.render(draw(*WHOLE_LIFE, names=True))
    assert "a peer \\(" in named or "a peer (" in named
    assert "cat" in named


def test_a_stretch_of_which_nothing_is_on_record_is_a_question() -> None:
    quiet = (started(detected_at=at(-60)), picked(at=at(60)), planned(at=at(2000)), ended("validated", 2100))
    (line,) = draw(*quiet).silences
    assert line.said.endswith("32 min: what happened?")
    assert line.seqs == (2, 3)
    watched = facts.Observed(at=at(900), by=ANN, ship=1, phase="wave 1", states=(), samples=())
    assert draw(*quiet[:2], watched, *quiet[2:]).silences == ()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"detected_by": "customer"}, ["no-alert"]),
        ({"detected_by": "alert"}, []),
        ({"detected_by": "customer", "impact_since": at(-8000)}, ["no-alert", "slow-detection"]),
        ({"impact_since": at(-8000)}, ["slow-detection"]),
        ({"impact_since": at(-8000), "detected_by": "alert"}, ["slow-detection"]),
        ({"introduced_at": at(-8000)}, ["slow-detection"]),
        ({"impact_since": at(-1000)}, []),
        ({"detected_at": at(-7100)}, ["over-budget"]),
    ],
)
def test_each_rule_drafts_its_action(changes: dict[str, str], expected: list[str]) -> None:
    assert codes(draw(started(**changes), *WHOLE_LIFE[1:])) == expected


def test_waivers_unproven_hunks_and_slow_ways_back_draft_actions() -> None:
    left_out = facts.LeftOut(
        at=at(90),
        by=ANN,
        patch=PATCH.digest,
        rule="r" * 64,
        hunks=2,
        unproven=(facts.HunkAt("h", "shop/cart.py", 3, "x = 1"),),
        unasked=(),
        seconds=1.0,
    )
    drawn = draw(
        *WHOLE_LIFE[:5],
        left_out,
        planned(waived=("OVERRIDDEN: prove", "NO PEER")),
        activating("shop-1"),
        rollback_requested(300),
        ended("rolled_back", 700),
    )
    assert codes(drawn) == ["went-back-1", "slow-way-back-1", "override-prove", "unproven"]
    assert "No test notices shop/cart.py:3: x = 1" in said(drawn.shipped)


def test_what_was_taken_up_or_declined_no_longer_waits() -> None:
    told = (started(detected_by="staff", impact_since=at(-9000)), *WHOLE_LIFE[1:])
    taken = ActionAdded(
        at=at(800),
        by=ANN,
        action="A1",
        title="alert",
        type="detect",
        owner="bob@example.com",
        due="2026-12-22",
        suggested="no-alert",
    )
    waiting = draw(*told)
    assert [one.code for one in waiting.open_suggestions] == ["no-alert", "slow-detection"]
    assert waiting.suggestions[0].due == "2026-12-22"
    answered = draw(*told, taken)
    assert answered.suggestions[0].answer == "A1"
    assert [one.code for one in answered.open_suggestions] == ["slow-detection"]
    assert [one.name for one in answered.actions] == ["HF-7/A1"]
    declined = draw(*told, ActionDeclined(at=at(800), by=ANN, suggested="no-alert", because="it has one now"))
    assert declined.suggestions[0].answer == "declined: it has one now"


def test_the_state_goes_from_draft_to_closed() -> None:
    from hotfix.lifecycle.postmortem.box import BOXES

    filled = dict.fromkeys(BOXES, "we looked")
    noticed = (started(detected_by="staff"), *WHOLE_LIFE[1:])
    closed = facts.Closed(at=at(900), by=ANN, outcome="learned", because="done")
    assert draw(*noticed).state == "draft"
    assert draw(*noticed, boxes=filled).state == "in review"
    assert draw(*WHOLE_LIFE, boxes=filled).state == "reviewed"
    assert draw(*WHOLE_LIFE, closed, boxes=filled).state == "closed"


def earlier(id: str, **changes: object) -> Life:
    ship = Went(
        1, "v2.13.0+hf.1", "c" * 40, "hotfix", at(-9_000_000), at(-8_999_000), "validated", at(-8_999_000)
    )
    row = Life(id, title="orders fail", started=at(-9_000_100), ships=(ship,), rehearsed=at(-9_000_050))
    return msgspec.structs.replace(row, **changes)


def test_what_was_around_it_is_told_as_it_was() -> None:
    owed = Owed("A1", "split the query", "prevent", "ann@example.com", at(-9_000_000), "2026-09-01")
    drawn = draw(*WHOLE_LIFE, lives=(earlier("HF-3", actions=(owed,)),))
    told = said(drawn.context)
    assert "earlier hotfixes of it in 180 days: 1: HF-3 (orders fail)" in told
    assert "Hotfixes shipped since the record began on 2026-01-01: 2" in told
    assert "Last drill of the way back that went well: 2026-08-" in told
    assert "Overdue actions that touch the same component: HF-3/A1 (split the query, due 2026-09-01)" in told
    assert codes(drawn) == ["component-again"]


def test_what_came_later_changes_nothing_of_it() -> None:
    later = earlier("HF-9", started=at(90_000), rehearsed=at(90_100), ships=())
    assert draw(*WHOLE_LIFE, lives=(later,)) == msgspec.structs.replace(draw(*WHOLE_LIFE))


def test_the_same_record_gives_the_same_bytes() -> None:
    assert markdown.render(draw(*WHOLE_LIFE)) == markdown.render(draw(*WHOLE_LIFE))
    written = facts.PostmortemWritten(
        at=at(2000), by=ANN, evidence=facts.Evidence("postmortem-1.md", "0" * 64), empty_boxes=()
    )
    assert markdown.render(draw(*WHOLE_LIFE, written)) == markdown.render(draw(*WHOLE_LIFE))


HOSTILE = st.sampled_from(
    [
        "<!-- box:surprises -->\nall is well\n<!-- /box -->",
        "<script>alert(1)</script>",
        "[here](https://evil.example)",
        "ok\n## Judgement\n",
        "| a | b |\n|-|-|",
        "\u202egnp.exe",
        "\x1b[2J",
        '"onload="alert(1)',
    ]
)


@given(HOSTILE)
def test_foreign_text_stays_text(hostile: str) -> None:
    drawn = draw(
        started(title=hostile, impact=hostile, criteria=(facts.Answer(hostile, hostile),)),
        picked(subject=hostile, release=hostile, base_release=hostile),
        scoped(paths=(hostile,)),
        reasoned(hostile, hostile),
        proved(reason=hostile, fail_to_pass=(hostile,), evidence=(facts.Evidence(hostile, "0" * 64),)),
        with_(vote(CAT, "reject").fact, because=hostile),
        planned(waived=(hostile,)),
        activated(facts.UnitState(hostile, "serving", hostile)),
        ActionAdded(
            at=at(800),
            by=ANN,
            action=hostile,
            title=hostile,
            type=hostile,
            owner=hostile,
            due=hostile,
            suggested="",
        ),
    )
    text, html = markdown.render(drawn), page.render(drawn)
    from hotfix.lifecycle.postmortem.box import BOXES, written

    assert written(text) == {}
    assert text.count("<!--") == 2 * len(BOXES) + 1
    assert "<script" not in text + html
    assert '"onload="' not in html
    assert not re.search(r"(?<!\\)\]\(", text)
    for drawn_text in (text, html):
        assert "\u202e" not in drawn_text
        assert "\x1b" not in drawn_text
    plain = markdown.render(draw(*WHOLE_LIFE))
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        line for line in plain.splitlines() if line.startswith("## ")
    ]


@given(st.lists(st.integers(-10_000, 10_000) | st.none(), min_size=5, max_size=5))
def test_no_gap_is_longer_than_the_longest(seconds: list[int | None]) -> None:
    five = tuple(
        Clock(name, "" if second is None else at(second), "")
        for name, second in zip(NAMES, seconds, strict=True)
    )
    known = [second for second in seconds if second is not None]
    found = gaps(five)
    assert [gap.seconds for gap in found] == [later - earlier for earlier, later in pairwise(known)]
    if found:
        (longest,) = [gap for gap in found if gap.longest]
        assert longest.seconds == max(gap.seconds for gap in found)


def test_an_origin_that_nobody_saw_go_live_is_named_and_dates_nothing() -> None:
    first = draw(*WHOLE_LIFE, origin_confirmed("", release="")).clocks[0]
    assert (first.name, first.at) == ("introduced", "")
    assert first.how == "eeeeeeeeeeee brought it; when that went live is not known"
    assert first.seqs == (len(WHOLE_LIFE) + 1,)
