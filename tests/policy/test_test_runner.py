"""Which test runner a repository uses."""

import json

import pytest

from hotfix.policy.test_runner import DEFAULT_RUN, recognised


def seen(*paths: str, **texts: str) -> str:
    by_name = {name.replace("__", "."): text for name, text in texts.items()}
    return recognised([*paths, *by_name], lambda path: by_name.get(path, ""))


def package(**keys: object) -> str:
    return json.dumps(keys)


@pytest.mark.parametrize(
    ("runner", "paths"),
    [
        ("pytest", ["tests/test_shop.py"]),
        ("pytest", ["shop_test.py"]),
        ("go", ["go.mod", "cart/cart_test.go"]),
        ("cargo", ["Cargo.toml", "src/lib.rs"]),
        ("maven", ["pom.xml"]),
        ("gradle", ["build.gradle.kts"]),
        ("rspec", ["Gemfile", "spec/shop_spec.rb"]),
        ("minitest", ["test/shop_test.rb"]),
        ("minitest", ["test/test_shop.rb"]),
        ("node", ["shop.test.mjs"]),
        ("", ["README.md", "Makefile"]),
    ],
)
def test_files_tell(runner: str, paths: list[str]) -> None:
    assert seen(*paths) == runner


def test_a_script_of_package_json_tells_before_what_is_installed() -> None:
    assert (
        seen(package__json=package(scripts={"test": "vitest run"}, devDependencies={"jest": "1"})) == "vitest"
    )
    assert (
        seen(package__json=package(scripts={"test": "node --test"}, devDependencies={"mocha": "1"})) == "node"
    )
    assert (
        seen(package__json=package(scripts={"test": "npm run all"}, devDependencies={"mocha": "1"}))
        == "mocha"
    )
    assert seen("a.test.js", package__json=package(scripts=3)) == "node"
    assert seen("a.test.js", package__json="[]") == "node"
    assert seen("a.test.js", package__json="{ broken") == "node"


def test_unittest_is_meant_only_where_nothing_speaks_of_pytest() -> None:
    of_unittest = "import unittest\n"
    assert recognised(["test_a.py"], lambda path: of_unittest) == "unittest"
    assert recognised(["test_a.py", "tests/conftest.py"], lambda path: of_unittest) == "pytest"
    assert (
        recognised(["test_a.py", "tox.ini"], lambda path: "pytest" if path == "tox.ini" else of_unittest)
        == "pytest"
    )


def test_every_runner_but_a_script_has_a_usual_command() -> None:
    from hotfix.adapters.runner import KINDS

    assert set(KINDS) == {*DEFAULT_RUN, "script"}
