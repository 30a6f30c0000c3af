"""Picking where it is not simple: what is missing, what was written on the base, and two hotfixes at once."""

import shutil
from pathlib import Path

from stories.world import FILES, RIGHT, TEST, WRONG, World

LONG = "".join(f"# {number}\n" for number in range(20))


def two_steps(world: World) -> tuple[str, str]:
    """Trunk made sums of totals, and then mended the sum; neither is released."""
    world.rita.git("reset", "-q", "--hard", "v1.1.0")
    world.rita.git("push", "-q", "--force", "origin", "main")
    sums = world.on_trunk({"total.sh": "sum=$(($1 - $2))\necho $sum\n"}, "Call it a sum")
    world.on_trunk({"wishes.sh": "echo wish\n"}, "Wish lists")
    fix = world.on_trunk(
        {"total.sh": "sum=$(($1 + $2))\necho $sum\n", "tests/regression.sh": TEST}, "Sums add up"
    )
    return sums, fix


def test_a_conflict_names_the_commit_that_makes_it_clean_and_how_to_pick_it(world: World) -> None:
    sums, fix = two_steps(world)
    world.start()
    world.olga.git("fetch", "-q")

    refused = world.olga.hotfix("pick", fix, "--json", exits=1)

    (finding,) = refused.json["error"]["findings"]
    assert finding["code"] == "pick-conflict"
    assert finding["evidence"] == [
        "total.sh: contents, source",
        f"pick {sums[:12]} first, and it goes on: +3 −1 in 2 files in all",
    ]
    command = f"hotfix pick {sums[:12]} {fix[:12]} --hotfix HF-1"
    assert finding["next"].startswith(f"{command}; or resolve it by hand: hotfix pick {fix[:12]} --resolve")
    assert "or write the fix on the base: git switch -c my-fix" in finding["next"]
    assert world.olga.git("branch", "--list", "hotfix/*") == ""

    picked = world.olga.hotfix(*command.split()[1:], "--json").json
    assert picked["fact"]["fixes"] == [sums, fix]
    assert picked["proof"]["verdict"] == "PROVEN"


def test_a_conflict_that_no_commit_explains_says_how_to_write_the_fix_on_the_base(world: World) -> None:
    world.start()
    fix = world.on_trunk({"total.sh": "expr $1 + $2\n"}, "On top of the fix")
    world.on_trunk({"total.sh": "awk\n"}, "Later")
    world.olga.git("fetch", "-q")
    refused = world.olga.hotfix("pick", fix, "--json", exits=1).json["error"]["findings"][0]

    first = world.fix[:12]
    assert refused["next"].startswith(f"hotfix pick {first} {fix[:12]} --hotfix HF-1; or resolve")


def test_the_undo_gives_back_the_base_exactly_and_is_kept(world: World) -> None:
    world.start()
    world.olga.git("fetch", "-q")
    said = world.olga.hotfix("pick", world.fix)
    facts = world.olga.hotfix("log", "--json").json
    picked = next(one["fact"] for one in facts if one["fact"]["kind"] == "picked/1")

    assert f"undo: {picked['undo'][:12]} gives back the tree of v1.1.0 exactly" in said.out
    world.rita.git("fetch", "-q", "origin", "refs/hotfix/HF-1/undo")
    assert world.rita.git("rev-parse", "FETCH_HEAD") == picked["undo"]
    assert world.rita.git("rev-parse", "FETCH_HEAD^{tree}") == world.rita.git("rev-parse", "v1.1.0^{tree}")
    assert world.rita.git("rev-parse", "FETCH_HEAD^") == picked["result_commit"]


def test_of_the_clone_only_the_hotfixs_own_refs_are_new(world: World) -> None:
    world.start()
    world.olga.git("fetch", "-q")
    (world.olga.clone / "total.sh").write_text("half written\n")
    (world.olga.clone / "greet.sh").write_text("staged\n")
    world.olga.git("add", "greet.sh")
    inside = world.olga.clone / ".git"

    def state() -> tuple[str, set[str], bytes, dict[str, str], str]:
        refs = set(world.olga.git("for-each-ref", "--format=%(refname) %(objectname)").splitlines())
        logs = {str(log): log.read_text() for log in (inside / "logs").rglob("*") if log.is_file()}
        status = world.olga.git("-c", "core.fsmonitor=false", "status", "--porcelain=v2", "--branch")
        return world.olga.git("symbolic-ref", "HEAD"), refs, (inside / "index").read_bytes(), logs, status

    before = state()
    world.olga.hotfix("pick", world.fix)
    after = state()

    assert (after[0], after[2], after[4]) == (before[0], before[2], before[4])
    ours = ("refs/heads/hotfix", "refs/hotfix/", "refs/remotes/origin/hotfix")
    assert all(ref.startswith(ours) for ref in after[1] ^ before[1])
    other = {name for name in after[3] if after[3][name] != before[3].get(name)}
    assert all("/hotfix" in name for name in other)
    assert world.olga.git("fsck", "--no-dangling") == ""


def test_a_branch_written_on_the_base_ships_as_it_is(world: World) -> None:
    world.start()
    world.olga.git("switch", "-q", "-c", "mine", "v1.1.0")
    world.olga.commit({"total.sh": LONG + RIGHT}, "Add")
    world.olga.commit({"tests/regression.sh": TEST}, "Test it")
    tip = world.olga.git("rev-parse", "HEAD")

    picked = world.olga.hotfix("pick", "--authored", "mine", "--json").json["fact"]

    assert picked["authored"] is True
    assert picked["fixes"] == [world.olga.git("rev-parse", "mine~1"), tip]
    assert picked["patch"]["result_tree"] == world.olga.git("rev-parse", "mine^{tree}")


def test_a_branch_that_does_not_begin_at_the_base_is_refused(world: World) -> None:
    world.start()
    world.olga.git("switch", "-q", "-c", "early", "v1.0.0")
    world.olga.commit({"total.sh": RIGHT + "\n"}, "Too early")
    world.olga.git("switch", "-q", "-c", "merged", "v1.1.0")
    world.olga.commit({"a": "1\n"}, "A")
    world.olga.git("merge", "-q", "--no-ff", "-s", "ours", "-m", "Merge", "early")

    assert world.olga.hotfix("pick", "--authored", "main", "--json", exits=1).codes == ["pick-not-authored"]
    for name in ("early", "merged"):
        assert world.olga.hotfix("pick", "--authored", name, "--json", exits=1).codes == ["pick-not-on-base"]
    assert world.olga.hotfix("pick", "--authored", "early", "merged", "--json", exits=1).codes == [
        "pick-not-on-base"
    ]


def test_what_trunk_said_of_the_fix_since_is_told_and_kept(world: World) -> None:
    reverted = world.on_trunk({"total.sh": WRONG}, f"Back out\n\nThis reverts commit {world.fix}.")
    world.start()
    world.olga.git("fetch", "-q")

    said = world.olga.hotfix("pick", world.fix)

    sentence = f"{reverted[:12]} of main reverts {world.fix[:12]}: was it the wrong fix?"
    assert sentence in said.err
    assert sentence in world.rita.hotfix("review").out


def test_a_change_that_could_have_landed_on_either_of_two_files_is_told(world: World) -> None:
    """The release has two copies under other names; git follows the rename to one of them."""
    world.rita.git("switch", "-q", "--detach", "v1.1.0")
    copies = {"lib/total.sh": LONG + WRONG, "old/total.sh": LONG + WRONG}
    world.rita.commit({**copies, "total.sh": 'sh lib/total.sh "$@"\n'}, "Released with two copies")
    world.rita.git("tag", "v1.2.0")
    world.rita.git("push", "-q", "origin", "v1.2.0")
    serve(world, "v1.2.0")
    world.rita.git("switch", "-q", "main")
    world.on_trunk({"cart/sum.sh": LONG + WRONG, "tests/regression.sh": TEST}, "Move it")
    fix = world.on_trunk({"cart/sum.sh": LONG + RIGHT}, "Mend it")
    world.start()
    world.olga.git("fetch", "-q", "--tags")

    told = world.olga.hotfix("pick", fix, exits=None)

    assert "had the very same content, and git chose" in told.err


def test_two_hotfixes_on_one_base_are_held_against_each_other(world: World) -> None:
    world.picked()
    hello = world.on_trunk({"greet.sh": "echo hello\n"}, "Greet rightly")
    same = world.on_trunk({"total.sh": "echo $(($1 + $2 + 0))\n"}, "The same line")
    words = [
        "--severity",
        "SEV3",
        "--detected",
        "1m",
        "--impact",
        "rude",
        "--not-flag",
        "x",
        "--not-return",
        "x",
    ]
    world.olga.hotfix("start", "It says helo", *words)
    world.olga.git("fetch", "-q")

    (other,) = world.olga.hotfix("pick", hello, "--hotfix", "HF-2", "--json").json["beside"]
    assert (other["hotfix"], other["paths"], other["lines"]) == ("HF-1", [], [])
    assert other["order"] == ["HF-1", "HF-2"]
    world.olga.git("fetch", "-q", "origin", "refs/hotfix/HF-1/result", "refs/hotfix/HF-2/result")

    said = world.olga.hotfix("pick", same, "--hotfix", "HF-2", exits=1).err
    assert f"pick {world.fix[:12]} first" in said

    (world.olga.clone / "x").write_text("")
    world.olga.git("switch", "-q", "-c", "own", "v1.1.0")
    world.olga.commit({"total.sh": "echo $(($2 + $1))\n", "tests/regression.sh": TEST}, "My way")
    told = world.olga.hotfix("pick", "--authored", "own", "--hotfix", "HF-2").out
    assert (
        "HF-1 (v1.1.0+hf.1) is on the same base: both change the same lines of tests/regression.sh, total.sh"
        in told
    )
    assert "they do not go on together" in told


def test_who_brought_the_defect_is_inferred_and_a_person_confirms_it(world: World) -> None:
    assert "origin-nothing-picked" in (world.start() or world.olga.hotfix("origin", "--json", exits=1).codes)
    world.olga.git("fetch", "-q")
    world.olga.hotfix("pick", world.fix)
    broke = world.olga.git("rev-parse", "v1.1.0")

    told = world.olga.hotfix("origin").out
    assert f"inferred: {broke[:12]} last touched 1 line that the fix replaces: Rework totals" in told
    assert "first in v1.1.0; live since 20" in told
    assert f"next: hotfix origin HF-1 --confirm {broke[:12]}" in told
    assert "inferred: production was wrong for " in told

    say = ["origin", "--because", "the sign"]
    assert world.olga.hotfix(*say, exits=2).code == 2
    assert world.mallory.hotfix(*say, "--confirm", broke, "--json", exits=1).codes == ["you-unknown"]
    kept = world.olga.hotfix(*say, "--confirm", broke, "--json").json["confirmed"]
    assert (kept["commit"], kept["inferred"], kept["evidence"]) == (broke, True, ["total.sh:1"])
    assert (kept["release"], kept["known_by"]) == ("v1.1.0", "tag date")
    assert "confirmed by olga@shop.example" in world.rita.hotfix("origin").out

    never = world.olga.git("rev-parse", "origin/main")
    assert world.olga.hotfix(*say, "--confirm", never, "--json", exits=1).codes == [
        "origin-not-in-production"
    ]
    other = world.olga.git("rev-parse", "v1.0.0")
    kept = world.olga.hotfix(*say, "--confirm", other, "--json").json["confirmed"]
    assert (kept["inferred"], kept["evidence"], kept["release"]) == (False, [], "v1.0.0")


# -- conflicts that a person or a rule resolves --------------------------------------------------------


def unexplained(world: World) -> str:
    """What would explain the conflict does not go on either, so that only a person can resolve it."""
    world.rita.git("switch", "-q", "--orphan", "other")
    world.rita.commit({"total.sh": "sum=$(($1 - $2)); echo $sum\n"}, "Another beginning")
    fix = world.rita.commit(
        {"total.sh": "sum=$(($1 + $2)); echo $sum\n", "tests/regression.sh": TEST}, "Mend it there"
    )
    world.rita.git("push", "-q", "origin", "other")
    world.rita.git("switch", "-q", "main")
    world.start()
    world.olga.git("fetch", "-q")
    return fix


def test_a_conflict_is_resolved_by_hand_shown_beside_the_fix_and_asks_for_a_reason(world: World) -> None:
    fix = unexplained(world)
    before = world.olga.git("status", "--porcelain")

    waits = world.olga.hotfix("pick", fix, "--resolve", "--json", exits=8).json

    (conflict,) = waits["conflicts"]
    assert (conflict["path"], conflict["class"]) == ("total.sh", "source")
    folder = Path(waits["folder"])
    assert [place.name for place in folder.iterdir()] == ["total.sh"], "the files in conflict, and no other"
    assert "<<<<<<< the release\n" in (folder / "total.sh").read_text()
    assert ">>>>>>> the fix" in (folder / "total.sh").read_text()
    assert "+sum=$(($1 + $2)); echo $sum" in Path(waits["fix"]).read_text()
    assert world.olga.git("status", "--porcelain") == before

    go_on = ["pick", "--continue", "--json"]
    assert "hotfix pick --continue --hotfix HF-1, or --abort" in world.olga.hotfix("status").out
    assert world.olga.hotfix(*go_on, exits=1).codes == ["pick-markers"]
    assert world.olga.hotfix("pick", fix, "--json", exits=1).codes == ["pick-waiting"]
    (folder / "total.sh").write_text(RIGHT)
    done = world.olga.hotfix(*go_on).json
    assert done["fact"]["resolved"] == [
        {
            "fix": fix,
            "path": "total.sh",
            "blob": world.olga.git("hash-object", str(write(world, RIGHT))),
            "how": "by hand",
        }
    ]
    (delta,) = done["deltas"]
    assert "+sum=$(($1 + $2)); echo $sum" in delta["upstream"] and "+echo $(($1 + $2))" in delta["here"]
    assert not folder.parent.exists()
    scope = next(gate for gate in done["gates"] if gate["name"] == "scope")
    assert [finding["code"] for finding in scope["findings"]] == ["scope-resolved"]

    sheet = world.rita.hotfix("review").out
    assert "picking it again on this machine gives the same result" in sheet
    assert f"total.sh of {fix[:12]} was in conflict; resolved: by hand" in sheet
    assert "▎ total.sh, upstream:" in sheet and "▎ total.sh, here, by hand:" in sheet
    world.olga.hotfix("scope", "--because", "scope-resolved=the release has no variable; the sum is the same")
    assert world.gates()["scope"] == "open"


def write(world: World, text: str) -> Path:
    place = world.olga.home / "tmp" / "as-written"
    place.write_text(text)
    return place


def test_a_pick_that_waits_can_be_given_up_and_leaves_nothing(world: World) -> None:
    fix = unexplained(world)
    state = world.olga.clone / ".git/hotfix"
    world.olga.hotfix("pick", fix, "--resolve", exits=8)

    assert "nothing of it is left" in world.olga.hotfix("pick", "--abort").out

    assert not list((state / "resolving").rglob("*"))
    assert world.olga.git("branch", "--list", "hotfix/*") == ""
    for argv in (["--continue"], ["--abort"]):
        assert world.olga.hotfix("pick", *argv, "--json", exits=1).codes == ["pick-nothing-to-resolve"]
    for argv in ([], ["--continue", fix], ["--continue", "--abort"], ["--abort", "--resolve"]):
        world.olga.hotfix("pick", *argv, exits=2)


def test_a_file_that_is_removed_while_resolving_is_gone(world: World) -> None:
    fix = unexplained(world)
    folder = Path(world.olga.hotfix("pick", fix, "--resolve", "--json", exits=8).json["folder"])
    (folder / "total.sh").unlink()

    picked = world.olga.hotfix("pick", "--continue", "--json", exits=None).json["fact"]

    assert picked["resolved"][0]["blob"] == ""
    world.olga.git("fetch", "-q")
    assert "total.sh" not in world.olga.git("ls-tree", "--name-only", picked["result_commit"])


def test_two_conflicts_are_resolved_one_after_the_other_and_nothing_is_lost(world: World) -> None:
    first = unexplained(world)
    world.rita.git("switch", "-q", "other")
    world.rita.commit({"greet.sh": "say=helo; echo $say\n"}, "Another greeting")
    second = world.rita.commit({"greet.sh": "say=hello; echo $say\n"}, "Mend the greeting")
    world.rita.git("push", "-q", "origin", "other")
    world.olga.git("fetch", "-q")
    go_on = ("pick", "--continue", "--json")

    waits = world.olga.hotfix("pick", first, second, "--resolve", "--json", exits=8).json
    Path(waits["folder"], "total.sh").write_text(RIGHT)
    waits = world.olga.hotfix(*go_on, exits=8).json
    assert (waits["stopped_at"], [one["path"] for one in waits["conflicts"]]) == (second, ["greet.sh"])
    greet = Path(waits["folder"], "greet.sh" + (".of-the-fix" if waits["sides"] else ""))
    greet.unlink()
    for left in greet.parent.iterdir():
        left.unlink()
    (greet.parent / "greet.sh").write_text("echo hello\n")

    picked = world.olga.hotfix(*go_on).json["fact"]

    assert [one["path"] for one in picked["resolved"]] == ["total.sh", "greet.sh"]
    world.olga.git("fetch", "-q")
    assert world.olga.git("show", "hotfix/HF-1:total.sh") == RIGHT.strip()
    assert world.olga.git("show", "hotfix/HF-1:greet.sh") == "echo hello"


def test_a_file_that_one_side_took_away_is_decided_by_nobody_but_a_person(world: World) -> None:
    world.rita.git("switch", "-q", "--detach", "v1.1.0")
    world.rita.git("rm", "-q", "total.sh")
    world.rita.git("commit", "-q", "-m", "No totals")
    world.rita.git("tag", "v1.2.0")
    world.rita.git("push", "-q", "origin", "v1.2.0")
    serve(world, "v1.2.0")
    world.start()
    world.olga.git("fetch", "-q", "--tags")

    waits = world.olga.hotfix("pick", world.fix, "--resolve", "--json", exits=8).json

    folder = Path(waits["folder"])
    assert waits["sides"] == ["total.sh"]
    assert [place.name for place in folder.iterdir()] == ["total.sh.of-the-fix"]
    assert world.olga.hotfix("pick", "--continue", "--json", exits=1).codes == ["pick-undecided"]
    (folder / "total.sh.of-the-fix").rename(folder / "total.sh")
    picked = world.olga.hotfix("pick", "--continue", "--json").json["fact"]
    assert picked["resolved"][0]["how"] == "by hand"


def test_a_folder_that_is_gone_takes_no_file_away(world: World) -> None:
    fix = unexplained(world)
    folder = Path(world.olga.hotfix("pick", fix, "--resolve", "--json", exits=8).json["folder"])
    shutil.rmtree(folder)

    assert world.olga.hotfix("pick", "--continue", "--json", exits=1).codes == ["pick-folder-gone"]


def test_a_link_in_conflict_is_not_laid_out(world: World) -> None:
    world.rita.git("switch", "-q", "--detach", "v1.1.0")
    (world.rita.clone / "total.sh").unlink()
    (world.rita.clone / "total.sh").symlink_to("alive.sh")
    world.rita.git("commit", "-q", "-a", "-m", "A link")
    world.rita.git("tag", "v1.2.0")
    world.rita.git("push", "-q", "origin", "v1.2.0")
    serve(world, "v1.2.0")
    world.start()
    world.olga.git("fetch", "-q", "--tags")

    assert world.olga.hotfix("pick", world.fix, "--resolve", "--json", exits=1).codes == ["pick-not-a-file"]


def test_a_pick_that_somebody_amended_is_not_lost(world: World) -> None:
    world.picked()
    world.sam.git("fetch", "-q")
    world.sam.git("switch", "-q", "-c", "mine", "origin/hotfix/HF-1")
    (world.sam.clone / "total.sh").write_text("echo amended\n")
    world.sam.git("commit", "-q", "-a", "--amend", "--no-edit")
    world.sam.git("push", "-q", "--force", "origin", "mine:hotfix/HF-1")
    world.olga.git("fetch", "-q")

    assert world.olga.hotfix("pick", world.fix, "--json", exits=1).codes == ["pick-branch-taken"]


def test_what_was_begun_on_another_base_is_not_gone_on_with(world: World) -> None:
    fix = unexplained(world)
    folder = Path(world.olga.hotfix("pick", fix, "--resolve", "--json", exits=8).json["folder"])
    (folder / "total.sh").write_text(RIGHT)
    for unit in ("web-1", "web-2"):
        world.put(unit, "v1.0.0")

    assert world.olga.hotfix("pick", "--continue", "--json", exits=1).codes == ["pick-base-moved"]
    assert folder.exists(), "nothing of what somebody wrote is lost"


def test_changelogs_keep_both_sides_only_when_somebody_says_so(world: World) -> None:
    world.rita.git("reset", "-q", "--hard", "HEAD~1")
    world.rita.commit({"NEWS": "2.0\n"}, "News of 2.0")
    fix = world.rita.commit(
        {"NEWS": "- totals add up\n2.0\n", "total.sh": RIGHT, "tests/regression.sh": TEST}, "Mend, and say so"
    )
    world.rita.git("push", "-q", "--force", "origin", "main")
    world.rita.git("switch", "-q", "--detach", "v1.1.0")
    world.rita.commit({"NEWS": "1.2\n"}, "News of 1.2")
    world.rita.git("tag", "v1.2.0")
    world.rita.git("push", "-q", "origin", "v1.2.0")
    serve(world, "v1.2.0")
    world.start()
    world.olga.git("fetch", "-q", "--tags")

    refused = world.olga.hotfix("pick", fix, "--json", exits=1).json["error"]["findings"][0]
    assert "only changelogs conflict: --union-changelog keeps both sides' lines" in refused["evidence"]
    assert f"hotfix pick {fix[:12]} --union-changelog --hotfix HF-1" in refused["next"]
    (row,) = world.olga.hotfix("forecast", fix, "--onto", "v1.2.0", "--json", exits=1).json["rows"]
    assert (row["offers"][0]["how"], row["offers"][0]["paths"]) == ("union", ["NEWS"])

    picked = world.olga.hotfix("pick", fix, "--union-changelog", "--json").json["fact"]
    assert [one["how"] for one in picked["resolved"]] == ["union"]
    assert picked["patch"]["result_tree"] == row["offers"][0]["tree"]
    world.olga.git("fetch", "-q")
    news = world.olga.git("show", f"{picked['result_commit']}:NEWS").splitlines()
    assert set(news) == {"1.2", "2.0", "- totals add up"} or set(news) == {"1.2", "- totals add up", "2.0"}
    assert "picking it again on this machine gives the same result" in world.rita.hotfix("review").out


def test_rules_resolve_what_they_can_and_a_person_is_asked_for_the_rest(world: World) -> None:
    policy = (
        '[[regenerate]]\npaths = ["*.lock"]\nrun = ["sh", "-c", "wc -c < total.sh > poetry.lock"]\n\n[test]'
    )
    world.change_policy("[test]", policy)
    world.rita.git("switch", "-q", "--orphan", "other")
    both = {"NEWS": "2.0\n", "poetry.lock": "of trunk\n"}
    world.rita.commit({"total.sh": "sum=$(($1 - $2)); echo $sum\n", **both}, "Another beginning")
    fixed = {
        "total.sh": "sum=$(($1 + $2)); echo $sum\n",
        "NEWS": "- mended\n2.0\n",
        "poetry.lock": "mended\n",
    }
    fix = world.rita.commit({**fixed, "tests/regression.sh": TEST}, "Mend it there")
    world.rita.git("push", "-q", "origin", "other")
    world.rita.git("switch", "-q", "--detach", "v1.1.0")
    world.rita.commit({"NEWS": "1.2\n", "poetry.lock": "of the release\n"}, "Release 1.2")
    world.rita.git("tag", "v1.2.0")
    world.rita.git("push", "-q", "origin", "v1.2.0")
    serve(world, "v1.2.0")
    world.start()
    world.olga.git("fetch", "-q", "--tags")

    said = world.olga.hotfix("pick", fix, exits=1).err
    assert "NEWS: --union-changelog keeps both sides' lines" in said
    waits = world.olga.hotfix("pick", fix, "--resolve", "--union-changelog", "--json", exits=8).json
    folder = Path(waits["folder"])
    assert [place.name for place in folder.iterdir()] == ["total.sh"]
    (folder / "total.sh").write_text(RIGHT)
    picked = world.olga.hotfix("pick", "--continue", "--json").json["fact"]

    assert {one["path"]: one["how"] for one in picked["resolved"]} == {
        "NEWS": "union",
        "total.sh": "by hand",
        "poetry.lock": "regenerated",
    }
    world.olga.git("fetch", "-q")
    assert world.olga.git("show", "hotfix/HF-1:poetry.lock").strip() == str(len(RIGHT)), "made after the rest"
    assert "picking it again on this machine gives the same result" in world.rita.hotfix("review").out


def test_made_files_are_made_anew_by_the_policys_command(world: World) -> None:
    lock, made_by = "of trunk\n", "wc -c < total.sh > poetry.lock"
    world.change_policy(
        "[test]",
        f'[[regenerate]]\npaths = ["*.lock"]\nrun = ["sh", "-c", "{made_by}"]\n\n[test]',
    )
    fix = world.on_trunk({"total.sh": RIGHT + "# mended\n", "poetry.lock": lock}, "Mend, and lock")
    world.rita.git("switch", "-q", "--detach", "v1.1.0")
    world.rita.commit({"poetry.lock": "of the release\n"}, "Locked")
    world.rita.git("tag", "v1.2.0")
    world.rita.git("push", "-q", "origin", "v1.2.0")
    serve(world, "v1.2.0")
    world.start()
    world.olga.git("fetch", "-q", "--tags")

    said = world.olga.hotfix("pick", world.fix, fix)

    assert f"poetry.lock in conflict; made anew by sh -c {made_by}" in said.err
    assert f"poetry.lock of {fix[:12]} was in conflict; resolved: regenerated" in said.out
    world.olga.git("fetch", "-q")
    made = world.olga.git("show", "hotfix/HF-1:poetry.lock")
    assert made.strip() == str(len(RIGHT + "# mended\n"))
    assert "picking it again on this machine gives the same result" in world.rita.hotfix("review").out


def test_a_command_that_fails_or_makes_nothing_is_told(world: World) -> None:
    """Trunk changes a lock file that the release no longer has."""
    world.change_policy("[test]", '[[regenerate]]\npaths = ["*.lock"]\nrun = ["true"]\n\n[test]')
    world.on_trunk({"poetry.lock": "one\n"}, "Lock")
    fix = world.on_trunk({"total.sh": RIGHT + "# mended\n", "poetry.lock": "two\n"}, "Mend, and lock")
    world.start()
    world.olga.git("fetch", "-q")

    assert world.olga.hotfix("pick", world.fix, fix, "--json", exits=1).codes == ["regenerate-nothing"]
    world.change_policy('["true"]', '["sh", "-c", "echo no network >&2; exit 7"]')
    refused = world.olga.hotfix("pick", world.fix, fix, "--json", exits=1)
    assert refused.codes == ["regenerate-failed"]
    assert "ended with 7: no network" in refused.json["error"]["findings"][0]["sentence"]


def serve(world: World, release: str) -> None:
    """Both units serve a release that somebody built from the tag."""
    for unit in ("web-1", "web-2"):
        place = world.folder / "units" / unit / "releases" / release
        place.mkdir()
        for name, text in (FILES | {"total.sh": WRONG}).items():
            (place / name).write_text(text)
        world.put(unit, release)


# -- requests -----------------------------------------------------------------------------------------


def request(world: World, *steps: dict[str, str], place: str = "refs/pull/41/head") -> list[str]:
    """Rita pushes a request that begins at the release; its commits. Trunk knows nothing of it yet."""
    world.rita.git("reset", "-q", "--hard", "HEAD~1")
    world.rita.git("push", "-q", "--force", "origin", "main")
    world.rita.git("switch", "-q", "-c", "topic", "v1.1.0")
    commits = [world.rita.commit(files, f"Step {number}") for number, files in enumerate(steps, start=1)]
    world.rita.git("push", "-q", "origin", f"topic:{place}")
    world.rita.git("switch", "-q", "main")
    return commits


STEPS = ({"total.sh": LONG + RIGHT}, {"tests/regression.sh": TEST})


def pick_request(world: World, name: str) -> list[str]:
    world.rita.git("push", "-q", "origin", "main")
    world.start()
    world.olga.git("fetch", "-q")
    return world.olga.hotfix("pick", name, "--json").json["fact"]["fixes"]


def test_a_request_that_was_merged_is_its_merge(world: World) -> None:
    request(world, *STEPS)
    world.rita.git("merge", "-q", "--no-ff", "-m", "Merge request 41", "topic")
    merged = world.rita.git("rev-parse", "HEAD")
    world.rita.commit({"wishes.sh": "echo more\n"}, "Later")

    assert pick_request(world, "#41") == [merged]


def test_a_request_that_was_squashed_is_that_commit(world: World) -> None:
    request(world, *STEPS, place="refs/merge-requests/41/head")
    squashed = world.rita.commit(dict(pair for step in STEPS for pair in step.items()), "Add, at last")

    assert pick_request(world, "!41") == [squashed]


def test_a_request_that_was_rebased_is_its_commits_there(world: World) -> None:
    request(world, *STEPS)
    rebased = [world.rita.commit(files, "Rebased") for files in STEPS]

    assert pick_request(world, "41") == rebased


def test_a_request_that_is_open_is_its_own_commits(world: World) -> None:
    commits = request(world, *STEPS)

    assert pick_request(world, "pr/41") == commits
    assert "is not on main yet" in world.olga.hotfix("pick", "#41").err


def test_a_request_that_had_trunk_merged_into_it_is_found_where_it_was_squashed(world: World) -> None:
    request(world, *STEPS)
    world.rita.commit({"feature.sh": "echo new\n"}, "A feature")
    world.rita.git("switch", "-q", "topic")
    world.rita.git("merge", "-q", "-m", "Bring it up to date", "main")
    world.rita.git("push", "-q", "--force", "origin", "topic:refs/pull/41/head")
    world.rita.git("switch", "-q", "main")
    world.rita.git("push", "-q", "origin", "main")
    world.start()
    world.olga.git("fetch", "-q")
    assert world.olga.hotfix("pick", "#41", "--json", exits=1).codes == ["pick-request-merges"]

    squashed = world.rita.commit(dict(pair for step in STEPS for pair in step.items()), "Add, at last")
    world.rita.git("push", "-q", "origin", "main")
    assert world.olga.hotfix("pick", "#41", "--json").json["fact"]["fixes"] == [squashed]


def test_a_request_to_which_trunk_went_forward_is_no_merge_that_came_later(world: World) -> None:
    request(world, *STEPS)
    world.rita.git("reset", "-q", "--hard", "topic")
    world.rita.git("switch", "-q", "-c", "unrelated", "topic~1")
    world.rita.commit({"evil.sh": "echo\n"}, "Unrelated")
    world.rita.git("switch", "-q", "main")
    world.rita.git("merge", "-q", "--no-ff", "-m", "Merge unrelated", "unrelated")
    world.rita.git("push", "-q", "--force", "origin", "main")
    world.start()
    world.olga.git("fetch", "-q")

    assert world.olga.hotfix("pick", "#41", "--json", exits=1).codes == ["pick-request-fast-forward"]


def test_a_request_that_is_not_there_or_not_of_here_is_refused(world: World) -> None:
    request(world, *STEPS)
    world.start()
    said = {
        "#42": "pick-no-request",
        "https://forge.example/team/shop/pull/41": "pick-other-repository",
        "42": "pick-no-request",
    }
    for name, code in said.items():
        assert world.olga.hotfix("pick", name, "--json", exits=1).codes == [code]
    world.olga.git("branch", "41")
    refused = world.olga.hotfix("pick", "41", "--json", exits=1).json["error"]["findings"][0]
    assert refused["code"] == "pick-ambiguous" and "say #41 for the request" in refused["next"]
