"""A script as the regression test, for defects that no unit test can show: its exit code is the verdict."""

from collections.abc import Sequence

from hotfix.adapters.runner import preset
from hotfix.adapters.runner.preset import Command, Preset, Reading
from hotfix.adapters.runner.sandbox import Ended, Room
from hotfix.policy import rules
from hotfix.ports import TestCase

CASE = "script"
"""The id of the only test that a script is."""
_LAST_OF_ITS_OWN = 125
"""Above it a shell speaks: 126 not executable, 127 not found, 128 + n ended by signal n."""


class Script(Preset):
    """Runs ``[test] run`` as it stands in the tree: 0 is passed, 1 to 125 failed."""

    def __init__(self, rule: rules.Test) -> None:
        super().__init__(rule)
        self.version = ()

    def chosen(self, paths: Sequence[str]) -> tuple[str, ...]:
        """Every test-side path: the script is there or it is not."""
        return tuple(paths)

    def commands(self, room: Room, files: Sequence[str], only: Sequence[str]) -> Sequence[Command]:
        """A script is not told which files changed."""
        return [Command(self._rule.run, ())]

    def read(self, room: Room, command: Command, ended: Ended, raw: bytes) -> Reading:
        """See the base."""
        said = preset.hide(ended.last_words(), room.hidden)
        if ended.problem:
            return Reading((), f"The test script gave no result: {ended.problem}.")
        if ended.killed_by:
            return Reading((), f"The test script was ended by {ended.killed_by}, so it gave no verdict.")
        if ended.exit > _LAST_OF_ITS_OWN:
            return Reading(
                (),
                f"{self._rule.run[0]} ended with exit code {ended.exit}: what it should run was not found, could not be "
                f"executed or was ended by a signal. It said: {said or 'nothing'}.",
            )
        if ended.exit == 0:
            return Reading((TestCase(CASE, "passed"),))
        return Reading((TestCase(CASE, "failed", said[: preset.MESSAGE_LIMIT]),))
