"""Trees as folders: the very files that git has, in copies that share what they can."""

from pathlib import Path

import pytest

from hotfix import wiring
from hotfix.adapters.laid_out import LaidOut
from hotfix.ports import Git
from proving.fixes import repository

BASE = {
    "shop.py": "x = 1\n",
    "docs/a.txt": "a\n",
    "docs/deep/b.txt": "b\n",
    "gone/c.txt": "c\n",
    "run.sh": "exit 0\n",
}
LATER = {"shop.py": "x = 2\n", "gone/c.txt": None, "new/d.txt": "d\n", "gone": "now a file\n"}


class Laid:
    """A repository with two trees, and copies of them."""

    def __init__(self, folder: Path) -> None:
        first, second = repository(folder / "shop", BASE, LATER)
        self.git: Git = wiring.open_proving(folder / "shop", print).git
        self.base, self.later = self.git.commit(first).tree, self.git.commit(second).tree
        self.folder = folder
        self.trees = LaidOut(self.git, self.base, folder)
        self.number = 0

    def lay(self, tree: str) -> Path:
        self.number += 1
        target = self.folder / f"copy-{self.number}"
        self.trees.lay(tree, target)
        return target


@pytest.fixture
def laid(tmp_path: Path) -> Laid:
    return Laid(tmp_path)


def contents(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_a_copy_holds_what_its_tree_holds(laid: Laid) -> None:
    assert contents(laid.lay(laid.base)) == BASE
    later = {**BASE, **LATER}
    assert contents(laid.lay(laid.later)) == {name: text for name, text in later.items() if text is not None}


def test_what_is_the_same_is_shared_and_what_differs_is_not(laid: Laid) -> None:
    base, later = laid.lay(laid.base), laid.lay(laid.later)
    assert (base / "docs/a.txt").samefile(later / "docs/a.txt")
    (later / "shop.py").write_text("x = 3\n")
    assert (base / "shop.py").read_text() == "x = 1\n"
    assert laid.trees.mended()


def test_a_file_that_was_replaced_spoils_nothing(laid: Laid) -> None:
    copy = laid.lay(laid.base)
    (copy / "docs/a.txt").unlink()
    (copy / "docs/a.txt").write_text("mine\n")
    assert laid.trees.mended()
    assert contents(laid.lay(laid.base)) == BASE


@pytest.mark.parametrize("how", ["written", "longer", "mode"])
def test_a_file_that_was_changed_in_place_is_noticed_and_nothing_is_shared_any_more(
    laid: Laid, how: str
) -> None:
    shared = laid.lay(laid.base) / "docs/a.txt"
    if how == "mode":
        shared.chmod(0o600)
    else:
        shared.write_text("b\n" if how == "written" else "longer\n")
    assert not laid.trees.mended()
    again, other = laid.lay(laid.base), laid.lay(laid.base)
    assert contents(again) == BASE
    assert not (again / "docs/a.txt").samefile(other / "docs/a.txt")
    (again / "docs/a.txt").write_text("mine\n")
    assert laid.trees.mended()
    assert contents(laid.lay(laid.later))["docs/a.txt"] == "a\n"


def test_links_and_modes_are_those_of_git(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "link").symlink_to("run.sh")
    (shop / "folder").symlink_to("docs")
    (commit,) = repository(shop, BASE)
    git = wiring.open_proving(shop, print).git
    trees = LaidOut(git, git.commit(commit).tree, tmp_path)
    copy = tmp_path / "copy"
    trees.lay(git.commit(commit).tree, copy)
    assert (copy / "link").is_symlink()
    assert (copy / "folder").readlink() == Path("docs")
    assert trees.mended()
