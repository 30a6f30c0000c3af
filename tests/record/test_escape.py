import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from hotfix.record.escape import for_markdown, for_terminal

ANY_TEXT = st.text() | st.text(
    alphabet=" \t\n`~*_#>-+=|<>[]()!&;:./@\\\"'$^1aA\x1b\x00\x7f\u202e\u2066\u200b"
)
"""All of Unicode, and texts made only of what is special to somebody."""

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


@given(ANY_TEXT, st.booleans())
def test_nothing_that_steers_a_terminal_gets_through(text: str, keep_newlines: bool) -> None:
    shown = for_terminal(text, keep_newlines=keep_newlines)
    left = {
        character for character in shown if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Cs")
    }
    assert left <= (set("\n\t") if keep_newlines else set())


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "\\u{1b}[31mred\\u{1b}[0m"),
        ("title\x1b]0;owned\x07", "title\\u{1b}]0;owned\\u{7}"),
        ("ok\rnot ok", "ok\\u{d}not ok"),
        ("one\ntwo", "one\\u{a}two"),
        ("if admin\u202e { \u2066// check\u2069", "if admin\\u{202e} { \\u{2066}// check\\u{2069}"),
        ("zero\u200bwidth", "zero\\u{200b}width"),
        ("c1\x9b31m", "c1\\u{9b}31m"),
        ("line\u2028separator", "line\\u{2028}separator"),
    ],
)
def test_what_is_unsafe_is_shown_as_its_code_point(hostile: str, shown: str) -> None:
    assert for_terminal(hostile) == shown


def test_ordinary_writing_is_left_alone() -> None:
    assert for_terminal("Žluťoučký kůň, 日本, emoji 🛒 & more") == "Žluťoučký kůň, 日本, emoji 🛒 & more"


@given(ANY_TEXT)
def test_markdown_shows_the_text_and_nothing_else(text: str) -> None:
    blocks = MARKDOWN.parse(f"before {for_markdown(text)} after")
    assert [block.type for block in blocks] == ["paragraph_open", "inline", "paragraph_close"]
    inline = blocks[1].children or []
    assert {token.type for token in inline} <= {"text", "text_special"}
    assert "".join(token.content for token in inline) == f"before {for_terminal(text)} after"


@given(ANY_TEXT)
@example("    four spaces would be code")
@example("Setext\n===")
@example("1. not a list")
@example("www.example.com")
def test_markdown_is_inert_at_the_start_of_a_line_too(text: str) -> None:
    blocks = MARKDOWN.parse(for_markdown(text))
    assert {block.type for block in blocks} <= {"paragraph_open", "inline", "paragraph_close"}
    inline = [token for block in blocks for token in block.children or []]
    assert {token.type for token in inline} <= {"text", "text_special"}


@given(ANY_TEXT)
def test_a_table_cell_stays_one_cell(text: str) -> None:
    blocks = MARKDOWN.parse(f"| a | b |\n|---|---|\n| {for_markdown(text)} | end |\n")
    cells = [after.content for before, after in pairwise(blocks) if before.type == "td_open"]
    assert len(cells) == 2
    assert cells[1] == "end"
