"""The one decision of the ship loop: by single steps, and through whole voyages in bad weather."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotfix.lifecycle import rollback, ship
from hotfix.lifecycle.rehearse import PURPOSE, STAND_IN
from hotfix.lifecycle.ship import Activate, GoBack
from hotfix.questions.next_step import AS_REHEARSED, End, PassWave, Sample, Step, next_step
from hotfix.record import facts
from hotfix.record.any_fact import AnyFact
from hotfix.record.ship import Ship
from lifecycle.facts_of import (
    ANN,
    FOREIGN,
    FORMER,
    NEW,
    activated,
    activating,
    at,
    ended,
    hotfix,
    later,
    lost,
    observed,
    planned,
    returned,
    returning,
    rollback_requested,
    sample,
    serving,
    wave_passed,
    with_,
)
from questions.world import Temper, World, tries

FIRST = ("serving@shop-1", "checkout@shop-1")
ALL = ("serving@shop-1", "serving@shop-2", "checkout@shop-1", "checkout@shop-2", "mail@")
FIRST_CHANGED = activating("shop-1"), activated(serving("shop-1", NEW))
BOTH_CHANGED = (
    *FIRST_CHANGED,
    wave_passed(1, 220),
    activating("shop-2", seconds=221, wave=2),
    activated(serving("shop-2", NEW), seconds=225, wave=2),
)
IN_WINDOW = *BOTH_CHANGED, wave_passed(2, 230)


def after(*of: AnyFact) -> Ship:
    state = hotfix(planned(), *of).ship
    assert state is not None
    return state


def said(seconds: float, *keys: str, **outcomes: str) -> facts.Observed:
    """Every key passes, save the checks that are named."""
    return observed(
        *(sample(key, outcomes.get(key.partition("@")[0], "pass")) for key in keys), seconds=seconds
    )


def step(state: Ship, seconds: float) -> Step | None:
    return next_step(state, later(seconds))


def test_a_plan_begins_with_its_first_wave() -> None:
    assert step(after(), 201) == Activate(1, ("shop-1",))


def test_a_changed_wave_is_sampled_and_the_goal_of_the_service_comes_last() -> None:
    assert step(after(*FIRST_CHANGED), 216) == Sample(FIRST, "wave 1")
    assert step(after(*BOTH_CHANGED), 226) == Sample(ALL, "wave 2")


def test_a_green_wave_passes_and_a_red_one_turns_back() -> None:
    assert step(after(*FIRST_CHANGED, said(216, *FIRST)), 216) == PassWave(1)
    red = [said(second, *FIRST, checkout="fail") for second in (216, 217)]
    assert isinstance(step(after(*FIRST_CHANGED, *red), 217), GoBack)


def test_the_observation_window_keeps_asking_until_it_was_watched_to_its_end() -> None:
    assert step(after(*IN_WINDOW), 231) == Sample(ALL, "observation window")
    watched = said(231, *ALL), said(249, *ALL)
    assert step(after(*IN_WINDOW, *watched), 249) == Sample(ALL, "observation window")
    move = step(after(*IN_WINDOW, *watched, said(250, *ALL)), 250)
    assert isinstance(move, End)
    assert move.outcome == "validated"


def test_a_window_that_nobody_watched_validates_nothing() -> None:
    """The process died after one good answer, and is taken up an hour later."""
    left = after(*IN_WINDOW, said(231, *ALL))
    assert step(left, 3831) == Sample(ALL, "observation window")
    assert step(left.apply(said(3832, *ALL)), 3832) == Sample(ALL, "observation window")
    assert isinstance(step(left.apply(said(3832, *ALL)).apply(said(3852, *ALL)), 3852), End)


def test_a_wave_is_not_passed_on_what_was_seen_an_hour_ago() -> None:
    assert step(after(*FIRST_CHANGED, said(216, *FIRST)), 3816) == Sample(FIRST, "wave 1")


def test_a_guard_that_breaks_in_the_window_turns_the_ship_back() -> None:
    red = said(231, *ALL), said(240, *ALL, checkout="fail"), said(241, *ALL, checkout="fail")
    assert isinstance(step(after(*IN_WINDOW, *red), 241), GoBack)


def test_checks_that_take_turns_in_failing_do_not_keep_the_window_open_for_ever() -> None:
    state = after(*IN_WINDOW)
    for second in range(231, 261):
        assert isinstance(step(state, second), Sample)
        state = state.apply(said(second, *ALL, **{"mail" if second % 2 else "checkout": "error"}))
    assert isinstance(step(state.apply(said(261, *ALL, mail="error")), 261), GoBack)


def test_going_back_comes_before_everything_else() -> None:
    assert step(after(rollback_requested()), 231) == End(
        "rolled_back", "no unit had been changed (checkout fails)"
    )
    assert step(after(*FIRST_CHANGED, rollback_requested()), 231) == rollback.Return(("shop-1",))
    assert step(after(activating("shop-1"), rollback_requested()), 231) == rollback.Return(("shop-1",))


def test_the_way_back_is_guarded_too_but_has_no_goal() -> None:
    back = after(
        *FIRST_CHANGED, rollback_requested(), returning("shop-1"), returned(serving("shop-1", FORMER))
    )
    assert step(back, 241) == Sample(FIRST, "way back")
    assert step(back.apply(said(241, *FIRST)), 241) == End("rolled_back", "checkout fails")
    warming = back.apply(said(241, *FIRST, checkout="fail")).apply(said(242, *FIRST, checkout="fail"))
    assert step(warming, 242) == Sample(FIRST, "way back")
    assert step(warming.apply(said(243, *FIRST)), 243) == End("rolled_back", "checkout fails")
    red = warming
    for second in range(243, 275):
        red = red.apply(said(second, *FIRST, checkout="fail"))
    move = step(red, 275)
    assert isinstance(move, End)
    assert move.outcome == "halted"
    assert "every unit serves its former release" in move.because


def test_a_way_back_that_was_left_is_asked_before_it_is_judged() -> None:
    back = after(
        *FIRST_CHANGED, rollback_requested(), returning("shop-1"), returned(serving("shop-1", FORMER))
    )
    assert step(back, 36_000) == Sample(FIRST, "way back")
    assert step(back.apply(said(241, *FIRST)), 36_000) == Sample(FIRST, "way back")


def test_what_we_may_not_touch_halts_the_ship() -> None:
    for state in (
        after(activating("shop-1"), activated(serving("shop-1", FOREIGN))),
        after(
            *FIRST_CHANGED, rollback_requested(), returning("shop-1"), returned(serving("shop-1", FOREIGN))
        ),
    ):
        move = step(state, 250)
        assert isinstance(move, End)
        assert move.outcome == "halted"


def test_a_lost_unit_turns_back_at_once_and_a_silent_one_when_patience_ends() -> None:
    assert isinstance(step(after(activating("shop-1"), activated(lost("shop-1", "down"))), 216), GoBack)
    silent = after(activating("shop-1"), activated(lost("shop-1", "unknown")))
    assert isinstance(step(silent, 216), Sample)
    for second in (216, 225):
        silent = silent.apply(said(second, *FIRST, serving="inconclusive"))
        assert isinstance(step(silent, second), Sample)
    assert isinstance(step(silent.apply(said(226, *FIRST, serving="inconclusive")), 226), GoBack)


@pytest.mark.parametrize("outcome", ["validated", "rolled_back", "halted"])
def test_an_ended_ship_needs_nothing_more(outcome: str) -> None:
    assert step(after(*FIRST_CHANGED, ended(outcome)), 301) is None


# -- the window may be made longer ------------------------------------------------------------------


def test_an_extension_keeps_the_window_open_and_the_way_back_warm() -> None:
    longer = facts.WindowExtended(at=at(240), by=ANN, ship=1, seconds=30.0)
    watched = said(231, *ALL), longer, said(250, *ALL)
    assert step(after(*IN_WINDOW, *watched), 250) == Sample(ALL, "observation window")
    to_the_end = [said(second, *ALL) for second in (260, 270, 279)]
    assert step(after(*IN_WINDOW, *watched, *to_the_end), 279) == Sample(ALL, "observation window")
    assert isinstance(step(after(*IN_WINDOW, *watched, *to_the_end, said(280, *ALL)), 280), End)


def test_extensions_add_up_and_those_of_another_ship_do_not_count() -> None:
    longer = facts.WindowExtended(at=at(240), by=ANN, ship=1, seconds=5.0)
    assert after(*IN_WINDOW, longer, longer, with_(longer, ship=2)).window_seconds == 20.0 + 10.0


def test_patience_begins_after_the_extended_window() -> None:
    longer = facts.WindowExtended(at=at(240), by=ANN, ship=1, seconds=30.0)
    never_all = [
        said(second, *ALL, **{"mail" if second % 2 else "checkout": "error"}) for second in range(231, 291)
    ]
    state = after(*IN_WINDOW, longer, *never_all)
    assert isinstance(step(state, 290), Sample)
    assert isinstance(step(state.apply(said(291, *ALL, mail="error")), 291), GoBack)


# -- rehearsals -------------------------------------------------------------------------------------

ONLY_FIRST = {
    "units": (facts.UnitPlan("shop-1", FORMER, "b" * 40, FORMER),),
    "waves": (("shop-1",),),
    "goals": (),
    "window_seconds": 0.0,
}


def rehearsing(*of: AnyFact, purpose: str = PURPOSE) -> Ship:
    return hotfix(planned(purpose=purpose, **ONLY_FIRST), *of).ships[0]


def went_back(because: str, *of: AnyFact, seconds: float = 230) -> tuple[AnyFact, ...]:
    return (
        *of,
        with_(rollback_requested(seconds), because=because),
        returning("shop-1", seconds=seconds + 1),
        returned(serving("shop-1", FORMER), seconds=seconds + 2),
    )


def test_a_rehearsal_that_is_green_goes_back_at_once() -> None:
    assert step(rehearsing(), 201) == Activate(1, ("shop-1",))
    assert step(rehearsing(*FIRST_CHANGED), 216) == Sample(FIRST, "wave 1")
    assert step(rehearsing(*FIRST_CHANGED, said(216, *FIRST)), 216) == GoBack(AS_REHEARSED)
    asked_back = with_(rollback_requested(), because=AS_REHEARSED)
    back = rehearsing(*FIRST_CHANGED, said(216, *FIRST), asked_back)
    assert step(back, 231) == rollback.Return(("shop-1",))


def test_a_rehearsal_ends_when_the_guards_are_green_again_on_the_base() -> None:
    back = rehearsing(*went_back(AS_REHEARSED, *FIRST_CHANGED, said(216, *FIRST)))
    assert step(back, 233) == Sample(FIRST, "way back")
    assert step(back.apply(said(233, *FIRST)), 233) == End("rehearsed", AS_REHEARSED)


def test_a_rehearsal_whose_unit_does_not_come_back_well_halts() -> None:
    back = rehearsing(*went_back(AS_REHEARSED, *FIRST_CHANGED, said(216, *FIRST)))
    for second in range(233, 265):
        back = back.apply(said(second, *FIRST, checkout="fail"))
    move = step(back, 265)
    assert isinstance(move, End)
    assert move.outcome == "halted"


def test_a_rehearsal_that_breaks_a_guard_comes_back_as_any_ship_does() -> None:
    red = [said(second, *FIRST, checkout="fail") for second in (216, 217)]
    move = step(rehearsing(*FIRST_CHANGED, *red), 217)
    assert isinstance(move, GoBack)
    assert move.because != AS_REHEARSED
    back = rehearsing(*went_back(move.because, *FIRST_CHANGED, *red), said(233, *FIRST))
    assert step(back, 233) == End("rolled_back", move.because)


def test_a_person_who_takes_a_rehearsal_back_ends_it_without_its_having_gone_well() -> None:
    back = rehearsing(*went_back("we need that unit", *FIRST_CHANGED), said(233, *FIRST))
    assert step(back, 233) == End("rolled_back", "we need that unit")


def test_what_a_person_says_does_not_make_a_rehearsal_of_a_ship() -> None:
    back = after(*went_back(AS_REHEARSED, *FIRST_CHANGED), said(233, *FIRST))
    assert step(back, 233) == End("rolled_back", AS_REHEARSED)


def test_a_rehearsal_that_went_well_already_stays_one_when_it_is_asked_back_again() -> None:
    """Two requests, as after a crash: the first one's reason stands."""
    back = rehearsing(*went_back(AS_REHEARSED, *FIRST_CHANGED, said(216, *FIRST)), rollback_requested(240))
    assert step(back.apply(said(241, *FIRST)), 241) == End("rehearsed", AS_REHEARSED)


def test_a_base_that_stands_in_stays_until_it_is_taken_back() -> None:
    standing = rehearsing(*FIRST_CHANGED, said(216, *FIRST), purpose=STAND_IN)
    assert step(standing, 216) == PassWave(1)
    standing = standing.apply(wave_passed(1, 217))
    assert step(standing, 217) == Sample(FIRST, "observation window")
    move = step(standing.apply(said(218, *FIRST)), 218)
    assert isinstance(move, End)
    assert move.outcome == "standing_in"
    ended_so = standing.apply(said(218, *FIRST)).apply(ended("standing_in", 219))
    assert step(ended_so, 220) is None
    taken_back = ended_so.apply(rollback_requested())
    assert step(taken_back, 231) == rollback.Return(("shop-1",))


def test_a_ship_that_is_to_stay_never_goes_back_because_it_is_green() -> None:
    for purpose in ("hotfix", "return"):
        of = rehearsing(*FIRST_CHANGED, said(216, *FIRST), purpose=purpose)
        assert step(of, 216) == PassWave(1)


# -- whole voyages --------------------------------------------------------------------------------

CALM = Temper()
LIKELY = st.sampled_from([0.0, 0.0, 0.02, 0.1, 0.4])
WEATHER = st.builds(Temper, LIKELY, LIKELY, LIKELY | st.just(1.0), LIKELY, LIKELY, LIKELY)
SEEDS = st.integers(0, 2**32)


def check(world: World, outcome: str) -> None:
    """What must hold however a ship has ended."""
    state = world.ship()
    assert max(tries(world.record, facts.Activating).values(), default=0) <= ship.MOST_ATTEMPTS
    assert max(tries(world.record, facts.Returning).values(), default=0) <= rollback.MOST_ATTEMPTS
    if outcome == "validated":
        assert set(world.units.values()) == {NEW}
        assert set(state.runs) == {
            "mail@",
            *(f"{check}@{unit}" for check in ("serving", "checkout") for unit in world.units),
        }
        assert {run[-1][1].outcome for run in state.runs.values()} == {"pass"}
        assert state.waves_passed == 2
    elif outcome == "rolled_back":
        assert {world.units[unit] for unit in state.touched} <= {FORMER}
    else:
        assert outcome == "halted"
        assert state.ended is not None
        assert state.ended.because


def never_against_what_is_known(world: World) -> None:
    """Whether every intent, at its place in the record, was one that the record before it allowed."""
    state = hotfix(world.record[0])
    for fact in world.record[1:]:
        before = state.ship
        assert before is not None
        if isinstance(fact, facts.Activating):
            assert before.rollback is None
            known = {unit: before.states[unit].release for unit in before.states}
            assert FOREIGN not in known.values()
            assert all(unit in before.plan.waves[fact.wave - 1] for unit in fact.units)
        if isinstance(fact, facts.Returning):
            assert before.rollback is not None
            assert set(fact.units) <= set(before.touched)
            done = [before.states[unit].release for unit in fact.units if unit in before.returned]
            assert FOREIGN not in done
            assert FORMER not in done
        state = state.apply(fact)


@given(SEEDS)
def test_in_calm_weather_every_ship_is_validated_wave_by_wave(seed: int) -> None:
    world = World(seed, CALM)
    assert world.drive() == "validated"
    check(world, "validated")
    changed = [fact.units for fact in world.record if isinstance(fact, facts.Activating)]
    assert changed == [("shop-1",), ("shop-2", "shop-3")]


@settings(max_examples=400)
@given(SEEDS, WEATHER)
def test_in_any_weather_a_ship_ends_and_says_the_truth(seed: int, weather: Temper) -> None:
    world = World(seed, weather)
    check(world, world.drive())
    never_against_what_is_known(world)


@settings(max_examples=200)
@given(SEEDS, WEATHER)
def test_a_person_may_ask_for_the_way_back_after_any_end(seed: int, weather: Temper) -> None:
    world = World(seed, weather)
    if world.drive() == "rolled_back":
        return
    world.record.append(rollback_requested(1_000_000))
    world.now = later(1_000_001)
    outcome = world.drive()
    assert outcome in ("rolled_back", "halted")
    check(world, outcome)
    never_against_what_is_known(world)


@settings(max_examples=100)
@given(SEEDS)
def test_a_goal_that_stays_red_always_brings_every_unit_back(seed: int) -> None:
    world = World(seed, Temper(goal_stays_red=1.0))
    assert world.drive() == "rolled_back"
    assert set(world.units.values()) == {FORMER}


@settings(max_examples=100)
@given(SEEDS)
def test_crashes_alone_halt_a_ship_only_when_every_try_was_spent(seed: int) -> None:
    world = World(seed, Temper(crashes=0.3))
    outcome = world.drive()
    check(world, outcome)
    if outcome == "halted":
        assert max(tries(world.record, facts.Returning).values()) == rollback.MOST_ATTEMPTS


@given(SEEDS)
def test_in_calm_weather_every_rehearsal_goes_there_and_back(seed: int) -> None:
    world = World(seed, CALM, PURPOSE)
    assert world.drive() == "rehearsed"
    assert set(world.units.values()) == {FORMER}
    intents = [type(fact) for fact in world.record if isinstance(fact, facts.Activating | facts.Returning)]
    assert intents == [facts.Activating, facts.Returning]


@settings(max_examples=300)
@given(SEEDS, WEATHER)
def test_in_any_weather_a_rehearsal_leaves_the_unit_as_it_was_or_calls_for_a_person(
    seed: int, weather: Temper
) -> None:
    world = World(seed, weather, PURPOSE)
    outcome = world.drive()
    assert outcome in ("rehearsed", "rolled_back", "halted")
    if outcome != "halted":
        assert {world.units[unit] for unit in world.ship().touched} <= {FORMER}
    if outcome == "rehearsed":
        assert any(isinstance(fact, facts.Returned) for fact in world.record)
    changed = {
        unit
        for fact in world.record
        if isinstance(fact, facts.Activating | facts.Returning)
        for unit in fact.units
    }
    assert changed <= {"shop-1"}


@settings(max_examples=100)
@given(SEEDS, WEATHER)
def test_a_base_that_stands_in_is_taken_back_to_what_was_there(seed: int, weather: Temper) -> None:
    world = World(seed, weather, STAND_IN)
    if world.drive() != "standing_in":
        return
    assert world.units["shop-1"] == NEW
    world.record.append(rollback_requested(1_000_000))
    world.now = later(1_000_001)
    if world.drive() == "rolled_back":
        assert world.units["shop-1"] == FORMER


def test_the_weather_is_bad_enough_for_rehearsals_too() -> None:
    ends: Counter[str] = Counter()
    for seed in range(120):
        ends[World(seed, Temper(0.4, 0.05, 0.0, 0.4, 0.1, 0.1), PURPOSE).drive()] += 1
    assert set(ends) == {"rehearsed", "rolled_back", "halted"}
    assert min(ends.values()) >= 5


def test_the_weather_is_bad_enough_to_show_something() -> None:
    """Or the voyages above would prove nothing: every end, and every kind of step, is met."""
    ends: Counter[str] = Counter()
    steps: set[type[Step]] = set()
    crashed = 0
    for seed in range(120):
        world = World(seed, Temper(0.2, 0.02, 0.2, 0.05, 0.1, 0.1))
        ends[world.drive()] += 1
        steps |= {type(step) for step in world.steps}
        crashed += world.crashed
    assert set(ends) == {"validated", "rolled_back", "halted"}
    assert min(ends.values()) >= 5
    assert steps == {
        Activate,
        ship.Settle,
        GoBack,
        rollback.Return,
        rollback.SettleReturn,
        Sample,
        PassWave,
        End,
    }
    assert crashed > 20
