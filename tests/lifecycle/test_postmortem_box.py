"""Boxes: people write into them, the generator never does, and nothing that was written is lost."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfix.lifecycle.postmortem import box, markdown, page
from hotfix.lifecycle.postmortem.box import BOXES
from hotfix.lifecycle.postmortem.document import Document, Line
from hotfix.record.finding import Refused


def document(**boxes: str) -> Document:
    return Document(
        hotfix="HF-7",
        draft=2,
        title="e-mails stopped",
        state="draft",
        as_of="2026-11-22T02:00:00.000Z",
        summary=(),
        clocks=(),
        gaps=(),
        target=Line("not measured"),
        silences=(),
        timeline=(),
        shipped=(),
        impact=(),
        waived=(),
        context=(),
        actions=(),
        suggestions=(),
        boxes=boxes,
        empty_boxes=box.empty(boxes),
    )


def test_there_are_at_most_six_boxes_and_each_asks_something() -> None:
    assert 0 < len(BOXES) <= 6
    assert all(re.fullmatch("[a-z-]+", one) for one in BOXES)
    assert all(question.strip() for question in BOXES.values())


def test_the_generator_writes_into_none() -> None:
    drawn = markdown.render(document())
    assert drawn.count("<!-- box:") == len(BOXES)
    assert box.written(drawn) == {}
    assert box.empty({}) == tuple(BOXES)
    assert (box.of_hotfix(drawn), box.draft(drawn)) == ("HF-7", 2)
    assert box.of_hotfix("# Notes\n") == ""
    assert box.of_hotfix("# HF-7: notes of ours\n") == ""


WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n#<>-!*"), min_size=1, max_size=60
).filter(lambda text: text.strip() and "<!-- /box -->" not in text)


@given(st.dictionaries(st.sampled_from([*BOXES, "actions"]), WORDS))
def test_what_people_wrote_survives_every_drawing(boxes: dict[str, str]) -> None:
    said = {name: text.strip() for name, text in boxes.items()}
    once = box.written(markdown.render(document(**boxes)))
    assert once == said
    assert box.written(markdown.render(document(**once))) == said


def test_what_was_written_into_a_box_that_there_is_no_more_is_kept() -> None:
    drawn = markdown.render(document(actions="Olga: an alert, by Friday"))
    assert "Written in an earlier form of this document" in drawn
    assert box.written(drawn) == {"actions": "Olga: an alert, by Friday"}


def test_an_editor_that_ends_lines_its_own_way_loses_nothing() -> None:
    edited = markdown.render(document(surprises="first\nsecond")).replace("\n", "\r\n")
    assert {name: text.split() for name, text in box.written(edited).items()} == {
        "surprises": ["first", "second"]
    }


def test_without_its_boxes_two_documents_of_one_record_are_the_same() -> None:
    assert box.without(markdown.render(document())) == box.without(
        markdown.render(document(surprises="Nobody knew."))
    )


def test_a_box_of_white_space_is_empty() -> None:
    assert box.empty({**dict.fromkeys(BOXES, "we looked"), "surprises": " \n"}) == ("surprises",)


def test_in_a_page_what_people_wrote_is_text() -> None:
    drawn = page.render(document(surprises="<script>alert(1)</script>\n\nand more"))
    assert "<script" not in drawn
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\n\nand more" in drawn
    assert drawn.count("Nobody has written this yet.") == len(BOXES) - 1


@pytest.mark.parametrize(
    "edited",
    [
        "<!-- box:surprises --> \nNobody knew.\n<!-- /box -->",
        "<!-- box:surprises -->Nobody knew.<!-- /box -->",
        "<!-- box:surprises -->\n\n\nNobody knew.   \n\n <!-- /box -->",
    ],
)
def test_white_space_around_the_marks_loses_nothing(edited: str) -> None:
    drawn = markdown.render(document()).replace("<!-- box:surprises -->\n\n<!-- /box -->", edited)
    box.check(drawn)
    assert box.written(drawn) == {"surprises": "Nobody knew."}


@pytest.mark.parametrize(
    ("cut", "put"),
    [
        ("<!-- /box -->", ""),
        ("<!-- box:surprises -->", ""),
        ("<!-- box:surprises -->", "<!-- box:right-lane -->"),
        ("<!-- box:surprises -->\n\n<!-- /box -->", ""),
        ("<!-- /box -->", "<!-- /box -->\n<!-- /box -->"),
    ],
)
def test_broken_marks_are_refused_and_named(cut: str, put: str) -> None:
    broken = markdown.render(document()).replace(cut, put, 1)
    with pytest.raises(Refused, match=r"marks of the box [a-z]"):
        box.check(broken)


def test_the_box_that_has_lost_its_mark_is_the_one_that_is_named() -> None:
    broken = markdown.render(document()).replace("<!-- box:surprises -->", "", 1)
    with pytest.raises(Refused, match="marks of the box surprises"):
        box.check(broken)


def test_what_was_written_outside_of_the_boxes_is_not_lost_in_silence() -> None:
    drawn = markdown.render(document(surprises="Nobody knew."))
    box.check(drawn)
    box.check(drawn.replace("Nobody knew.", "Somebody did.").replace("\n", "\r\n"))
    with pytest.raises(Refused, match="outside of the boxes"):
        box.check(drawn.replace("## Timeline", "It was web-2.\n\n## Timeline"))


TEXTS = st.sampled_from(["", "one", "two", "three"])


@given(TEXTS, TEXTS, TEXTS)
def test_whoever_alone_changed_a_box_is_followed_and_of_two_both_stay(
    base: str, theirs: str, ours: str
) -> None:
    def only(text: str) -> dict[str, str]:
        return {"surprises": text} if text else {}

    merged = box.together(only(base), only(theirs), only(ours)).get("surprises", "")
    if ours == base:
        assert merged == theirs
    elif theirs in (base, ""):
        assert merged == ours
    else:
        assert theirs in merged
        assert ours in merged
