"""Names are resolved once, to full commit ids; what could mean two things is refused, never guessed."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.adapters import repositories
from tests.adapters.repositories import Clone

from hotfix.adapters.git.repository import Repository
from hotfix.record.finding import Refused


@pytest.fixture
def shop(tmp_path: Path) -> Clone:
    """Three commits on main, of which the second is tagged, with and without a note."""
    shop = repositories.create(tmp_path / "shop")
    one = shop.commit({b"a": b"1\n"}, message=b"one\n")
    two = shop.commit({b"a": b"2\n"}, one, message=b"two\n")
    shop.commit({b"a": b"3\n"}, two, message=b"three\n", branch="main")
    shop.git("tag", "v1", two)
    shop.git("tag", "-a", "-m", "a note", "v1-annotated", two)
    return shop


@pytest.fixture
def git(shop: Clone) -> Iterator[Repository]:
    with repositories.opened(shop.path) as repository:
        yield repository


def refuses(git: Repository, name: str, because: str) -> None:
    with pytest.raises(Refused) as told:
        git.resolve(name)
    assert told.value.findings[0].code == because, told.value.findings[0].sentence
    assert told.value.findings[0].next


def test_the_usual_ways_to_name_a_commit(shop: Clone, git: Repository) -> None:
    one, two, three = shop.git("rev-list", "--reverse", "main").splitlines()
    named = {
        "main": three,
        "HEAD": three,
        "HEAD~1": two,
        "HEAD^": two,
        "main~2": one,
        "HEAD^^": one,
        "v1": two,
        "v1^": one,
        "v1-annotated": two,
        "v1-annotated~1": one,
        three: three,
        f"{three}~1": two,
        three[:10]: three,
        three[:10].upper(): three,
    }

    assert {name: git.resolve(name) for name in named} == named


@pytest.mark.parametrize(
    "name",
    [
        *(
            "no-such-branch",
            "HEAD~3",
            "main^2",
            "0" * 40,
            "deadbeef",
            "",
            " ",
            "@",
            "@{-1}",
            "main@{0}",
            "main..v1",
        ),
        *(
            ":/two",
            "HEAD:a",
            "v1^{tree}",
            "--all",
            "-n1",
            "--output=canary",
            "main\nHEAD",
            "main\0",
            "refs/heads/*",
        ),
        *("../main", "/", "main/", "mai?", "[m]ain", "HEAD^{/two}", "~1", "^", "main.lock", "\udcff"),
    ],
)
def test_what_names_no_commit_is_refused(git: Repository, name: str) -> None:
    refuses(git, name, "git-unknown")


def test_what_names_a_file_or_a_tree_is_no_commit(shop: Clone, git: Repository) -> None:
    blob, tree = shop.git("rev-parse", "HEAD:a"), shop.git("rev-parse", "HEAD^{tree}")
    shop.git("tag", "a-file", blob)

    for name in (blob, tree, blob[:12], tree[:12], "a-file"):
        refuses(git, name, "git-unknown")


def test_a_branch_and_a_tag_of_one_name_are_refused_where_they_differ(shop: Clone, git: Repository) -> None:
    shop.git("update-ref", "refs/heads/v1", shop.git("rev-parse", "main"))

    refuses(git, "v1", "git-ambiguous")
    refuses(git, "v1~1", "git-ambiguous")
    assert git.tag_commit("v1") == shop.git("rev-parse", "refs/tags/v1")


def test_a_branch_and_a_tag_of_one_name_are_fine_where_they_agree(shop: Clone, git: Repository) -> None:
    shop.git("update-ref", "refs/heads/v1", "refs/tags/v1")

    assert git.resolve("v1") == shop.git("rev-parse", "refs/tags/v1")


def test_a_branch_called_like_the_beginning_of_another_commit_is_refused(
    shop: Clone, git: Repository
) -> None:
    one = shop.git("rev-parse", "main~2")
    shop.git("update-ref", f"refs/heads/{one[:8]}", "main")

    refuses(git, one[:8], "git-ambiguous")
    assert git.resolve(one) == one


def test_a_branch_called_like_a_whole_commit_id_makes_that_id_ambiguous(shop: Clone, git: Repository) -> None:
    one = shop.git("rev-parse", "main~2")
    shop.git("update-ref", f"refs/heads/{one}", "main")

    with pytest.raises(Refused, match="could mean different commits") as told:
        git.resolve(one)
    assert told.value.findings[0].next == "rename what is called like an id"


def test_a_short_id_of_two_commits_is_refused(shop: Clone, git: Repository) -> None:
    tree = shop.git("rev-parse", "main^{tree}")
    stream = b"".join(
        b"commit refs/heads/many/%d\ncommitter X <x@y> %d +0000\ndata 0\nM 040000 %s \n\n"
        % (number, number, tree.encode())
        for number in range(600)
    )
    shop.raw("fast-import", "--quiet", input=stream)
    ids = shop.git("for-each-ref", "--format=%(objectname)", "refs/heads/many/").splitlines()
    starts = [id[:4] for id in ids]
    twice = next(start for start in starts if starts.count(start) > 1)

    refuses(git, twice, "git-ambiguous")


@pytest.mark.parametrize("name", ["-x", "--help", "--upload-pack=touch"])
def test_a_branch_named_like_an_option_is_never_one(shop: Clone, git: Repository, name: str) -> None:
    """git's porcelain would not make it; update-ref does."""
    shop.git("update-ref", f"refs/heads/{name}", "main~1")

    refuses(git, name, "git-unknown")
    assert git.resolve("main") == shop.git("rev-parse", "main")


@pytest.mark.parametrize(
    "branch",
    [b"fix/caf\xe9", "caf\u00e9".encode(), "a\u2028b".encode(), "a\x85b".encode(), b";id", b"$(id)", b"a'b"],
)
def test_odd_branch_names_are_names_like_any_other(shop: Clone, git: Repository, branch: bytes) -> None:
    commit = shop.git("rev-parse", "main~1")
    shop.git("update-ref", "--stdin", input=b"create refs/heads/" + branch + b" " + commit.encode() + b"\n")

    assert git.resolve(branch.decode("utf-8", "surrogateescape")) == commit
    assert git.resolve("main") == shop.git("rev-parse", "main")


def test_odd_tag_names_do_not_disturb_the_others(shop: Clone, git: Repository) -> None:
    two = shop.git("rev-parse", "main~1")
    shop.git("update-ref", "refs/tags/a\u2028b", two)

    assert set(git.tags_of(two)) == {"v1", "v1-annotated", "a\u2028b"}
    assert git.tag_commit("a\u2028b") == two


def test_a_name_below_another_is_not_that_other(shop: Clone, git: Repository) -> None:
    shop.git("update-ref", "refs/heads/release/2", "main")

    refuses(git, "release", "git-unknown")
    assert git.ref("refs/heads/release") is None
    assert git.tag_commit("no-such-tag") is None


# -- with a remote ---------------------------------------------------------------------------------


@pytest.fixture
def work(shop: Clone, tmp_path: Path) -> Clone:
    return repositories.clone(shop.path, tmp_path / "work")


def test_branches_of_the_remote_are_found_by_both_their_names(shop: Clone, work: Clone) -> None:
    fix = shop.commit({b"fix": b"1\n"}, shop.git("rev-parse", "main"), branch="fix")
    work.git("fetch", "--quiet")

    with repositories.opened(work.path) as git:
        assert git.resolve("origin/fix") == fix
        assert git.resolve("fix") == fix
        assert git.resolve("fix~1") == shop.git("rev-parse", "main")
        assert git.tips("fix") == (fix,)


def test_a_branch_of_ones_own_below_a_name_does_not_hide_the_remotes_branch_of_that_name(
    shop: Clone, work: Clone
) -> None:
    fix = shop.commit({b"fix": b"1\n"}, shop.git("rev-parse", "main"), branch="fix")
    work.git("fetch", "--quiet")
    work.git("update-ref", "refs/tags/fix/mine", "HEAD")

    with repositories.opened(work.path) as git:
        assert git.resolve("fix") == fix


def test_ones_own_branch_goes_before_the_remotes_of_the_same_name(shop: Clone, work: Clone) -> None:
    """As git itself does: a short name is one's own branch where there is one."""
    ahead = work.commit({b"more": b"1\n"}, work.git("rev-parse", "HEAD"), branch="main")

    with repositories.opened(work.path) as git:
        assert git.resolve("main") == ahead
        assert git.resolve("origin/main") == shop.git("rev-parse", "main")
        assert git.tips("main") == (ahead, shop.git("rev-parse", "main"))
        assert git.trunk().commit == shop.git("rev-parse", "main"), (
            "trunk is what was fetched, not what is here"
        )
        assert git.trunk().ref == "refs/remotes/origin/main"


def test_trunk_is_what_the_remote_calls_its_head(shop: Clone, tmp_path: Path) -> None:
    shop.git("branch", "--quiet", "-M", "main", "develop")
    shop.git("update-ref", "refs/heads/master", "develop~1")
    work = repositories.clone(shop.path, tmp_path / "work")

    with repositories.opened(work.path) as git:
        assert git.trunk().name == "develop"
        assert git.trunk("master").commit == shop.git("rev-parse", "master")
        with pytest.raises(Refused, match="refs/remotes/origin/none"):
            git.trunk("none")


def test_trunk_without_a_remote_is_the_only_one_of_main_and_master(shop: Clone, git: Repository) -> None:
    assert git.trunk().name == "main"
    assert git.trunk().ref == "refs/heads/main"

    shop.git("update-ref", "refs/heads/master", "main~1")
    with pytest.raises(Refused, match="both main and master") as told:
        git.trunk()
    assert told.value.findings[0].next == "git config hotfix.trunk NAME"

    shop.git("config", "hotfix.trunk", "master")
    assert git.trunk().commit == shop.git("rev-parse", "main~1")


@pytest.mark.parametrize(
    "url", ["ext::sh -c touch% canary", "-oProxyCommand=touch", "--upload-pack=touch canary", "", "fd::17"]
)
def test_a_remote_whose_url_is_a_command_is_refused(shop: Clone, url: str) -> None:
    shop.git("config", "remote.origin.url", url)

    with pytest.raises(Refused, match="not one that git may be given"), repositories.opened(shop.path):
        raise AssertionError("opened it")


def test_several_remotes_of_which_none_is_origin_are_refused(shop: Clone) -> None:
    shop.git("remote", "add", "a", "elsewhere")
    with repositories.opened(shop.path) as git:
        assert git.has_remote()
    shop.git("remote", "add", "b", "elsewhere")

    with pytest.raises(Refused, match="2 remotes"), repositories.opened(shop.path):
        raise AssertionError("opened it")


def test_a_clone_has_a_name_of_its_own_and_a_copy_of_it_has_another(shop: Clone, tmp_path: Path) -> None:
    shutil.copytree(shop.path, tmp_path / "before", symlinks=True)
    with repositories.opened(shop.path) as git, repositories.opened(shop.path) as again:
        ours = git.clone_id()
        assert again.clone_id() == ours
    shutil.copytree(shop.path, tmp_path / "after", symlinks=True)
    for copy in ("before", "after"):
        with repositories.opened(tmp_path / copy) as git:
            assert git.clone_id() != ours
