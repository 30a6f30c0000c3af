"""How the tests of a tree are run: one class per runner that ``[test] runner`` may name."""

from collections.abc import Callable

from hotfix.adapters.runner.cargo import Cargo
from hotfix.adapters.runner.go import Go
from hotfix.adapters.runner.java import Gradle, Maven
from hotfix.adapters.runner.javascript import Jest, Mocha, Node, Vitest
from hotfix.adapters.runner.preset import Preset
from hotfix.adapters.runner.pytest import Pytest
from hotfix.adapters.runner.ruby import Minitest, Rspec
from hotfix.adapters.runner.script import Script
from hotfix.adapters.runner.unittest import Unittest
from hotfix.policy import rules

KINDS: dict[str, Callable[[rules.Test], Preset]] = {
    "pytest": Pytest,
    "unittest": Unittest,
    "go": Go,
    "node": Node,
    "mocha": Mocha,
    "jest": Jest,
    "vitest": Vitest,
    "maven": Maven,
    "gradle": Gradle,
    "cargo": Cargo,
    "rspec": Rspec,
    "minitest": Minitest,
    "script": Script,
}
