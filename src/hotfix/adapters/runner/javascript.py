"""JavaScript's runners: node's own, mocha, and jest with its likeness vitest."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hotfix.adapters.runner import events, junit, preset
from hotfix.adapters.runner.preset import Command, Preset, Reading
from hotfix.adapters.runner.sandbox import Ended, Room
from hotfix.ports import TestCase

_CODE = r"\.[cm]?[jt]sx?"
_NOT_TESTS = re.compile(
    r"(^|/)(support|helpers?|fixtures?|utils?|mocks|__mocks__|__snapshots__|snapshots|data)/|\.d\.ts$"
)


class _JavaScript(Preset):
    share = ("node_modules",)
    finds_all = False

    def env(self, room: Room) -> Mapping[str, str]:
        """See the base."""
        return {"NODE_ENV": "test", "NO_COLOR": "1", "CI": "1", "npm_config_offline": "true"}

    def chosen(self, paths: Sequence[str]) -> tuple[str, ...]:
        """Programs in folders of tests, or called like tests; what helps them lies in folders of its own."""
        return tuple(path for path in paths if re.search(_CODE + "$", path) and not _NOT_TESTS.search(path))


class Node(_JavaScript):
    """``node --test``, one file per process: its report does not say which file a test is of."""

    def commands(self, room: Room, files: Sequence[str], only: Sequence[str]) -> Sequence[Command]:
        """See the base."""
        found = []
        for number, file in enumerate(files):
            report = f"out/{number}.xml"
            told = room.inside(room.folder / report)
            options = ("--test-reporter=junit", f"--test-reporter-destination={told}")
            found.append(Command((*self._rule.run, *options, file), (file,), report=report))
        return found

    def read(self, room: Room, command: Command, ended: Ended, raw: bytes) -> Reading:
        """See the base. A file that cannot be loaded is told as a failed test by the name of the file."""
        if not raw:
            return Reading((), preset.no_report("node", ended))
        (file,) = command.files
        cases = []
        for element in junit.elements(raw):
            name = "::".join([*filter(None, element.suites), element.name])
            if preset.hide(element.name, room.hidden) in (file, f"<tree>/{file}"):
                continue
            cases.append(_from_element(element, f"{file}::{name}", room))
        return preset.judged("node", command, ended, preset.worst(cases))


class Mocha(_JavaScript):
    """mocha, with its own xunit report, one file per process."""

    def commands(self, room: Room, files: Sequence[str], only: Sequence[str]) -> Sequence[Command]:
        """See the base."""
        found = []
        for number, file in enumerate(files):
            report = f"out/{number}.xml"
            told = room.inside(room.folder / report)
            options = (
                "--retries",
                "0",
                "--no-bail",
                "--reporter",
                "xunit",
                "--reporter-option",
                f"output={told}",
            )
            found.append(Command((*self._rule.run, *options, file), (file,), report=report))
        return found

    def read(self, room: Room, command: Command, ended: Ended, raw: bytes) -> Reading:
        """See the base."""
        (file,) = command.files
        cases = [
            _from_element(each, f"{file}::{each.classname}::{each.name}", room)
            for each in (junit.elements(raw) if raw else ())
            # A configuration of the project's may name further files; they are not what was asked.
            if preset.hide(each.file, room.hidden) in ("", f"<tree>/{file}")
        ]
        return preset.judged("mocha", command, ended, preset.worst(cases))


def _from_element(element: junit.Element, id: str, room: Room) -> TestCase:
    text = preset.hide(f"{element.message}\n{element.text}", room.hidden)
    outcome = "failed" if element.outcome == "error" else element.outcome
    said = next((line.strip() for line in text.splitlines() if line.strip()), "")
    message = said if outcome != "passed" else ""
    if outcome == "failed":
        message = _error_line(text) or said
    return TestCase(
        preset.hide(id, room.hidden), outcome, message[: preset.MESSAGE_LIMIT], preset.first_frame(text)
    )


_ERROR = re.compile(r"^\s*(?:\[?)((?:[A-Z]\w*Error|AssertionError)(?: \[\w+\])?: [^\n]*)", re.MULTILINE)


def _error_line(text: str) -> str:
    match = _ERROR.search(text)
    return match[1].strip() if match else ""


class Jest(_JavaScript):
    """jest, with its own JSON report of all files; it says which could not be loaded."""

    finds_all = True
    _name = "jest"
    _options: tuple[str, ...] = ("--json", "--ci", "--runTestsByPath")

    def commands(self, room: Room, files: Sequence[str], only: Sequence[str]) -> Sequence[Command]:
        """See the base."""
        told = f"--outputFile={room.inside(room.out / 'report.json')}"
        options = (
            self._options if files else tuple(each for each in self._options if each != "--runTestsByPath")
        )
        return [Command((*self._rule.run, *options, told, *files), tuple(files), report="out/report.json")]

    def read(self, room: Room, command: Command, ended: Ended, raw: bytes) -> Reading:
        """See the base."""
        if not raw:
            return Reading((), preset.no_report(self._name, ended))
        cases = preset.worst(list(_of_jest(events.json_of(raw), room)))
        seen = {case.id.partition("::")[0] for case in cases}
        silent = [file for file in command.files if file not in seen and ended.exit != 0 and cases]
        why = f"{self._name} reported no test of this file, and failed"
        cases += tuple(TestCase(file, "load-error", why) for file in silent)
        return preset.judged(self._name, command, ended, cases)


class Vitest(Jest):
    """vitest, whose JSON report is like jest's."""

    _name = "vitest"
    _options = ("run", "--reporter=json", "--retry=0")


_OUTCOMES = {
    "passed": "passed",
    "failed": "failed",
    "pending": "skipped",
    "todo": "skipped",
    "skipped": "skipped",
}


def _of_jest(document: Any, room: Room) -> Iterator[TestCase]:
    try:
        for suite in document["testResults"]:
            file = preset.hide(suite["name"], room.hidden).removeprefix("<tree>/")
            tests = suite["assertionResults"]
            if not tests and suite["status"] == "failed":
                said = preset.hide(suite.get("message", ""), room.hidden)
                yield TestCase(
                    file, "load-error", (_error_line(said) or said.strip())[: preset.MESSAGE_LIMIT]
                )
            for test in tests:
                said = preset.hide("\n".join(test.get("failureMessages") or ()), room.hidden)
                name = "::".join([*test["ancestorTitles"], test["title"]])
                message = (_error_line(said) or said.strip().partition("\n")[0])[: preset.MESSAGE_LIMIT]
                outcome = _OUTCOMES.get(test["status"], "error")
                yield TestCase(
                    preset.hide(f"{file}::{name}", room.hidden), outcome, message, preset.first_frame(said)
                )
    except (KeyError, TypeError, AttributeError) as error:
        raise preset.Unreadable(f"it is not shaped like a report of jest ({error!r})") from error
