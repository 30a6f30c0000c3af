"""The rehearse gate: what counts as a rehearsal of what would ship now, and for how long."""

import pytest

from hotfix.lifecycle import rehearse
from hotfix.lifecycle.gate import Gate
from hotfix.lifecycle.rehearse import Place, irreversible, place, target_digest, way_back_seconds
from hotfix.policy import rules as policy
from hotfix.policy.rules import IRREVERSIBLE, Rules
from hotfix.record import facts
from hotfix.record.any_fact import AnyFact
from hotfix.record.hotfix import Hotfix
from lifecycle.facts_of import (
    ANN,
    NEW,
    OTHER_PATCH,
    PATCH,
    RULES,
    activated,
    activating,
    at,
    ended,
    hotfix,
    later,
    picked,
    planned,
    rehearsed,
    scoped,
    serving,
    started,
    with_,
)

READY = started(), picked(), scoped()
BUILT = facts.Built(
    at=at(65), by=ANN, patch=PATCH.digest, artifact="sha256:" + "7" * 64, argv=(), seconds=1.0
)
STAGING = policy.Environment(
    target="box",
    units=(policy.Unit("stage-1"), policy.Unit("stage-2")),
    waves=(("stage-2",), ("stage-1",)),
)
PRODUCTION = RULES.environments["production"]


def judge(*of: AnyFact, rules: Rules = RULES, seconds: float = 130) -> Gate:
    return rehearse.gate(hotfix(*READY, *of), rules, later(seconds))


def rehearse_on(where: str) -> Rules:
    """The rules, with another place of rehearsal, and a staging environment with a target of its own."""
    return with_(
        RULES,
        targets={**RULES.targets, "box": policy.Target("command", ("ask",), ("deploy",))},
        environments={"production": with_(PRODUCTION, rehearse_on=where), "staging": STAGING},
    )


def of_staging(rules: Rules, **changes: object) -> tuple[AnyFact, ...]:
    """A rehearsal that was made there."""
    unit = facts.UnitPlan("stage-2", "v2.14.0", "b" * 40, "v2.14.0")
    where = {"environment": "staging", "units": (unit,), "waves": (("stage-2",),)}
    return rehearsed(**where, target=target_digest(rules, "production"), **changes)


def owed_because(gate: Gate) -> str:
    """Why a rehearsal is owed; the ship makes it, and says how to make it alone."""
    [finding] = gate.findings
    assert (gate.state, finding.code) == ("owed", rehearse.OWED)
    assert "hotfix rehearse HF-7" in finding.next
    return finding.sentence.removeprefix("A rehearsal is owed: ")


def closed_by(gate: Gate) -> tuple[str, str]:
    """(code, sentence) of the one reason; with a next step."""
    [finding] = gate.findings
    assert gate.state == "closed"
    assert finding.next
    return finding.code, finding.sentence


# -- open --


def test_a_rehearsal_that_went_well_opens_the_gate_and_says_where_and_how_long() -> None:
    assert judge(*rehearsed()) == Gate(
        "rehearse", "open", note="there and back on shop-1; the way back took 2.0 s"
    )


def test_the_newest_rehearsal_counts_whatever_came_before() -> None:
    assert judge(*rehearsed("rolled_back"), *rehearsed(ship=2, seconds=100)).state == "open"
    again = judge(*rehearsed(), *rehearsed("rolled_back", ship=2, seconds=100))
    assert closed_by(again)[0] == "rehearse-failed"


def test_a_ship_of_the_same_patch_in_between_takes_nothing_away() -> None:
    came_back = planned(ship=2, at=at(100)), ended("rolled_back", 110, ship=2)
    assert judge(*rehearsed(), *came_back).state == "open"


def test_what_was_built_is_what_was_rehearsed() -> None:
    builds = with_(RULES, build=policy.Build(("make",), "out"))
    assert judge(BUILT, *rehearsed(artifact=BUILT.artifact), rules=builds).state == "open"
    other = judge(BUILT, *rehearsed(artifact="sha256:" + "8" * 64), rules=builds)
    assert owed_because(other) == "what was rehearsed is not what would ship now."


def test_where_nobody_builds_an_artifact_on_record_says_nothing() -> None:
    """Anybody who may push can write one: it must not keep everybody in port."""
    assert judge(with_(BUILT, artifact="sha256:" + "8" * 64), *rehearsed()).state == "open"


# -- owed --


def test_nothing_picked_can_be_rehearsed() -> None:
    for state in (Hotfix("HF-7"), hotfix(started())):
        gate = rehearse.gate(state, RULES, later(130))
        assert owed_because(gate) == "nothing was picked that could be rehearsed."
    gone = with_(RULES, environments={})
    assert "nothing was picked" in owed_because(judge(rules=gone))


def test_without_a_rehearsal_one_is_owed() -> None:
    assert owed_because(judge()) == "nobody has rehearsed the way back of this patch."


def test_a_ship_is_no_rehearsal_however_it_ended() -> None:
    for outcome in ("validated", "rolled_back"):
        ship = planned(target=target_digest(RULES, "production")), ended(outcome)
        assert "nobody has rehearsed" in owed_because(judge(*ship))


def test_a_base_that_stands_in_is_no_rehearsal() -> None:
    stood = rehearsed("standing_in", purpose=rehearse.STAND_IN)
    assert "nobody has rehearsed" in owed_because(judge(*stood))


@pytest.mark.parametrize(
    "changes",
    [
        {"patch": OTHER_PATCH.digest},
        {"units": (facts.UnitPlan("shop-1", "v2.13.0", "a" * 40, "v2.13.0"),)},
        {"target": ""},
        {"target": target_digest(rehearse_on("staging"), "production")},
        {"environment": "staging"},
        {"units": (facts.UnitPlan("shop-2", "v2.14.0", "b" * 40, "v2.14.0"),)},
    ],
    ids=["another patch", "another base", "no target", "another target", "another place", "another unit"],
)
def test_a_rehearsal_of_something_else_does_not_count(changes: dict[str, object]) -> None:
    assert owed_because(judge(*rehearsed(**changes))) == "what was rehearsed is not what would ship now."


def test_a_new_pick_owes_a_new_rehearsal() -> None:
    again = picked(patch=OTHER_PATCH, at=at(110))
    assert "is not what would ship now" in owed_because(judge(*rehearsed(), again))


@pytest.mark.parametrize("change", [{"restart": ("restart", "--hard")}, {"timeout": 7.0}, {"observe": "/v"}])
def test_a_target_that_is_defined_otherwise_was_not_rehearsed(change: dict[str, object]) -> None:
    other = with_(RULES, targets={"vm": with_(RULES.targets["vm"], **change)})
    assert "is not what would ship now" in owed_because(judge(*rehearsed(), rules=other))


def test_a_rehearsal_that_was_left_in_the_middle_is_owed_again() -> None:
    assert owed_because(judge(*rehearsed(""))) == "the rehearsal on shop-1 was left in the middle."
    begun = rehearsed()[:2]
    assert "left in the middle" in owed_because(judge(*begun))


def test_a_rehearsal_counts_for_a_limited_time() -> None:
    done = 85 + 4 + 2.0
    brief = with_(RULES, environments={"production": with_(PRODUCTION, rehearsal_valid=3600.0)})
    assert judge(*rehearsed(), rules=brief, seconds=done + 3600).state == "open"
    late = judge(*rehearsed(), rules=brief, seconds=done + 3600.001)
    assert owed_because(late) == "it was rehearsed 60 min ago."
    assert judge(*rehearsed(), seconds=done + 3600.001).state == "open"


# -- closed --


@pytest.mark.parametrize("outcome", ["rolled_back", "halted"])
def test_a_rehearsal_that_failed_closes_the_gate_until_there_is_another(outcome: str) -> None:
    code, sentence = closed_by(judge(*rehearsed(outcome)))
    assert code == "rehearse-failed"
    assert sentence == "The rehearsal on shop-1 did not go well: so it came."
    assert judge(*rehearsed(outcome), *rehearsed(ship=2, seconds=100)).state == "open"


def test_a_failed_rehearsal_stays_one_however_old_it_is() -> None:
    assert closed_by(judge(*rehearsed("rolled_back"), seconds=10**8))[0] == "rehearse-failed"


def test_a_way_back_over_the_budget_closes_the_gate() -> None:
    tight = with_(RULES, budget=policy.Budget(way_back=30.0))
    assert judge(*rehearsed(took=30.0), rules=tight).state == "open"
    code, sentence = closed_by(judge(*rehearsed(took=30.5), rules=tight))
    assert code == "rehearse-slow"
    assert sentence == "The way back took 30.5 s on shop-1, and the budget is 30 s."
    assert judge(*rehearsed(took=30.5)).state == "open"


def test_the_way_back_lasts_from_the_first_intent_to_the_last_outcome() -> None:
    of = rehearsed(took=2.0)
    state = hotfix(*READY, *of)
    assert way_back_seconds(state, state.ships[0]) == 2.0
    tried_again = with_(of[4], at=at(95)), with_(of[5], at=at(100))
    state = hotfix(*READY, *of[:6], *tried_again)
    assert way_back_seconds(state, state.ships[0]) == 12.0
    state = hotfix(*READY, planned(), activating("shop-1"), activated(serving("shop-1", NEW)))
    assert way_back_seconds(state, state.ships[0]) == 0.0


def test_what_going_back_does_not_undo_closes_the_gate_whatever_was_rehearsed() -> None:
    lasting = scoped(paths=("shop/cart.py", "shop/migrations/0007.py", "schema.sql"))
    gate = rehearse.gate(hotfix(started(), picked(), lasting, *rehearsed()), RULES, later(130))
    code, sentence = closed_by(gate)
    assert code == "rehearse-irreversible"
    assert "shop/migrations/0007.py, schema.sql" in sentence
    assert "shop/cart.py" not in sentence
    assert "hotfix override rehearse HF-7" in gate.findings[0].next


def test_the_paths_of_an_earlier_patch_say_nothing_of_this_one() -> None:
    lasting = scoped(paths=("db/schema.rb",), patch=OTHER_PATCH.digest)
    assert (
        rehearse.gate(hotfix(started(), picked(), lasting, *rehearsed()), RULES, later(130)).state == "open"
    )


def test_the_policy_says_what_is_irreversible() -> None:
    own = with_(RULES, irreversible=("shop/",))
    assert closed_by(judge(*rehearsed(), rules=own))[0] == "rehearse-irreversible"
    none = with_(RULES, irreversible=())
    lasting = hotfix(started(), picked(), scoped(paths=("db/schema.rb",)), *rehearsed())
    assert rehearse.gate(lasting, none, later(130)).state == "open"


@pytest.mark.parametrize(
    ("path", "lasts"),
    [
        ("db/schema.rb", True),
        ("app/db/seeds/one.rb", True),
        ("app/migrations/0001_initial.py", True),
        ("migrate/1.txt", True),
        ("schema.sql", True),
        ("deep/down/data.sql", True),
        ("mydb/x.py", False),
        ("db", False),
        ("db.py", False),
        ("app/db.py", False),
        ("dbs/x.py", False),
        ("sql/query.py", False),
        ("schema.sql.py", False),
        ("migrations.py", False),
        ("premigrations/x.py", False),
        ("shop/cart.py", False),
    ],
)
def test_folders_match_by_their_whole_name_and_files_by_pattern(path: str, lasts: bool) -> None:
    assert irreversible([path, "shop/mail.py"], IRREVERSIBLE) == ((path,) if lasts else ())


def test_a_pattern_may_speak_of_the_whole_path() -> None:
    assert irreversible(["shop/models/cart.py", "models.py"], ["shop/models/*"]) == ("shop/models/cart.py",)
    assert irreversible(["a/b/c.py", "x/a/b/c.py", "a/c.py"], ["a/b/"]) == ("a/b/c.py", "x/a/b/c.py")


# -- where --


def test_in_place_is_the_first_unit_of_the_first_wave() -> None:
    assert place(RULES, "production") == Place("production", "shop-1")
    turned = with_(PRODUCTION, waves=(("shop-2",), ("shop-1",)))
    assert place(with_(RULES, environments={"production": turned}), "production") == Place(
        "production", "shop-2"
    )


def test_the_policy_may_name_a_unit_or_another_environment() -> None:
    assert place(rehearse_on("shop-2"), "production") == Place("production", "shop-2")
    assert place(rehearse_on("staging"), "production") == Place("staging", "stage-2")


def test_a_rehearsal_elsewhere_counts_by_the_targets_of_both_places() -> None:
    rules = rehearse_on("staging")
    assert judge(*of_staging(rules), rules=rules).note.startswith("there and back on stage-2")
    assert "is not what would ship now" in owed_because(judge(*rehearsed(), rules=rules))
    for name in ("vm", "box"):
        changed = with_(rules, targets={**rules.targets, name: with_(rules.targets[name], timeout=7.0)})
        assert "is not what would ship now" in owed_because(judge(*of_staging(rules), rules=changed))


def test_a_rehearsal_elsewhere_counts_by_the_base_of_production() -> None:
    rules = rehearse_on("staging")
    unit = facts.UnitPlan("stage-2", "v2.13.0", "a" * 40, "v2.13.0")
    with_other = with_(of_staging(rules)[0], units=(unit,))
    assert "is not what would ship now" in owed_because(
        judge(with_other, *of_staging(rules)[1:], rules=rules)
    )
