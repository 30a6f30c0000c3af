"""Whether two versions of a file differ in more than comments and layout, by the grammar of their language.

Trees are compared, not lines: a block of Python that moved under an ``if`` differs by white space only, and in meaning.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import PurePosixPath

from tree_sitter import Language, Node, Parser

NOTHING, CODE, BROKEN = "nothing", "code", "broken"

_GRAMMARS = {
    ".py": ("tree_sitter_python", "language"),
    ".pyi": ("tree_sitter_python", "language"),
    ".js": ("tree_sitter_javascript", "language"),
    ".cjs": ("tree_sitter_javascript", "language"),
    ".mjs": ("tree_sitter_javascript", "language"),
    ".jsx": ("tree_sitter_javascript", "language"),
    ".ts": ("tree_sitter_typescript", "language_typescript"),
    ".mts": ("tree_sitter_typescript", "language_typescript"),
    ".cts": ("tree_sitter_typescript", "language_typescript"),
    ".tsx": ("tree_sitter_typescript", "language_tsx"),
    ".go": ("tree_sitter_go", "language"),
    ".java": ("tree_sitter_java", "language"),
    ".rb": ("tree_sitter_ruby", "language"),
    ".rs": ("tree_sitter_rust", "language"),
}
_ATOMS = frozenset(
    {
        "string",
        "string_literal",
        "raw_string_literal",
        "interpreted_string_literal",
        "template_string",
        "regex",
        "heredoc_body",
        "character_literal",
        "rune_literal",
        "char_literal",
        "text_block",
        "concatenated_string",
    }
)
"""Leaves do not cover all of their text: taken whole."""
_EFFECT = re.compile(
    rb"^#!|coding[:=]|type:\s*ignore|noqa|pragma|//go:|// \+build|@ts-|@jsx|eslint-|frozen_string_literal|"
    rb"istanbul|c8 ignore|#\[|prettier-ignore"
)
"""Comments that a tool or the language obeys."""


def parses(path: str, before: bytes, after: bytes) -> str:
    """What differs: ``nothing`` but comments and layout, ``code``, or ``broken`` syntax in `after`.

    A language without a grammar here, and a file that was broken before, differ in ``code``.
    """
    parser = _parser(PurePosixPath(path).suffix)
    if parser is None or before == after:
        return NOTHING if before == after else CODE
    old, new = parser(before), parser(after)
    if old.has_error:
        return CODE
    if new.has_error:
        return BROKEN
    try:
        return NOTHING if list(_meaning(old, before)) == list(_meaning(new, after)) else CODE
    except RecursionError:
        # Generated code, nested deeper than anybody writes.
        return CODE


@cache
def _parser(suffix: str) -> Callable[[bytes], Node] | None:
    if suffix not in _GRAMMARS:
        return None
    package, language = _GRAMMARS[suffix]
    parser = Parser(Language(getattr(import_module(package), language)()))
    return lambda content: parser.parse(content).root_node


def _meaning(node: Node, content: bytes) -> Iterator[bytes]:
    """The tree as a flat list: kinds, leaves, and what lies between leaves and is not blank."""
    if node.type in _ATOMS or node.child_count == 0:
        yield content[node.start_byte : node.end_byte]
        return
    yield b"(" + node.type.encode()
    position = node.start_byte
    for child in node.children:
        yield from _gap(content[position : child.start_byte])
        position = child.end_byte
        if _is_comment(child, content) or _is_docstring(node, child, content):
            continue
        yield from _meaning(child, content)
    yield from _gap(content[position : node.end_byte])
    yield b")"


def _gap(text: bytes) -> Iterator[bytes]:
    if text.strip():
        yield text.strip()


def _is_comment(node: Node, content: bytes) -> bool:
    return "comment" in node.type and not _EFFECT.search(content[node.start_byte : node.end_byte])


def _is_docstring(parent: Node, node: Node, content: bytes) -> bool:
    """A bare string as a statement of Python, for which its own file never asks: it does nothing."""
    if parent.type not in ("module", "block"):
        return False
    if node.type == "expression_statement" and node.child_count == 1:
        node = node.children[0]
    return node.type in ("string", "concatenated_string") and not _is_asked_for(parent, content)


def _is_asked_for(body: Node, content: bytes) -> bool:
    """Whether the file asks for the docstring of this module, class or function, as docopt and argparse need it.

    By ``__doc__`` for a module and a class, by the name's own ``__doc__`` for a class and a function: asking for
    the docstring of whatever else is given, as a decorator does, does not count.
    """
    if b"__doc__" not in content:
        return False
    owner = body.parent
    if owner is not None and owner.type not in ("class_definition", "function_definition"):
        return False
    asking = [] if owner is not None and owner.type == "function_definition" else [rb"(?<![\w.])"]
    if owner is not None:
        name = owner.child_by_field_name("name")
        asking += [] if name is None else [rb"\b" + content[name.start_byte : name.end_byte] + rb"\."]
        asking += [rb"\b(?:self|cls|__class__)\."] if owner.type == "class_definition" else []
    return any(re.search(before + rb"__doc__", content) for before in asking)
