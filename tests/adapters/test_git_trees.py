"""Trees: compared, grafted and written out as blobs are, whatever the trees themselves ask for."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.adapters import repositories
from tests.adapters.repositories import FILE, LINK, PROGRAM, SUBMODULE, Clone

from hotfix.adapters.git.repository import Repository
from hotfix.ports import Change
from hotfix.record import lossless
from hotfix.record.finding import Refused


@pytest.fixture
def shop(tmp_path: Path) -> Clone:
    return repositories.create(tmp_path / "shop")


@pytest.fixture
def git(shop: Clone) -> Iterator[Repository]:
    with repositories.opened(shop.path) as repository:
        yield repository


def by_path(changes: tuple[Change, ...]) -> dict[str, Change]:
    return {change.path: change for change in changes}


# -- changes and diff ------------------------------------------------------------------------------


def test_lines_are_counted_from_blobs(shop: Clone, git: Repository) -> None:
    old = shop.tree({b"a": b"1\n2\n3\n", b"gone": b"1\n2\n", b"same": b"s\n"})
    new = shop.tree({b"a": b"1\nzwei\n3\n4\n", b"new": b"1\n2\n3\n", b"same": b"s\n"})

    changes = git.changes(old, new)

    assert {change.path: (change.added, change.removed) for change in changes} == {
        "a": (2, 1),
        "gone": (0, 2),
        "new": (3, 0),
    }
    assert by_path(changes)["a"].new_blob == shop.blob(b"1\nzwei\n3\n4\n")
    assert by_path(changes)["gone"].new_mode == by_path(changes)["new"].old_mode == "000000"
    assert git.changes(old, old) == ()


def test_a_rename_shows_as_both_its_paths(shop: Clone, git: Repository) -> None:
    guard = b"".join(b"line %d\n" % number for number in range(50))
    old, new = shop.tree({b"auth/guard.py": guard}), shop.tree({b"misc/guard.py": guard})

    changes = by_path(git.changes(old, new))

    assert (changes["auth/guard.py"].added, changes["auth/guard.py"].removed) == (0, 50)
    assert (changes["misc/guard.py"].added, changes["misc/guard.py"].removed) == (50, 0)
    assert b"rename" not in git.diff(old, new)


def test_modes_links_submodules_and_binaries_show_as_what_they_are(shop: Clone, git: Repository) -> None:
    old = shop.tree(
        {
            b"run": b"x\n",
            b"link": (LINK, b"a"),
            b"sub": (SUBMODULE, b"1" * 40),
            b"png": b"\0one",
            b"kind": b"k\n",
        }
    )
    new = shop.tree(
        {
            b"run": (PROGRAM, b"x\n"),
            b"link": (LINK, b"/etc"),
            b"sub": (SUBMODULE, b"2" * 40),
            b"png": b"\0two",
            b"kind": (LINK, b"k"),
        }
    )

    changes = by_path(git.changes(old, new))

    assert (changes["run"].old_mode, changes["run"].new_mode) == (FILE, PROGRAM)
    assert changes["run"].old_blob == changes["run"].new_blob
    assert (changes["link"].old_mode, changes["link"].new_mode) == (LINK, LINK)
    assert (changes["kind"].old_mode, changes["kind"].new_mode) == (FILE, LINK)
    assert (changes["sub"].old_mode, changes["sub"].old_blob, changes["sub"].new_blob) == (
        SUBMODULE,
        "1" * 40,
        "2" * 40,
    )
    assert [path for path, change in changes.items() if change.binary] == ["png"]
    assert (changes["png"].added, changes["png"].removed) == (0, 0)


def test_paths_keep_their_bytes(shop: Clone, git: Repository) -> None:
    odd = [b"a b", b"a\nb", b"a\tb", b"caf\xe9", b'"q"', b"-x", "snow\u2603".encode(), b"back\\slash"]
    old, new = shop.tree({b"x": b"x\n"}), shop.tree(dict.fromkeys(odd, b"1\n") | {b"x": b"x\n"})

    assert sorted(lossless.to_bytes(change.path) for change in git.changes(old, new)) == sorted(odd)
    assert all(change.added == 1 for change in git.changes(old, new))
    listed = git.paths(shop.commit(dict.fromkeys(odd, b"1\n")))
    assert sorted(lossless.to_bytes(path) for path in listed) == sorted(odd)


def test_the_diff_is_git_s_own_with_three_lines_around(shop: Clone, git: Repository) -> None:
    lines = [b"%d\n" % number for number in range(20)]
    old, new = (
        shop.tree({b"a": b"".join(lines)}),
        shop.tree({b"a": b"".join([*lines[:10], b"!\n", *lines[11:]])}),
    )

    assert git.diff(old, new) == shop.raw("diff-tree", "-p", "--full-index", old, new)
    assert git.diff(old, new).count(b"\n ") == 6


ATTRIBUTES = b"* -diff\n*.py binary merge=union export-ignore -text\n*.md export-subst diff=secret\n"


def test_attributes_of_the_tree_have_no_say_in_counts_and_diff(shop: Clone, git: Repository) -> None:
    base = {b".gitattributes": ATTRIBUTES, b"sub/.gitattributes": ATTRIBUTES}
    shop.commit(base, branch="main")
    shop.git("checkout", "--quiet", "main")
    old = shop.tree({b"guard.py": b"check()\n", b"sub/a.md": b"1\n"} | base)
    new = shop.tree({b"guard.py": b"pass\n", b"sub/a.md": b"2\n"} | base)

    changes = by_path(git.changes(old, new))

    assert {path: (change.added, change.removed, change.binary) for path, change in changes.items()} == {
        "guard.py": (1, 1, False),
        "sub/a.md": (1, 1, False),
    }
    assert b"-check()\n+pass\n" in git.diff(old, new)
    assert b"Binary" in shop.raw("diff", old, new), "git itself would have hidden it"


def test_settings_of_the_repository_have_no_say_in_the_diff(shop: Clone, git: Repository) -> None:
    old, new = shop.tree({b"a": b"x = 1\n" * 5}), shop.tree({b"b": b"x = 1\n" * 4 + b" x = 1\n"})
    plain = git.diff(old, new)
    for setting in (
        *(
            "diff.noprefix=true",
            "diff.context=0",
            "diff.renames=copies",
            "color.ui=always",
            "core.whitespace=-all",
        ),
        *(
            "diff.mnemonicPrefix=true",
            "diff.algorithm=patience",
            "diff.orderFile=/dev/null",
            "core.quotePath=false",
        ),
    ):
        shop.git("config", *setting.split("=", 1))

    with repositories.opened(shop.path) as again:
        assert again.diff(old, new) == plain
        assert len(again.changes(old, new)) == 2


# -- graft -----------------------------------------------------------------------------------------


def test_a_graft_takes_paths_as_the_donor_has_them(shop: Clone, git: Repository) -> None:
    base = shop.tree({b"a": b"1\n", b"changed": b"old\n", b"gone": b"g\n", b"kept": b"k\n"})
    donor = shop.tree(
        {b"a": b"2\n", b"changed": (PROGRAM, b"new\n"), b"added/deep": b"d\n", b"kept": b"other\n"}
    )

    grafted = git.graft(base, donor, ["changed", "gone", "added/deep", "nowhere"])

    assert grafted == shop.tree(
        {b"a": b"1\n", b"changed": (PROGRAM, b"new\n"), b"added/deep": b"d\n", b"kept": b"k\n"}
    )
    assert git.graft(base, donor, []) == base


def test_a_graft_keeps_odd_paths_and_kinds(shop: Clone, git: Repository) -> None:
    odd = [b"a b", b"a\nb", b"caf\xe9", b"-x", b'"q"']
    base = shop.tree({b"x": b"x\n"})
    donor = shop.tree(dict.fromkeys(odd, b"1\n") | {b"link": (LINK, b"x")})

    grafted = git.graft(base, donor, [*map(lossless.to_text, odd), "link"])

    assert grafted == shop.tree(dict.fromkeys(odd, b"1\n") | {b"link": (LINK, b"x"), b"x": b"x\n"})


def test_a_graft_turns_files_into_folders_and_back(shop: Clone, git: Repository) -> None:
    one = shop.tree({b"t": b"file\n", b"x": b"x\n"})
    other = shop.tree({b"t/a": b"a\n", b"t/b": b"b\n", b"x": b"x\n"})

    assert git.graft(one, other, ["t", "t/a", "t/b"]) == other
    assert git.graft(other, one, ["t", "t/a", "t/b"]) == one


def test_a_graft_leaves_the_clone_as_it_is(shop: Clone, git: Repository) -> None:
    base, donor = shop.tree({b"a": b"1\n"}), shop.tree({b"a": b"2\n", b"b": b"3\n"})
    before = shop.everything()

    git.graft(base, donor, ["b"])

    assert shop.everything() == before


# -- export ----------------------------------------------------------------------------------------


def test_an_export_is_the_blobs_and_their_modes(shop: Clone, git: Repository, tmp_path: Path) -> None:
    commit = shop.commit(
        {
            b"run.sh": (PROGRAM, b"#!/bin/sh\n"),
            b"deep/er/a.txt": b"a\r\n",
            b"caf\xe9": b"\0\xff",
            b"a\nb": b"",
            b"-x": b"dash\n",
            b"link": (LINK, b"deep/er/a.txt"),
            b"away": (LINK, b"/nowhere/at/all"),
            b"vendored": (SUBMODULE, b"1" * 40),
        }
    )

    git.export(shop.tree_of(commit), tmp_path / "out")

    written = {
        os.fsencode(path.relative_to(tmp_path / "out")): path
        for path in (tmp_path / "out").rglob("*")
        if not path.is_dir()
    }
    assert set(written) == {b"run.sh", b"deep/er/a.txt", b"caf\xe9", b"a\nb", b"-x", b"link", b"away"}
    assert written[b"deep/er/a.txt"].read_bytes() == b"a\r\n"
    assert written[b"caf\xe9"].read_bytes() == b"\0\xff"
    assert stat.S_IMODE(written[b"run.sh"].stat().st_mode) == 0o755
    assert stat.S_IMODE(written[b"-x"].stat().st_mode) == 0o644
    assert written[b"link"].readlink() == Path("deep/er/a.txt")
    assert written[b"away"].readlink() == Path("/nowhere/at/all")


def test_attributes_of_the_tree_have_no_say_in_an_export(
    shop: Clone, git: Repository, tmp_path: Path
) -> None:
    attributes = b"*.py export-ignore\n*.txt export-subst eol=crlf ident working-tree-encoding=UTF-16\n"
    tree = shop.tree({b".gitattributes": attributes, b"a.py": b"x = 1\n", b"b.txt": b"$Format:%H$ $Id$\n"})

    git.export(tree, tmp_path / "out")

    assert (tmp_path / "out/a.py").read_bytes() == b"x = 1\n"
    assert (tmp_path / "out/b.txt").read_bytes() == b"$Format:%H$ $Id$\n"
    assert (tmp_path / "out/.gitattributes").read_bytes() == attributes


def raw_tree(shop: Clone, *entries: tuple[str, bytes, str]) -> str:
    """A tree that git's own porcelain would never write."""
    body = b"".join(mode.encode() + b" " + name + b"\0" + bytes.fromhex(id) for mode, name, id in entries)
    return shop.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", input=body)


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder beside the export, in which nothing may change."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "canary").write_bytes(b"alive\n")
    return folder


def refuses_to_export(git: Repository, tree: str, tmp_path: Path, outside: Path) -> None:
    with pytest.raises(Refused) as told:
        git.export(tree, tmp_path / "out")
    assert told.value.findings[0].code == "git-unsafe-path"
    assert [path.name for path in outside.iterdir()] == ["canary"]
    assert (outside / "canary").read_bytes() == b"alive\n"
    assert not any(path.name.lower().startswith(".git") for path in (tmp_path / "out").rglob("*"))


@pytest.mark.parametrize("name", [b"..", b".", b".git", b".GIT", b".Git", b"../outside/canary", b"/canary"])
def test_names_that_lead_outside_or_into_git_are_refused(
    shop: Clone, git: Repository, tmp_path: Path, outside: Path, name: bytes
) -> None:
    evil = shop.blob(b"evil\n")
    refuses_to_export(git, raw_tree(shop, (FILE, name, evil)), tmp_path, outside)


@pytest.mark.parametrize("name", [b"..", b".git", b".GIT"])
def test_folders_that_lead_outside_or_into_git_are_refused(
    shop: Clone, git: Repository, tmp_path: Path, outside: Path, name: bytes
) -> None:
    inner = raw_tree(shop, (FILE, b"canary", shop.blob(b"evil\n")))
    refuses_to_export(git, raw_tree(shop, ("40000", name, inner)), tmp_path, outside)


def test_a_folder_behind_a_symbolic_link_of_the_same_tree_is_refused(
    shop: Clone, git: Repository, tmp_path: Path, outside: Path
) -> None:
    inner = raw_tree(shop, (FILE, b"canary", shop.blob(b"evil\n")))
    link = shop.blob(os.fsencode(outside))
    refuses_to_export(git, raw_tree(shop, (LINK, b"a", link), ("40000", b"a", inner)), tmp_path, outside)


def test_a_file_behind_a_symbolic_link_of_the_same_name_is_refused(
    shop: Clone, git: Repository, tmp_path: Path, outside: Path
) -> None:
    link, evil = shop.blob(os.fsencode(outside / "canary")), shop.blob(b"evil\n")
    refuses_to_export(git, raw_tree(shop, (LINK, b"a", link), (FILE, b"a", evil)), tmp_path, outside)
    new = shop.blob(os.fsencode(outside / "new"))
    refuses_to_export(git, raw_tree(shop, (LINK, b"b", new), (FILE, b"b", evil)), tmp_path, outside)


def test_one_name_twice_is_refused(shop: Clone, git: Repository, tmp_path: Path, outside: Path) -> None:
    one, two = shop.blob(b"1\n"), shop.blob(b"2\n")
    refuses_to_export(git, raw_tree(shop, (FILE, b"a", one), (FILE, b"a", two)), tmp_path / "1", outside)
    refuses_to_export(git, raw_tree(shop, (FILE, b"a", one), (LINK, b"a", two)), tmp_path / "2", outside)
    inner = raw_tree(shop, (FILE, b"b", two))
    refuses_to_export(git, raw_tree(shop, (FILE, b"a", one), ("40000", b"a", inner)), tmp_path / "3", outside)


def test_a_missing_blob_is_told_and_not_left_out(shop: Clone, git: Repository, tmp_path: Path) -> None:
    tree = raw_tree(shop, (FILE, b"a", "12" * 20))

    with pytest.raises(Refused, match=r"The file a .* is not in this clone"):
        git.export(tree, tmp_path / "out")


# -- files of a commit -----------------------------------------------------------------------------


def test_a_file_of_a_commit_is_its_blob(shop: Clone, git: Repository) -> None:
    commit = shop.commit(
        {b"hotfix.toml": b"x = 1\n", b"deep/a b": b"\0\n\n", b".hotfix/allowed_signers": b"a"}
    )

    assert git.file_at(commit, "hotfix.toml") == b"x = 1\n"
    assert git.file_at(commit, "deep/a b") == b"\0\n\n"
    assert git.blob_at(commit, "hotfix.toml") == shop.blob(b"x = 1\n")


@pytest.mark.parametrize(
    "path", ["nowhere", "deep", "", "../a", "hotfix.toml/x", "a\nb", "x missing", "sub", "link\n"]
)
def test_what_is_no_file_of_the_commit_is_none(shop: Clone, git: Repository, path: str) -> None:
    commit = shop.commit({b"hotfix.toml": b"x = 1\n", b"deep/a": b"a\n", b"sub": (SUBMODULE, b"1" * 40)})

    assert git.file_at(commit, path) is None
    assert git.blob_at(commit, path) == ""


def test_history_is_told_as_it_is_stored(shop: Clone, git: Repository) -> None:
    one = shop.commit({b"a": b"1\n"}, message=b"one\n", author=b"A <a@x> 1 +0000")
    two = shop.commit({b"a": b"2\n"}, one, message=b"two\n\nbody\n", author=b"B <B@x> 2 +0000")
    fix = shop.commit({b"b": b"b\n"}, two, message=b"fix\n", author=b"A <a@x> 3 +0000")

    assert git.is_ancestor(one, fix)
    assert not git.is_ancestor(fix, one)
    assert not git.is_ancestor("0" * len(fix), fix), "nobody knows it"
    assert not git.is_ancestor("HEAD", fix), "a name is no commit"
    assert git.count_between(one, fix) == 2
    assert git.subjects_between(one, fix, 10) == ((fix, "fix"), (two, "two"))
    assert git.subjects_between(one, fix, 1) == ((fix, "fix"),)
    assert git.authors(fix, 10) == ("a@x", "B@x")
    assert git.authors(fix, 1) == ("a@x",)
    assert git.commit(two).parents == (one,)
    assert git.commit(two).subject == b"two"
    assert (git.commit(two).author_name, git.commit(two).author_email) == (b"B", b"B@x")
