"""A pull or merge request, as people name one."""

import pytest

from hotfix.lifecycle.pick.pull_request import PullRequest, is_of, named

HERE = PullRequest(41, "forge.example", "team/shop")


@pytest.mark.parametrize("text", ["#41", "!41", "pr/41", "mr/41"])
def test_a_number_with_a_sign_is_one(text: str) -> None:
    assert named(text) == PullRequest(41)


def test_a_bare_number_might_be_something_else() -> None:
    assert named("41") == PullRequest(41, certain=False)


@pytest.mark.parametrize(
    "page",
    [
        "https://forge.example/team/shop/pull/41",
        "https://forge.example/team/shop/pull/41/files#r1",
        "https://forge.example/team/shop/-/merge_requests/41",
        "http://forge.example/team/shop/pulls/41?tab=1",
    ],
)
def test_its_page_says_of_which_repository_too(page: str) -> None:
    assert named(page) == HERE


@pytest.mark.parametrize(
    "text",
    [
        "main",
        "3f2a91c",
        "#",
        "#0",
        "0041",
        "#41x",
        "https://forge.example/team/shop/issues/41",
        "",
        "pull/41",
    ],
)
def test_everything_else_is_none(text: str) -> None:
    assert named(text) is None


@pytest.mark.parametrize(
    "remote",
    [
        "https://forge.example/team/shop.git",
        "https://forge.example/Team/Shop",
        "git@forge.example:team/shop.git",
        "ssh://git@forge.example:2222/team/shop.git",
        "https://token@forge.example/team/shop/",
    ],
)
def test_it_is_of_the_repository_that_the_remote_is(remote: str) -> None:
    assert is_of(HERE, remote)


@pytest.mark.parametrize(
    "remote", ["https://forge.example/team/other", "https://evil.example/team/shop", "/srv/git/team/shop", ""]
)
def test_it_is_of_no_other(remote: str) -> None:
    assert not is_of(HERE, remote)
    assert is_of(PullRequest(41), remote), "a number is of whichever repository it is said in"
