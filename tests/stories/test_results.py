"""What a hotfix makes: the base and the fix, nothing else, and for as long as anybody may need it."""

import subprocess

from stories.world import LIVE, NEW, RIGHT, TEST, World

FOLLOW_UP = TEST + 'test "$(sh greet.sh)" = hello\n'


def test_the_result_is_the_base_and_the_fix_and_nothing_else_of_trunk(world: World) -> None:
    world.shipped()
    result = world.olga.git("rev-parse", "refs/hotfix/HF-1/result")
    assert world.olga.git("diff", "--name-only", LIVE, result).split() == ["tests/regression.sh", "total.sh"]
    assert world.olga.git("rev-parse", f"{result}^") == world.olga.git("rev-parse", LIVE)
    assert world.olga.git("ls-tree", "--name-only", "origin/main", "wishes.sh") == "wishes.sh"
    assert world.olga.git("ls-tree", "--name-only", result, "wishes.sh") == ""


def test_production_serves_the_result_and_the_release_has_its_tag_everywhere(world: World) -> None:
    world.shipped()
    assert world.serves() == [NEW, NEW]
    assert world.file("web-2", "total.sh") == RIGHT
    result = world.olga.git("rev-parse", "refs/hotfix/HF-1/result")
    assert world.olga.git("rev-parse", f"{NEW}^{{commit}}") == result
    assert world.olga.git("ls-remote", "origin", f"refs/tags/{NEW}").split()[0] == result


def test_the_second_hotfix_stands_on_the_first(world: World) -> None:
    world.shipped()
    second_hotfix(world)
    assert world.serves() == ["v1.1.0+hf.2", "v1.1.0+hf.2"]
    assert (world.file("web-1", "total.sh"), world.file("web-1", "greet.sh")) == (RIGHT, "echo hello\n")
    first, second = (world.olga.git("rev-parse", f"refs/hotfix/HF-{number}/result") for number in (1, 2))
    assert world.olga.git("rev-parse", f"{second}^") == first


def test_both_results_outlive_their_branches_and_the_garbage_collection(world: World) -> None:
    world.shipped()
    second_hotfix(world)
    results = [world.olga.git("rev-parse", f"refs/hotfix/HF-{number}/result") for number in (1, 2)]
    branches = ["hotfix/HF-1", "hotfix/HF-2"]
    tags = [NEW, "v1.1.0+hf.2"]
    world.olga.git("push", "-q", "origin", "--delete", *branches, *(f"refs/tags/{tag}" for tag in tags))
    world.olga.git("branch", "-q", "-D", *branches)
    world.olga.git("tag", "-d", *tags)
    for place in (world.olga.clone, world.remote):
        for words in (["reflog", "expire", "--expire=now", "--all"], ["gc", "-q", "--prune=now"]):
            subprocess.run(["git", "-C", str(place), *words], env=world.olga.environment, check=True)
        for result in results:
            show = ["git", "-C", str(place), "cat-file", "-p", f"{result}:total.sh"]
            assert subprocess.run(show, capture_output=True, text=True, check=True).stdout == RIGHT


def test_a_result_nobody_shipped_outlives_the_next_pick_too(world: World) -> None:
    world.picked()
    first = world.olga.git("rev-parse", "refs/hotfix/HF-1/result")
    better = world.on_trunk(
        {"total.sh": RIGHT + "# and checked\n", "tests/regression.sh": TEST + "# again\n"}, "More"
    )
    world.olga.git("fetch", "-q")
    world.olga.hotfix("pick", world.fix, better)
    assert world.olga.git("rev-parse", "refs/hotfix/HF-1/result") != first
    world.olga.git("reflog", "expire", "--expire=now", "--all")
    world.olga.git("gc", "-q", "--prune=now")
    assert world.olga.git("cat-file", "-p", f"{first}:total.sh") == RIGHT.strip()


def second_hotfix(world: World) -> None:
    """The greeting is wrong as well: a second fix, right after the first."""
    greets = 'test "$(sh greet.sh)" = hello\n'
    world.change_policy('goals = ["total"]', 'goals = ["greeting"]')
    fix = world.on_trunk({"greet.sh": "echo hello\n", "tests/regression.sh": TEST + greets}, "Say hello")
    world.start()
    world.olga.git("fetch", "-q")
    world.olga.hotfix("pick", fix, "--hotfix", "HF-2")
    world.rita.hotfix("review", "HF-2", "--approve")
    world.rita.hotfix("authorize", "HF-2")
    world.olga.hotfix("ship", "HF-2")


def test_a_follow_up_of_the_same_hotfix_ships_onto_its_first_result(world: World) -> None:
    world.shipped()
    again = world.on_trunk({"greet.sh": "echo hello\n", "tests/regression.sh": FOLLOW_UP}, "Greet properly")
    world.change_policy('goals = ["total"]', 'goals = ["greeting"]')
    assert world.olga.hotfix("ship", "--json", exits=1).codes == ["ship-validated"]
    world.olga.hotfix("pick", again)
    assert "next: hotfix ship HF-1" in world.olga.hotfix("status").out
    world.rita.hotfix("review", "--approve")
    world.rita.hotfix("authorize")
    world.olga.hotfix("ship")
    assert world.serves() == ["v1.1.0+hf.2"] * 2
    assert world.file("web-1", "total.sh") == RIGHT
    world.olga.hotfix("rollback")
    assert world.serves() == [NEW, NEW]
