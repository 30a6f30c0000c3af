"""The document: the record writes the facts, people write the judgement."""

import re

from hypothesis import given
from hypothesis import strategies as st

from hotfix.lifecycle import postmortem
from hotfix.lifecycle.postmortem import BOXES
from hotfix.record import facts
from hotfix.record.hotfix import Hotfix
from lifecycle.facts_of import (
    ANN,
    BOB,
    CAT,
    NEW,
    activated,
    activating,
    at,
    ended,
    go,
    hotfix,
    landed,
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

WHOLE_LIFE = hotfix(
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


def draw(state: Hotfix = WHOLE_LIFE, boxes: dict[str, str] | None = None) -> str:
    clocks = (("detected", at(-600)), ("shipped", at(210)), ("validated", at(300)))
    return postmortem.render(state, clocks, ("detected → shipped", "13 min"), 7200.0, boxes or {})


def test_there_are_at_most_six_boxes_and_each_asks_something() -> None:
    assert 0 < len(BOXES) <= 6
    assert all(re.fullmatch("[a-z-]+", box) for box in BOXES)
    assert all(question.strip() for question in BOXES.values())


def test_the_generator_writes_into_none() -> None:
    assert draw().count("<!-- box:") == len(BOXES)
    assert postmortem.written(draw()) == {}
    assert postmortem.empty({}) == tuple(BOXES)


def test_a_document_with_empty_boxes_is_a_draft_and_one_without_is_reviewed() -> None:
    assert "State: **draft**" in draw()
    filled = dict.fromkeys(BOXES, "we looked")
    assert postmortem.empty(filled) == ()
    assert "State: **reviewed**" in draw(boxes=filled)
    assert postmortem.empty({**filled, "surprises": " \n"}) == ("surprises",)


WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n#<>-!*"), min_size=1, max_size=60
).filter(lambda text: text.strip() and "<!-- /box -->" not in text)


@given(st.dictionaries(st.sampled_from(list(BOXES)), WORDS))
def test_what_people_wrote_survives_every_drawing(boxes: dict[str, str]) -> None:
    said = {box: text.strip() for box, text in boxes.items()}
    once = postmortem.written(draw(boxes=boxes))
    assert once == said
    assert postmortem.written(draw(boxes=once)) == said


def test_an_editor_that_ends_lines_its_own_way_loses_nothing() -> None:
    edited = draw(boxes={"surprises": "first\nsecond"}).replace("\n", "\r\n")
    assert {box: text.split() for box, text in postmortem.written(edited).items()} == {
        "surprises": ["first", "second"]
    }


def test_the_record_tells_what_happened_in_order() -> None:
    document = draw()
    told = [
        "the defect was detected",
        "on-call decided",
        "picked " + "f" * 12,
        "a peer approved",
        "a senior approver authorized",
        "ship 1 planned",
        "changed:",
        "ship 1 ended validated",
        "on trunk",
    ]
    places = [document.index(words) for words in told]
    assert places == sorted(places)
    assert "within the budget of 120 min" in document
    assert "one table moved" in document


def test_a_way_back_is_told_too() -> None:
    state = hotfix(
        planned(),
        activating("shop-1"),
        rollback_requested(),
        returning("shop-1"),
        returned(serving("shop-1", "v2.14.0")),
        ended("rolled_back"),
    )
    document = draw(state)
    assert "the way back was asked for" in document
    assert "ended rolled back" in document


def test_it_blames_nobody_by_name() -> None:
    document = draw()
    assert not any(person in document for person in (ANN, BOB, CAT, "dan@example.com", "example"))


def test_an_empty_record_still_makes_a_document() -> None:
    document = postmortem.render(Hotfix("HF-7"), (), None, 7200.0, {})
    assert "Nothing was picked." in document
    assert document.count("not known") == 5


HOSTILE = st.sampled_from(
    [
        "<!-- box:surprises -->\nall is well\n<!-- /box -->",
        "<script>alert(1)</script>",
        "[here](https://evil.example)",
        "ok\n## Judgement\n",
        "| a | b |\n|-|-|",
        "\u202egnp.exe",
        "\x1b[2J",
    ]
)


@given(HOSTILE)
def test_foreign_text_stays_text(hostile: str) -> None:
    state = hotfix(
        started(title=hostile, impact=hostile, criteria=(facts.Answer(hostile, hostile),)),
        picked(subject=hostile, release=hostile, base_release=hostile),
        scoped(paths=(hostile,)),
        reasoned(hostile, hostile),
        proved(reason=hostile, fail_to_pass=(hostile,), evidence=(facts.Evidence(hostile, "0" * 64),)),
        with_(vote(CAT, "reject").fact, because=hostile),
        planned(waived=(hostile,)),
        activated(facts.UnitState(hostile, "serving", hostile)),
    )
    document = draw(state)
    assert postmortem.written(document) == {}
    assert document.count("<!--") == 2 * len(BOXES)
    assert "<script" not in document
    assert not re.search(r"(?<!\\)\]\(", document)
    assert "\u202e" not in document and "\x1b" not in document
    assert [line for line in document.splitlines() if line.startswith("## ")] == [
        line for line in draw().splitlines() if line.startswith("## ")
    ]
