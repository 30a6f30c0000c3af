"""What a proof runs on: the base, the base with the tests of the patch, the result."""

from collections.abc import Sequence

import msgspec

from hotfix.policy import path_kind
from hotfix.policy.rules import Rules
from hotfix.ports import Change
from hotfix.ports.git import SUBMODULE, SYMLINK
from hotfix.ports.proving import Proving

NO_CODE = frozenset({"test", "docs", "changelog", "ci", "owners", "git", "signers"})
"""Kinds of files that cannot cure a defect by themselves."""
_NO_FILE = frozenset({"000000", SYMLINK, SUBMODULE})
_POISON = b"\n}{ hotfix broke this file on purpose )(\n"


class Trees(msgspec.Struct, frozen=True):
    """What is proven: tree ids, and what of the patch is on which side."""

    base: str
    base_with_tests: str
    result: str
    tests: tuple[Change, ...]
    fix: tuple[Change, ...]
    """Changes that can cure something."""

    def old_tests(self) -> list[str]:
        """Changed test-side files, as the base has them."""
        return sorted(change.path for change in self.tests if change.old_mode not in _NO_FILE)

    def new_tests(self) -> list[str]:
        """Changed test-side files, as the result has them."""
        return sorted(change.path for change in self.tests if change.new_mode not in _NO_FILE)


def split(world: Proving, base_tree: str, result_tree: str, rules: Rules) -> Trees:
    """The three trees of a patch."""
    changes = world.git.changes(base_tree, result_tree)
    kinds = {change.path: path_kind.kind_of(change.path, rules) for change in changes}
    tests = tuple(change for change in changes if kinds[change.path] == "test")
    fix = tuple(change for change in changes if kinds[change.path] not in NO_CODE)
    middle = (
        world.git.graft(base_tree, result_tree, [change.path for change in tests]) if tests else base_tree
    )
    return Trees(base_tree, middle, result_tree, tests, fix)


def result_with_old_tests(world: Proving, trees: Trees) -> str:
    """The result, with the test-side files that the base has."""
    return world.git.graft(trees.result, trees.base, [change.path for change in trees.tests])


def poisoned(world: Proving, trees: Trees, rules: Rules) -> str:
    """The result with every changed source file broken on purpose; empty where none could be."""
    sources = [
        change.path
        for change in trees.fix
        if path_kind.kind_of(change.path, rules) == "source"
        and change.new_mode not in _NO_FILE
        and not change.binary
    ]
    if not sources:
        return ""
    return world.git.with_contents(trees.result, dict.fromkeys(sources, _POISON))


def files_of(tests: Sequence[str]) -> tuple[str, ...]:
    """The files of the tests, each once; a script's one test has none."""
    return tuple(sorted({test.partition("::")[0] for test in tests if "::" in test}))
