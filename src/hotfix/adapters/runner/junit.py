"""Reading JUnit XML as input from strangers: size, entities and what is not there."""

from collections.abc import Iterable, Iterator
from typing import cast

import msgspec
from junitparser import Attr, Error, Failure, JUnitXml, JUnitXmlError, Skipped, TestSuite
from junitparser import TestCase as PlainElement

from hotfix.adapters.runner.preset import Unreadable


class Element(msgspec.Struct, frozen=True):
    """One ``testcase``, as it is written."""

    name: str
    classname: str
    file: str
    suites: tuple[str, ...]
    """Names of the suites around it, outermost first."""
    outcome: str
    message: str
    text: str


class _Element(PlainElement):
    file = Attr()


class _Suite(TestSuite):
    testcase = _Element


class _Document(JUnitXml):
    testsuite = _Suite


def elements(raw: bytes) -> list[Element]:
    """The report's test cases, in its order. Raises :class:`Unreadable`."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable("it is not UTF-8") from error
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Unreadable("it declares entities, which no runner does")
    try:
        document = _Document.fromstring(raw)
    except (SyntaxError, ValueError, LookupError, JUnitXmlError) as error:
        raise Unreadable(f"it is not a complete JUnit document ({error})") from error
    suites = [document] if isinstance(document, TestSuite) else list(document)
    found = [element for suite in suites for element in _of_suite(cast(_Suite, suite), ())]
    # A file of node's runner has tests beside its suites.
    plain = [] if isinstance(document, TestSuite) else document._elem.findall("testcase")
    return found + [_element(_from(each), ()) for each in plain]


def _from(element: object) -> _Element:
    return cast(_Element, _Element.fromelem(element))  # type: ignore[no-untyped-call]


def _of_suite(suite: _Suite, outer: tuple[str, ...]) -> Iterator[Element]:
    inside = (*outer, suite.name or "")
    for case in cast(Iterable[_Element], suite):
        yield _element(case, inside)
    for inner in cast(Iterable[_Suite], suite.testsuites()):  # type: ignore[no-untyped-call]
        yield from _of_suite(inner, inside)


def _element(case: _Element, suites: tuple[str, ...]) -> Element:
    outcome, message, text = _outcome(case)
    return Element(case.name or "", case.classname or "", case.file or "", suites, outcome, message, text)


def _outcome(case: _Element) -> tuple[str, str, str]:
    for kind, outcome in ((Error, "error"), (Failure, "failed"), (Skipped, "skipped")):
        for result in case.result:
            if isinstance(result, kind):
                return outcome, result.message or "", result.text or ""
    return "passed", "", ""
