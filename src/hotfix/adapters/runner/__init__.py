"""How the tests of a tree are run: one class per kind that ``[test] runner`` may name."""

from collections.abc import Callable

from hotfix.adapters.runner.pytest import PytestRunner
from hotfix.adapters.runner.script import ScriptRunner
from hotfix.policy import rules
from hotfix.ports import Runner

KINDS: dict[str, Callable[[rules.Test], Runner]] = {
    "pytest": PytestRunner,
    "script": ScriptRunner,
}
