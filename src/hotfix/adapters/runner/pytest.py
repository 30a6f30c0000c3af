"""The tests of a tree, run by the project's own pytest and read from its JUnit report."""

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from hotfix.adapters.runner import junit, preset
from hotfix.adapters.runner.preset import Command, Preset, Reading
from hotfix.adapters.runner.sandbox import Ended, Room
from hotfix.policy import rules
from hotfix.ports import TestCase

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
    # Where it was raised, in few words.
    "--tb=short",
)
"""What follows the policy's own command. The project's ``addopts`` stay in force."""
ASK_PYTHON = """
import hashlib, platform
from importlib.metadata import distributions
packages = sorted({f"{each.metadata['Name']}=={each.version}" for each in distributions()})
digest = hashlib.sha256("\\n".join(packages).encode()).hexdigest()[:16]
pytest = [each for each in packages if each.lower().startswith("pytest==")] or ["pytest absent"]
print(platform.python_implementation(), platform.python_version(), pytest[0], "packages", digest)
"""
_REPORT = "out/report.xml"
_USUAL = (r"test_.*\.py", r".*_test\.py")
_COLLECTION = "collection failure"
_FRAME = re.compile(r"^(?P<path>[^\s:][^:\n]*):\d+: ", re.MULTILINE)
_EXIT_MEANS = {
    2: "was interrupted before it was done",
    3: "failed inside itself",
    4: "did not take its command line or its configuration",
}


class Pytest(Preset):
    """pytest, with a JUnit report."""

    singles = True

    def __init__(self, rule: rules.Test) -> None:
        super().__init__(rule)
        is_python = re.fullmatch(r"(python|pypy)[\d.]*", PurePosixPath(rule.run[0]).name)
        self.version = (rule.run[0], "-c", ASK_PYTHON) if is_python else (*rule.run, "--version")

    def chosen(self, paths: Sequence[str]) -> tuple[str, ...]:
        """Files called as pytest collects them; where none is, a project may call its tests otherwise."""
        programs = tuple(path for path in paths if path.endswith(".py"))
        usual = tuple(path for path in programs if preset.is_named(path, *_USUAL))
        return usual or tuple(
            path for path in programs if not preset.is_named(path, r"conftest\.py", r"__init__\.py")
        )

    def commands(self, room: Room, files: Sequence[str], only: Sequence[str]) -> Sequence[Command]:
        """One process for all files; of some tests, their functions with all parameters."""
        report = room.inside(room.folder / _REPORT)
        names = list(dict.fromkeys(test.partition("[")[0] for test in only)) or files
        return [
            Command(
                (*self._rule.run, *OPTIONS, f"--junitxml={report}", *map(_named, names)),
                tuple(files),
                _REPORT,
            )
        ]

    def read(self, room: Room, command: Command, ended: Ended, raw: bytes) -> Reading:
        """See the base."""
        if problem := _unusable(ended, raw):
            return Reading((), problem)
        cases = preset.worst([_case(element, room) for element in junit.elements(raw)])
        cases += _unreported(ended.exit, cases, command.files)
        return Reading(cases, _contradiction(ended, cases))


def _named(file: str) -> str:
    """A file as pytest takes it: not as an option, and not as a list of arguments."""
    return f"./{file}" if file.startswith(("-", "@")) else file


def _case(element: junit.Element, room: Room) -> TestCase:
    text = preset.hide(element.text, room.hidden)
    message = preset.hide(element.message, room.hidden)
    outcome = element.outcome
    if outcome == "error" and message == _COLLECTION and not element.classname:
        outcome, message = "load-error", _last_exception_line(text) or message
    frames = _FRAME.findall(text)
    at = frames[-1] if frames and not frames[-1].startswith("/") else ""
    return TestCase(
        preset.hide(_id(element, room.tree), room.hidden), outcome, message[: preset.MESSAGE_LIMIT], at
    )


def _last_exception_line(text: str) -> str:
    lines = [line.removeprefix("E").strip() for line in text.splitlines() if line.startswith("E  ")]
    return lines[-1] if lines else ""


def _id(element: junit.Element, tree: Path) -> str:
    if not element.classname:
        return element.file or element.name
    file, inner = _split(element.classname, element.file, tree)
    return "::".join([file, *filter(None, inner.split(".")), element.name])


def _split(classname: str, located: str, tree: Path) -> tuple[str, str]:
    """The test's own file, and the classes in it.

    pytest's ``file`` is where the function is *defined*: for an inherited test another file than the
    one it was collected from, which only the dotted class name tells.
    """
    dotted = re.sub(r"\.py$", "", located).replace("/", ".")
    if dotted and (classname == dotted or classname.startswith(dotted + ".")):
        return located, classname[len(dotted) + 1 :]
    parts = classname.split(".")
    for length in range(len(parts), 0, -1):
        file = "/".join(parts[:length]) + ".py"
        if (tree / file).is_file():
            return file, ".".join(parts[length:])
    return located, classname


def _unusable(ended: Ended, raw: bytes) -> str:
    """Why this run says nothing about any test; empty where it does."""
    if problem := preset.unusable(ended, "pytest"):
        return problem
    said = ended.last_words(about="error") or ended.last_words() or "nothing"
    if ended.exit in _EXIT_MEANS:
        return f"pytest {_EXIT_MEANS[ended.exit]} (exit code {ended.exit}). It said: {said}."
    if not raw and "No module named pytest" in said:
        return (
            f"pytest is not installed for the interpreter of `[test] run`: {said}. "
            "Install pytest there, or name the interpreter of the project's own environment."
        )
    if not raw or ended.exit not in (0, 1, 5):
        left = "a report that its exit code does not vouch for" if raw else "no report"
        return (
            f"pytest ended with exit code {ended.exit} and left {left}, so nothing is known of any test. "
            f"It said: {said}."
        )
    return ""


def _unreported(exit: int, cases: Sequence[TestCase], files: Sequence[str]) -> tuple[TestCase, ...]:
    """Test files that were to be run and of which a run that failed says nothing at all."""
    seen = {case.id.partition("::")[0] for case in cases}
    silent = [file for file in files if file not in seen and preset.is_named(file, *_USUAL)]
    why = "pytest reported no test of this file, and failed"
    return tuple(TestCase(file, "load-error", why) for file in silent) if exit == 1 and cases else ()


def _contradiction(ended: Ended, cases: Sequence[TestCase]) -> str:
    ran = sum(case.outcome != "skipped" for case in cases)
    if ended.exit == 5:
        return (
            f"pytest says that it collected no test (exit code 5) and its report names {ran}." if ran else ""
        )
    if ended.exit == 1 and not cases:
        return (
            "pytest ended with exit code 1 and its report names no failed test, so neither can be believed."
        )
    return preset.contradiction("pytest", ended, cases)
