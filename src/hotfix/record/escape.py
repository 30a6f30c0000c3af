"""Foreign text made inert before a person's terminal or browser sees it.

Titles, branch names, authors and paths come from strangers. Control characters can rewrite a
terminal, bidirectional marks can show code in another order than it runs (CVE-2021-42574), and
Markdown can carry links and HTML. Nothing is dropped: what is unsafe is shown as its code point.
"""

import unicodedata

_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_MARKDOWN_SPECIAL = frozenset("\\`*_{}[]()<>#+-.!|~&:@/$^=\"'")


def for_terminal(text: str, *, keep_newlines: bool = False) -> str:
    """`text` with every control, format and bidirectional character shown as ``\\u{…}``."""
    return "".join(
        character if (keep_newlines and character in "\n\t") or _is_safe(character) else _show(character)
        for character in text
    )


def for_markdown(text: str) -> str:
    """`text` as literal Markdown: on one line, and no character of it is markup, a link or HTML."""
    literal = "".join(
        f"&#{ord(character)};" if character in _MARKDOWN_SPECIAL else character
        for character in for_terminal(text)
    )
    # Four spaces at the start of a line would make a block of code of it.
    return literal.replace(" ", "&#32;", 1) if literal.startswith(" ") else literal


def for_markdown_code(text: str) -> str:
    """`text` for a fenced block of four backquotes: no line of it can end the block."""
    return for_terminal(text, keep_newlines=True).replace("````", "` ` ` `")


def _is_safe(character: str) -> bool:
    return character == " " or unicodedata.category(character) not in _UNSAFE_CATEGORIES


def _show(character: str) -> str:
    return f"\\u{{{ord(character):x}}}"
