"""Foreign text made inert before a person's terminal or browser sees it.

Titles, branch names, authors and paths come from strangers. Control characters can rewrite a
terminal, bidirectional marks can show code in another order than it runs (CVE-2021-42574), and
Markdown can carry links and HTML. Nothing is dropped: what is unsafe is shown as its code point.
"""

import re
import unicodedata

_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_MARKUP = (
    r"[\\`*_\[\]<>|~&#@$]"  # emphasis, code, links, HTML, cells, entities, mentions, mathematics
    r"|(?:(?<=http)|(?<=https)|(?<=ftp)|(?<=mailto)|(?<=xmpp)):"  # addresses that forges turn into links
    r"|(?<=www)\."
    r"|^[-+=]|(?<=^\d)[.)]|(?<=^\d\d)[.)]|(?<=^\d{3})[.)]|(?<=^\d{4})[.)]|(?<=^\d{5})[.)]"  # at the start: lists, headings
    r"|(?<=^\d{6})[.)]|(?<=^\d{7})[.)]|(?<=^\d{8})[.)]|(?<=^\d{9})[.)]"
)

_ENTITIES = {"<": "&lt;", ">": "&gt;"}
"""Angle brackets are no HTML even to a reader that knows no backslash escapes."""


def for_terminal(text: str, *, keep_newlines: bool = False) -> str:
    """`text` with every control, format and bidirectional character shown as ``\\u{…}``."""
    return "".join(
        character if (keep_newlines and character in "\n\t") or _is_safe(character) else _show(character)
        for character in text
    )


def for_markdown(text: str) -> str:
    """`text` as literal Markdown: on one line, and no character of it is markup, a link or HTML.

    Only what could be markup is escaped, with a backslash or (for angle brackets) an entity: people read and
    edit the plain text too.
    """
    shown = for_terminal(text)
    literal = re.sub(
        _MARKUP, lambda match: _ENTITIES.get(match[0], f"\\{match[0]}"), shown, flags=re.IGNORECASE
    )
    # Four spaces at the start of a line would make a block of code of it.
    return literal.replace(" ", "&#32;", 1) if literal.startswith(" ") else literal


def _is_safe(character: str) -> bool:
    return character == " " or unicodedata.category(character) not in _UNSAFE_CATEGORIES


def _show(character: str) -> str:
    return f"\\u{{{ord(character):x}}}"
