"""A script as the regression test, for defects that no unit test can show: its exit code is the verdict."""

import hashlib
import platform
from collections.abc import Sequence
from pathlib import Path

from hotfix.adapters.runner import process
from hotfix.policy import rules
from hotfix.ports import Report, TestCase

CASE = "script"
"""The id of the only test that a script is."""
_LAST_OF_ITS_OWN = 125
"""Above it a shell speaks: 126 not executable, 127 not found, 128 + n ended by signal n."""


class ScriptRunner:
    """Runs ``[test] run`` as it stands in the tree: 0 is passed, 1 to 125 failed."""

    def __init__(self, rule: rules.Test) -> None:
        self._rule = rule

    def argv(self, files: Sequence[str]) -> tuple[str, ...]:
        """The command, as it will be recorded; a script is not told which files changed."""
        return self._rule.run

    def run(self, tree: Path, files: Sequence[str], rule: rules.Test) -> Report:
        """Run the script in `tree`; where that has none of `files`, the test is absent."""
        tree = tree.resolve()
        if files and not process.present(tree, files):
            return process.NOTHING_TO_RUN
        with process.room() as place:
            env = process.environment(place, tree, rule.env)
            ended = process.run(rule.run, cwd=tree, place=place, env=env, timeout=rule.timeout)
            said = ended.last_words().replace(str(tree), "<tree>").replace(str(place), "<run>")
        problem = _problem(ended, rule.run[0], said)
        outcome = "passed" if ended.exit == 0 else "failed"
        cases = () if problem else (TestCase(CASE, outcome, "" if ended.exit == 0 else said),)
        return Report(cases, ended.exit, ended.seconds, ended.output, problem)

    def fingerprint(self) -> str:
        """The system, and a digest of the command."""
        command = hashlib.sha256("\0".join(self._rule.run).encode()).hexdigest()[:16]
        return f"script {command} · {platform.system()} {platform.release()} {platform.machine()}"


def _problem(ended: process.Ended, command: str, said: str) -> str:
    if ended.problem:
        return f"The test script gave no result: {ended.problem}."
    if ended.killed_by:
        return f"The test script was ended by {ended.killed_by}, so it gave no verdict."
    if ended.exit > _LAST_OF_ITS_OWN:
        return (
            f"{command} ended with exit code {ended.exit}: what it should run was not found, could not be "
            f"executed or was ended by a signal. It said: {said or 'nothing'}."
        )
    return ""
