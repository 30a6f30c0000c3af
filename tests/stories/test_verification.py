"""``hotfix log --verify``: whoever changes, moves or removes what was on record is found out, by its number."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from stories.people import Person
from stories.world import World

Lines = list[bytes]


def flipped(lines: Lines) -> Lines:
    """One word of seq 3 is another."""
    assert b"result_tree" in lines[2]
    return [*lines[:2], lines[2].replace(b"Totals add up", b"Totals add on"), *lines[3:]]


def swapped(lines: Lines) -> Lines:
    """Seq 1 and 2 change places."""
    return [lines[1], lines[0], *lines[2:]]


def removed(lines: Lines) -> Lines:
    """Seq 2 is gone."""
    return [lines[0], *lines[2:]]


@pytest.mark.parametrize(("attack", "named"), [(flipped, "seq 3"), (swapped, "seq 2"), (removed, "seq 2")])
def test_what_was_changed_is_named_by_its_number(
    world: World, attack: Callable[[Lines], Lines], named: str
) -> None:
    world.picked()
    assert "the record is whole" in world.olga.hotfix("log", "--verify").out
    rewrite(world.olga, attack)
    verdict = world.olga.hotfix("log", "--verify", exits=1)
    assert named in verdict.out
    assert "IS NOT WHOLE" in verdict.out
    assert world.olga.hotfix("log", "--verify", "--json", exits=1).json["findings"]


def test_a_rewritten_remote_is_noticed_by_every_clone_that_saw_the_true_one(world: World) -> None:
    world.picked()
    world.rita.hotfix("review")
    rewrite(world.mallory, flipped, fetch=True)
    world.mallory.git("push", "-q", "--force", "origin", "hotfix-record")
    refused = world.rita.hotfix("log", "--verify", exits=1)
    assert "was rewritten" in refused.all
    shipping = world.olga.hotfix("ship", "--wait", "0s", "--json", exits=1)
    assert shipping.codes == ["record-rewritten"]


def test_a_change_that_comes_as_an_ordinary_commit_is_named_by_that_commit(world: World) -> None:
    world.picked()
    rewrite(world.mallory, flipped, fetch=True, on_top=True)
    world.mallory.git("push", "-q", "origin", "hotfix-record")
    verdict = world.olga.hotfix("log", "--verify", exits=1)
    assert f"Commit {world.mallory.git('rev-parse', '--short=7', 'hotfix-record')[:7]}" in verdict.out
    assert "changes what was on record" in verdict.out


def test_a_cut_off_tail_is_noticed_by_whoever_had_it(world: World) -> None:
    world.picked()
    world.mallory.git("fetch", "-q", "origin", "hotfix-record")
    world.mallory.git("push", "-q", "--force", "origin", "FETCH_HEAD~1:refs/heads/hotfix-record")
    assert "was rewritten" in world.olga.hotfix("log", "--verify", exits=1).all


def test_what_the_remote_does_not_have_yet_is_said(world: World) -> None:
    world.shipped()
    anchored = world.olga.hotfix("status", "--json").json["anchored"]
    world.remote.rename(world.folder / "elsewhere.git")
    world.olga.hotfix("rollback")
    last = world.olga.hotfix("status", "--json").json["entries"]
    verdict = world.olga.hotfix("log", "--verify")
    assert f"not anchored: seq {anchored + 1} to {last} are not on the remote" in verdict.out


def test_signatures_are_counted_by_todays_list_of_signers(world: World) -> None:
    world.approved()
    before = world.olga.hotfix("log", "--verify", "--json").json
    assert before["signed"] == before["commits"]
    world.trust(world.olga.signer, world.sam.signer)
    world.gates()
    after = world.olga.hotfix("log", "--verify", "--json").json
    assert after["signed"] == before["signed"] - 2
    assert sum("does not count today" in note for note in after["notes"]) == 2


def rewrite(
    person: Person, attack: Callable[[Lines], Lines], *, fetch: bool = False, on_top: bool = False
) -> None:
    """Rewrite HF-1's record in the person's clone: the whole history in one commit, or one commit on top of it."""
    if fetch:
        person.git("fetch", "-q", "origin", "hotfix-record:hotfix-record")
    work = person.home / "tampering"
    person.git("worktree", "add", "-q", "--detach", str(work), "hotfix-record")
    files = sorted((work / "HF-1" / "record").iterdir())
    lines = attack([line for file in files for line in file.read_bytes().splitlines()])
    _spread(files, lines)
    git = ["git", "-C", str(work)]
    message = ["commit-tree", "-m", "nothing to see here", *(["-p", "hotfix-record"] if on_top else [])]
    for words in (["add", "-A"],):
        subprocess.run([*git, *words], env=person.environment, check=True)
    tree = subprocess.run(
        [*git, "write-tree"], env=person.environment, check=True, capture_output=True, text=True
    )
    commit = person.git(*message, tree.stdout.strip())
    person.git("update-ref", "refs/heads/hotfix-record", commit)


def _spread(files: list[Path], lines: Lines) -> None:
    """The lines over the files, as many in each as there were; what is left over goes into the last."""
    for file in files:
        count = len(file.read_bytes().splitlines())
        mine, lines = (lines[:count], lines[count:]) if file != files[-1] else (lines, [])
        file.write_bytes(b"".join(line + b"\n" for line in mine))
