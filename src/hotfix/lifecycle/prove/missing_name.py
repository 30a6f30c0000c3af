"""Whether a red only says that something the fix adds is not there yet.

A test that calls a function which the fix brings fails on the base whatever the defect was: the red shows a missing
name, not the symptom. An exception of the same type that was raised in product code is an honest red: of 19 real fixes
7 went red by nothing else.
"""

import re
from collections.abc import Collection

_MISSING = (
    # Python
    r"NameError: name '(?P<name>\w+)' is not defined",
    r"ImportError: cannot import name '(?P<name>\w+)'",
    r"ModuleNotFoundError: No module named '(?:\w+\.)*(?P<name>\w+)'",
    r"AttributeError: .*has no attribute '(?P<name>\w+)'",
    r"TypeError: .*unexpected keyword argument '(?P<name>\w+)'",
    r"fixture '(?P<name>\w+)' not found",
    # JavaScript
    r"(?:TypeError: )?(?:[\w$.()\[\]]+\.)?(?P<name>[\w$]+) is not a (?:function|constructor)",
    r"ReferenceError: (?P<name>[\w$]+) is not defined",
    r"does not provide an export named '(?P<name>[\w$]+)'",
    r"Cannot find module '(?:[^']*/)?(?P<name>[\w$-]+)(?:\.\w+)?'",
    # Ruby
    r"undefined (?:local variable or )?method [`'](?P<name>\w+[?!]?)'",
    r"uninitialized constant (?:\w+::)*(?P<name>\w+)",
    r"unknown keywords?: :(?P<name>\w+)",
)
_SIGNATURE = (
    r"TypeError: .*takes (?:from )?\d+ (?:to \d+ )?positional arguments? but \d+ (?:was|were) given",
    r"wrong number of arguments \(given \d+, expected",
)
_WORD = re.compile(r"[\w$]+")


def only_missing(message: str, raised_in_tests: bool, added: Collection[str]) -> bool:
    """Whether `message` says no more than that a name in `added`, or a parameter, is missing where a test used it.

    `added` are the words that the fix brings and the base has not. What product code raised is never only that.
    """
    if not raised_in_tests:
        return False
    for pattern in _MISSING:
        if match := re.search(pattern, message):
            return match["name"].rstrip("?!") in added
    return any(re.search(pattern, message) for pattern in _SIGNATURE)


def words_added(before: str, after: str) -> frozenset[str]:
    """The words of `after` that `before` has not."""
    return frozenset(_WORD.findall(after)) - frozenset(_WORD.findall(before))
