"""The pick in memory: what git's own cherry-pick makes in a work tree, without anything of the person's changing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.adapters import repositories
from tests.adapters.repositories import LINK, PROGRAM, SUBMODULE, Clone, Content

from hotfix.adapters.git.repository import Repository
from hotfix.ports import Conflict, Empty, Picked
from hotfix.record import lossless
from hotfix.record.finding import Refused

NOW = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
LINES = b"".join(b"line %d\n" % number for number in range(1, 30))
FIXED = LINES.replace(b"line 20\n", b"line 20, mended\n")


@pytest.fixture
def shop(tmp_path: Path) -> Clone:
    return repositories.create(tmp_path / "shop")


@pytest.fixture
def git(shop: Clone) -> Iterator[Repository]:
    with repositories.opened(shop.path) as repository:
        yield repository


def picked(git: Repository, onto: str, *fixes: str) -> Picked:
    outcome = git.pick(fixes, onto, NOW)
    assert isinstance(outcome, Picked)
    return outcome


ODD_NAMES = (
    b"a b.txt",
    b"a\nb.txt",
    b"caf\xe9.txt",
    b"-rf",
    b"--help",
    b'q"uote',
    "snow\u2603".encode(),
    b":(top)x",
)
SHAPES: dict[str, tuple[dict[bytes, Content], dict[bytes, Content], dict[bytes, Content]]] = {
    # name: (the release, what trunk did before the fix, the fix)
    "a changed line": (
        {b"cart.py": LINES},
        {b"cart.py": b"new first\n" + LINES},
        {b"cart.py": b"new first\n" + FIXED},
    ),
    "a file renamed on trunk": (
        {b"cart.py": LINES},
        {b"cart.py": None, b"basket.py": LINES},
        {b"basket.py": FIXED},
    ),
    "a file renamed in the release": (
        {b"old/cart.py": LINES, b"x": b"x\n"},
        {b"old/cart.py": None, b"cart.py": LINES},
        {b"cart.py": FIXED},
    ),
    "a new file in a new folder": ({b"a": b"a\n"}, {b"b": b"b\n"}, {b"deep/er/new.py": b"x = 1\n"}),
    "a removed file": ({b"a": b"a\n", b"dead.py": LINES}, {b"b": b"b\n"}, {b"dead.py": None}),
    "an executable bit": (
        {b"run.sh": b"#!/bin/sh\n"},
        {b"b": b"b\n"},
        {b"run.sh": (PROGRAM, b"#!/bin/sh\n")},
    ),
    "an executable bit taken away": ({b"run": (PROGRAM, LINES)}, {b"b": b"b\n"}, {b"run": FIXED}),
    "a symbolic link": ({b"a": b"a\n"}, {b"b": b"b\n"}, {b"current": (LINK, b"../outside")}),
    "a file made a symbolic link": ({b"a": b"a\n", b"x": b"x\n"}, {b"b": b"b\n"}, {b"a": (LINK, b"x")}),
    "a binary file": ({b"logo.png": b"\x89PNG\0one"}, {b"b": b"b\n"}, {b"logo.png": b"\x89PNG\0two\xff"}),
    "Windows line ends": (
        {b"cart.bat": LINES.replace(b"\n", b"\r\n")},
        {b"b": b"b\n"},
        {b"cart.bat": FIXED.replace(b"\n", b"\r\n")},
    ),
    "no newline at the end": ({b"a": LINES + b"end"}, {b"b": b"b\n"}, {b"a": FIXED + b"end"}),
    "a submodule": ({b"a": b"a\n"}, {b"b": b"b\n"}, {b"vendored": (SUBMODULE, b"1" * 40)}),
    "odd file names": (
        dict.fromkeys(ODD_NAMES, LINES),
        {b"b": b"b\n"},
        dict.fromkeys(ODD_NAMES, FIXED),
    ),
    "a file made a folder": ({b"a": b"a\n"}, {b"b": b"b\n"}, {b"a": None, b"a/inside": b"x\n"}),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_result_is_the_tree_that_a_real_cherry_pick_makes(
    shop: Clone, git: Repository, shape: str
) -> None:
    release, before, fix = SHAPES[shape]
    base = shop.commit(release, branch="main")
    fixed = shop.commit(fix, shop.commit(before, base), message=b"mend it\n")

    outcome = picked(git, base, fixed)

    real = shop.cherry_pick(base, fixed)
    git.keep(outcome.commits[-1], base)
    assert outcome.tree == shop.tree_of(real) == shop.tree_of(outcome.commits[-1])
    assert outcome.tree != shop.tree_of(base)
    assert shop.git("rev-parse", f"{outcome.commits[-1]}^") == base


def test_a_plain_pick_is_exactly_base_plus_fix(shop: Clone, git: Repository) -> None:
    base = shop.commit({b"cart.py": LINES, b"other": b"1\n"}, branch="main")
    later = shop.commit({b"other": b"2\n", b"third": b"3\n"}, base)
    fixed = shop.commit({b"cart.py": FIXED}, later)

    assert picked(git, base, fixed).tree == shop.tree({b"cart.py": FIXED, b"other": b"1\n"})


def test_a_path_that_git_reached_by_following_a_rename_is_named_a_stray(shop: Clone, git: Repository) -> None:
    base = shop.commit({b"cart.py": LINES}, branch="main")
    fixed = shop.commit({b"basket.py": FIXED}, shop.commit({b"cart.py": None, b"basket.py": LINES}, base))

    assert picked(git, base, fixed).strays == ("cart.py",)


def test_a_merge_is_picked_as_what_it_brought_to_its_first_parent(shop: Clone, git: Repository) -> None:
    base = shop.commit({b"a": b"a\n"}, branch="main")
    trunk = shop.commit({b"trunk": b"t\n"}, base)
    side = shop.commit({b"fix2": b"2\n"}, shop.commit({b"fix1": b"1\n"}, base))
    merge = shop.commit({b"fix1": b"1\n", b"fix2": b"2\n"}, trunk, also=[side])

    outcome = picked(git, base, merge)

    assert outcome.tree == shop.tree({b"a": b"a\n", b"fix1": b"1\n", b"fix2": b"2\n"})
    assert outcome.tree == shop.tree_of(shop.cherry_pick(base, merge, mainline=True))


def test_a_root_commit_is_picked_as_everything_it_holds(shop: Clone, git: Repository) -> None:
    base = shop.commit({b"a": b"a\n"}, branch="main")
    root = shop.commit({b"imported": b"i\n"})

    outcome = picked(git, base, root)

    assert outcome.tree == shop.tree({b"a": b"a\n", b"imported": b"i\n"})
    assert outcome.tree == shop.tree_of(shop.cherry_pick(base, root))


def test_several_fixes_become_one_commit_each_in_the_order_given(shop: Clone, git: Repository) -> None:
    base = shop.commit({b"cart.py": LINES}, branch="main")
    one = shop.commit({b"cart.py": FIXED}, base, message=b"one\n")
    two = shop.commit({b"cart.py": FIXED.replace(b"mended", b"mended twice")}, one, message=b"two\n")

    outcome = picked(git, base, one, two)

    git.keep(outcome.commits[-1], base)
    assert shop.git("log", "--reverse", "--format=%H %s", f"{base}..{outcome.commits[-1]}").splitlines() == [
        f"{outcome.commits[0]} one",
        f"{outcome.commits[1]} two",
    ]
    assert isinstance(git.pick([two, one], base, NOW), Conflict), "the other order does not go on"


def test_a_conflict_is_told_with_its_paths_and_leaves_nothing(shop: Clone, git: Repository) -> None:
    base = shop.commit({b"cart.py": LINES, b"a\nb": LINES, b"gone.py": LINES}, branch="main")
    trunk = shop.commit(
        {b"cart.py": LINES.replace(b"line 20\n", b"else\n"), b"a\nb": b"", b"gone.py": FIXED, b"new": b"1\n"},
        base,
    )
    fix = {b"cart.py": FIXED, b"a\nb": b"\nwords\n", b"gone.py": FIXED + b"more\n", b"new": b"2\n"}
    fixed = shop.commit(fix, trunk)
    release = shop.commit({b"gone.py": None, b"new": None}, base)

    outcome = git.pick([fixed], release, NOW)

    assert isinstance(outcome, Conflict)
    assert outcome.fix == fixed
    assert {lossless.to_bytes(clash.path): clash.kind for clash in outcome.clashes} == {
        b"cart.py": "contents",
        b"a\nb": "contents",
        b"gone.py": "modify/delete",
        b"new": "modify/delete",
    }


def test_a_fix_whose_effect_is_already_there_is_empty(shop: Clone, git: Repository) -> None:
    base = shop.commit({b"cart.py": LINES}, branch="main")
    fixed = shop.commit({b"cart.py": FIXED}, base)
    release = shop.commit({b"cart.py": FIXED}, base, message=b"the same, by somebody else\n")

    assert git.pick([fixed], release, NOW) == Empty(fixed)


def test_a_fix_that_is_in_the_base_itself_is_empty(shop: Clone, git: Repository) -> None:
    base = shop.commit({b"cart.py": LINES}, branch="main")
    fixed = shop.commit({b"cart.py": FIXED}, base)
    release = shop.commit({b"other": b"1\n"}, fixed)

    assert git.pick([fixed], release, NOW) == Empty(fixed)


def test_a_fix_that_was_reverted_in_the_base_is_picked_again(shop: Clone, git: Repository) -> None:
    """In the history of the release, and reverted there: picking it again does something, and that ships."""
    base = shop.commit({b"cart.py": LINES}, branch="main")
    fixed = shop.commit({b"cart.py": FIXED}, base)
    reverted = shop.commit({b"cart.py": LINES}, fixed)

    assert picked(git, reverted, fixed).tree == shop.tree_of(fixed)


# -- what the commit says --------------------------------------------------------------------------

MESSAGES = {
    "one line": b"mend the cart\n",
    "no newline at the end": b"mend the cart",
    "a body": b"mend the cart\n\nIt was broken.\n",
    "signed off": b"mend the cart\n\nWhy.\n\nSigned-off-by: A <a@example.com>\n",
    "several trailers": b"mend the cart\n\nFixes: #12\nReviewed-by: B <b@example.com>\n",
    "picked before": b"mend\n\n(cherry picked from commit " + b"1" * 40 + b")\n",
    "a subject that looks like a trailer": b"fix: mend the cart\n",
    "a last line that only looks like a trailer": b"mend\n\nIt said this\nnote: it was broken\nand no more: really\nso\n",
    "a body of one sentence with a colon": b"mend\n\nBefore this: nothing worked. The cart was\nalways: empty\n",
}


@pytest.mark.parametrize("words", MESSAGES)
def test_the_words_are_those_of_git_cherry_pick_x(shop: Clone, git: Repository, words: str) -> None:
    base = shop.commit({b"cart.py": LINES}, branch="main")
    fixed = shop.commit({b"cart.py": FIXED}, shop.commit({b"b": b"b\n"}, base), message=MESSAGES[words])

    outcome = picked(git, base, fixed)

    git.keep(outcome.commits[0], base)
    assert shop.message(outcome.commits[0]) == shop.message(shop.cherry_pick(base, fixed))
    assert shop.message(outcome.commits[0]).endswith(f"\n(cherry picked from commit {fixed})\n".encode())


def test_the_author_stays_byte_for_byte_and_the_committer_is_who_picks(shop: Clone, git: Repository) -> None:
    author = b"Andr\xe9 O'Neil \xabx\xbb <ANDRE@Example.COM> 1234567890 -0930"
    base = shop.commit({b"cart.py": LINES}, branch="main")
    fixed = shop.commit(
        {b"cart.py": FIXED},
        shop.commit({b"b": b"b\n"}, base),
        author=author,
        headers=b"encoding ISO-8859-1\n",
        message=b"r\xe9parer\n",
    )

    outcome = picked(git, base, fixed)

    git.keep(outcome.commits[0], base)
    assert shop.header(outcome.commits[0], "author") == [author]
    assert shop.header(outcome.commits[0], "encoding") == [b"ISO-8859-1"]
    assert shop.message(outcome.commits[0]).startswith(b"r\xe9parer\n\n(cherry picked")
    assert shop.header(outcome.commits[0], "committer") == [
        b"Olga On-Call <olga@example.com> %d +0000" % NOW.timestamp()
    ]
    assert git.commit(fixed).author == author


def test_a_signature_of_the_fix_is_not_carried_over(shop: Clone, git: Repository) -> None:
    base = shop.commit({b"cart.py": LINES}, branch="main")
    signature = b"gpgsig -----BEGIN SSH SIGNATURE-----\n AAAA\n -----END SSH SIGNATURE-----\n"
    fixed = shop.commit({b"cart.py": FIXED}, base, headers=signature)

    outcome = picked(git, base, fixed)

    git.keep(outcome.commits[0], base)
    assert b"SIGNATURE" not in shop.raw("cat-file", "commit", outcome.commits[0])


def test_a_name_that_is_not_utf8_still_commits(shop: Clone, git: Repository) -> None:
    with (shop.path / ".git/config").open("ab") as config:
        config.write(b"[user]\n\tname = Andr\xe9\n")
    base = shop.commit({b"cart.py": LINES}, branch="main")
    fixed = shop.commit({b"cart.py": FIXED}, base)

    outcome = picked(git, base, fixed)

    git.keep(outcome.commits[0], base)
    assert shop.header(outcome.commits[0], "committer")[0].startswith("Andr\ufffd <olga@".encode())
    git.identity().encode()


# -- what stays as it was --------------------------------------------------------------------------


def test_nothing_of_the_clone_changes_before_the_result_is_kept(shop: Clone, git: Repository) -> None:
    base = shop.commit({b"cart.py": LINES}, branch="main")
    fixed = shop.commit({b"cart.py": FIXED}, shop.commit({b"b": b"b\n"}, base))
    shop.git("checkout", "--quiet", "main")
    (shop.path / "cart.py").write_bytes(b"half written by somebody\n")
    (shop.path / "untracked").write_bytes(b"mine\n")
    before = shop.everything()

    outcome = picked(git, base, fixed)

    assert shop.everything() == before
    assert shop.fails("cat-file", "-e", outcome.commits[0])

    git.keep(outcome.commits[0], base)
    grown = shop.everything()
    objects = {path for path in grown if path not in before}
    assert {path: content for path, content in grown.items() if path in before} == before
    assert objects
    assert all("/.git/objects/" in path for path in objects)


def test_a_kept_result_survives_the_branch_and_the_collector(shop: Clone, git: Repository) -> None:
    base = shop.commit({b"cart.py": LINES}, branch="main")
    one = shop.commit({b"cart.py": FIXED}, shop.commit({b"b": b"b\n"}, base))
    two = shop.commit({b"new/deep": b"n\n"}, one, branch="fix")
    outcome = picked(git, base, one, two)
    git.keep(outcome.commits[-1], base)
    git.point("refs/hotfix/HF-1/result", outcome.commits[-1], None)
    git.point("refs/heads/hotfix/HF-1", outcome.commits[-1], None)

    shop.git("update-ref", "-d", "refs/heads/hotfix/HF-1")
    shop.git("update-ref", "-d", "refs/heads/fix")
    shop.git("reflog", "expire", "--expire=now", "--all")
    shop.git("gc", "--quiet", "--prune=now")

    assert shop.raw("show", f"{outcome.commits[-1]}:new/deep") == b"n\n"
    assert shop.raw("show", f"{outcome.commits[-1]}:cart.py") == FIXED
    assert shop.git("fsck", "--strict", "--no-dangling") == ""


def test_a_ref_moves_only_from_what_it_is_known_to_be(shop: Clone, git: Repository) -> None:
    one = shop.commit({b"a": b"1\n"}, branch="main")
    two = shop.commit({b"a": b"2\n"}, one)
    git.point("refs/hotfix/HF-1/result", one, None)

    with pytest.raises(Refused, match="could not be moved"):
        git.point("refs/hotfix/HF-1/result", two, None)
    with pytest.raises(Refused, match="could not be moved"):
        git.point("refs/hotfix/HF-1/result", two, two)
    assert git.ref("refs/hotfix/HF-1/result") == one

    git.point("refs/hotfix/HF-1/result", two, one)
    assert git.ref("refs/hotfix/HF-1/result") == two


# -- kinds of clone --------------------------------------------------------------------------------


def a_fix(shop: Clone) -> tuple[str, str]:
    """The release, and a fix two commits later; trunk stands on the fix."""
    old = shop.commit({b"cart.py": LINES, b"a": b"0\n"})
    base = shop.commit({b"a": b"1\n"}, old)
    fixed = shop.commit({b"cart.py": FIXED}, shop.commit({b"b": b"b\n"}, base), branch="main")
    shop.git("update-ref", "refs/tags/v1", base)
    return base, fixed


def picks_well(where: Path, base: str, fixed: str, source: Clone) -> None:
    with repositories.opened(where) as git:
        outcome = picked(git, base, fixed)
        git.keep(outcome.commits[-1], base)
        git.point("refs/hotfix/HF-1/result", outcome.commits[-1], None)
    assert outcome.tree == source.tree({b"cart.py": FIXED, b"a": b"1\n"})
    there = Clone(where)
    assert there.git("rev-parse", "refs/hotfix/HF-1/result^{tree}") == outcome.tree
    assert there.git("fsck", "--no-dangling") == ""


def test_a_shallow_clone_is_enough(shop: Clone, tmp_path: Path) -> None:
    base, fixed = a_fix(shop)
    shallow = repositories.clone(shop.path, tmp_path / "shallow", "--depth=3")
    assert shallow.git("rev-parse", "--is-shallow-repository") == "true"
    assert shallow.git("rev-list", "--count", "HEAD") == "3"

    picks_well(shallow.path, base, fixed, shop)


def test_a_shallow_clone_that_lacks_the_base_says_so(shop: Clone, tmp_path: Path) -> None:
    base, fixed = a_fix(shop)
    shallow = repositories.clone(shop.path, tmp_path / "shallow", "--depth=1")

    with (
        repositories.opened(shallow.path) as git,
        pytest.raises(Refused, match=f"{base[:12]} is not in this clone") as told,
    ):
        git.pick([fixed], base, NOW)
    assert "git fetch" in told.value.findings[0].next


def test_a_linked_work_tree(shop: Clone, tmp_path: Path) -> None:
    base, fixed = a_fix(shop)
    shop.git("worktree", "add", "--quiet", "-b", "elsewhere", str(tmp_path / "linked"), base)

    with repositories.opened(tmp_path / "linked") as git:
        assert git.resolve("HEAD") == base
        assert git.top() == tmp_path / "linked"
        assert git.state_dir() == shop.path / ".git/hotfix"
    picks_well(tmp_path / "linked", base, fixed, shop)


def test_a_bare_repository(shop: Clone, tmp_path: Path) -> None:
    base, fixed = a_fix(shop)
    bare = repositories.clone(shop.path, tmp_path / "bare.git", "--bare")

    with repositories.opened(bare.path) as git:
        assert git.top() is None
    picks_well(bare.path, base, fixed, shop)


def test_a_detached_head_and_a_folder_below_the_top(shop: Clone) -> None:
    base, fixed = a_fix(shop)
    shop.git("checkout", "--quiet", "--detach", base)
    (shop.path / "sub").mkdir()

    picks_well(shop.path / "sub", base, fixed, shop)
    assert shop.git("rev-parse", "HEAD") == base


def test_a_path_with_spaces_and_letters_of_other_scripts(tmp_path: Path) -> None:
    shop = repositories.create(tmp_path / "my shop, caf\u00e9 \u5546\u5e97 'x'")
    base, fixed = a_fix(shop)

    picks_well(shop.path, base, fixed, shop)


def test_a_repository_on_sha256(tmp_path: Path) -> None:
    shop = repositories.create(tmp_path / "shop", "--object-format=sha256")
    base = shop.commit({b"cart.py": LINES}, branch="main")
    fixed = shop.commit({b"cart.py": FIXED}, shop.commit({b"b": b"b\n"}, base))
    assert len(base) == 64

    with repositories.opened(shop.path) as git:
        outcome = picked(git, base, fixed)
        git.keep(outcome.commits[-1], base)
        git.point("refs/hotfix/HF-1/result", outcome.commits[-1], None)
        assert git.resolve(fixed[:12]) == fixed
        root = shop.commit({b"imported": b"i\n"})
        assert isinstance(git.pick([root], base, NOW), Picked)
    assert outcome.tree == shop.tree({b"cart.py": FIXED})
    assert shop.git("rev-parse", "refs/hotfix/HF-1/result^{tree}") == outcome.tree


def test_a_clone_that_borrows_its_objects(shop: Clone, tmp_path: Path) -> None:
    base, fixed = a_fix(shop)
    borrowing = repositories.clone(shop.path, tmp_path / "borrowing", "--reference", str(shop.path))
    assert (borrowing.path / ".git/objects/info/alternates").exists()

    picks_well(borrowing.path, base, fixed, shop)


def test_a_callers_git_environment_does_not_reach_our_git(
    shop: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, fixed = a_fix(shop)
    other = repositories.create(tmp_path / "other")
    for name, value in {
        "GIT_DIR": other.path / ".git",
        "GIT_WORK_TREE": other.path,
        "GIT_INDEX_FILE": tmp_path / "their-index",
        "GIT_OBJECT_DIRECTORY": other.path / ".git/objects",
        "GIT_EXTERNAL_DIFF": "false",
    }.items():
        monkeypatch.setenv(name, str(value))
    with repositories.opened(shop.path) as git:
        outcome = picked(git, base, fixed)
        git.keep(outcome.commits[-1], base)
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"):
        monkeypatch.delenv(name)

    assert shop.tree_of(outcome.commits[-1]) == outcome.tree
    assert not (tmp_path / "their-index").exists()


def test_a_folder_that_is_no_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no git repository"), repositories.opened(tmp_path):
        raise AssertionError("opened a folder that is no repository")
