"""Picks that nobody made yet: each ends as ``git cherry-pick`` does in a work tree, whichever way git is asked."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.adapters import repositories
from tests.adapters.repositories import LINK, PROGRAM, SUBMODULE, Clone, Content, Real

from hotfix.actions.twins import picks_by_name
from hotfix.adapters.git import merge
from hotfix.adapters.git.picking import GitPicking
from hotfix.adapters.git.process import GitProcess
from hotfix.ports.picking import Attempt, Blamed, Tried
from hotfix.record import lossless
from hotfix.record.finding import Refused

LINES = b"".join(b"line %d\n" % number for number in range(1, 30))
FIXED = LINES.replace(b"line 20\n", b"line 20, mended\n")
OTHER = LINES.replace(b"line 20\n", b"line 20, for another reason\n")
BINARY = b"\x89PNG\0" + bytes(range(256)) * 8
CRLF, CRLF_FIXED = (lines.replace(b"\n", b"\r\n") for lines in (LINES, FIXED))
NEVER = (99, 0)


def _version() -> tuple[int, ...]:
    said = subprocess.run(["git", "version"], capture_output=True, text=True, check=True).stdout.split()[2]
    return tuple(int(part) for part in said.split(".")[:2])


WAYS = {
    "led by histories, one by one": {"TAKES_A_BASE": NEVER, "TAKES_MANY": NEVER},
    "led by histories": {"TAKES_A_BASE": NEVER},
    "told the base": {},
}
"""Every way that the git of this machine knows."""
if _version() < merge.TAKES_A_BASE:
    del WAYS["told the base"]


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, version in WAYS[request.param].items():
        monkeypatch.setattr(merge, name, version)


@pytest.fixture
def shop(tmp_path: Path) -> Clone:
    return repositories.create(tmp_path / "shop")


Opened = Callable[[Clone], GitPicking]


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Opens repositories, and lets go of them at the end."""
    with ExitStack() as stack:

        def open_one(repository: Clone) -> GitPicking:
            git = GitProcess(repository.path)
            stack.callback(git.close)
            return GitPicking(git)

        yield open_one


@pytest.fixture
def picking(shop: Clone, opened: Opened) -> GitPicking:
    return opened(shop)


def tried(picking: GitPicking, onto: str, *fixes: str) -> Tried:
    (one,) = picking.attempt([Attempt(fixes, onto)])
    return one


def as_real(one: Tried) -> Real:
    assert one.unreadable == ""
    if one.clean:
        return Real("clean", one.trees[-1])
    if one.empty:
        return Real("empty")
    return Real("conflict", paths=frozenset(lossless.to_bytes(clash.path) for clash in one.clashes))


# -- every shape of change ----------------------------------------------------------------------------

Files = dict[bytes, Content]
FOLDER = {b"old/%d.py" % number: LINES + b"# %d\n" % number for number in range(6)}
MOVED = {path.replace(b"old/", b"new/"): content for path, content in FOLDER.items()}
SHAPES: dict[str, tuple[Files, Files, Files, Files, str]] = {
    # name: (what both had, the release, trunk before the fix, the fix, how it ends)
    "a changed line": ({b"a": LINES}, {b"x": b"1\n"}, {b"y": b"1\n"}, {b"a": FIXED}, "clean"),
    "the same line changed there": ({b"a": LINES}, {b"a": OTHER}, {}, {b"a": FIXED}, "conflict"),
    "the same change there": ({b"a": LINES}, {b"a": FIXED}, {}, {b"a": FIXED}, "empty"),
    "a file that is gone there": ({b"a": LINES}, {b"a": None}, {}, {b"a": FIXED}, "conflict"),
    "a file that is new on both": ({}, {b"n": LINES}, {}, {b"n": FIXED}, "conflict"),
    "a mode": ({b"run": LINES}, {b"x": b"1\n"}, {}, {b"run": (PROGRAM, LINES)}, "clean"),
    "a mode and a line": ({b"run": LINES}, {b"run": (PROGRAM, LINES)}, {}, {b"run": FIXED}, "clean"),
    "a link": ({b"l": (LINK, b"one")}, {b"x": b"1\n"}, {}, {b"l": (LINK, b"two")}, "clean"),
    "a link that differs": (
        {b"l": (LINK, b"one")},
        {b"l": (LINK, b"three")},
        {},
        {b"l": (LINK, b"two")},
        "conflict",
    ),
    "a binary": ({b"b": BINARY}, {b"x": b"1\n"}, {}, {b"b": BINARY + b"\1"}, "clean"),
    "a binary that differs": ({b"b": BINARY}, {b"b": BINARY + b"\2"}, {}, {b"b": BINARY + b"\1"}, "conflict"),
    "Windows line ends": ({b"a": CRLF}, {b"x": b"1\n"}, {}, {b"a": CRLF_FIXED}, "clean"),
    "line ends changed there": ({b"a": LINES}, {b"a": CRLF}, {}, {b"a": FIXED}, "conflict"),
    "a submodule": (
        {b"m": (SUBMODULE, b"1" * 40)},
        {b"x": b"1\n"},
        {},
        {b"m": (SUBMODULE, b"2" * 40)},
        "clean",
    ),
    "a submodule that differs": (
        {b"m": (SUBMODULE, b"1" * 40)},
        {b"m": (SUBMODULE, b"3" * 40)},
        {},
        {b"m": (SUBMODULE, b"2" * 40)},
        "conflict",
    ),
    "renamed on trunk": ({b"a": LINES}, {b"x": b"1\n"}, {b"a": None, b"b": LINES}, {b"b": FIXED}, "clean"),
    "renamed in the release": ({b"a": LINES}, {b"a": None, b"b": LINES}, {}, {b"a": FIXED}, "clean"),
    "renamed on both": (
        {b"a": LINES},
        {b"a": None, b"there": LINES},
        {},
        {b"a": None, b"here": FIXED},
        "conflict",
    ),
    "a folder renamed in the release": (
        FOLDER,
        dict.fromkeys(FOLDER) | MOVED,
        {},
        {b"old/new.py": FIXED},
        "conflict",
    ),
    "a file in a folder renamed in the release": (
        FOLDER,
        dict.fromkeys(FOLDER) | MOVED,
        {},
        {b"old/0.py": FIXED + b"# 0\n"},
        "clean",
    ),
    "a name in other letters only": (
        {b"Read.me": LINES},
        {b"x": b"1\n"},
        {b"Read.me": None, b"read.me": LINES},
        {b"read.me": FIXED},
        "clean",
    ),
    "a changelog merged by union": (
        {b".gitattributes": b"NEWS merge=union\n", b"NEWS": b"old\n"},
        {b"NEWS": b"released\nold\n"},
        {},
        {b"NEWS": b"mended\nold\n"},
        "clean",
    ),
    "a changelog merged by union, below": (
        {b"docs/.gitattributes": b"NEWS* merge=union\n", b"docs/a [b]/NEWS.1": b"old\n"},
        {b"docs/a [b]/NEWS.1": b"released\nold\n"},
        {},
        {b"docs/a [b]/NEWS.1": b"mended\nold\n"},
        "clean",
    ),
    "union that only trunk says": (
        {b"NEWS": b"old\n"},
        {b"NEWS": b"released\nold\n"},
        {b".gitattributes": b"NEWS merge=union\n"},
        {b"NEWS": b"mended\nold\n"},
        "conflict",
    ),
    "text that is said to be binary": (
        {b".gitattributes": b"*.lock binary\n", b"p.lock": LINES},
        {b"p.lock": b"new first\n" + LINES},
        {},
        {b"p.lock": FIXED},
        "conflict",
    ),
    "text that is not shown": (
        {b".gitattributes": b"* -diff\n", b"a": LINES},
        {b"a": b"new first\n" + LINES},
        {},
        {b"a": FIXED},
        "clean",
    ),
    "text that is not exported": (
        {b".gitattributes": b"* export-ignore\n", b"a": LINES},
        {b"a": b"new first\n" + LINES},
        {},
        {b"a": FIXED},
        "clean",
    ),
}


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("shape", SHAPES)
def test_it_ends_as_in_a_work_tree(shop: Clone, picking: GitPicking, shape: str) -> None:
    both, there, before, fix, ending = SHAPES[shape]
    start = shop.commit({b"shop.py": b"x\n", **both}, branch="main")
    release = shop.commit(there, start)
    trunk = shop.commit(before, start) if before else start
    fixed = shop.commit(fix, trunk)

    mine = tried(picking, release, fixed)

    real = shop.picked_for_real(release, fixed)
    assert as_real(mine) == real
    assert real.outcome == ending


@pytest.mark.usefixtures("way")
def test_many_at_once_end_as_each_by_itself(shop: Clone, picking: GitPicking) -> None:
    """Other attributes for each, a conflict among them, one that cannot be tried, and several fixes in order."""
    start = shop.commit({b"a": LINES, b"NEWS": b"old\n"}, branch="main")
    union = shop.commit({b"NEWS": b"released\nold\n", b".gitattributes": b"NEWS merge=union\n"}, start)
    plain = shop.commit({b"NEWS": b"released\nold\n"}, start)
    one = shop.commit({b"a": FIXED}, start)
    two = shop.commit({b"NEWS": b"mended\nold\n"}, one)
    asked = [Attempt((one, two), union), Attempt((one, two), plain), Attempt(("1" * 40,), plain)]

    together = picking.attempt([*asked, Attempt((one,), plain)])

    assert [as_real(one) for one in together[:2]] == [
        shop.picked_for_real(union, one, two),
        shop.picked_for_real(plain, one, two),
    ]
    assert [len(one.trees) for one in together] == [2, 1, 0, 1]
    assert together[2].unreadable == f"{'1' * 12} is not in this clone"
    assert together == tuple(
        one for each in [*asked, Attempt((one,), plain)] for one in picking.attempt([each])
    )


@pytest.mark.usefixtures("way")
def test_a_merge_is_what_it_brought_to_its_first_parent(shop: Clone, picking: GitPicking) -> None:
    start = shop.commit({b"a": LINES, b"b": b"0\n"}, branch="main")
    side = shop.commit({b"a": FIXED}, shop.commit({b"c": b"side\n"}, start))
    more = shop.commit({b"d": b"more\n"}, start)
    main = shop.commit({b"b": b"1\n"}, start)
    two = shop.commit({b"a": FIXED, b"c": b"side\n"}, main, also=[side])
    octopus = shop.commit({b"a": FIXED, b"c": b"side\n", b"d": b"more\n"}, main, also=[side, more])

    for merged in (two, octopus):
        mine = tried(picking, start, merged)
        assert as_real(mine) == shop.picked_for_real(start, merged, mainline=True)
        assert mine.clean


@pytest.mark.usefixtures("way")
def test_a_root_commit_is_everything_it_holds(shop: Clone, picking: GitPicking) -> None:
    base = shop.commit({b"a": LINES}, branch="main")
    root = shop.commit({b"imported/b": b"1\n"})

    assert as_real(tried(picking, base, root)) == shop.picked_for_real(base, root)


@pytest.mark.usefixtures("way")
def test_a_revert_of_a_revert_goes_on_where_the_first_was_taken_back(
    shop: Clone, picking: GitPicking
) -> None:
    base = shop.commit({b"a": LINES}, branch="main")
    fixed = shop.commit({b"a": FIXED}, base)
    reverted = shop.commit({b"a": LINES}, fixed)
    again = shop.commit({b"a": FIXED}, reverted)

    assert as_real(tried(picking, reverted, again)) == shop.picked_for_real(reverted, again)
    assert as_real(tried(picking, fixed, again)) == shop.picked_for_real(fixed, again) == Real("empty")


@pytest.mark.usefixtures("way")
def test_git_gives_up_on_one_of_many_and_the_others_are_answered(shop: Clone, picking: GitPicking) -> None:
    """A blob that both sides changed is not in this clone: nothing is said of that pick but why."""
    start = shop.commit({b"a": LINES, b"b": b"1\n"}, branch="main")
    release = shop.commit({b"a": b"first\n" + LINES}, start)
    whole = shop.commit({b"b": b"2\n"}, start)
    broken = shop.commit({b"a": FIXED}, start)
    blob = shop.git("rev-parse", f"{broken}:a")
    (shop.path / f".git/objects/{blob[:2]}/{blob[2:]}").unlink()

    asked = [Attempt((fix,), release) for fix in (whole, broken, whole, broken)]
    answers = picking.attempt(asked)

    assert [answer.clean for answer in answers] == [True, False, True, False]
    assert blob in answers[1].unreadable and blob in answers[3].unreadable


# -- where the change lands ---------------------------------------------------------------------------


def test_a_path_that_the_fix_did_not_name_is_a_stray(shop: Clone, picking: GitPicking) -> None:
    start = shop.commit({b"a": LINES, b"b": b"1\n"}, branch="main")
    release = shop.commit({b"a": None, b"moved/a": LINES}, start)
    one = shop.commit({b"b": b"2\n"}, start)
    two = shop.commit({b"a": FIXED}, one)
    attempts = [Attempt((one,), release), Attempt((one, two), release)]

    results = [(attempt, picking.attempt([attempt])[0].trees[-1]) for attempt in attempts]

    assert picking.strays(results) == ((), ("moved/a",))


def test_lines_are_counted_for_each_pair(shop: Clone, picking: GitPicking) -> None:
    one = shop.tree({b"a": LINES, b"odd\t1\nname": b"1\n", b"b": BINARY, b"l": (LINK, b"x")})
    two = shop.tree({b"a": FIXED, b"odd\t1\nname": None, b"b": BINARY + b"\1", b"l": b"a file now\n"}, one)
    empty = shop.tree({})

    counted = picking.changes([(one, two), (one, one), (empty, one)])

    assert [
        [(change.path, change.added, change.removed, change.binary) for change in pair or ()]
        for pair in counted
    ] == [
        [("a", 1, 1, False), ("b", 0, 0, True), ("l", 1, 1, False), ("odd\t1\nname", 0, 1, False)],
        [],
        [("a", 29, 0, False), ("b", 0, 0, True), ("l", 1, 0, False), ("odd\t1\nname", 1, 0, False)],
    ]


# -- names --------------------------------------------------------------------------------------------


def test_a_branch_and_a_tag_alike_are_refused(shop: Clone, picking: GitPicking) -> None:
    one = shop.commit({b"a": b"1\n"}, branch="main")
    two = shop.commit({b"a": b"2\n"}, one)
    shop.git("update-ref", "refs/heads/v1", one)
    shop.git("update-ref", "refs/tags/v1", two)

    with pytest.raises(Refused, match="could mean different commits"):
        picking.resolve("v1")


def test_a_branch_that_is_called_like_an_id_is_refused(shop: Clone, picking: GitPicking) -> None:
    one = shop.commit({b"a": b"1\n"}, branch="main")
    two = shop.commit({b"a": b"2\n"}, one)
    shop.git("update-ref", f"refs/heads/{one}", two)
    shop.git("update-ref", f"refs/heads/{one[:9]}", two)

    for name in (one, one[:9]):
        with pytest.raises(Refused, match="could mean different commits"):
            picking.resolve(name)
    assert not picking.is_plain_id(one)
    assert picking.is_plain_id(two)


@pytest.mark.parametrize("name", ["--all", "-x", "", "a b", "HEAD@{1}", ":/a", "main^{tree}", "no..such"])
def test_what_is_no_name_of_a_commit_is_refused(shop: Clone, picking: GitPicking, name: str) -> None:
    shop.commit({b"a": b"1\n"}, branch="main")

    with pytest.raises(Refused):
        picking.commits_in(name)


def test_a_range_follows_first_parents_oldest_first(shop: Clone, picking: GitPicking) -> None:
    start = shop.commit({b"a": b"1\n"}, branch="main")
    side = shop.commit({b"s": b"1\n"}, start)
    one = shop.commit({b"a": b"2\n"}, start)
    two = shop.commit({b"s": b"1\n"}, one, also=[side])

    assert picking.commits_in(f"{start}..{two}") == (one, two)
    with pytest.raises(Refused, match="0 commits"):
        picking.commits_in(f"{two}..{two}")


def test_lines_are_the_remotes_branches_and_tags_are_the_newest(
    shop: Clone, opened: Opened, tmp_path: Path
) -> None:
    commits = {}
    for number, name in enumerate(("9.x", "10.x", "8.x")):
        author = b"A <a@example.com> %d +0000" % (1_700_000_000 + number)
        commits[name] = shop.commit({b"a": b"%d\n" % number}, author=author, branch=f"release/{name}")
        shop.git("update-ref", f"refs/tags/v{name}", commits[name])
    shop.git("update-ref", "refs/heads/main", commits["9.x"])
    copy = repositories.clone(shop.path, tmp_path / "copy")
    copy.git("branch", "release/mine")

    for picking in (opened(shop), opened(copy)):
        assert [line.name for line in picking.branches("release/*")] == [
            "release/10.x",
            "release/9.x",
            "release/8.x",
        ]
        assert [line.name for line in picking.tags("v*", 2)] == ["v8.x", "v10.x"]
        assert picking.tags("w*", 2) == ()
        assert picking.trunk() == commits["9.x"]


def test_a_tag_of_a_tag_is_its_commit_and_a_tag_of_a_tree_is_no_line(
    shop: Clone, picking: GitPicking
) -> None:
    one = shop.commit({b"a": b"1\n"}, branch="main")
    shop.git("tag", "-a", "-m", "one", "inner", "main")
    shop.git("tag", "-a", "-m", "two", "v1", "inner")
    shop.git("tag", "v0", shop.tree_of(one))
    shop.git("tag", "v2", shop.blob(b"x\n"))
    shop.git("update-ref", os.fsdecode(b"refs/tags/v-caf\xe9"), one)

    assert {line.name: line.commit for line in picking.tags("v*", 9)} == {"v1": one, '"v-caf\\351"': one}


def test_a_defect_that_was_there_from_the_beginning_has_an_author(shop: Clone, picking: GitPicking) -> None:
    root = shop.commit({b"a": LINES}, branch="main")
    head = shop.commit({b"b": b"1\n"}, root)

    assert picking.blame(head, "a", [(20, 21)]) == (Blamed(20, root, known=True),)
    assert picking.blame(head, "a", [(99, 100)]) == ()


def test_a_tag_from_a_time_that_nobody_meant_has_no_date(shop: Clone, picking: GitPicking) -> None:
    far = shop.commit({b"a": b"1\n"}, author=b"A <a@example.com> 99999999999999 +0000")
    shop.git("update-ref", "refs/tags/v1", far)

    assert picking.first_tag_with(far) == ("v1", "")


def test_who_says_that_they_picked_a_commit_is_found_after_it_alone(shop: Clone, picking: GitPicking) -> None:
    one = shop.commit({b"a": b"1\n"}, branch="main")
    two = shop.commit({b"a": b"2\n"}, one)
    back = shop.commit(
        {b"b": b"1\n"}, two, message=b"on trunk\n\n(cherry picked from commit %s)\n" % two.encode()
    )

    assert picks_by_name(picking, two, back) == (back,)
    assert picks_by_name(picking, one, back) == picks_by_name(picking, back, back) == ()


def test_paths_by_the_thousand_and_paths_that_look_like_patterns(shop: Clone, picking: GitPicking) -> None:
    odd = {b":(top)x": b"1\n", b":!d/NEWS": b"1\n", b"*": b"1\n"}
    start = shop.commit({b"x": b"other\n", b"d/NEWS": b"other\n", **odd}, branch="main")
    changed = shop.commit(dict.fromkeys(odd, b"2\n"), start)
    many = tuple(f"folder/{number:06}/a-rather-long-name-of-a-file.py" for number in range(40_000))

    assert picking.touching([*many, ":(top)x"], start, changed, 9) == (changed,)
    assert picking.touching(["x"], start, changed, 9) == ()
    for path in odd:
        assert picking.blob(shop.tree_of(start), path.decode()) == shop.blob(b"1\n")
    assert picking.with_blobs(shop.tree_of(start), {path.decode(): "" for path in odd}) == shop.tree(
        {b"x": b"other\n", b"d/NEWS": b"other\n"}
    )


# -- kinds of clone -----------------------------------------------------------------------------------


def test_a_partial_clone_tells_what_it_lacks_and_fetches_nothing(
    shop: Clone, opened: Opened, tmp_path: Path
) -> None:
    shop.git("config", "uploadpack.allowFilter", "true")
    start = shop.commit({b"a": LINES, b"b": b"1\n"}, branch="main")
    release = shop.commit({b"a": b"first\n" + LINES}, start, branch="release")
    by_tree = shop.commit({b"b": b"2\n"}, start, branch="by-tree")
    by_lines = shop.commit({b"a": FIXED}, start, branch="by-lines")
    partial = repositories.clone(shop.path, tmp_path / "partial", "--filter=blob:none", "--no-checkout")
    before = partial.everything()

    picking = opened(partial)
    one, two = picking.attempt([Attempt((by_tree,), release), Attempt((by_lines,), release)])

    assert as_real(one) == shop.picked_for_real(release, by_tree)
    assert two.unreadable
    assert picking.changes([(shop.tree_of(release), one.trees[-1])]) == (None,)
    assert partial.everything() == before


def test_an_attribute_file_that_a_partial_clone_lacks_is_not_taken_for_none(
    shop: Clone, picking: GitPicking
) -> None:
    start = shop.commit(
        {b"docs/NEWS": b"old\n", b"docs/.gitattributes": b"NEWS merge=union\n"}, branch="main"
    )
    release = shop.commit({b"docs/NEWS": b"released\nold\n"}, start)
    fixed = shop.commit({b"docs/NEWS": b"mended\nold\n"}, start)
    blob = shop.git("rev-parse", f"{start}:docs/.gitattributes")
    (shop.path / f".git/objects/{blob[:2]}/{blob[2:]}").unlink()

    assert tried(picking, release, fixed).unreadable == "an attribute file of the base is not in this clone"


def test_a_link_is_no_attribute_file(shop: Clone, picking: GitPicking) -> None:
    start = shop.commit({b"NEWS": b"old\n", b".gitattributes": (LINK, b"NEWS merge=union")}, branch="main")
    release = shop.commit({b"NEWS": b"released\nold\n"}, start)
    fixed = shop.commit({b"NEWS": b"mended\nold\n"}, start)

    assert as_real(tried(picking, release, fixed)) == shop.picked_for_real(release, fixed)
    assert tried(picking, release, fixed).clashes


def test_a_shallow_clone_needs_only_the_fix_its_parent_and_the_base(
    shop: Clone, opened: Opened, tmp_path: Path
) -> None:
    start = shop.commit({b"a": LINES}, shop.commit({b"a": b"0\n"}), branch="main")
    release = shop.commit({b"x": b"1\n"}, start)
    fixed = shop.commit({b"a": FIXED}, start, branch="main")
    shop.git("update-ref", "refs/heads/release", release)
    shallow = repositories.clone(shop.path, tmp_path / "shallow", "--depth=2", "--no-single-branch")

    assert as_real(tried(opened(shallow), release, fixed)) == shop.picked_for_real(release, fixed)
    cut = repositories.clone(shop.path, tmp_path / "cut", "--depth=1", "--no-single-branch")
    assert (
        tried(opened(cut), release, fixed).unreadable
        == f"{start[:12]}, the parent of {fixed[:12]}, is not in this clone"
    )


def test_a_repository_on_sha256(opened: Opened, tmp_path: Path) -> None:
    shop = repositories.create(tmp_path / "shop", "--object-format=sha256")
    start = shop.commit({b"NEWS": b"old\n", b".gitattributes": b"NEWS merge=union\n"}, branch="main")
    release = shop.commit({b"NEWS": b"released\nold\n"}, start)
    fixed = shop.commit({b"NEWS": b"mended\nold\n"}, start)

    mine = tried(opened(shop), release, fixed)

    assert as_real(mine) == shop.picked_for_real(release, fixed)
    assert len(mine.trees[-1]) == 64


def test_a_bare_repository_without_configuration(shop: Clone, opened: Opened, tmp_path: Path) -> None:
    start = shop.commit({b"a": LINES}, branch="main")
    fixed = shop.commit({b"a": FIXED}, start)
    shop.git("update-ref", "refs/heads/fix", fixed)
    bare = repositories.clone(shop.path, tmp_path / "bare.git", "--bare")
    (bare.path / "config").unlink()

    assert tried(opened(bare), start, fixed).trees == (shop.tree_of(fixed),)


# -- what is not believed -----------------------------------------------------------------------------


def test_a_replaced_commit_is_picked_as_it_is(shop: Clone, picking: GitPicking) -> None:
    start = shop.commit({b"a": LINES}, branch="main")
    fixed = shop.commit({b"a": FIXED}, start)
    evil = shop.commit({b"a": OTHER}, start)
    shop.git("replace", fixed, evil)

    assert tried(picking, start, fixed).trees == (shop.tree({b"a": FIXED}),)


def test_a_driver_that_attributes_name_is_not_run(shop: Clone, picking: GitPicking, tmp_path: Path) -> None:
    sprung = tmp_path / "sprung"
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\n: > '{sprung}'\n")
    trap.chmod(0o755)
    start = shop.commit(
        {b"a": LINES, b".gitattributes": b"* merge=evil filter=evil diff=evil\n"}, branch="main"
    )
    release = shop.commit({b"a": b"first\n" + LINES}, start)
    conflicting = shop.commit({b"a": OTHER}, start)
    fixed = shop.commit({b"a": FIXED}, start)
    trees = (shop.tree_of(start), shop.tree_of(fixed))
    for setting in (
        *("merge.evil.driver", "filter.evil.clean", "filter.evil.smudge", "diff.evil.textconv"),
        *("core.fsmonitor", "core.sshCommand", "diff.external", "core.attributesFile"),
    ):
        shop.git("config", setting, str(trap))

    assert tried(picking, release, fixed).clean
    assert not tried(picking, conflicting, fixed).clean
    assert picking.changes([trees])[0]
    assert picking.history("a", start, fixed)
    assert not sprung.exists()


def test_the_persons_own_attributes_have_no_say(
    shop: Clone, picking: GitPicking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is clean on one machine must be clean on all."""
    home = tmp_path / "home"
    (home / ".config/git").mkdir(parents=True)
    (home / ".config/git/attributes").write_text("* merge=union\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    start = shop.commit({b"a": LINES}, branch="main")

    assert tried(picking, shop.commit({b"a": OTHER}, start), shop.commit({b"a": FIXED}, start)).clashes


def test_nothing_of_the_repository_changes(shop: Clone, picking: GitPicking) -> None:
    start = shop.commit({b"a": LINES}, branch="main")
    shop.git("checkout", "--quiet", "main")
    (shop.path / "a").write_bytes(b"half written\n")
    before = shop.everything()

    fixed = shop.commit({b"a": FIXED}, start)
    before = shop.everything()
    picking.attempt([Attempt((fixed,), start)])
    picking.history("a", start, fixed)
    picking.mentions(start, fixed)

    assert shop.everything() == before
    assert os.environ.get("GIT_DIR") is None
