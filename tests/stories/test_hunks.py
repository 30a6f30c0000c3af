"""Hunks that no test notices, on record: asked about, left out, or given a reason."""

from stories.world import RIGHT, World

FIX = {"total.sh": RIGHT, "greet.sh": "echo hello\n"}


def fix_with_more_than_is_proven(world: World) -> None:
    world.rita.git("reset", "-q", "--hard", f"{world.fix}~1")
    test = world.rita.git("show", f"{world.fix}:tests/regression.sh") + "\n"
    world.fix = world.rita.commit({**FIX, "tests/regression.sh": test}, "Totals add up again")
    world.rita.git("push", "-q", "--force", "origin", "main")
    world.picked()


def test_a_hunk_that_no_test_notices_asks_and_is_left_out_of_the_same_pick(world: World) -> None:
    fix_with_more_than_is_proven(world)
    proof = world.olga.hotfix("prove", "--json", exits=0).json
    assert (proof["verdict"], proof["minimal"], proof["hunks"]) == ("PROVEN", False, 2)
    (hunk,) = proof["unproven"]
    assert (hunk["path"], hunk["line"]) == ("greet.sh", 1)
    assert hunk["text"] == "echo hello"
    assert world.gates()["scope"] == "closed"
    asked = world.olga.hotfix("scope", exits=1)
    assert "No test notices 1 hunk of the fix: greet.sh:1" in asked.out
    assert "greet.sh:1: echo hello" in asked.out

    dropped = world.olga.hotfix("pick", "--drop", hunk["hunk"], "--json").json
    assert dropped["proof"]["minimal"] is True
    assert dropped["scope"]["paths"] == ["tests/regression.sh", "total.sh"]
    assert world.gates()["scope"] == "open"
    assert "some hunks of the fix were left out" in world.rita.hotfix("review").out
    world.rita.hotfix("review", "--approve")
    world.rita.hotfix("authorize")
    world.olga.hotfix("ship")
    assert world.file("web-1", "greet.sh") != FIX["greet.sh"]


def test_a_written_reason_is_as_good(world: World) -> None:
    fix_with_more_than_is_proven(world)
    world.reasoned()
    assert world.gates()["scope"] == "open"
    assert "reasons given for scope-unproven" in world.olga.hotfix("scope").out


def test_what_was_proven_is_not_run_again_by_the_same_pick_and_is_by_asking_for_it(world: World) -> None:
    world.picked()
    again = world.olga.hotfix("pick", world.fix)
    assert "that proof stands" in again.err
    assert world.gates()["prove"] == "open"
    assert "run 1" in world.olga.hotfix("prove").err
    world.change_policy("repeats = 2", "repeats = 4")
    assert world.gates()["prove"] == "closed"
    assert "run 4" in world.olga.hotfix("pick", world.fix).err


def test_an_unknown_hunk_is_refused_and_the_known_ones_are_named(world: World) -> None:
    fix_with_more_than_is_proven(world)
    refused = world.olga.hotfix("pick", "--drop", "0123456789ab", exits=1)
    assert "has no hunk 0123456789ab" in refused.err
    assert "greet.sh:1" in refused.err
    assert "total.sh" in refused.err


def test_without_a_pick_there_is_no_hunk_to_leave_out(world: World) -> None:
    world.start()
    assert (
        "Nothing was picked for HF-1 yet" in world.olga.hotfix("pick", "--drop", "0123456789ab", exits=1).err
    )


def test_hunks_are_left_out_of_what_production_runs_now_and_not_of_what_it_ran(world: World) -> None:
    fix_with_more_than_is_proven(world)
    (hunk,) = world.olga.hotfix("prove", "--json").json["unproven"]
    for unit in ("web-1", "web-2"):
        world.put(unit, "v1.0.0")
    refused = world.olga.hotfix("pick", "--drop", hunk["hunk"], exits=1)
    assert "Production does not run v1.1.0 any more" in refused.err
