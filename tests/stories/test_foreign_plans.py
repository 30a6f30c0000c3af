"""Plans that nobody signed lead nowhere, forward or back; honest ones lead back from any clone."""

import msgspec
import pytest

from hotfix.record.facts import Activated, Activating, LeaseTaken, RollbackRequested, RulesRead
from hotfix.record.parts import UnitPlan, UnitState
from stories.test_forged_record import LONG_AGO, evil_commit, newest, nothing_was_touched, plan, put_on_record
from stories.world import LIVE, UNITS, World


@pytest.mark.parametrize("words", [("ship", "--wait", "0s"), ("rollback",)], ids=" ".join)
def test_a_forged_way_back_does_not_lead_to_a_release_of_mallorys(
    world: World, words: tuple[str, ...]
) -> None:
    world.picked()
    evil = evil_commit(world)
    world.olga.git("fetch", "-q")
    units = tuple(UnitPlan(unit, "v1.0.9", evil, "v1.0.9") for unit in UNITS)
    live = world.olga.git("rev-parse", f"{LIVE}^{{commit}}")
    states = tuple(UnitState(unit, "serving", LIVE) for unit in UNITS)
    said = {"at": LONG_AGO, "by": world.olga.email, "ship": 1}
    put_on_record(
        world,
        msgspec.structs.replace(plan(world, LONG_AGO), units=units, release=LIVE, commit=live),
        Activating(**said, wave=1, units=UNITS),
        Activated(**said, wave=1, effects=(), states=states),
        RollbackRequested(**said, because="it is bad"),
    )
    world.olga.hotfix(*words, exits=None)
    nothing_was_touched(world)


def test_a_forged_ship_is_not_driven_by_rules_that_trunk_had_once(world: World) -> None:
    world.approved()
    once = newest(world, RulesRead)
    world.change_policy('guards = ["alive"]', 'guards = ["alive", "greeting"]')
    lease = LeaseTaken(at=LONG_AGO, by=world.olga.email, environment="production", token=1, holder="")
    put_on_record(world, msgspec.structs.replace(once, at=LONG_AGO), lease, plan(world, LONG_AGO))
    world.olga.hotfix("ship", exits=None)
    nothing_was_touched(world)


def test_a_rollback_from_a_clone_that_has_not_fetched_trunk_since(world: World) -> None:
    world.approved()
    world.on_trunk({"notes.txt": "x\n"}, "An ordinary commit")
    world.olga.hotfix("ship")
    world.sam.hotfix("rollback")
    assert world.serves() == [LIVE, LIVE]


def test_a_forged_ship_does_not_keep_everybody_in_port(world: World) -> None:
    world.picked()
    lease = LeaseTaken(at=LONG_AGO, by=world.olga.email, environment="production", token=1, holder="")
    put_on_record(world, newest(world, RulesRead), lease, plan(world, LONG_AGO))
    world.start()
    world.olga.hotfix("pick", world.fix, "--hotfix", "HF-2")
    world.rita.hotfix("review", "HF-2", "--approve")
    world.rita.hotfix("authorize", "HF-2")
    said = world.olga.hotfix("ship", "HF-2")
    assert "not counted: The plan of ship 1 is said to be by" in said.err
    assert world.serves() == ["v1.1.0+hf.2"] * 2
