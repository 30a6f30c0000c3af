"""The page of a hotfix: whatever strangers wrote in the facts, it stays text."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from one_of_each_fact import ONE_OF_EACH

from hotfix.record.any_fact import AnyFact
from hotfix.record.hotfix import fold
from hotfix.record.page import render

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
STEERING = {"kind", "at", "detected_at", "expires_at", "verdict", "state", "outcome", "profile"}
"""Fields that we write ourselves, from a closed list."""

HOSTILE = (
    "<script>alert(1)</script>",
    "[click](http://127.0.0.1/)",
    "![](http://127.0.0.1/)",
    "`</code><img src=x>`",
    "a | b | c",
    "line\n\n# heading\n\n- item",
    "\x1b[31m\u202e",
    "<http://127.0.0.1/>",
    "~~gone~~ *bold* _soft_",
)


def with_every_text(fact: AnyFact, change: Callable[[str], str]) -> AnyFact:
    def walk(value: Any, name: str) -> Any:
        if isinstance(value, dict):
            return {key: walk(each, key) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [walk(each, name) for each in value]
        return change(value) if isinstance(value, str) and name not in STEERING else value

    changed: AnyFact = msgspec.convert(walk(msgspec.to_builtins(fact), ""), type(fact))
    return changed


def tokens(page: str) -> Iterator[Token]:
    for block in MARKDOWN.parse(page):
        yield block
        yield from block.children or []


def skeleton(page: str) -> list[str]:
    """What the page is made of, without its texts."""
    return [token.type for token in tokens(page) if token.type not in ("text", "text_special")]


def test_the_page_tells_the_life() -> None:
    page = render(fold("HF-1", ONE_OF_EACH))
    assert page.startswith("# HF-1 · ")
    assert "<code>v2.14.0+hf.1</code> = <code>v2.14.0</code>" in page


@given(st.sampled_from(HOSTILE) | st.text(alphabet="`<>[]()!*_~|#\n &;:/x\u202e"))
def test_foreign_text_adds_nothing_but_text(hostile: str) -> None:
    plain = render(fold("HF-1", [with_every_text(fact, lambda text: "x") for fact in ONE_OF_EACH]))
    page = render(fold("HF-1", [with_every_text(fact, lambda text: f"x{hostile}x") for fact in ONE_OF_EACH]))
    assert skeleton(page) == skeleton(plain)
    assert not any((ord(character) < 32 and character != "\n") or character == "\u202e" for character in page)
