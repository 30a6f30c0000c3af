"""Going back: each unit to what *it* served, by hand or by itself; and the ships that are refused before they begin."""

import fcntl

from stories.test_troubles import spoil
from stories.world import LIVE, NEW, RIGHT, TEST, UNITS, WRONG, World

GREETS = TEST + 'test "$(sh greet.sh)" = hello\n'
BREAKS = {"total.sh": RIGHT, "alive.sh": "exit 1\n", "tests/regression.sh": TEST + "# proves the sum only\n"}


def test_rollback_after_a_validated_ship_returns_every_unit(world: World) -> None:
    world.shipped()
    said = world.olga.hotfix("rollback", "--because", "customers see old prices")
    assert world.serves() == [LIVE, LIVE]
    assert world.file("web-1", "total.sh") == WRONG
    assert "rolled back: customers see old prices" in said.out
    assert "rolled back" in world.olga.hotfix("status").out


def test_rollback_returns_each_unit_under_the_name_that_it_gave_itself(world: World) -> None:
    full_id = world.olga.git("rev-parse", f"{LIVE}^{{commit}}")
    place = world.folder / "units" / "web-2"
    (place / "releases" / LIVE).rename(place / "releases" / full_id)
    world.put("web-2", full_id)
    world.shipped()
    assert world.serves() == [NEW, NEW]
    world.olga.hotfix("rollback")
    assert world.serves() == [LIVE, full_id]


def test_a_unit_that_serves_something_else_by_now_is_not_touched(world: World) -> None:
    world.shipped()
    world.put("web-2", "v1.0.0")
    orders = world.orders("web-2")
    halted = world.olga.hotfix("rollback", exits=11)
    assert world.serves() == [LIVE, "v1.0.0"]
    assert world.orders("web-2") == orders
    assert "web-2 serves v1.0.0, which is not ours to replace" in halted.out


def test_rollback_of_what_never_shipped_is_refused(world: World) -> None:
    world.picked()
    assert "never shipped" in world.olga.hotfix("rollback", exits=1).err


def test_rollback_twice_says_that_it_was_done(world: World) -> None:
    world.shipped()
    world.olga.hotfix("rollback")
    assert world.olga.hotfix("rollback", "--json", exits=1).codes == ["rollback-done"]


def test_a_guard_that_turns_red_at_the_canary_brings_it_back_and_spares_the_rest(world: World) -> None:
    world.rehearsed()
    spoil(world)
    said = world.olga.hotfix("ship", exits=10)
    assert world.serves() == [LIVE, LIVE]
    assert world.orders("web-1")[1::3] == [NEW, LIVE, NEW, LIVE]
    assert world.orders("web-2") == []
    assert "rolled back: alive on web-1 failed 2 times" in said.out
    assert "next: hotfix status HF-1" in said.out


def test_a_goal_that_never_turns_green_brings_the_canary_back(world: World) -> None:
    wrong = {"total.sh": "echo 6\n", "tests/regression.sh": 'test "$(sh total.sh 2 3)" != -1\n'}
    approve(world, wrong)
    world.change_policy('patience = "3s"', 'patience = "300ms"')
    said = world.olga.hotfix("ship", exits=10)
    assert "total on web-1 did not pass within 0.3 s" in said.out
    assert world.orders("web-2") == []


def test_a_better_fix_can_be_picked_after_the_rollback(world: World) -> None:
    approve(world, BREAKS)
    world.reasoned()
    world.olga.hotfix("ship", exits=10)
    better = world.on_trunk(
        {"alive.sh": "echo alive\n", "tests/regression.sh": TEST + "# mended\n"}, "Mend it"
    )
    world.olga.git("fetch", "-q")
    world.olga.hotfix("pick", world.fix, better)
    world.rita.hotfix("review", "--approve")
    world.rita.hotfix("authorize")
    world.olga.hotfix("ship")
    assert world.serves() == ["v1.1.0+hf.2", "v1.1.0+hf.2"]
    assert world.file("web-2", "alive.sh") == "echo alive\n"


def test_a_defect_that_does_not_reproduce_is_not_shipped_at(world: World) -> None:
    world.approved()
    for unit in UNITS:
        (world.folder / "units" / unit / "releases" / LIVE / "total.sh").write_text(RIGHT)
    refused = world.olga.hotfix("ship", exits=1)
    assert "does not reproduce in production" in refused.err
    assert world.orders("web-1") == []


def test_a_guard_that_is_red_before_the_ship_is_no_guard(world: World) -> None:
    world.approved()
    (world.folder / "units" / "web-2" / "releases" / LIVE / "alive.sh").write_text("exit 1\n")
    refused = world.olga.hotfix("ship", exits=1)
    assert "The guard alive on web-2 is not green before the ship" in refused.err
    assert world.orders("web-1") == []


def test_a_check_that_cannot_speak_does_not_pass(world: World) -> None:
    world.approved()
    (world.folder / "ops" / "check.sh").write_text("exit 7\n")
    refused = world.olga.hotfix("ship", exits=1)
    assert "cannot be judged (error: ended with 7" in refused.err
    assert world.serves() == [LIVE, LIVE]


def test_production_that_moved_since_the_pick_is_not_shipped_at(world: World) -> None:
    world.approved()
    for unit in UNITS:
        world.put(unit, "v1.0.0")
    refused = world.olga.hotfix("ship", exits=1)
    assert "Production runs v1.0.0" in refused.err
    assert "hotfix pick" in refused.err


def test_units_that_run_different_releases_have_no_one_base(world: World) -> None:
    world.put("web-2", "v1.0.0")
    world.start()
    refused = world.olga.hotfix("pick", world.fix, "--json", exits=1)
    assert refused.codes == ["pick-mixed-fleet"]


def test_a_second_rollback_by_another_person_from_another_clone(world: World) -> None:
    world.shipped()
    world.rita.hotfix("review")
    world.rita.hotfix("rollback", "HF-1")
    assert world.serves() == [LIVE, LIVE]


def test_after_a_rollback_somebody_else_may_ship_at_once(world: World) -> None:
    world.shipped()
    world.rita.hotfix("rollback")
    world.rita.hotfix("authorize")
    world.sam.hotfix("ship")
    assert world.serves() == [NEW, NEW]


def test_a_lock_whose_holder_cannot_be_named_keeps_nobody_from_going_back(world: World) -> None:
    world.shipped()
    [file] = (world.olga.home / ".local" / "state" / "hotfix" / "drivers").iterdir()
    with file.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        said = world.olga.hotfix("rollback")
    assert "going on without a lock of this machine" in said.err
    assert world.serves() == [LIVE, LIVE]


def approve(world: World, files: dict[str, str]) -> None:
    """A fix made of `files` is started, picked, reviewed and authorized."""
    world.rita.git("reset", "-q", "--hard", f"{world.fix}~1")
    world.fix = world.rita.commit(files, "Totals add up again")
    world.rita.git("push", "-q", "--force", "origin", "main")
    world.approved()


def test_a_hotfix_that_another_one_stands_on_is_left_as_it_is(world: World) -> None:
    world.shipped()
    again = world.on_trunk({"greet.sh": "echo hello\n", "tests/regression.sh": GREETS}, "Greet properly")
    world.change_policy('goals = ["total"]', 'goals = ["greeting"]')
    world.start("--env", "production")
    world.olga.hotfix("pick", again, "--hotfix", "HF-2")
    world.rita.hotfix("review", "HF-2", "--approve")
    world.rita.hotfix("authorize", "HF-2")
    world.olga.hotfix("ship", "HF-2")
    assert world.olga.hotfix("rollback", "HF-1", "--json", exits=1).codes == ["rollback-under-another"]
    assert "HF-1 SEV2 Totals are wrong: validated in production" in world.olga.hotfix("status", "HF-1").out
    world.olga.hotfix("rollback", "HF-2")
    world.olga.hotfix("rollback", "HF-1")
    assert world.serves() == [LIVE, LIVE]
