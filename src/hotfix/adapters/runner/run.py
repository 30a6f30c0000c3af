"""One run: the commands of a preset, in a sandbox, and what their reports say."""

import os
import platform
from collections.abc import Mapping, Sequence

from hotfix.adapters.runner import preset
from hotfix.adapters.runner.preset import Command, Preset, Reading, Unreadable
from hotfix.adapters.runner.sandbox import Ended, Room, Sandbox
from hotfix.policy import rules
from hotfix.ports import Report, TestCase
from hotfix.record.finding import refused
from hotfix.record.lossless import to_bytes

NOTHING_TO_RUN = Report(cases=(), exit=0, seconds=0.0, raw=b"")
"""The tree has none of the files: their tests are absent there."""
_ASK_TIMEOUT = 60.0


class TestRunner:
    """A preset, by the policy's ``[test]``."""

    __test__ = False

    def __init__(self, rule: rules.Test, made: Preset, sandbox: Sandbox, program: str = "") -> None:
        """`program` is where the first word of `[test] run` really lies."""
        self._program = program or rule.run[0]
        self._rule = rule
        self._preset = made
        self._sandbox = sandbox

    def run(self, room: Room, files: Sequence[str], only: Sequence[str], limit: float) -> Report:
        """Run the tests of `files` (none: all) in the room's tree, for `limit` seconds in all."""
        here = preset.present(room.tree, files)
        if files and not here:
            return NOTHING_TO_RUN
        if unnamed := [file for file in here if os.fsencode(file) != to_bytes(file)]:
            said = f"{unnamed[0]} has a name that is not UTF-8: its tests cannot be told by name."
            return Report((), 1, 0.0, b"", said)
        env = environment(room, {**self._preset.env(room), **self._rule.env})
        cases: list[TestCase] = []
        raws: list[bytes] = []
        spent, exit, refused_network = 0.0, 0, False
        for command in self._preset.commands(room, here, only):
            ended = self._sandbox.run(
                self._real(command.argv), room, env | dict(command.env), max(limit - spent, 0.1)
            )
            spent += ended.seconds
            exit = exit or ended.exit
            refused_network |= ended.tried_network
            reading, raw = self._read(room, command, ended)
            raws.append(raw)
            cases += reading.cases
            if reading.problem:
                said = preset.hide(reading.problem, room.hidden)
                whole = b"".join(raws)
                return Report((), exit, spent, whole, said, ended.timed_out, refused_network)
        return Report(preset.worst(cases), exit, spent, preset.NEXT.join(raws), "", False, refused_network)

    def _read(self, room: Room, command: Command, ended: Ended) -> tuple[Reading, bytes]:
        raw = b""
        try:
            says_itself = ended.problem or not command.report
            raw = ended.output if says_itself else _report(room, command.report)
            if (problem := preset.unusable(ended, self._rule.runner)) and self._rule.runner != "script":
                return Reading((), problem), raw
            return self._preset.read(room, command, ended, raw), raw
        except Unreadable as error:
            return Reading((), f"The report of {self._rule.runner} cannot be read: {error}."), raw

    def _real(self, argv: Sequence[str]) -> tuple[str, ...]:
        first = self._program if argv[0] == self._rule.run[0] else argv[0]
        return (first, *argv[1:])

    def build(self, room: Room) -> Ended:
        """Run the policy's build step in the room's tree."""
        env = environment(room, {**self._preset.env(room), **self._rule.env})
        return self._sandbox.run(self._rule.build, room, env, self._rule.build_timeout)

    def fingerprint(self, room: Room) -> str:
        """The runner's version, and the system, on one line. Raises Refused where it cannot be asked."""
        system = f"{platform.system()} {platform.release()} {platform.machine()}"
        if not self._preset.version:
            return f"{self._rule.runner} · {system}"
        env = environment(room, {**self._preset.env(room), **self._rule.env})
        ended = self._sandbox.run(self._real(self._preset.version), room, env, _ASK_TIMEOUT)
        if ended.problem or ended.exit != 0:
            raise refused(
                "runner-not-found",
                f"The test command `{' '.join(self._rule.run)}` cannot be asked for its version: "
                f"{ended.problem or ended.last_words() or 'it said nothing'}. "
                "Without it no proof says what it was made with.",
                "make `[test] run` in hotfix.toml (--run) a command that this machine can run, by its full path",
            )
        return f"{ended.last_words(lines=1)} · {system}"


def environment(room: Room, extra: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of a run: this list, what the runner needs, and the policy's own ``[test] env``.

    The tree comes first on ``PYTHONPATH``, before any editable install of another checkout. Without
    bytecode a file swapped within one second cannot be taken for its predecessor.
    """
    tree = room.inside(room.tree)
    sources = [tree, f"{tree}/src"] if (room.tree / "src").is_dir() else [tree]
    asked_for = [extra["PYTHONPATH"]] if extra.get("PYTHONPATH") else []
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        **extra,
        "PYTHONPATH": os.pathsep.join([*sources, *asked_for]),
        "HOME": room.inside(room.home),
        "TMPDIR": room.inside(room.tmp),
    }


def _report(room: Room, pattern: str) -> bytes:
    """What the process left there: nothing where there is no file. Raises :class:`Unreadable`."""
    if "*" not in pattern:
        return preset.file_of(room.folder / pattern)
    return preset.NEXT.join(preset.file_of(path) for path in sorted(room.folder.glob(pattern)))
