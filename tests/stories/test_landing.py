"""Is the fix on trunk? Shown by history or by picking it again, never by what a message says; and the CI of a release."""

import shutil

from stories.world import RIGHT, TEST, WRONG, World

LONG = "".join(f"# {number}\n" for number in range(12))


def authored(world: World) -> str:
    """Olga mends it on the base itself, ships that, and trunk never heard of it."""
    world.rita.git("reset", "-q", "--hard", "HEAD~1")
    world.rita.git("push", "-q", "--force", "origin", "main")
    world.start()
    world.olga.git("switch", "-q", "-c", "mine", "v1.1.0")
    world.olga.commit({"total.sh": LONG + RIGHT, "tests/regression.sh": TEST}, "Add, not subtract")
    fix = world.olga.git("rev-parse", "HEAD")
    world.olga.git("switch", "-q", "main")
    said = world.olga.hotfix("pick", "--authored", "mine")
    assert "is not on main yet; the defect returns unless it lands there" in said.err
    world.rita.hotfix("review", "--approve")
    world.rita.hotfix("authorize")
    world.olga.hotfix("ship")
    return fix


def test_a_fix_written_on_the_base_is_owed_until_trunk_has_the_same_change(world: World) -> None:
    fix = authored(world)

    told = world.olga.hotfix("land", exits=1).out
    assert "HF-1 is not on main, in production since 20" in told
    assert f"The fix {fix[:12]} is not on main" in told
    assert world.olga.hotfix("status").out.count("hotfix land HF-1") == 1

    world.on_trunk({"total.sh": LONG + RIGHT, "tests/regression.sh": TEST}, "No word of where it is from")
    port = world.rita.git("rev-parse", "HEAD")
    (row,) = world.olga.hotfix("land", "--json").json["hotfixes"]
    assert row["fixes"] == [{"fix": fix, "how": "same change", "commit": port, "because": ""}]
    assert "no fix is owed to trunk" in world.olga.hotfix("land").out


def test_a_changelog_beside_it_is_still_the_same_change(world: World) -> None:
    authored(world)
    files = {"total.sh": LONG + RIGHT, "tests/regression.sh": TEST, "CHANGELOG.md": "- totals\n"}
    world.on_trunk(files, "With a line in the changelog")

    assert "same change as" in (told := world.olga.hotfix("land").out) and "but for changelogs" in told


def test_another_change_on_trunk_needs_somebody_who_says_that_it_stands_for_the_fix(world: World) -> None:
    fix = authored(world)
    other = world.on_trunk(
        {"total.sh": "expr $1 + $2\n"}, f"Totals anew\n\n(cherry picked from commit {fix})"
    )

    told = world.olga.hotfix("land", "HF-1", exits=1).out
    assert f"{other[:12]} of main says that it is {fix[:12]}, and it is another change" in told

    say = ["land", "HF-1", "--because", "rewritten; the same test covers it"]
    early = world.olga.git("rev-parse", "v1.1.0")
    assert world.olga.hotfix(*say, "--as", early, "--json", exits=1).codes == ["land-not-on-trunk"]
    assert world.olga.hotfix(*say, "--as", fix, "--json", exits=1).codes == ["land-not-on-trunk"]
    assert world.olga.hotfix(*say, "--as", other, "--fix", other, "--json", exits=1).codes == [
        "land-which-fix"
    ]
    assert world.mallory.hotfix(*say, "--as", other, "--json", exits=1).codes == ["you-unknown"]
    wrong = world.on_trunk({"wishes.sh": "echo other\n"}, "Something else")
    assert "changes none of the files" in world.olga.hotfix(*say, "--as", wrong).err
    told = world.olga.hotfix(*say, "--as", other).out
    assert f"{other[:12]} of main stands for {fix[:12]}: rewritten; the same test covers it" in told
    world.rita.git("push", "-q", "origin", f"{wrong}:refs/heads/release/2", f"{other}~1:refs/heads/release/1")
    world.olga.git("fetch", "-q")
    assert "HF-1 is on origin/release/2" in world.olga.hotfix("land", "--check", "origin/release/2").out
    world.olga.hotfix("land", "--check", "origin/release/1", exits=1)


def test_a_fix_that_trunk_took_back_has_not_landed(world: World) -> None:
    world.shipped()
    reverted = world.on_trunk({"total.sh": WRONG}, f"Revert totals\n\nThis reverts commit {world.fix}.")
    told = world.olga.hotfix("land", exits=1).out
    assert f"what it did was taken back there by {reverted[:12]}" in told

    world.on_trunk({"total.sh": RIGHT}, f"Totals once more\n\nThis reverts commit {reverted}.")
    assert "is in the history of main" in world.olga.hotfix("land").out


def test_a_fix_that_trunk_lost_without_a_word_has_not_landed(world: World) -> None:
    world.shipped()
    world.on_trunk({"total.sh": WRONG}, "Merge the branch of the rework")
    assert "what it did was taken back there." in world.olga.hotfix("land", exits=1).out


def test_a_port_that_trunk_took_back_has_not_landed(world: World) -> None:
    authored(world)
    world.on_trunk({"total.sh": LONG + RIGHT, "tests/regression.sh": TEST}, "Port it")
    world.on_trunk({"total.sh": WRONG}, "Revert the port, without its id")

    assert "land-undone" in world.olga.hotfix("land", "HF-1", "--json", exits=1).out
    said = world.olga.hotfix("land", "--check", "origin/main", exits=1).out
    assert "what it did was taken back there." in said


def test_a_stand_in_that_trunk_took_back_stands_for_nothing(world: World) -> None:
    authored(world)
    other = world.on_trunk({"total.sh": "expr $1 + $2\n"}, "Totals anew")
    world.olga.hotfix("land", "HF-1", "--as", other, "--because", "rewritten; the same test covers it")
    world.on_trunk({"total.sh": WRONG}, "Back to what it was")

    assert "what it did was taken back there" in world.olga.hotfix("land", "HF-1", exits=1).out


def test_a_later_pick_does_not_hide_what_production_runs(world: World) -> None:
    world.shipped()
    world.rita.git("push", "-q", "origin", "v1.1.0:refs/heads/release/2")
    other = world.on_trunk({"greet.sh": "echo hello\n"}, "Greet rightly")
    world.rita.git("switch", "-q", "-c", "two", "v1.1.0")
    world.rita.git("cherry-pick", other)
    world.rita.git("push", "-q", "origin", "two:refs/heads/release/2")
    world.olga.git("fetch", "-q")
    world.olga.hotfix("pick", other, exits=None)

    said = world.olga.hotfix("land", "--check", "origin/release/2", exits=1).out
    assert f"The fix {world.fix[:12]} is not on origin/release/2" in said


def test_a_new_file_that_is_nowhere_on_trunk_any_more_has_not_landed(world: World) -> None:
    guard = world.on_trunk({"guard.sh": LONG, "total.sh": RIGHT + "# guarded\n"}, "Guard totals")
    world.start()
    world.olga.git("fetch", "-q")
    world.olga.hotfix("pick", world.fix, guard)
    world.reasoned()
    world.rita.hotfix("review", "--approve")
    world.rita.hotfix("authorize")
    world.olga.hotfix("ship")
    world.rita.git("mv", "guard.sh", "moved.sh")
    world.on_trunk({"moved.sh": LONG}, "Move it")
    assert "HF-1 is on origin/main" in world.olga.hotfix("land", "--check", "origin/main").out

    world.rita.git("rm", "-q", "moved.sh")
    world.on_trunk({"wishes.sh": "echo\n"}, "Tidy")
    assert "what it did was taken back there." in world.olga.hotfix("land", exits=1).out


def test_what_is_not_in_the_clone_is_not_taken_for_there(world: World) -> None:
    world.shipped()
    world.rita.git("push", "-q", "origin", "v1.1.0:refs/heads/release/2")
    world.rita.run("git", "--git-dir", str(world.remote), "config", "uploadpack.allowFilter", "true")
    for kind in ("--filter=blob:none", "--depth=1"):
        place = world.sam.home / "ci"
        world.sam.git(
            "clone", "-q", "--no-checkout", kind, "--no-single-branch", world.remote.as_uri(), str(place)
        )
        told = world.sam.hotfix("-C", str(place), "land", "--check", "origin/release/2", exits=1)
        assert "hotfixes" not in told.out and "✗" in told.err
        shutil.rmtree(place)


def test_a_release_candidate_that_lacks_a_shipped_fix_is_refused_in_its_ci(world: World) -> None:
    assert "nothing was shipped" in world.sam.hotfix("land", "--check", "main").out
    world.shipped()
    world.rita.git("push", "-q", "origin", "v1.1.0:refs/heads/release/2")
    world.sam.git("fetch", "-q")

    told = world.sam.hotfix("land", "--check", "origin/release/2", exits=1).out
    assert (
        "HF-1 is not on origin/release/2: the defect returns with origin/release/2: Totals are wrong" in told
    )
    assert "HF-1 is on origin/main" in world.sam.hotfix("land", "--check", "origin/main").out
    assert "HF-1 is on v1.1.0+hf.1" in world.sam.hotfix("land", "--check", "v1.1.0+hf.1").out
    assert world.sam.hotfix("land", "--check", "nope", "--json", exits=1).codes == ["git-unknown"]
    before = world.sam.git("rev-parse", "origin/hotfix-record")
    world.sam.git("fetch", "-q")
    assert world.sam.git("rev-parse", "origin/hotfix-record") == before, "it records nothing"


def test_what_land_is_asked_must_make_sense(world: World) -> None:
    for argv in (
        ["--check", "main", "HF-1"],
        ["--as", "main", "HF-1"],
        ["--as", "main", "--because", "x"],
        ["--because", "x", "HF-1"],
    ):
        assert world.olga.hotfix("land", *argv, exits=2).code == 2
