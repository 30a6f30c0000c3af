"""Mallory may push, and has no key on trunk's list: what she writes on the record is not executed, nor shipped."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest

from hotfix.record import moment
from hotfix.record.facts import Built, Fact, LeaseTaken, Picked, Planned, Proved, RulesRead
from hotfix.record.parts import Evidence, UnitPlan
from stories import forgery
from stories.people import DECIDED, Person
from stories.world import LIVE, NEW, RIGHT, UNITS, World

One = TypeVar("One", bound=Fact)
LONG_AGO = moment.to_text(datetime.now(UTC) - timedelta(hours=3))


# -- a ship that nobody began --


def test_a_forged_ship_with_forged_rules_runs_nothing(world: World) -> None:
    world.picked()
    loot = world.folder / "loot"
    forge_ship(world, loot, at=forgery.now(), holder=world.olga.email)
    said = world.olga.hotfix("ship", "--wait", "0s", exits=8)
    assert "not counted: The plan of ship 1 is said to be by olga@shop.example" in said.err
    assert not loot.exists()
    nothing_was_touched(world)


def test_neither_when_its_holder_is_silent_for_so_long_that_it_may_be_taken_up(world: World) -> None:
    world.picked()
    loot = world.folder / "loot"
    forge_ship(world, loot, at=LONG_AGO, holder="olga@shop.example, clone 0123456789ab")
    said = world.olga.hotfix("ship", "--wait", "0s", exits=8)
    assert "taking up ship" not in said.err
    assert "no signature of theirs is on it" in said.err
    assert not loot.exists()
    nothing_was_touched(world)


def test_neither_on_the_way_back(world: World) -> None:
    world.picked()
    loot = world.folder / "loot"
    forge_ship(world, loot, at=LONG_AGO, holder="")
    assert world.olga.hotfix("rollback", "--json", exits=1).codes == ["ship-foreign-plan"]
    assert not loot.exists()
    nothing_was_touched(world)


def test_a_forged_ship_of_an_approved_patch_must_be_what_the_rules_make_of_it(world: World) -> None:
    world.approved()
    unguarded = msgspec.structs.replace(plan(world, LONG_AGO), goals=(), guards=(), waves=(UNITS,))
    put_on_record(world, unguarded)
    said = world.olga.hotfix("ship")
    assert "not counted: The plan of ship 1" in said.err
    made = newest(world, Planned)
    assert (made.goals, made.guards, made.waves) == (("total",), ("alive",), (("web-1",), ("web-2",)))


def test_rules_of_a_commit_that_was_never_on_trunk_are_not_followed(world: World) -> None:
    world.approved()
    world.mallory.git("fetch", "-q")
    policy = (world.mallory.clone / "hotfix.toml").read_text()
    loot = world.folder / "loot"
    evil = world.mallory.commit(
        {"hotfix.toml": policy.replace("activate.sh", f"activate.sh;{loot}")}, "Mine", author="mallory"
    )
    world.mallory.git("push", "-q", "origin", f"{evil}:refs/heads/mine")
    rules = newest(world, RulesRead)
    put_on_record(world, msgspec.structs.replace(rules, at=LONG_AGO, commit=evil), plan(world, LONG_AGO))
    assert world.olga.hotfix("rollback", "--json", exits=1).codes == ["ship-foreign-rules"]
    nothing_was_touched(world)
    world.olga.hotfix("ship")
    assert world.serves() == [NEW, NEW]
    assert not loot.exists()


# -- a patch that nobody read --


def test_a_forged_pick_with_another_result_is_not_what_was_signed(world: World) -> None:
    world.approved()
    evil = evil_commit(world)
    world.mallory.git("push", "-q", "origin", f"{evil}:refs/hotfix/HF-1/results/{evil}")
    picked = newest(world, Picked)
    other = msgspec.structs.replace(picked, at=forgery.now(), result_commit=evil, commits=(evil,))
    put_on_record(world, other)
    refused = world.olga.hotfix("ship", exits=1)
    assert f"The recorded result {evil[:12]} does not have the tree that was signed" in refused.err
    nothing_was_touched(world)


def test_a_forged_artifact_is_not_taken_from_a_path(world: World) -> None:
    world.approved()
    loot = world.folder / "loot"
    loot.mkdir()
    (loot / "total.sh").write_text("echo 5 # loot\n")
    (loot / "alive.sh").write_text("echo alive\n")
    digest = forgery.patch(world).digest
    built = Built(
        at=forgery.now(), by=world.olga.email, patch=digest, artifact=str(loot), argv=(), seconds=0.0
    )
    put_on_record(world, built)
    world.olga.hotfix("ship")
    assert world.serves() == [NEW, NEW]
    assert world.file("web-1", "total.sh") == RIGHT


def test_signatures_over_a_patch_of_another_repository_open_nothing(world: World) -> None:
    world.picked()
    picked = newest(world, Picked)
    elsewhere = msgspec.structs.replace(picked.patch, repository="0" * 40)
    put_on_record(world, msgspec.structs.replace(picked, at=forgery.now(), patch=elsewhere))
    world.olga.hotfix("log")
    approval = forgery.approval(world, world.rita.email, world.rita.key)
    put_on_record(world, approval, forgery.go(world, world.rita.email, world.rita.key))
    gates = world.gates()
    assert gates["pick"] == "closed"
    world.olga.hotfix("ship", "--wait", "0s", exits=1)
    nothing_was_touched(world)


# -- people and rules that are not what they seem --


def test_a_clone_that_calls_another_branch_trunk_does_not_get_other_rules(world: World) -> None:
    world.picked()
    policy = (world.olga.clone / "hotfix.toml").read_text()
    alone = 'service = "shop"\nprofile = "solo"'
    world.olga.git("checkout", "-q", "-b", "mine", "origin/main")
    world.olga.commit({"hotfix.toml": policy.replace('service = "shop"', alone)}, "Alone", author="olga")
    world.olga.git("push", "-q", "origin", "mine")
    world.olga.git("remote", "set-head", "origin", "mine")
    for words in (["review", "--approve"], ["ship", "--wait", "0s"]):
        refused = world.olga.hotfix(*words, exits=1, typed=f"{NEW}\n")
        assert "takes mine for trunk" in refused.err
    nothing_was_touched(world)


def test_nobody_starts_in_a_team_without_a_key(world: World) -> None:
    refused = world.mallory.hotfix("start", "Broken", *DECIDED, "--json", exits=1, env=keyless(world.mallory))
    assert refused.codes == ["you-unknown"]


def test_nobody_picks_in_a_team_without_a_key(world: World) -> None:
    world.start()
    world.sam.git("fetch", "-q")
    refused = world.sam.hotfix("pick", world.fix, "--json", exits=1, env=keyless(world.sam))
    assert refused.codes == ["you-unknown"]


def test_a_person_with_two_addresses_is_one_person(world: World) -> None:
    both = world.rita.signer.replace(world.rita.email, f"{world.rita.email},rita@home.example", 1)
    world.trust(world.olga.signer, both, world.sam.signer)
    world.start()
    world.olga.git("fetch", "-q")
    world.olga.hotfix("pick", world.fix, "--paired-with", "rita@home.example")
    assert world.rita.hotfix("review", "--approve", "--json", exits=1).codes == ["review-own"]
    assert "ask another senior approver" in world.rita.hotfix("authorize", exits=1).err
    gates = world.gates()
    assert (gates["review"], gates["authorize"]) == ("waiting", "waiting")


# -- evidence --


@pytest.mark.parametrize("there", [False, True], ids=["missing", "changed"])
def test_evidence_that_is_not_what_was_recorded_is_named(world: World, there: bool) -> None:
    world.picked()
    proved = newest(world, Proved)
    name = proved.evidence[0].name if there else "nowhere.txt"
    put_on_record(world, msgspec.structs.replace(proved, evidence=(Evidence(name, "0" * 64),)))
    verdict = world.olga.hotfix("log", "--verify", exits=1)
    assert f"its evidence {name} is not {'the one that was recorded' if there else 'there'}" in verdict.out
    assert "IS NOT WHOLE" in verdict.out


def newest(world: World, kind: type[One]) -> One:
    """The last fact of this kind on record."""
    return next(fact for fact in reversed(forgery.facts(world)) if isinstance(fact, kind))


def put_on_record(world: World, *facts: Fact) -> None:
    """Mallory pushes them, and nothing stops her."""
    world.mallory.git("fetch", "-q")
    forgery.append(world.mallory, *facts)


def plan(world: World, at: str) -> Planned:
    """The plan of a ship of today's patch, as if Olga had made it."""
    picked = newest(world, Picked)
    base = picked.patch.base_commit
    return Planned(
        at=at,
        by=world.olga.email,
        ship=1,
        patch=picked.patch.digest,
        environment="production",
        token=1,
        release=picked.release,
        commit=picked.result_commit,
        artifact=f"tree:{picked.patch.result_tree}",
        units=tuple(UnitPlan(unit, LIVE, base, LIVE) for unit in UNITS),
        waves=(("web-1",), ("web-2",)),
        goals=("total",),
        guards=("alive",),
        unit_checks=("total", "greeting", "alive"),
        baseline=(),
        window_seconds=0.1,
        patience_seconds=3.0,
        interval_seconds=0.05,
        failures=2,
        waived=(),
    )


def forge_ship(world: World, loot: Path, *, at: str, holder: str) -> None:
    """A ship on record that Olga never began, by rules that would make `loot` instead of activating."""
    rules = newest(world, RulesRead)
    forged = json.loads(json.dumps(rules.rules))
    forged["targets"]["app"]["activate"] = ["touch", str(loot)]
    put_on_record(
        world,
        msgspec.structs.replace(rules, at=at, rules=forged),
        LeaseTaken(at=at, by=world.olga.email, environment="production", token=1, holder=holder),
        plan(world, at),
    )


def evil_commit(world: World) -> str:
    """A commit of Mallory's on top of the pick, pushed to a branch of her own."""
    world.mallory.git("fetch", "-q", "origin", "hotfix/HF-1")
    world.mallory.git("checkout", "-q", "FETCH_HEAD")
    evil = world.mallory.commit({"total.sh": "echo 5 # evil\n"}, "Evil", author="mallory")
    world.mallory.git("push", "-q", "origin", f"{evil}:refs/heads/evil")
    return evil


def keyless(person: Person) -> dict[str, str]:
    """That person's git, with Olga's name in it and no key."""
    settings = Path(person.home) / "keyless"
    settings.write_text("[user]\n\tname = Olga\n\temail = olga@shop.example\n")
    return {"GIT_CONFIG_GLOBAL": str(settings)}


def nothing_was_touched(world: World) -> None:
    """Production is as it was, and the team's command was never called."""
    assert world.serves() == [LIVE, LIVE]
    assert world.orders("web-1") == world.orders("web-2") == []
