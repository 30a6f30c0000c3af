"""The History port on real repositories: tags, the listing, and what commits changed."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.adapters import pasts
from tests.adapters.pasts import BEGIN, DAY, Step

from hotfix.adapters.git.past import GitHistory
from hotfix.adapters.git.process import GitProcess
from hotfix.trend.mining.graph import Graph

STEPS = [
    Step(0, "Begin", {"src/shop.py": "1\n"}, ("v1.0.0: the first",)),
    Step(
        1,
        "Fix the cart\n\nIt was empty.",
        {"src/shop.py": "1\n2\n", "tests/test_shop.py": "x\n"},
        ("v1.0.1",),
    ),
    Step(2, "Add a page", {"src/page.py": "1\n"}),
]

Open = Callable[[Path], GitHistory]


@pytest.fixture
def open_history() -> Iterator[Open]:
    opened: list[GitProcess] = []

    def open_(folder: Path) -> GitHistory:
        opened.append(GitProcess(folder))
        return GitHistory(opened[-1])

    yield open_
    for git in opened:
        git.close()


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return pasts.write(tmp_path / "shop.git", STEPS)


def git(folder: Path, *argv: str, **env: str) -> str:
    done = subprocess.run(
        ["git", *argv], cwd=folder, capture_output=True, text=True, check=True, env=os.environ | env
    )
    return done.stdout.strip()


def test_tags_with_and_without_a_message(shop: Path, open_history: Open) -> None:
    first, second = open_history(shop).tags()

    assert (first.name, first.said, first.at) == ("v1.0.0", "the first", BEGIN)
    assert first.id != first.commit == git(shop, "rev-parse", "v1.0.0^{commit}")
    assert (second.name, second.said, second.at) == ("v1.0.1", "", BEGIN + DAY)
    assert second.id == second.commit


def test_a_tag_that_was_made_long_after_its_commit_says_nothing_of_when_that_was_released(
    shop: Path, open_history: Open
) -> None:
    late = {
        "GIT_COMMITTER_DATE": f"{BEGIN + 400 * DAY} +0000",
        "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@b",
    }
    git(shop, "tag", "-a", "-m", "catching up", "v0.9.0", "v1.0.0", **late)
    soon = late | {"GIT_COMMITTER_DATE": f"{BEGIN + 5 * DAY} +0000"}
    git(shop, "tag", "-a", "-m", "a few days later", "v0.9.1", "v1.0.0", **soon)

    found = {tag.name: tag.at for tag in open_history(shop).tags()}

    assert (found["v0.9.0"], found["v0.9.1"]) == (BEGIN, BEGIN + 5 * DAY)


def test_a_tag_of_something_else_than_a_commit_is_no_release(shop: Path, open_history: Open) -> None:
    git(shop, "tag", "a-tree-1", "v1.0.0^{tree}")
    assert "a-tree-1" not in [tag.name for tag in open_history(shop).tags()]


def test_the_listing_has_children_before_their_parents(shop: Path, open_history: Open) -> None:
    listed = open_history(shop).log([git(shop, "rev-parse", "main")], [])

    assert [commit.subject for commit in listed] == ["Add a page", "Fix the cart", "Begin"]
    assert listed[0].parents == (listed[1].id,)
    assert [commit.subject for commit in Graph(listed).between(listed[2].id, listed[1].id)] == [
        "Fix the cart"
    ]


def test_the_listing_leaves_out_what_all_of_them_have_in_common(shop: Path, open_history: Open) -> None:
    main, first, second = (
        git(shop, "rev-parse", f"{name}^{{commit}}") for name in ("main", "v1.0.0", "v1.0.1")
    )
    history = open_history(shop)
    assert [commit.subject for commit in history.log([main], [second])] == ["Add a page"]
    assert [commit.subject for commit in history.log([main], [first, second])] == [
        "Add a page",
        "Fix the cart",
    ]
    assert history.log([], [first]) == []


def test_what_commits_said_and_changed(shop: Path, open_history: Open) -> None:
    fix, begin = git(shop, "rev-parse", "v1.0.1"), git(shop, "rev-parse", "v1.0.0^{commit}")

    found = open_history(shop).details([fix, begin])

    assert found[fix].message.startswith("Fix the cart\n\nIt was empty.")
    assert {change.path: change.lines for change in found[fix].changes} == {
        "src/shop.py": 1,
        "tests/test_shop.py": 1,
    }
    assert {change.path: change.lines for change in found[begin].changes} == {"src/shop.py": 1}


def test_what_differs_between_two_releases(shop: Path, open_history: Open) -> None:
    begin, main = git(shop, "rev-parse", "v1.0.0^{commit}"), git(shop, "rev-parse", "main")

    found = open_history(shop).differences([(begin, main), (begin, begin), ("0" * 40, main)])

    assert found[0] is not None
    assert {change.path for change in found[0]} == {"src/shop.py", "tests/test_shop.py", "src/page.py"}
    assert (found[1], found[2]) == ((), None)


def test_lines_that_a_partial_clone_cannot_count_are_unknown(
    shop: Path, tmp_path: Path, open_history: Open
) -> None:
    git(shop, "config", "uploadpack.allowFilter", "true")
    partial = tmp_path / "partial.git"
    git(tmp_path, "clone", "-q", "--bare", "--filter=blob:none", f"file://{shop}", str(partial))
    fix = git(shop, "rev-parse", "v1.0.1")

    found = open_history(partial).details([fix])

    assert {change.path: change.lines for change in found[fix].changes} == {
        "src/shop.py": None,
        "tests/test_shop.py": None,
    }


def test_what_a_shallow_clone_lacks_is_not_made_up(shop: Path, tmp_path: Path, open_history: Open) -> None:
    shallow = tmp_path / "shallow.git"
    git(tmp_path, "clone", "-q", "--bare", "--depth=1", f"file://{shop}", str(shallow))
    main, fix = git(shop, "rev-parse", "main"), git(shop, "rev-parse", "v1.0.1")
    history = open_history(shallow)

    assert history.details([main, fix]) == {}  # the one lacks its parent here, the other is not here at all
    assert history.differences([(fix, main)]) == [None]


def test_hostile_names_and_subjects_come_through(tmp_path: Path, open_history: Open) -> None:
    folder = pasts.write(
        tmp_path / "odd.git",
        [Step(0, "Fix \x1b[31mred\x01\x02 \u202eend", {"a b\tc.py": "1\n"}, ("v1.0.0-ü",))],
    )
    history = open_history(folder)

    (tag,) = history.tags()
    (commit,) = history.log([tag.commit], [])

    assert tag.name == "v1.0.0-ü"
    assert commit.subject == "Fix \x1b[31mred\x01\x02 \u202eend"
    assert [change.path for change in history.details([commit.id])[commit.id].changes] == ["a b\tc.py"]


def test_a_repository_without_tags_has_none(tmp_path: Path, open_history: Open) -> None:
    assert open_history(pasts.write(tmp_path / "none.git", [Step(0, "Begin", {"a": "1\n"})])).tags() == ()


def test_of_a_clone_without_folders_nothing_is_told_and_nothing_made_up(
    shop: Path, tmp_path: Path, open_history: Open
) -> None:
    git(shop, "config", "uploadpack.allowFilter", "true")
    partial = tmp_path / "treeless.git"
    git(tmp_path, "clone", "-q", "--bare", "--filter=tree:0", f"file://{shop}", str(partial))
    fix, begin = git(shop, "rev-parse", "v1.0.1"), git(shop, "rev-parse", "v1.0.0^{commit}")
    history = open_history(partial)

    assert history.details([fix]) == {}
    assert history.differences([(begin, fix)]) == [None]


def test_a_shallow_clone_says_so(shop: Path, tmp_path: Path, open_history: Open) -> None:
    shallow = tmp_path / "shallow.git"
    git(tmp_path, "clone", "-q", "--bare", "--depth=1", f"file://{shop}", str(shallow))
    assert open_history(shallow).is_shallow()
    assert not open_history(shop).is_shallow()


def test_when_commits_were_made_and_what_each_of_the_newest_changed(shop: Path, open_history: Open) -> None:
    history = open_history(shop)
    fix = git(shop, "rev-parse", "v1.0.1")
    assert history.made([fix, "0" * 40]) == {fix: BEGIN + DAY}
    assert history.made([]) == {}
    changed = [paths for paths in history.changed(git(shop, "rev-parse", "main"), BEGIN + 0.5 * DAY) if paths]
    assert changed == [("src/page.py",), ("src/shop.py", "tests/test_shop.py")]
