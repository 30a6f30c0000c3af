"""What production runs, what the result is called, and when a pick still stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfix.lifecycle.pick.base import one_base
from hotfix.lifecycle.pick.gate import Seen, gate
from hotfix.lifecycle.pick.release_name import release_name
from hotfix.policy.rules import Build, Rules, Unit
from hotfix.record.facts import Built
from hotfix.record.finding import Refused
from hotfix.record.hotfix import Hotfix
from hotfix.record.parts import UnitRelease, UnitState
from lifecycle.facts_of import OTHER_PATCH, PATCH, RULES, at, hotfix, lost, picked, seen, serving, with_

MEANING = {
    "v2.14.0": ("v2.14.0", "b" * 40),
    "b" * 40: ("v2.14.0", "b" * 40),
    "v2.15.0": ("v2.15.0", "9" * 40),
}


def refusal(*states: UnitState) -> list[str]:
    with pytest.raises(Refused) as caught:
        one_base(states, MEANING)
    return [finding.code for finding in caught.value.findings]


def test_the_base_is_what_every_unit_runs_under_whatever_name() -> None:
    units = one_base([serving("shop-1", "v2.14.0"), serving("shop-2", "b" * 40)], MEANING)
    assert units == (
        UnitRelease("shop-1", "v2.14.0", "v2.14.0", "b" * 40),
        UnitRelease("shop-2", "b" * 40, "v2.14.0", "b" * 40),
    )


@pytest.mark.parametrize("state", ["half", "down", "unknown"])
def test_one_silent_unit_makes_the_base_a_guess(state: str) -> None:
    assert refusal(serving("shop-1", "v2.14.0"), lost("shop-2", state)) == ["pick-unit-silent"]


def test_an_answer_that_means_nothing_is_refused() -> None:
    assert refusal(serving("shop-1", "v2.14.0"), serving("shop-2", "latest")) == ["pick-release-unknown"]


def test_two_releases_are_no_base_and_both_are_told() -> None:
    with pytest.raises(Refused) as caught:
        one_base([serving("shop-1", "v2.14.0"), serving("shop-2", "v2.15.0")], MEANING)
    (finding,) = caught.value.findings
    assert finding.code == "pick-mixed-fleet"
    assert any("v2.14.0" in told for told in finding.evidence)
    assert any("v2.15.0" in told for told in finding.evidence)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    assert refusal(lost("shop-1", "down"), serving("shop-2", "latest")) == [
        "pick-unit-silent",
        "pick-release-unknown",
    ]


def test_an_environment_without_units_has_no_base() -> None:
    assert refusal() == ["pick-no-units"]


# -- the name of the result -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "base", "taken", "name"),
    [
        ("{base}+hf.{n}", "v2.14.0", (), "v2.14.0+hf.1"),
        ("{base}+hf.{n}", "v2.14.0", ("v2.14.0+hf.1",), "v2.14.0+hf.2"),
        ("{base}+hf.{n}", "v2.14.0+hf.1", ("v2.14.0+hf.1",), "v2.14.0+hf.2"),
        ("{base}+hf.{n}", "v2.14.0+hf.9", ("v2.14.0+hf.9",), "v2.14.0+hf.1"),
        ("{base}.{n}", "v2.14.0", (), "v2.14.0.1"),
        ("{base}.{n}", "v2.14.0.1", ("v2.14.0.1",), "v2.14.0.2"),
        ("{base}-fix{n}-shop", "v2", ("v2-fix1-shop",), "v2-fix2-shop"),
        ("{base}-fix{n}-shop", "v2-fix1-shop", ("v2-fix1-shop",), "v2-fix2-shop"),
        ("hf{n}-{base}", "hf1-v2", ("hf1-v2",), "hf2-v2"),
        ("shop-{base}-{n}", "shop-v2-1", ("shop-v2-1",), "shop-v2-2"),
        ("hf-{n}", "v2", ("hf-1", "hf-2"), "hf-3"),
        ("{base}+hf.{n}", "v2{n}", (), "v2{n}+hf.1"),
    ],
)
def test_the_result_is_named_by_the_policys_pattern(
    pattern: str, base: str, taken: tuple[str, ...], name: str
) -> None:
    assert release_name(pattern, base, taken) == name


def test_a_release_that_only_looks_like_a_hotfix_keeps_its_whole_name() -> None:
    assert release_name("{base}.{n}", "v2.14.0", {"v1.0.0.1"}) == "v2.14.0.1"


TEXT = st.text("v.1{}n+-", max_size=6)
NAMES = st.sampled_from(["v2", "v2+hf.1", "v2+hf.2", "v2+hf.10", "v2+hf.1+hf.1", "hf1-v2", "v2-1-x", "hf-1"])
PATTERNS = st.sampled_from(["{base}+hf.{n}", "hf{n}-{base}", "{base}-{n}-x", "hf-{n}", "{base}{n}"])


@given(PATTERNS, NAMES | TEXT, st.frozensets(NAMES | TEXT))
def test_a_name_that_is_taken_is_never_given_again(pattern: str, base: str, taken: frozenset[str]) -> None:
    assert release_name(pattern, base, taken) not in taken


@given(PATTERNS, st.sampled_from(["v2", "v2.14.0", "2026-11-22"]), st.integers(1, 8))
def test_a_series_of_hotfixes_never_repeats_a_name(pattern: str, base: str, count: int) -> None:
    taken: list[str] = []
    for _ in range(count):
        base = release_name(pattern, base, taken)
        taken.append(base)
    assert len(set(taken)) == count


# -- the gate -------------------------------------------------------------------------------------


def shut_by(state: Hotfix, rules: Rules = RULES, tips: tuple[str, ...] = ()) -> str:
    answer = gate(state, rules, seen(state, tips))
    assert answer.state == "closed"
    (finding,) = answer.findings
    assert finding.next
    return finding.code


def test_a_pick_of_what_runs_opens_the_gate() -> None:
    answer = gate(hotfix(picked()), RULES, seen(hotfix(picked()), ("1" * 40, "1" * 40)))
    assert answer.state == "open"
    assert "v2.14.0+hf.1" in answer.note


def test_a_branch_that_was_deleted_does_no_harm() -> None:
    assert gate(hotfix(picked()), RULES, seen(hotfix(picked()))).state == "open"


def test_nothing_picked_is_nothing_to_ship() -> None:
    assert shut_by(Hotfix("HF-7")) == "pick-missing"


def test_a_commit_on_the_branch_is_a_new_patch_here_and_on_the_remote() -> None:
    assert shut_by(hotfix(picked()), tips=("2" * 40,)) == "pick-branch-moved"
    assert shut_by(hotfix(picked()), tips=("1" * 40, "2" * 40)) == "pick-branch-moved"


def test_the_patch_of_another_service_or_environment_is_not_ours() -> None:
    assert shut_by(hotfix(picked(patch=with_(PATCH, service="mail")))) == "pick-other-service"
    assert shut_by(hotfix(picked()), with_(RULES, environments={})) == "pick-no-environment"


def test_a_unit_that_policy_has_since_then_was_not_asked() -> None:
    production = RULES.environments["production"]
    more = with_(production, units=(*production.units, Unit("shop-3")))
    assert shut_by(hotfix(picked()), with_(RULES, environments={"production": more})) == "pick-units-unasked"


def test_a_pick_whose_units_ran_something_else_than_its_base_stands_on_nothing() -> None:
    one, two = picked().units
    assert shut_by(hotfix(picked(units=(one, with_(two, commit="9" * 40))))) == "pick-mixed-fleet"
    assert shut_by(hotfix(picked(units=()))) == "pick-units-unasked"


def test_only_the_newest_pick_counts() -> None:
    again = picked(patch=OTHER_PATCH, result_commit="2" * 40)
    two = hotfix(picked(), again)
    assert gate(two, RULES, seen(two, ("2" * 40,))).state == "open"
    assert gate(two, RULES, seen(two, ("1" * 40, "2" * 40))).state == "open", "an older copy"
    assert shut_by(hotfix(picked(), again), tips=("1" * 40, "3" * 40)) == "pick-branch-moved"


def test_a_team_that_builds_ships_no_bare_tree() -> None:
    building = with_(RULES, build=Build(("make",)))
    assert shut_by(hotfix(picked()), building) == "pick-unbuilt"
    built = Built(
        at=at(60), by="ann@example.com", patch=PATCH.digest, artifact="sha256:1", argv=("make",), seconds=1.0
    )
    assert gate(hotfix(picked(), built), building, seen(hotfix(picked()))).state == "open"
    assert shut_by(hotfix(picked(), built, picked(patch=OTHER_PATCH)), building) == "pick-unbuilt"


def test_what_was_signed_and_what_is_named_are_held_together() -> None:
    state = hotfix(picked())
    for lie in ({"origin": "other"}, {"base_tree": "other"}, {"result_tree": "other"}):
        answer = gate(state, RULES, with_(seen(state), **lie))
        assert [finding.code for finding in answer.findings] == ["pick-not-what-it-says"]


def test_objects_that_are_not_here_show_nothing_and_nothing_opens_no_gate() -> None:
    assert gate(hotfix(picked()), RULES, Seen()).state == "closed"
