"""Which test runner a repository uses: what each is called by, and what gives it away."""

import json
import re
from collections.abc import Callable, Collection

DEFAULT_RUN: dict[str, tuple[str, ...]] = {
    "pytest": ("python3", "-m", "pytest"),
    "unittest": ("python3",),
    "go": ("go", "test"),
    "node": ("node", "--test"),
    "mocha": ("node_modules/.bin/mocha",),
    "jest": ("node_modules/.bin/jest",),
    "vitest": ("node_modules/.bin/vitest",),
    "maven": ("mvn",),
    "gradle": ("./gradlew",),
    "cargo": ("cargo", "test"),
    "rspec": ("rspec",),
    "minitest": ("ruby", "-Ilib", "-Itest", "-Ispec"),
}
"""What ``[test] run`` is where the policy does not say; a script has no default."""

Read = Callable[[str], str]
"""The text of a file of the tree, empty where there is none."""


def recognised(paths: Collection[str], read: Read) -> str:
    """The runner that fits the tree, by its manifests and the names of its tests; empty where none does."""
    there = set(paths)
    if "package.json" in there and (runner := _of_javascript(read("package.json"))):
        return runner
    if any(re.search(r"(^|/)test_[^/]*\.py$|_test\.py$", path) for path in paths):
        return "pytest" if _speaks_of_pytest(there, read) else "unittest"
    for name, fits in _BY_FILES:
        if fits(there):
            return name
    return ""


_PYTEST_SPEAKS = (
    "pyproject.toml",
    "setup.cfg",
    "tox.ini",
    "requirements.txt",
    "requirements-dev.txt",
    "setup.py",
)


def _speaks_of_pytest(there: set[str], read: Read) -> bool:
    """pytest runs unittest's tests too, so that it is only doubted where everything says otherwise."""
    if there & {"pytest.ini", ".pytest.ini", "conftest.py"} or any(
        path.endswith("/conftest.py") for path in there
    ):
        return True
    if any("pytest" in read(name) for name in _PYTEST_SPEAKS if name in there):
        return True
    tests = [path for path in sorted(there) if re.search(r"(^|/)test_[^/]*\.py$", path)]
    return not any("unittest" in read(path) for path in tests[:5])


def _of_javascript(manifest: str) -> str:
    try:
        package = json.loads(manifest)
    except ValueError:
        return ""
    if not isinstance(package, dict):
        return ""
    scripts = package.get("scripts")
    test = str(scripts.get("test", "")) if isinstance(scripts, dict) else ""
    needs = {*_keys(package.get("devDependencies")), *_keys(package.get("dependencies"))}
    for runner in ("vitest", "jest", "mocha"):
        if re.search(rf"\b{runner}\b", test):
            return runner
    if "node --test" in test or re.search(r"\bnode\b.*--test\b", test):
        return "node"
    return next((runner for runner in ("vitest", "jest", "mocha") if runner in needs), "")


def _keys(table: object) -> list[str]:
    return list(table) if isinstance(table, dict) else []


_BY_FILES: tuple[tuple[str, Callable[[set[str]], bool]], ...] = (
    ("go", lambda there: any(path.endswith("_test.go") for path in there)),
    ("cargo", lambda there: "Cargo.toml" in there),
    ("gradle", lambda there: bool(there & {"build.gradle", "build.gradle.kts"})),
    ("maven", lambda there: "pom.xml" in there),
    ("rspec", lambda there: any(path.endswith("_spec.rb") for path in there)),
    ("minitest", lambda there: any(re.search(r"(_test|/test_[^/]*)\.rb$", path) for path in there)),
    ("node", lambda there: any(re.search(r"\.test\.[cm]?js$", path) for path in there)),
)
