"""Ruby's runners, one file per process: rspec by its JSON, minitest by a reporter of ours."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hotfix.adapters.runner import events, preset
from hotfix.adapters.runner.preset import Command, Preset, Reading
from hotfix.adapters.runner.sandbox import Ended, Room
from hotfix.ports import TestCase

_REPORTER = Path(__file__).with_name("minitest_report.rb")


class _Ruby(Preset):
    see: tuple[str, ...] = ("~/.gem", "~/.local/share/gem", "~/.rbenv/versions")
    share = ("vendor/bundle",)
    finds_all = False


class Minitest(_Ruby):
    """``[test] run`` is ruby with the folders to load from, such as ``ruby -Ilib -Itest``."""

    see = (*_Ruby.see, str(_REPORTER))

    def chosen(self, paths: Sequence[str]) -> tuple[str, ...]:
        """See the base."""
        return tuple(
            path
            for path in paths
            if preset.is_named(path, r".*_(test|spec)\.rb", r"(test|spec)_(?!helper).*\.rb")
        )

    def commands(self, room: Room, files: Sequence[str], only: Sequence[str]) -> Sequence[Command]:
        """See the base."""
        found = []
        for number, file in enumerate(files):
            report = f"out/{number}.jsonl"
            told = (("HOTFIX_REPORT", room.inside(room.folder / report)),)
            argv = (*self._rule.run, f"-r{_REPORTER}", file)
            found.append(Command(argv, (file,), env=told, report=report))
        return found

    def read(self, room: Room, command: Command, ended: Ended, raw: bytes) -> Reading:
        """See the base."""
        cases = events.cases(raw, command.files[0], room.hidden) if raw else ()
        return preset.judged("minitest", command, ended, cases)


class Rspec(_Ruby):
    """rspec, with its own JSON report."""

    def chosen(self, paths: Sequence[str]) -> tuple[str, ...]:
        """See the base."""
        return tuple(path for path in paths if preset.is_named(path, r".*_spec\.rb"))

    def commands(self, room: Room, files: Sequence[str], only: Sequence[str]) -> Sequence[Command]:
        """See the base."""
        found = []
        for number, file in enumerate(files):
            report = f"out/{number}.json"
            options = ("--order", "defined", "--format", "json", "--out", room.inside(room.folder / report))
            found.append(Command((*self._rule.run, *options, file), (file,), report=report))
        return found

    def read(self, room: Room, command: Command, ended: Ended, raw: bytes) -> Reading:
        """See the base."""
        (file,) = command.files
        if not raw:
            return Reading((), preset.no_report("rspec", ended))
        cases = preset.worst(list(_of_rspec(events.json_of(raw), file, room)))
        return preset.judged("rspec", command, ended, cases)


_OUTCOMES = {"passed": "passed", "failed": "failed", "pending": "skipped"}


def _of_rspec(document: Any, file: str, room: Room) -> Iterator[TestCase]:
    try:
        if document["summary"].get("errors_outside_of_examples_count"):
            said = preset.hide(" ".join(document.get("messages") or ()).strip(), room.hidden)
            yield TestCase(file, "load-error", said[: preset.MESSAGE_LIMIT])
        for example in document["examples"]:
            error = example.get("exception") or {}
            stack = preset.hide("\n".join(error.get("backtrace") or ()), room.hidden)
            message = f"{error['class']}: {error['message'].strip()}" if error else ""
            name = f"{file}::{example['full_description']}"
            yield TestCase(
                preset.hide(name, room.hidden),
                _OUTCOMES.get(example["status"], "error"),
                preset.hide(message, room.hidden)[: preset.MESSAGE_LIMIT],
                preset.first_frame(stack),
            )
    except (KeyError, TypeError, AttributeError) as error:
        raise preset.Unreadable(f"it is not shaped like a report of rspec ({error!r})") from error
