"""Everything that people point a tool at: each gets a clear answer and the right exit code, never a trace."""

import shutil
import subprocess
from pathlib import Path

import pytest

from stories.people import Person
from stories.world import LIVE, NEW, TEST, World

START = ["--severity", "SEV2", "--detected", "5m", "--impact", "x", "--not-flag", "x", "--not-return", "x"]


# -- the policy --


def test_without_a_policy_the_way_to_one_is_named(world: World) -> None:
    world.rita.git("rm", "-q", "hotfix.toml")
    world.rita.git("commit", "-q", "-m", "No rules")
    world.rita.git("push", "-q")
    world.olga.git("fetch", "-q")
    refused = world.olga.hotfix("start", "Broken", *START, exits=1)
    assert "There is no hotfix.toml on origin/main" in refused.err
    assert "hotfix init" in refused.err
    assert "no hotfix is open" in world.olga.hotfix("status").out


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ("", "hotfix.toml is empty"),
        ("# nothing but words\n", "hotfix.toml is empty"),
        ("version = 1\nversion = 1\n", "at line 2"),
        ("version = 1\nservice = \n", "at line 2"),
        ('version = 1\nservice = "x"\nservcie = "y"\n', "hotfix.toml:3: servcie: unknown key"),
        ('version = 1\n[target.app]\nkind = "command"\n', "service: missing"),
        ("version = 2\n", "hotfix.toml:1: version"),
        ('version = 1\nservice = "\xff"\n', "not UTF-8"),
    ],
)
def test_a_wrong_policy_is_answered_with_the_line(world: World, policy: str, said: str) -> None:
    (world.rita.clone / "hotfix.toml").write_bytes(policy.encode("latin-1"))
    world.rita.git("commit", "-q", "-am", "Other rules")
    world.rita.git("push", "-q")
    refused = world.olga.hotfix("start", "Broken", *START, exits=1)
    assert said in refused.err


def test_a_team_without_a_list_of_signers_is_told_to_make_one(world: World) -> None:
    world.rita.git("rm", "-q", ".hotfix/allowed_signers")
    world.rita.git("commit", "-q", "-m", "Nobody")
    world.rita.git("push", "-q")
    refused = world.olga.hotfix("start", "Broken", *START, "--json", exits=1)
    assert refused.codes == ["policy-no-signers"]


# -- the repository --


def test_outside_of_any_repository(world: World) -> None:
    place = world.folder / "nowhere"
    place.mkdir()
    refused = world.olga.hotfix("-C", str(place), "status", exits=1)
    assert "There is no git repository" in refused.err
    assert "-C DIR" in refused.err


def test_in_a_folder_that_does_not_exist(world: World) -> None:
    said = world.olga.hotfix("-C", str(world.folder / "nowhere"), "status", exits=2)
    assert "nowhere' does not exist" in said.err


def test_an_empty_repository(world: World) -> None:
    place = world.folder / "empty"
    world.olga.git("init", "-q", str(place))
    refused = world.olga.hotfix("-C", str(place), "start", "Broken", *START, exits=1)
    assert "main line" in refused.err
    assert world.olga.hotfix("-C", str(place), "status").code == 0


def test_a_release_that_no_tag_names_is_not_guessed(world: World) -> None:
    world.put("web-1", "v9.9.9")
    world.put("web-2", "v9.9.9")
    world.start()
    refused = world.olga.hotfix("pick", world.fix, exits=1)
    assert "'v9.9.9', which is no release on record, no tag and no commit id" in refused.err
    assert "tag the deployed commit" in refused.err


def test_without_any_tag_a_commit_id_will_do(world: World) -> None:
    commit = world.olga.git("rev-parse", LIVE)
    for unit in ("web-1", "web-2"):
        place = world.folder / "units" / unit / "releases"
        (place / LIVE).rename(place / commit)
        world.put(unit, commit)
    for place in (world.remote, world.olga.clone, world.rita.clone):
        subprocess.run(
            ["git", "-C", str(place), "tag", "-d", LIVE, "v1.0.0"], check=True, capture_output=True
        )
    world.shipped()
    assert world.serves() == [f"{commit}+hf.1"] * 2


def test_head_may_be_detached(world: World) -> None:
    world.olga.git("checkout", "-q", "--detach", "HEAD~2")
    world.shipped()
    assert world.serves() == [NEW, NEW]


def test_from_start_to_ship_nothing_of_the_work_tree_the_index_or_the_branch_changes(world: World) -> None:
    clone = world.olga.clone
    (clone / "total.sh").write_text("half an idea\n")
    (clone / "greet.sh").write_text("staged\n")
    world.olga.git("add", "greet.sh")
    (clone / "new file").write_text("not added\n")
    (clone / "alive.sh").unlink()

    def snapshot() -> tuple[object, ...]:
        status = world.olga.git(
            "--no-optional-locks", "status", "--porcelain=v1", "-z", "--untracked-files=all"
        )
        files = {str(path): path.read_bytes() for path in clone.glob("*") if path.is_file()}
        return status, (clone / ".git" / "HEAD").read_bytes(), (clone / ".git" / "index").read_bytes(), files

    before, tip = snapshot(), world.olga.git("rev-parse", "HEAD")
    world.shipped()
    world.olga.hotfix("land")
    world.olga.hotfix("rollback")
    assert snapshot() == before
    assert world.olga.git("rev-parse", "HEAD") == tip
    assert world.olga.git("stash", "list") == ""


def test_a_shallow_clone_without_the_base_says_how_to_get_it(world: World) -> None:
    shutil.rmtree(world.olga.clone)
    url = f"file://{world.remote}"
    subprocess.run(
        ["git", "clone", "-q", "--depth=1", url, str(world.olga.clone)],
        env=world.olga.environment,
        check=True,
    )
    world.start()
    refused = world.olga.hotfix("pick", "origin/main", exits=1)
    assert "is not in this clone" in refused.err
    assert "git fetch --unshallow" in refused.err
    world.olga.git("fetch", "-q", "--unshallow")
    assert "proof: PROVEN" in world.olga.hotfix("pick", "origin/main").out


def test_a_bare_repository_has_no_work_tree_and_needs_none(world: World) -> None:
    bare = world.folder / "bare.git"
    world.olga.git("clone", "-q", "--bare", str(world.remote), str(bare))
    world.olga.git("-C", str(bare), "config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*")
    world.olga.git("-C", str(bare), "fetch", "-q")
    assert world.olga.hotfix("-C", str(bare), "init", exits=1).err.startswith("✗ This is a bare repository")
    world.start()
    picked = world.olga.hotfix("-C", str(bare), "pick", world.fix)
    assert "proof: PROVEN" in picked.out
    assert "HF-1" in world.olga.hotfix("-C", str(bare), "status").out


def test_a_linked_work_tree_is_as_good_as_the_first(world: World) -> None:
    linked = world.folder / "linked"
    world.olga.git("worktree", "add", "-q", "-b", "side", str(linked))
    world.start()
    assert "proof: PROVEN" in world.olga.hotfix("-C", str(linked), "pick", world.fix).out
    assert "HF-1" in world.olga.hotfix("status").out


def test_from_a_folder_below_the_top(world: World) -> None:
    world.start()
    assert "HF-1" in world.olga.hotfix("-C", str(world.olga.clone / ".hotfix"), "status").out


def test_paths_with_blanks_quotes_and_letters_of_other_scripts(tmp_path: Path) -> None:
    world = World(tmp_path / "Käse & 漢字's place")
    world.shipped()
    assert world.serves() == [NEW, NEW]
    world.olga.hotfix("rollback")
    assert world.serves() == [LIVE, LIVE]


# -- what is picked --


def test_an_unknown_hotfix_is_refused_and_no_id_at_all_is_a_usage_error(world: World) -> None:
    world.start()
    for verb in ("status", "review", "ship", "rollback", "prove", "scope", "authorize", "land", "close"):
        assert (
            "There is no hotfix HF-9 on record (there is: HF-1)"
            in world.olga.hotfix(verb, "HF-9", exits=1).err
        )
        assert "'nine' is no hotfix id" in world.olga.hotfix(verb, "nine", exits=2).err


def test_several_open_hotfixes_must_be_told_apart(world: World) -> None:
    world.start()
    world.start()
    refused = world.olga.hotfix("pick", world.fix, exits=1)
    assert "2 hotfixes are open; say which" in refused.err


@pytest.mark.parametrize(
    "name", ["nothing-such", "-x", "--", "", "HEAD@{1}", "main..HEAD", ":/Totals", "0000000"]
)
def test_a_name_that_is_no_commit(world: World, name: str) -> None:
    world.start()
    refused = world.olga.hotfix("pick", "--", name, exits=1)
    assert "There is no commit" in refused.err or "git" in refused.err


def test_a_fix_that_conflicts_names_the_paths_and_a_way_on(world: World) -> None:
    world.on_trunk({"total.sh": "# rewritten\nexpr $1 + $2\n"}, "Rewrite")
    fix = world.on_trunk({"total.sh": "# rewritten\nexpr $1 + $2 + 0\n", "tests/regression.sh": TEST}, "Fix")
    world.start()
    world.olga.git("fetch", "-q")
    refused = world.olga.hotfix("pick", fix, exits=1)
    assert "1 path in conflict" in refused.err
    assert "    total.sh" in refused.err
    assert f"git switch -c my-fix {world.olga.git('rev-parse', LIVE)[:12]}" in refused.err


@pytest.mark.parametrize("release", [LIVE, "v1.0.0"])
def test_a_fix_that_production_already_has(world: World, release: str) -> None:
    world.start()
    assert world.olga.hotfix("pick", release, "--json", exits=1).codes == ["pick-already-there"]


def test_a_fix_that_changes_nothing(world: World) -> None:
    world.start()
    empty = world.rita.git("commit-tree", "-p", "HEAD", "-m", "nothing", "HEAD^{tree}")
    world.rita.git("push", "-q", "origin", f"{empty}:refs/heads/nothing")
    world.olga.git("fetch", "-q")
    assert world.olga.hotfix("pick", "origin/nothing", "--json", exits=1).codes == ["pick-empty"]


def test_a_merge_is_picked_as_what_it_brought_to_its_first_parent(world: World) -> None:
    world.rita.git("checkout", "-q", "-b", "side", "HEAD~1")
    world.rita.commit({"side.sh": "echo side\n"}, "Beside")
    world.rita.git("merge", "-q", "--no-edit", "main")
    world.rita.git("push", "-q", "origin", "side")
    world.start()
    world.olga.git("fetch", "-q")
    world.olga.hotfix("pick", "origin/side")
    assert world.olga.git("diff", "--name-only", LIVE, "hotfix/HF-1").split() == [
        "tests/regression.sh",
        "total.sh",
    ]


# -- the machine --


def only(world: World, *programs: str) -> dict[str, str]:
    """A search path with nothing on it but these programs."""
    place = world.folder / "bin"
    place.mkdir()
    for program in programs:
        found = shutil.which(program)
        assert found is not None
        (place / program).symlink_to(found)
    return {"PATH": str(place)}


def test_without_git(world: World) -> None:
    refused = world.olga.hotfix("status", exits=1, env=only(world))
    assert "git is not installed, or not on PATH" in refused.err


def test_with_a_git_that_is_too_old(world: World) -> None:
    place = world.folder / "bin"
    place.mkdir()
    (place / "git").write_text("#!/bin/sh\necho git version 2.30.2\n")
    (place / "git").chmod(0o755)
    refused = world.olga.hotfix("status", "--json", exits=1, env={"PATH": str(place)})
    assert refused.codes == ["git-too-old"]
    assert "2.38" in refused.json["error"]["findings"][0]["next"]


def test_without_ssh_keygen_one_can_read_but_not_sign(world: World) -> None:
    world.picked()
    world.rita.hotfix("review")
    without = only(world, "git", "git-upload-pack", "git-receive-pack", "sh", "cat")
    assert "HF-1" in world.rita.hotfix("status", env=without).out
    refused = world.rita.hotfix("review", "--approve", "--json", exits=1, env=without)
    assert refused.codes == ["signature-openssh"]


def test_a_key_file_that_is_gone(world: World) -> None:
    world.picked()
    world.sam.key.with_name("id_ed25519.pub").unlink()
    refused = world.sam.hotfix("review", "--approve", "--json", exits=1)
    assert refused.codes == ["signature-key-unreadable"]


def test_somebody_whom_git_does_not_know(world: World) -> None:
    nobody = Person("nobody", world.folder / "people" / "nobody")
    nobody.home.mkdir()
    world.clone(nobody)
    refused = nobody.hotfix("start", "Broken", *START, "--json", exits=1)
    assert refused.codes == ["git-no-identity"]
