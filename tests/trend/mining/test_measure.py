"""How much a release brought: what counts of it, and what does not."""

import pytest

from hotfix.trend.mining import measure
from hotfix.trend.mining.graph import Logged
from hotfix.trend.mining.measure import Commit
from trend.mining.tags import name


def test_merges_and_housekeeping_are_not_counted() -> None:
    found = measure.measure(
        [
            Logged("1", ("0",), "Fix the cart"),
            Logged("2", ("1",), "Bump version to 1.0.1"),
            Logged("3", ("1", "2"), "Merge branch 'hotfix/cart'"),
        ]
    )
    assert (found.core, found.ids, found.branch) == (1, ("1",), True)


def test_a_big_release_does_not_keep_its_commits() -> None:
    found = measure.measure([Logged(str(number), ("0",), "Add a thing") for number in range(61)])
    assert (found.core, found.ids) == (61, ())


def test_only_commits_that_change_production_count() -> None:
    commits = {
        "fix": Commit("Fix the cart", ("shop/cart.py", "tests/test_cart.py")),
        "test": Commit("Fix another test", ("tests/test_order.py",)),
        "docs": Commit("Say it better", ("docs/cart.md", "CHANGELOG.md")),
        "build": Commit("fix: CI release", (".github/workflows/release.yml", "Makefile", "Dockerfile")),
    }
    net = {"shop/cart.py": 3, "tests/test_cart.py": 20, "docs/cart.md": 9, "Makefile": 2}

    found = measure.detailed(tuple(commits), commits, net)

    assert (found.core, found.fixes, found.files, found.lines) == (1, 1, 1, 3)
    assert found.folders == ("shop",)


def test_what_only_housekeeping_touched_does_not_count() -> None:
    commits = {"fix": Commit("Fix the cart", ("shop/cart.py",))}
    found = measure.detailed(("fix",), commits, {"shop/cart.py": 2, "pom.xml": 4, "war/pom.xml": 4})
    assert (found.files, found.lines) == (1, 2)


def test_what_was_done_and_taken_back_shipped_nothing() -> None:
    commits = {
        "do": Commit("Fix it", ("shop/cart.py",)),
        "undo": Commit('Revert "Fix it"', ("shop/cart.py",)),
    }
    assert measure.detailed(tuple(commits), commits, {}).core == 0


def test_lines_that_nobody_can_count_are_unknown() -> None:
    commits = {"fix": Commit("Fix it", ("shop/cart.py", "shop/order.py"))}
    found = measure.detailed(("fix",), commits, {"shop/cart.py": 3, "shop/order.py": None})
    assert (found.files, found.lines) == (2, None)


def test_a_commit_that_is_not_here_is_an_error() -> None:
    with pytest.raises(KeyError):
        measure.detailed(("gone",), {}, {"a.py": 1})


def test_where_a_release_calls_itself_a_hotfix() -> None:
    plain = measure.measure([])
    merged = measure.measure([Logged("1", ("0", "2"), "Merge pull request #3 from ann/hotfix-cart")])
    assert measure.says_hotfix(name("v1.0.1-hotfix"), "", plain) == "its tag"
    assert measure.says_hotfix(name("v1.0.1"), "Hotfix: the cart", plain) == "its tag's message"
    assert measure.says_hotfix(name("v1.0.1"), "", merged) == "a branch that it merged"
    assert measure.says_hotfix(name("v1.0.1"), "", plain) == ""
