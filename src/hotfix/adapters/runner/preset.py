"""What a runner has to say of itself: which command runs which files, and how its report is read."""

import os
import re
import stat
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

import msgspec

from hotfix.adapters.runner.sandbox import Ended, Room
from hotfix.policy import rules
from hotfix.ports import TestCase
from hotfix.record.lossless import to_bytes

REPORT_LIMIT = 20 * 2**20
"""Bytes of a report that is still read."""
OUTPUT = "output"
"""As a command's report: what it says on stdout and stderr."""
NEXT = b"\n\0\n"
"""Between two reports of one process: no XML has it."""
MESSAGE_LIMIT = 500
"""Characters kept of one test's message."""


class Unreadable(Exception):
    """The report is not one that the runner wrote, or not all of it."""


class Command(msgspec.Struct, frozen=True):
    """One process of a run."""

    argv: tuple[str, ...]
    files: tuple[str, ...]
    """What it runs, by path in the tree; none: everything."""
    report: str = ""
    """A file or a pattern, below the room, that it leaves; empty: the end of what it says is kept."""
    env: tuple[tuple[str, str], ...] = ()
    """Variables of its own."""


class Reading(msgspec.Struct, frozen=True):
    """What a process and its report say."""

    cases: tuple[TestCase, ...]
    problem: str = ""


class Preset(ABC):
    """A test runner of the field."""

    see: tuple[str, ...] = ()
    """Places of the machine that it needs, besides its own program."""
    share: tuple[str, ...] = ()
    """Folders of the clone that it needs, and that are not in git."""
    finds_all = True
    """Whether it knows the whole suite by itself; else it is given every test file of the tree."""
    singles = False
    """Whether it can be asked for one test of a file."""

    def __init__(self, rule: rules.Test) -> None:
        self._rule = rule
        self.version: tuple[str, ...] = (*rule.run[:1], "--version")
        """A command that says which one it is, for the record."""

    def env(self, room: Room) -> Mapping[str, str]:
        """Variables that it needs, besides those of every run."""
        return {}

    @abstractmethod
    def chosen(self, paths: Sequence[str]) -> tuple[str, ...]:
        """Those of the test-side paths that it runs by themselves."""

    @abstractmethod
    def commands(self, room: Room, files: Sequence[str], only: Sequence[str]) -> Sequence[Command]:
        """What to start, in order; no files: the whole suite."""

    @abstractmethod
    def read(self, room: Room, command: Command, ended: Ended, raw: bytes) -> Reading:
        """What that showed. `raw` is its report, empty where it left none. May raise :class:`Unreadable`."""


def hide(text: str, hidden: Mapping[str, str]) -> str:
    """`text` with what stands in place of each path that differs from run to run."""
    for path in sorted(hidden, key=len, reverse=True):
        text = text.replace(path, hidden[path])
    return text


def unusable(ended: Ended, runner: str) -> str:
    """Why a process says nothing about any test, whatever it left; empty where it may."""
    said = ended.last_words(about="error") or ended.last_words() or "nothing"
    if ended.problem:
        return f"{runner} gave no result: {ended.problem}."
    if ended.killed_by:
        return f"{runner} was ended by {ended.killed_by} before it was done. It said: {said}."
    if ended.exit in (126, 127):
        return f"{runner} could not be started (exit code {ended.exit}). It said: {said}."
    return ""


def no_report(runner: str, ended: Ended) -> str:
    """What is said of a runner that always leaves a report, and left none."""
    return f"{runner} ended with exit code {ended.exit} and left no report. It said: {ended.last_words() or 'nothing'}."


def contradiction(runner: str, ended: Ended, cases: Sequence[TestCase]) -> str:
    """Where exit code and report disagree, neither is believed."""
    red = [case for case in cases if case.outcome not in ("passed", "skipped")]
    if ended.exit == 0 and red:
        return f"{runner}'s report names {len(red)} failed tests and its exit code 0 none, so neither can be believed."
    if ended.exit != 0 and cases and not red:
        return (
            f"{runner} ended with exit code {ended.exit} and its report names no failed test, "
            "so neither can be believed. Where a coverage threshold fails the run, switch it off in `[test] run`."
        )
    return ""


def judged(runner: str, command: Command, ended: Ended, cases: Sequence[TestCase]) -> Reading:
    """What the cases of one process amount to, with its exit code.

    A file that was to be run, of which a process that failed says nothing at all, could not be loaded.
    """
    if ended.exit != 0 and not cases and command.files:
        said = (
            ended.last_words(about="error")
            or ended.last_words()
            or f"{runner} ended with exit code {ended.exit} and reported no test"
        )
        return Reading(tuple(TestCase(file, "load-error", said) for file in command.files))
    if ended.exit != 0 and not cases:
        return Reading((), f"{runner} ended with exit code {ended.exit} and reported no test.")
    return Reading(tuple(cases), contradiction(runner, ended, cases))


def worst(cases: Sequence[TestCase]) -> tuple[TestCase, ...]:
    """Each test once: of what is told twice, or called alike, the worse counts."""
    order = ("load-error", "error", "failed", "skipped", "passed")
    known: dict[str, TestCase] = {}
    for case in cases:
        known[case.id] = min(known.get(case.id, case), case, key=lambda each: order.index(each.outcome))
    return tuple(known.values())


def chosen(made: Preset, paths: Sequence[str]) -> tuple[str, ...]:
    """Those of the test-side paths (lossless) that the runner runs by themselves."""
    names = {os.fsdecode(to_bytes(path)): path for path in paths}
    return tuple(names[name] for name in made.chosen(list(names)))


def present(tree: Path, files: Sequence[str]) -> tuple[str, ...]:
    """Those of `files` (lossless paths) that `tree` has."""
    return tuple(file for file in files if (tree / os.fsdecode(to_bytes(file))).is_file())


_STACK = re.compile(r"(?:<tree>/)(?P<path>[^\s:()'\"]+):\d+")


def first_frame(stack: str) -> str:
    """The file of the innermost frame that lies in the tree, of stacks that begin with it (JavaScript, Ruby)."""
    match = _STACK.search(stack)
    return match["path"] if match else ""


def is_named(path: str, *patterns: str) -> bool:
    """Whether the path's last part fits one of the regular expressions as a whole."""
    return any(re.fullmatch(pattern, PurePosixPath(path).name) for pattern in patterns)


def file_of(path: Path) -> bytes:
    """A file as a stranger left it: a link to somebody's key would end up in the record, a named pipe would never end."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise Unreadable(f"it cannot be opened ({error.strerror})") from error
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Unreadable("it is not a regular file")
        raw = file.read(REPORT_LIMIT + 1)
    if len(raw) > REPORT_LIMIT:
        raise Unreadable(f"it is larger than {REPORT_LIMIT // 2**20} MiB")
    return raw
