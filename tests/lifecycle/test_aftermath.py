"""What trunk said of a fix afterwards."""

import pytest

from hotfix.lifecycle.pick.aftermath import Later, aftermath

FIX = "3f2a91c0" + "0" * 32


@pytest.mark.parametrize(
    ("message", "how"),
    [
        (f'Revert "mend the cart"\n\nThis reverts commit {FIX}.\n', "reverts"),
        ("Back out.\n\nThis reverts commit 3f2a91c0 because it broke checkout.\n", "reverts"),
        (f'mend it really\n\nFixes: {FIX[:12]} ("mend the cart")\n', "fixes"),
        ("mend it\n\nfixes: 3f2a91c\n", "fixes"),
    ],
)
def test_a_revert_and_a_later_fix_are_told_apart(message: str, how: str) -> None:
    assert aftermath(FIX, [("later", message)]) == (Later("later", how),)


@pytest.mark.parametrize(
    "message",
    [
        f"(cherry picked from commit {FIX})",
        "This reverts commit 3f2a91d0.",
        "Fixes: #41",
        f"This was not what reverted {FIX}",
        "Fixes: 3f2a91",
        "",
    ],
)
def test_a_commit_that_only_names_it_says_nothing_against_it(message: str) -> None:
    assert aftermath(FIX, [("later", message)]) == ()
