"""Ships, ends and tokens that somebody with push rights wrote: none changes a unit, none keeps a way back from one."""

import msgspec
import pytest

from hotfix.record.facts import Ended, LeaseTaken, Planned, RollbackRequested, RulesRead
from hotfix.record.parts import UnitPlan
from stories import forgery
from stories.test_forged_record import evil_commit, newest, put_on_record
from stories.world import LIVE, NEW, UNITS, World


def test_an_end_that_somebody_wrote_keeps_nobody_from_going_back(world: World) -> None:
    world.shipped()
    number = newest(world, Planned).ship
    put_on_record(
        world,
        Ended(
            at=forgery.now(), by=world.olga.email, ship=number, outcome="rolled_back", because="all is well"
        ),
    )
    world.olga.hotfix("rollback")
    assert world.serves() == [LIVE, LIVE]


def test_a_plan_that_somebody_wrote_hides_no_ship_from_its_way_back(world: World) -> None:
    world.shipped()
    mine = newest(world, Planned)
    put_on_record(world, msgspec.structs.replace(mine, at=forgery.now(), ship=mine.ship + 1))
    said = world.olga.hotfix("rollback")
    assert "not counted: The plan of ship" in said.err
    assert world.serves() == [LIVE, LIVE]


def test_rules_of_no_trunk_that_git_could_have_keep_nobody_from_anything(world: World) -> None:
    world.shipped()
    mine, rules = newest(world, Planned), newest(world, RulesRead)
    for trunk in ("x\0y", "\u202e", "x" * 5000, "-x", ""):
        put_on_record(
            world,
            msgspec.structs.replace(rules, at=forgery.now(), trunk=trunk),
            msgspec.structs.replace(mine, at=forgery.now(), ship=newest(world, Planned).ship + 1),
        )
    said = world.sam.hotfix("rollback")
    assert "not counted" in said.err
    assert world.serves() == [LIVE, LIVE]


def test_rules_that_trunk_once_had_and_nobody_can_read_keep_nobody_from_going_back(world: World) -> None:
    world.shipped()
    policy = (world.rita.clone / "hotfix.toml").read_text()
    broken = world.on_trunk({"hotfix.toml": "version = [\n"}, "Oops")
    world.on_trunk({"hotfix.toml": policy}, "As it was")
    world.olga.git("fetch", "-q")
    mine, rules = newest(world, Planned), newest(world, RulesRead)
    put_on_record(
        world,
        msgspec.structs.replace(rules, at=forgery.now(), commit=broken),
        msgspec.structs.replace(mine, at=forgery.now(), ship=mine.ship + 1),
    )
    world.sam.hotfix("rollback")
    assert world.serves() == [LIVE, LIVE]


def test_a_plan_of_a_ship_to_come_is_not_carried_out_when_that_ship_comes(world: World) -> None:
    world.rehearsed()
    evil = evil_commit(world)
    world.olga.git("fetch", "-q")
    mine = newest(world, Planned)
    units = tuple(UnitPlan(unit, "v1.0.9", evil, "v1.0.9") for unit in UNITS)
    to_come = msgspec.structs.replace(
        mine,
        at=forgery.now(),
        ship=mine.ship + 2,
        purpose="hotfix",
        units=units,
        waves=(("web-1",), ("web-2",)),
    )
    put_on_record(world, to_come)
    world.olga.hotfix("ship")
    world.olga.hotfix("rollback")
    assert world.serves() == [LIVE, LIVE]


@pytest.mark.parametrize("token", [10**12, 2**53 - 1])
def test_a_token_that_nobody_could_rise_above_stops_neither_ship_nor_way_back(
    world: World, token: int
) -> None:
    world.rehearsed()
    put_on_record(
        world,
        LeaseTaken(
            at=forgery.now(), by=world.olga.email, environment="production", token=token, holder="mallory"
        ),
    )
    world.olga.hotfix("ship")
    assert world.serves() == [NEW, NEW]
    world.olga.hotfix("rollback")
    assert world.serves() == [LIVE, LIVE]


def test_a_way_back_of_what_is_validated_is_carried_out_by_rollback_alone(world: World) -> None:
    world.shipped()
    number = newest(world, Planned).ship
    asked = RollbackRequested(at=forgery.now(), by=world.rita.email, ship=number, because="a whim", token=9)
    put_on_record(world, asked)
    refused = world.olga.hotfix("ship", "--json", exits=1)
    assert refused.codes == ["ship-asked-back"]
    assert world.serves() == [NEW, NEW]


def test_a_follow_up_goes_back_although_a_unit_of_it_is_down(world: World) -> None:
    world.shipped()
    world.start()
    world.olga.git("fetch", "-q")
    fix = world.on_trunk({"greet.sh": "echo hello\n", "tests/regression.sh": GREETS}, "Greet again")
    world.change_policy('goals = ["total"]', 'goals = ["greeting"]')
    world.olga.git("fetch", "-q")
    world.olga.hotfix("pick", fix, "--hotfix", "HF-2")
    world.rita.hotfix("review", "HF-2", "--approve")
    world.rita.hotfix("authorize", "HF-2")
    world.olga.hotfix("ship", "HF-2")
    (world.folder / "units" / "web-1" / "release").unlink()
    world.put("web-2", NEW)
    world.olga.hotfix("rollback", "HF-2", exits=None)
    assert world.serves() == [NEW, NEW]


GREETS = 'test "$(sh total.sh 2 3)" = 5\ntest "$(sh greet.sh)" = hello\n'
