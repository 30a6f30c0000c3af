"""Reading the lines that our own small reporters write: one JSON object for each test, and one for the end."""

from collections.abc import Mapping
from typing import Any

import msgspec

from hotfix.adapters.runner import preset
from hotfix.ports import TestCase


class Event(msgspec.Struct, frozen=True):
    """One test, as a reporter tells it."""

    name: str
    """``Class::name``; empty for the file itself."""
    outcome: str
    message: str = ""
    stack: str = ""
    file: str = ""


END = b'{"end": true}'
"""The last line of a report that was not cut."""


def events(raw: bytes) -> list[Event]:
    """The events of a complete report. Raises :class:`preset.Unreadable`."""
    lines = raw.splitlines()
    if not lines or lines[-1] != END:
        raise preset.Unreadable("its end is missing")
    try:
        return [msgspec.json.decode(line, type=Event) for line in lines[:-1]]
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise preset.Unreadable(f"a line of it is not what our reporter writes ({error})") from error


def cases(raw: bytes, file: str, hidden: Mapping[str, str]) -> tuple[TestCase, ...]:
    """The test cases of one file."""
    return preset.worst([_case(event, file, hidden) for event in events(raw)])


def _case(event: Event, file: str, hidden: Mapping[str, str]) -> TestCase:
    stack = preset.hide(event.stack, hidden)
    message = preset.hide(event.message, hidden)[: preset.MESSAGE_LIMIT]
    name = preset.hide(f"{file}::{event.name}" if event.name else file, hidden)
    return TestCase(name, event.outcome, message, preset.first_frame(stack))


def json_of(raw: bytes) -> Any:
    """A whole JSON document, of a runner that writes one. Raises :class:`preset.Unreadable`."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise preset.Unreadable(f"it is not a complete JSON document ({error})") from error
