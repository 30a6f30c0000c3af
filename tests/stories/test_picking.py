"""Picking where it is not simple: what is missing, what was written on the base, and two hotfixes at once."""

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
    assert finding["next"].startswith(f"{command}; or write the fix on the base: git switch -c my-fix")
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
    assert refused["next"].startswith(f"hotfix pick {first} {fix[:12]} --hotfix HF-1; or write")


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

    for name in ("early", "merged", "v1.1.0"):
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
    for unit in ("web-1", "web-2"):
        place = world.folder / "units" / unit / "releases/v1.2.0"
        place.mkdir()
        for name, text in (FILES | {"total.sh": WRONG}).items():
            (place / name).write_text(text)
        world.put(unit, "v1.2.0")
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

    other = world.olga.git("rev-parse", "v1.0.0")
    kept = world.olga.hotfix(*say, "--confirm", other, "--json").json["confirmed"]
    assert (kept["inferred"], kept["evidence"], kept["release"]) == (False, [], "v1.0.0")
