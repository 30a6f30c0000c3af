"""Java's builders, whose test reports are JUnit XML, one file for each class."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from hotfix.adapters.runner import junit, preset
from hotfix.adapters.runner.preset import Command, Preset, Reading
from hotfix.adapters.runner.sandbox import Ended, Room
from hotfix.ports import TestCase

_SOURCE = r"\.(java|kt|groovy|scala)$"


class _Java(Preset):
    _reports = ""

    def chosen(self, paths: Sequence[str]) -> tuple[str, ...]:
        """Classes called like tests; what helps them comes with the tree."""
        return tuple(
            path
            for path in paths
            if preset.is_named(path, r"(Test.*|.*Tests?|.*TestCase|.*IT|.*Spec)\.\w+")
            and re.search(_SOURCE, path)
        )

    def commands(self, room: Room, files: Sequence[str], only: Sequence[str]) -> Sequence[Command]:
        """One process for all classes."""
        return [Command((*self._rule.run, *self._options(files)), tuple(files), report=self._reports)]

    def _options(self, files: Sequence[str]) -> Sequence[str]:
        raise NotImplementedError

    def read(self, room: Room, command: Command, ended: Ended, raw: bytes) -> Reading:
        """See the base. What cannot be compiled has no report: its files could not be loaded."""
        cases = [
            _case(each, command.files, room)
            for part in raw.split(preset.NEXT)
            if part
            for each in junit.elements(part)
        ]
        return preset.judged(self._rule.runner, command, ended, preset.worst(cases))


class Maven(_Java):
    """Maven's surefire: retries off, and a module without tests is no failure."""

    see = ("~/.m2/repository",)
    _reports = "tree/**/target/surefire-reports/TEST-*.xml"

    def env(self, room: Room) -> Mapping[str, str]:
        """Artifacts come from this person's repository, read only, unless `[test] run` names another."""
        if any(word.startswith("-Dmaven.repo.local") for word in self._rule.run):
            return {}
        return {"MAVEN_OPTS": f"-Dmaven.repo.local={Path.home() / '.m2/repository'}"}

    def _options(self, files: Sequence[str]) -> Sequence[str]:
        chosen = (f"-Dtest={','.join(_class(file).rpartition('.')[2] for file in files)}",) if files else ()
        return (
            *("-o", "-B", "-Dsurefire.rerunFailingTestsCount=0", "-Dmaven.test.failure.ignore=false", "-fae"),
            *("-DfailIfNoTests=false", "-Dsurefire.failIfNoSpecifiedTests=false"),
            *chosen,
            "test",
        )


class Gradle(_Java):
    """Gradle's test task, without its daemon and its build cache."""

    see = ("~/.gradle/wrapper", "~/.gradle/caches")
    _reports = "tree/**/build/test-results/**/TEST-*.xml"

    def _options(self, files: Sequence[str]) -> Sequence[str]:
        chosen = [word for file in files for word in ("--tests", _class(file))]
        return (
            "--offline",
            "--no-daemon",
            "--no-build-cache",
            "--continue",
            "test",
            "--rerun-tasks",
            *chosen,
        )


def _class(file: str) -> str:
    """The class that a source file is named after, with its package: ``src/test/java/shop/CartTest.java``."""
    parts = PurePosixPath(re.sub(_SOURCE, "", file)).parts
    start = next((n + 1 for n, part in enumerate(parts) if part in ("java", "kotlin", "groovy", "scala")), 0)
    return ".".join(parts[start:])


def _case(element: junit.Element, files: Sequence[str], room: Room) -> TestCase:
    outer = element.classname.partition("$")[0]
    file = next((file for file in files if _class(file).endswith(outer)), outer.replace(".", "/"))
    inner = element.classname.partition("$")[2]
    text = preset.hide(element.text, room.hidden)
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    message = (first or element.message)[: preset.MESSAGE_LIMIT]
    name = "::".join(filter(None, (file, inner, element.name)))
    return TestCase(
        preset.hide(name, room.hidden), element.outcome, message if element.outcome != "passed" else ""
    )
