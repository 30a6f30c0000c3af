"""A team that builds: what ships is the artifact that was bound to the patch, not the tree."""

from stories.world import LIVE, NEW, World

BUILD = """[build]
run = ["sh", "-c", "mkdir dist && cp *.sh dist && echo built > dist/stamp"]
output = "dist"

[env.production]"""
BY_CHANCE = BUILD.replace("echo built", "date +%N")


def test_the_units_serve_what_the_build_made(world: World) -> None:
    world.change_policy("[env.production]", BUILD)
    world.shipped()
    assert world.serves() == [NEW, NEW]
    assert world.file("web-1", "stamp") == "built\n"
    kinds = [entry["fact"]["kind"] for entry in world.olga.hotfix("log", "--json").json]
    assert kinds.count("built/1") == 1


def test_another_clone_builds_the_same_or_does_not_ship(world: World) -> None:
    world.change_policy("[env.production]", BY_CHANCE)
    world.approved()
    refused = world.sam.hotfix("ship", "--json", exits=1)
    assert refused.codes == ["build-not-reproducible"]
    assert world.serves() == [LIVE, LIVE]
    world.olga.hotfix("ship")
    assert world.serves() == [NEW, NEW]


def test_a_build_that_fails_says_so_and_keeps_the_gate_shut(world: World) -> None:
    world.change_policy("[env.production]", BUILD.replace("mkdir dist", "echo no compiler >&2; exit 3"))
    world.start()
    failed = world.olga.hotfix("pick", world.fix, "--json", exits=1)
    assert failed.codes == ["build-failed"]
    assert "no compiler" in failed.out
    assert "pick-unbuilt" in world.olga.hotfix("ship", "--json", exits=1).codes
