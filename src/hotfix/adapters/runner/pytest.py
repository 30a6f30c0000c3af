"""The tests of a tree, run by the project's own pytest and read from its JUnit report."""

import platform
import re
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from hotfix.adapters.runner import junit, process
from hotfix.policy import rules
from hotfix.ports import Report, TestCase
from hotfix.record.finding import refused

REPORT_LIMIT = 20 * 2**20
"""Bytes of a report that is still read."""

OPTIONS = (
    # A retry would turn a flaky test into one that passes.
    *("-p", "no:rerunfailures"),
    # The same ids, whichever files are run.
    "--rootdir=.",
    *("-o", "junit_family=xunit1"),
    # Out of the tree, but still there: a project's own ``--ff`` must remain an option that pytest knows.
    *("-o", "cache_dir=~/pytest-cache"),
    # One broken file must not hide what the others show.
    "--continue-on-collection-errors",
    "--maxfail=0",
)
"""What follows the policy's own command. The project's ``addopts`` stay in force."""

_ASK_PYTHON = """
import hashlib, platform
from importlib.metadata import distributions
packages = sorted({f"{each.metadata['Name']}=={each.version}" for each in distributions()})
digest = hashlib.sha256("\\n".join(packages).encode()).hexdigest()[:16]
pytest = [each for each in packages if each.lower().startswith("pytest==")] or ["pytest absent"]
print(platform.python_implementation(), platform.python_version(), pytest[0], "packages", digest)
"""
_ASK_TIMEOUT = 60.0

_EXIT_MEANS = {
    2: "was interrupted before it was done",
    3: "failed inside itself",
    4: "did not take its command line or its configuration",
}


class PytestRunner:
    """Runs ``[test] run`` with the files and a JUnit report of its own."""

    def __init__(self, rule: rules.Test) -> None:
        self._rule = rule

    def argv(self, files: Sequence[str]) -> tuple[str, ...]:
        """The command, as it will be recorded."""
        return _command(self._rule, _collectable(files), "<report>")

    def run(self, tree: Path, files: Sequence[str], rule: rules.Test) -> Report:
        """Run the tests of `files` (empty: all) in `tree`; tests of files that it lacks are absent."""
        tree = tree.resolve()
        here = process.present(tree, _collectable(files))
        if files and not here:
            return process.NOTHING_TO_RUN
        with process.room() as place:
            report = place / "report.xml"
            ended = process.run(
                _command(rule, [process.on_disk(file) for file in here], str(report)),
                cwd=tree,
                place=place,
                env=process.environment(place, tree, rule.env),
                timeout=rule.timeout,
            )
            return _report(ended, report, tree, here)

    def fingerprint(self) -> str:
        """The interpreter, pytest, a digest of the installed packages, and the system, on one line."""
        run = self._rule.run
        is_python = re.fullmatch(r"(python|pypy)[\d.]*", PurePosixPath(run[0]).name)
        question = (run[0], "-c", _ASK_PYTHON) if is_python else (*run, "--version")
        with process.room() as place:
            env = process.environment(place, None, self._rule.env)
            ended = process.run(question, cwd=place, place=place, env=env, timeout=_ASK_TIMEOUT)
        if ended.problem or ended.exit != 0:
            raise refused(
                "runner-not-found",
                f"The test command `{' '.join(run)}` cannot be asked for its version: "
                f"{ended.problem or ended.last_words()}. Without it no proof says what it was made with.",
                "Make `[test] run` in hotfix.toml a command that this machine can run.",
            )
        return f"{ended.last_words(lines=1)} · {platform.system()} {platform.release()} {platform.machine()}"


def _command(rule: rules.Test, files: Sequence[str], report: str) -> tuple[str, ...]:
    return (*rule.run, *OPTIONS, *map(_as_argument, files), f"--junitxml={report}")


def _as_argument(file: str) -> str:
    """A file whose name could be taken for an option, or for a file of options."""
    return f"./{file}" if file.startswith(("-", "@")) else file


def _collectable(files: Sequence[str]) -> tuple[str, ...]:
    """The files that pytest can be asked to run: it refuses data, and loads ``conftest.py`` by itself."""
    names = ((file, PurePosixPath(process.on_disk(file))) for file in files)
    return tuple(file for file, path in names if path.suffix == ".py" and path.name != "conftest.py")


def _report(ended: process.Ended, path: Path, tree: Path, files: Sequence[str]) -> Report:
    try:
        raw = process.read_file(path, REPORT_LIMIT)
    except ValueError as error:
        return Report((), ended.exit, ended.seconds, b"", f"pytest's report cannot be read: {error}.")
    hidden = {str(tree): "<tree>", str(path.parent): "<run>"}
    problem = junit.hide(_unusable(ended, raw), hidden)
    if problem:
        return Report((), ended.exit, ended.seconds, raw or b"", problem)
    try:
        cases = junit.read(raw or b"", tree, hidden)
    except junit.Unreadable as error:
        said = f"pytest's report cannot be read: {error}."
        return Report((), ended.exit, ended.seconds, raw or b"", said)
    cases += _unreported(ended.exit, cases, files)
    return Report(cases, ended.exit, ended.seconds, raw or b"", _contradiction(ended.exit, cases))


def _unusable(ended: process.Ended, raw: bytes | None) -> str:
    """Why this run says nothing about any test; empty where it does."""
    said = ended.last_words(about="error") or ended.last_words()
    if ended.problem:
        return f"pytest gave no result: {ended.problem}."
    if ended.killed_by:
        return f"pytest was ended by {ended.killed_by} before it was done. It said: {said or 'nothing'}."
    if ended.exit in _EXIT_MEANS:
        return f"pytest {_EXIT_MEANS[ended.exit]} (exit code {ended.exit}). It said: {said or 'nothing'}."
    if raw is None and "No module named pytest" in said:
        return (
            f"pytest is not installed for the interpreter of `[test] run`: {said}. "
            "Install pytest there, or name the interpreter of the project's own environment."
        )
    if raw is None or ended.exit not in (0, 1, 5):
        left = "no report" if raw is None else "a report that its exit code does not vouch for"
        return (
            f"pytest ended with exit code {ended.exit} and left {left}, so nothing is known of any test. "
            f"It said: {said or 'nothing'}."
        )
    return ""


def _unreported(exit: int, cases: Sequence[TestCase], files: Sequence[str]) -> tuple[TestCase, ...]:
    """Test files that were to be run and of which a run that failed says nothing at all."""
    seen = {case.id.partition("::")[0] for case in cases}
    silent = [file for file in files if file not in seen and _is_named_like_tests(file)]
    why = "pytest reported no test of this file, and failed"
    return tuple(TestCase(file, "load-error", why) for file in silent) if exit == 1 and cases else ()


def _is_named_like_tests(file: str) -> bool:
    name = PurePosixPath(file).name
    return fnmatch(name, "test_*.py") or fnmatch(name, "*_test.py")


def _contradiction(exit: int, cases: Sequence[TestCase]) -> str:
    """Where exit code and report disagree, neither is believed."""
    red = sum(case.outcome not in ("passed", "skipped") for case in cases)
    ran = sum(case.outcome != "skipped" for case in cases)
    if exit == 0 and red:
        return (
            f"pytest's report names {red} failed tests and its exit code 0 none, so neither can be believed."
        )
    if exit == 1 and not red:
        return (
            "pytest ended with exit code 1 and its report names no failed test, so neither can be believed. "
            "Where a coverage threshold fails the run, switch it off in `[test] run` (--no-cov)."
        )
    if exit == 5 and ran:
        return f"pytest says that it collected no test (exit code 5) and its report names {ran}."
    return ""
