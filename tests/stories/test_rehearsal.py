"""The way back is practised before it is needed: by the ship itself, or ahead of it, and wherever the policy says."""

import pytest

from hotfix.record.facts import Ended, Planned
from stories import forgery
from stories.test_troubles import shipping
from stories.test_way_back import BREAKS, approve
from stories.world import LIVE, NEW, RIGHT, TEST, UNITS, World

THERE_AND_BACK = [NEW, LIVE]


# -- in place --


def test_a_ship_rehearses_by_itself_on_the_first_unit_and_then_ships(world: World) -> None:
    world.approved()
    said = world.olga.hotfix("ship")
    assert voyages(world) == [("rehearsal", "rehearsed"), ("hotfix", "validated")]
    assert releases(world, "web-1") == [*THERE_AND_BACK, NEW]
    assert releases(world, "web-2") == [NEW]
    assert "rehearsing the way back on web-1 of production" in said.err
    assert "validated in production" in said.out
    assert "NOT REHEARSED" not in said.all


def test_what_was_rehearsed_before_is_not_rehearsed_again(world: World) -> None:
    world.approved()
    told = world.olga.hotfix("rehearse", "--json").json
    assert (told["outcome"], told["units"]) == ("rehearsed", [["web-1", LIVE]])
    assert world.serves() == [LIVE, LIVE]
    assert world.gates()["rehearse"] == "open"
    assert "there and back on web-1; the way back took" in world.olga.hotfix("ship", "--plan").out
    assert "rehearsing" not in world.olga.hotfix("ship").err
    assert voyages(world) == [("rehearsal", "rehearsed"), ("hotfix", "validated")]


def test_a_rehearsal_in_production_waits_for_every_other_gate(world: World) -> None:
    world.picked()
    refused = world.olga.hotfix("rehearse", "--json", exits=1)
    assert refused.codes == ["review-missing", "authorize-missing"]
    assert world.orders("web-1") == []


def test_without_the_remote_nothing_is_rehearsed(world: World) -> None:
    world.approved()
    world.remote.rename(world.folder / "elsewhere.git")
    assert world.olga.hotfix("rehearse", "--json", exits=1).codes == ["rehearse-offline"]
    assert world.orders("web-1") == []


def test_a_result_that_breaks_a_guard_fails_in_its_rehearsal_and_only_there(world: World) -> None:
    approve(world, BREAKS)
    world.reasoned()
    said = world.olga.hotfix("ship", exits=10)
    assert "alive on web-1 failed 2 times" in said.out
    assert voyages(world) == [("rehearsal", "rolled_back")]
    assert world.serves() == [LIVE, LIVE]
    assert releases(world, "web-1") == THERE_AND_BACK
    assert world.orders("web-2") == []
    assert {name: state for name, state in world.gates().items() if state != "open"} == {"rehearse": "closed"}
    assert world.olga.hotfix("ship", "--json", exits=1).codes == ["rehearse-failed"]
    assert releases(world, "web-1") == THERE_AND_BACK


def test_where_it_was_something_else_it_is_rehearsed_once_more(world: World) -> None:
    world.approved()
    check = world.folder / "ops" / "check.sh"
    well = check.read_text()
    check.write_text(well.replace("said=", f'[ "$1 $release" = "alive.sh {NEW}" ] && exit 1\nsaid='))
    world.olga.hotfix("rehearse", exits=10)
    check.write_text(well)
    assert world.olga.hotfix("ship", "--json", exits=1).codes == ["rehearse-failed"]
    world.olga.hotfix("rehearse")
    world.olga.hotfix("ship")
    assert world.serves() == [NEW, NEW]


def test_another_pick_owes_another_rehearsal(world: World) -> None:
    world.rehearsed()
    assert world.gates()["rehearse"] == "open"
    better = world.on_trunk(
        {"greet.sh": "echo hello\n", "tests/regression.sh": TEST + "# greets\n"}, "Greet properly"
    )
    world.olga.git("fetch", "-q")
    world.olga.hotfix("pick", world.fix, better)
    world.reasoned()
    assert world.gates()["rehearse"] == "owed"
    world.rita.hotfix("review", "--approve")
    world.rita.hotfix("authorize")
    world.olga.hotfix("ship")
    assert [purpose for purpose, _ in voyages(world)] == ["rehearsal", "rehearsal", "hotfix"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('timeout = "10s"', 'timeout = "9s"'),
        ('guards = ["alive"]', 'guards = ["alive"]\nrehearse_on = "web-2"'),
        ('guards = ["alive"]', 'guards = ["alive"]\nrehearsal_valid = "1ms"'),
    ],
    ids=["the target", "the place", "how long it counts"],
)
def test_trunk_says_what_counts_as_a_rehearsal_of_this_ship(world: World, old: str, new: str) -> None:
    world.rehearsed()
    world.change_policy(old, new)
    assert world.gates()["rehearse"] == "owed"


def test_the_policy_may_name_the_unit(world: World) -> None:
    world.approved()
    world.change_policy('guards = ["alive"]', 'guards = ["alive"]\nrehearse_on = "web-2"')
    world.olga.hotfix("rehearse")
    assert world.orders("web-1") == []
    assert releases(world, "web-2") == THERE_AND_BACK


def test_what_going_back_does_not_undo_is_not_shipped(world: World) -> None:
    files = {"total.sh": RIGHT, "db/one.txt": "a column less\n", "tests/regression.sh": TEST}
    approve(world, files)
    refused = world.olga.hotfix("ship", "--json", exits=1)
    assert "rehearse-irreversible" in refused.codes
    assert "db/one.txt" in refused.all
    assert world.gates()["rehearse"] == "closed"
    assert world.orders("web-1") == []


def test_a_way_back_over_the_budget_keeps_the_ship_in_port(world: World) -> None:
    world.approved()
    world.change_policy("[test]", '[budget]\nway_back = "1ms"\n\n[test]')
    refused = world.olga.hotfix("ship", "--json", exits=1)
    assert refused.codes == ["rehearse-slow"]
    assert releases(world, "web-1") == THERE_AND_BACK
    assert world.orders("web-2") == []
    world.change_policy('way_back = "1ms"', 'way_back = "5m"')
    world.olga.hotfix("ship")
    assert world.serves() == [NEW, NEW]


# -- on another environment --


def test_a_rehearsal_on_staging_leaves_production_alone_and_staging_as_it_was(world: World) -> None:
    with_staging(world, serves="v1.0.0")
    said = world.olga.hotfix("rehearse")
    assert f"stage-1 serves something else: {LIVE} stands in" in said.err
    assert releases(world, "stage-1") == [LIVE, NEW, LIVE, "v1.0.0"]
    assert world.orders("web-1") == world.orders("web-2") == []
    assert voyages(world) == [("base", "rolled_back"), ("rehearsal", "rehearsed")]
    assert "there and back on stage-1" in world.olga.hotfix("ship", "--plan").out


def test_where_staging_runs_the_base_nothing_has_to_stand_in(world: World) -> None:
    with_staging(world, serves=LIVE)
    world.olga.hotfix("rehearse")
    assert releases(world, "stage-1") == THERE_AND_BACK
    assert voyages(world) == [("rehearsal", "rehearsed")]


def test_a_ship_rehearses_on_staging_and_ships_to_production(world: World) -> None:
    with_staging(world, serves="v1.0.0")
    said = world.olga.hotfix("ship")
    assert "validated in production" in said.out
    assert releases(world, "stage-1") == [LIVE, NEW, LIVE, "v1.0.0"]
    assert [releases(world, unit) for unit in UNITS] == [[NEW], [NEW]]


def test_a_rehearsal_on_staging_waits_for_nobody(world: World) -> None:
    world.picked()
    with_staging(world, serves=LIVE, approved=False)
    world.olga.hotfix("rehearse")
    assert world.gates()["rehearse"] == "open"
    assert world.gates()["review"] == "waiting"


# -- left in the middle --


def test_a_rehearsal_that_was_killed_is_put_back_and_made_again_by_the_next_ship(world: World) -> None:
    world.approved()
    with shipping(world, finishes=False) as ship:
        ship.kill()
        ship.wait()
    assert world.serves() == [NEW, LIVE]
    assert "the rehearsal on web-1 was left in the middle" in world.olga.hotfix("status").out
    (world.folder / "ops" / "go").touch()
    said = world.olga.hotfix("ship")
    assert "putting web-1 back to what it served before the rehearsal" in said.err
    assert voyages(world) == [
        ("rehearsal", "rolled_back"),
        ("rehearsal", "rehearsed"),
        ("hotfix", "validated"),
    ]
    assert releases(world, "web-1") == [*THERE_AND_BACK, *THERE_AND_BACK, NEW]


def test_a_rehearsal_on_staging_that_was_killed_leaves_nothing_there(world: World) -> None:
    with_staging(world, serves="v1.0.0")
    with shipping(world, finishes=False, first="stage-1") as ship:
        ship.kill()
        ship.wait()
    (world.folder / "ops" / "go").touch()
    world.olga.hotfix("ship")
    assert releases(world, "stage-1")[-1] == "v1.0.0"
    assert world.serves() == [NEW, NEW]
    assert [unit for unit, outcome in voyages(world) if outcome in ("", "standing_in", "halted")] == []


def test_a_rollback_takes_a_rehearsal_back_that_was_left(world: World) -> None:
    world.approved()
    with shipping(world, finishes=False) as ship:
        ship.kill()
        ship.wait()
    (world.folder / "ops" / "go").touch()
    world.rita.hotfix("rollback", "--because", "that unit is needed")
    assert world.serves() == [LIVE, LIVE]
    world.olga.hotfix("log", "--verify")
    assert voyages(world) == [("rehearsal", "rolled_back")]


def test_a_rollback_ends_a_rehearsal_that_is_running(world: World) -> None:
    world.approved()
    with shipping(world, finishes=False) as ship:
        world.olga.hotfix("rollback", "--because", "that unit is needed")
        assert ship.wait(30) != 0
    assert world.serves() == [LIVE, LIVE]
    assert world.orders("web-2") == []
    assert voyages(world) == [("rehearsal", "rolled_back")]


def test_a_second_persons_ship_does_not_take_a_rehearsal_away_that_is_running(world: World) -> None:
    world.approved()
    with shipping(world) as ship:
        assert world.sam.hotfix("ship", "--json", exits=1).codes == ["ship-lease"]
        assert world.sam.hotfix("rehearse", "--json", exits=1).codes == ["ship-lease"]
    assert ship.returncode == 0
    assert world.serves() == [NEW, NEW]
    assert voyages(world) == [("rehearsal", "rehearsed"), ("hotfix", "validated")]


def test_the_same_person_in_another_terminal_does_not_take_it_away_either(world: World) -> None:
    world.approved()
    with shipping(world) as ship:
        assert world.olga.hotfix("ship", "--json", exits=1).codes == ["ship-held"]
    assert ship.returncode == 0
    assert voyages(world) == [("rehearsal", "rehearsed"), ("hotfix", "validated")]


# -- what the stories look at --


def voyages(world: World) -> list[tuple[str, str]]:
    """(purpose, outcome) of every plan on record, in order; the newest outcome of each, empty where it goes on."""
    facts = forgery.facts(world)
    ends = {fact.ship: fact.outcome for fact in facts if isinstance(fact, Ended)}
    return [(fact.purpose, ends.get(fact.ship, "")) for fact in facts if isinstance(fact, Planned)]


def releases(world: World, unit: str) -> list[str]:
    """What the team's command was told to bring to the unit, one after the other."""
    return world.orders(unit)[1::3]


def with_staging(world: World, *, serves: str, approved: bool = True) -> None:
    """Rehearsals are made on staging, whose only unit serves something; everything is approved."""
    if approved:
        world.approved()
    units = world.folder / "units"
    for release in ("v1.0.0", LIVE):
        place = units / "stage-1" / "releases" / release
        place.mkdir(parents=True)
        for file in (units / "web-1" / "releases" / release).iterdir():
            (place / file.name).write_text(file.read_text())
    world.put("stage-1", serves)
    staging = (
        '\n[env.staging]\ntarget = "app"\nguards = ["alive"]\nwindow = "100ms"\ninterval = "50ms"\n'
        f'patience = "3s"\n\n[env.staging.units]\nstage-1 = {{ root = "{units / "stage-1"}" }}\n'
    )
    policy = (world.rita.clone / "hotfix.toml").read_text()
    policy = policy.replace('guards = ["alive"]', 'guards = ["alive"]\nrehearse_on = "staging"')
    world.on_trunk({"hotfix.toml": policy + staging}, "Rehearse on staging")
