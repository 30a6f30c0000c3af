"""``hotfix doctor``: what would 2 am trip over? It asks everything and changes nothing."""

from hotfix.record.lease import Lease, encode
from stories.world import World


def levels(world: World, person: str = "olga", exits: int = 0) -> dict[str, str]:
    """Level by what was looked at."""
    told = getattr(world, person).hotfix("doctor", "--json", exits=exits).json
    return {one["name"]: one["level"] for one in told["checked"]}


def said(world: World, name: str, person: str = "olga", exits: int = 1) -> str:
    """What it said of one thing, and what to do about it."""
    told = getattr(world, person).hotfix("doctor", "--json", exits=exits).json
    return " → ".join(
        f"{one['said']} → {one['next']}" for one in told["checked"] if one["name"].startswith(name)
    )


def test_all_is_well(world: World) -> None:
    assert set(levels(world).values()) == {"ok"}
    shown = world.olga.hotfix("doctor").out
    assert shown.endswith("a hotfix could start now\n")
    assert "red: the defect shows" in shown


def test_it_changes_nothing(world: World) -> None:
    world.picked()
    refs, log = world.olga.git("for-each-ref"), world.olga.hotfix("log").out
    world.olga.hotfix("doctor")
    assert (world.olga.git("for-each-ref"), world.olga.hotfix("log").out) == (refs, log)
    assert world.orders("web-1") == []


def test_a_unit_that_does_not_answer(world: World) -> None:
    (world.folder / "units" / "web-2" / "release").unlink()
    assert levels(world, exits=1)["env.production.web-2"] == "bad"
    assert levels(world, exits=1)["env.production.web-1"] == "ok"


def test_a_unit_that_runs_what_nobody_knows(world: World) -> None:
    world.put("web-2", "v7")
    assert "runs 'v7', which is no tag, no commit id and no release on record" in said(
        world, "env.production.web-2"
    )


def test_a_red_guard_and_a_green_goal_are_shown(world: World) -> None:
    world.change_policy('guards = ["alive"]', 'guards = ["alive", "greeting"]')
    world.change_policy('goals = ["total"]', 'goals = ["alive"]')
    world.olga.git("fetch", "-q")
    told = levels(world)
    assert told["env.production guard greeting on web-1"] == "warn"
    assert "green now" in said(world, "env.production goal alive", exits=0)


def test_a_check_that_cannot_run(world: World) -> None:
    (world.folder / "ops" / "check.sh").unlink()
    assert "mend the check" in said(world, "env.production goal")


def test_no_checks_at_all(world: World) -> None:
    world.change_policy('goals = ["total"]\nguards = ["alive"]\n', "")
    told = world.olga.hotfix("doctor").out
    assert "no goal check" in told
    assert "no guard check" in told


def test_a_remote_that_cannot_be_reached(world: World) -> None:
    world.remote.rename(world.folder / "elsewhere.git")
    assert "cannot be reached" in said(world, "remote")


def test_a_policy_edited_and_not_on_trunk(world: World) -> None:
    policy = world.olga.clone / "hotfix.toml"
    policy.write_text(policy.read_text() + "\n[review]\npeers = 2\n")
    assert "only trunk's counts" in said(world, "work tree", exits=0)
    policy.write_text(policy.read_text() + "\npers = 2\n")
    assert "unknown key" in said(world, "work tree")


def test_a_person_without_a_key_and_one_who_is_not_on_the_list(world: World) -> None:
    world.olga.git("config", "--global", "--unset", "user.signingkey")
    assert "you can neither review nor authorize" in said(world, "you")
    assert "is not in .hotfix/allowed_signers on main" in said(world, "you", person="mallory")


def test_deciders_without_a_key(world: World) -> None:
    world.change_policy(
        'seniors = ["rita@shop.example"]', 'seniors = ["rita@shop.example", "boss@shop.example"]'
    )
    assert "boss@shop.example" in said(world, "people")


def test_a_decider_is_not_found_in_a_longer_name(world: World) -> None:
    world.change_policy('seniors = ["rita@shop.example"]', 'seniors = ["a@shop.example"]')
    assert "a@shop.example" in said(world, "people")


def test_a_senior_who_is_on_call_alone(world: World) -> None:
    world.change_policy('oncall = ["olga@shop.example"]', 'oncall = ["rita@shop.example"]')
    assert "nobody authorizes what they picked" in said(world, "people", exits=0)


def test_without_a_policy_it_says_so_and_stops(world: World) -> None:
    world.rita.git("rm", "-q", "hotfix.toml")
    world.rita.git("commit", "-q", "-m", "No rules")
    world.rita.git("push", "-q")
    assert "There is no hotfix.toml on origin/main" in said(world, "policy")


def test_a_freeze_the_place_of_rehearsal_and_whoever_ships_are_shown(world: World) -> None:
    assert "on web-1 of production" in said(world, "env.production rehearsal", exits=0)
    assert "in each unit's own folder" in said(world, "env.production fence", exits=0)
    assert "nobody ships there now" in said(world, "env.production lease", exits=0)
    world.change_policy("[test]", FREEZE)
    world.olga.git("fetch", "-q")
    ship = Lease("production", 1, "rita, clone 0123456789ab", "HF-1", 1, 0, "2020-01-01T00:00:00.000Z", 30.0)
    (world.folder / "lease").write_bytes(encode(ship))
    blob = world.olga.git("hash-object", "-w", str(world.folder / "lease"))
    world.olga.git("push", "-q", "origin", f"{blob}:refs/hotfix/lease/production")
    told = levels(world)
    assert (told["env.production freeze"], told["env.production lease"]) == ("warn", "warn")
    assert "the fair" in said(world, "env.production freeze", exits=0)
    assert "rita, clone 0123456789ab ships HF-1" in said(world, "env.production lease", exits=0)


FREEZE = (
    '[[freeze]]\nbegins = 2020-01-01T00:00:00Z\nends = 2100-01-01T00:00:00Z\nbecause = "the fair"\n\n[test]'
)
