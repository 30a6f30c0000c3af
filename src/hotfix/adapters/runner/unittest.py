"""Python's own unittest, one file per process, told by a reporter of ours."""

from collections.abc import Sequence
from pathlib import Path

from hotfix.adapters.runner import events, preset
from hotfix.adapters.runner.preset import Command, Preset, Reading
from hotfix.adapters.runner.pytest import ASK_PYTHON
from hotfix.adapters.runner.sandbox import Ended, Room
from hotfix.policy import rules

_REPORTER = Path(__file__).with_name("unittest_report.py")


class Unittest(Preset):
    """``[test] run`` is the interpreter."""

    see = (str(_REPORTER),)
    finds_all = False

    def __init__(self, rule: rules.Test) -> None:
        super().__init__(rule)
        self.version = (rule.run[0], "-c", ASK_PYTHON)

    def chosen(self, paths: Sequence[str]) -> tuple[str, ...]:
        """Files called as unittest's discovery wants them."""
        return tuple(
            path for path in paths if preset.is_named(path, r"test.*\.py", r".*_tests?\.py", r"tests\.py")
        )

    def commands(self, room: Room, files: Sequence[str], only: Sequence[str]) -> Sequence[Command]:
        """See the base."""
        found = []
        for number, file in enumerate(files):
            report = f"out/{number}.jsonl"
            argv = (*self._rule.run, str(_REPORTER), room.inside(room.folder / report), file)
            found.append(Command(argv, (file,), report=report))
        return found

    def read(self, room: Room, command: Command, ended: Ended, raw: bytes) -> Reading:
        """See the base."""
        if not raw:
            return Reading((), preset.no_report("unittest", ended))
        return preset.judged("unittest", command, ended, events.cases(raw, command.files[0], room.hidden))
