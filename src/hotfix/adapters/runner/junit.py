"""Reading the JUnit XML that pytest writes, as input from strangers: size, entities and paths."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import cast

from junitparser import Attr, Error, Failure, JUnitXml, JUnitXmlError, Skipped, TestSuite
from junitparser import TestCase as PlainElement

from hotfix.ports import TestCase

MESSAGE_LIMIT = 500
"""Characters kept of one test's message."""
_WORST_FIRST = ("load-error", "error", "failed", "skipped", "passed")
_COLLECTION = "collection failure"


class Unreadable(Exception):
    """The report is not one that pytest wrote, or not all of it."""


class _Element(PlainElement):
    file = Attr()


class _Suite(TestSuite):
    testcase = _Element


class _Document(JUnitXml):
    testsuite = _Suite


def read(raw: bytes, tree: Path, hidden: Mapping[str, str]) -> tuple[TestCase, ...]:
    """The report's test cases, in its order, each once.

    An id is ``file::Class::name``, or the file alone where the file could not be loaded. `hidden`
    maps paths that differ from run to run to what is shown in their place, so that ids are the same
    in every tree. Raises :class:`Unreadable`.
    """
    cases: dict[str, TestCase] = {}
    for element in _elements(raw):
        outcome, message = _outcome(element)
        case = TestCase(hide(_id(element, tree), hidden), outcome, hide(message, hidden)[:MESSAGE_LIMIT])
        # A test that fails and whose teardown then fails too is written twice; the worse one counts.
        known = cases.get(case.id, case)
        cases[case.id] = min(known, case, key=lambda each: _WORST_FIRST.index(each.outcome))
    return tuple(cases.values())


def _elements(raw: bytes) -> Iterable[_Element]:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable("it is not UTF-8") from error
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Unreadable("it declares entities, which pytest never does")
    try:
        suites = _Document.fromstring(raw)
    except (SyntaxError, ValueError, LookupError, JUnitXmlError) as error:
        raise Unreadable(f"it is not a complete JUnit document ({error})") from error
    return [case for suite in suites for case in cast(Iterable[_Element], suite)]


def _outcome(element: _Element) -> tuple[str, str]:
    for kind, outcome in ((Error, "error"), (Failure, "failed"), (Skipped, "skipped")):
        for result in element.result:
            if isinstance(result, kind):
                message = result.message or ""
                if outcome == "error" and message == _COLLECTION and not element.classname:
                    return "load-error", _last_exception_line(result.text or "") or message
                return outcome, message
    return "passed", ""


def _last_exception_line(text: str) -> str:
    lines = [line.removeprefix("E").strip() for line in text.splitlines() if line.startswith("E  ")]
    return lines[-1] if lines else ""


def _id(element: _Element, tree: Path) -> str:
    name, classname, located = element.name or "", element.classname or "", element.file or ""
    if not classname:
        return located or name
    file, inner = _split(classname, located, tree)
    return "::".join([file, *filter(None, inner.split(".")), name])


def _split(classname: str, located: str, tree: Path) -> tuple[str, str]:
    """The test's own file, and the classes in it.

    pytest's ``file`` is where the function is *defined*: for an inherited test another file than the
    one it was collected from, which only the dotted class name tells.
    """
    dotted = re.sub(r"\.py$", "", located).replace("/", ".")
    if dotted and (classname == dotted or classname.startswith(dotted + ".")):
        return located, classname[len(dotted) + 1 :]
    parts = classname.split(".")
    for length in range(len(parts), 0, -1):
        file = "/".join(parts[:length]) + ".py"
        if (tree / file).is_file():
            return file, ".".join(parts[length:])
    return located, classname


def hide(text: str, hidden: Mapping[str, str]) -> str:
    """`text` with what stands in place of each hidden path."""
    for path, shown in hidden.items():
        text = text.replace(path, shown)
    return text
