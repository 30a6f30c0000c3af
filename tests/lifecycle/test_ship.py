"""The settling table on the way forward: what happens to units before checks may speak."""

import pytest

from hotfix.lifecycle import ship
from hotfix.lifecycle.ship import Activate, GoBack, Halt, Settle
from hotfix.record import facts
from hotfix.record.any_fact import AnyFact
from hotfix.record.ship import Ship
from lifecycle.facts_of import (
    FOREIGN,
    FORMER,
    NEW,
    activated,
    activating,
    hotfix,
    lost,
    observed,
    planned,
    sample,
    serving,
    wave_passed,
)


def after(*of: AnyFact, **plan: object) -> Ship:
    state = hotfix(planned(**plan), *of).ship
    assert state is not None
    return state


def both(first: facts.UnitState, second: facts.UnitState) -> Ship:
    """One wave of two units, both changed, and this is how they are."""
    return after(activating("shop-1", "shop-2"), activated(first, second), waves=(("shop-1", "shop-2"),))


def test_the_first_wave_goes_first_and_only_that() -> None:
    assert ship.next_move(after()) == Activate(1, ("shop-1",))


def test_an_intent_without_an_outcome_is_settled_by_asking() -> None:
    assert ship.next_move(after(activating("shop-1"))) == Settle(("shop-1",), 1)


@pytest.mark.parametrize("release", [NEW, "1" * 40])
def test_the_new_release_found_lets_the_checks_speak(release: str) -> None:
    assert ship.next_move(after(activating("shop-1"), activated(serving("shop-1", release)))) is None


@pytest.mark.parametrize("release", [FORMER, "b" * 40])
def test_the_former_release_is_tried_again_at_most_twice(release: str) -> None:
    of: list[AnyFact] = []
    for attempt in (1, 2, 3):
        of += [activating("shop-1"), activated(serving("shop-1", release))]
        move = ship.next_move(after(*of))
        assert move == (Activate(1, ("shop-1",)) if attempt < 3 else move)
    assert isinstance(move, GoBack)
    assert "after 3 tries" in move.because


@pytest.mark.parametrize("state", ["half", "down"])
def test_a_lost_unit_turns_the_ship_back(state: str) -> None:
    move = ship.next_move(after(activating("shop-1"), activated(lost("shop-1", state))))
    assert isinstance(move, GoBack)
    assert f"shop-1 is {state}" in move.because


def test_a_lost_unit_goes_before_another_try_of_its_neighbour() -> None:
    for states in (
        (serving("shop-1", FORMER), lost("shop-2", "down")),
        (lost("shop-1", "half"), serving("shop-2", FORMER)),
    ):
        assert isinstance(ship.next_move(both(*states)), GoBack)


def test_an_unknown_unit_is_asked_by_the_checks_until_patience_ends() -> None:
    assert ship.next_move(after(activating("shop-1"), activated(lost("shop-1", "unknown")))) is None


def test_a_foreign_release_is_not_touched() -> None:
    move = ship.next_move(after(activating("shop-1"), activated(serving("shop-1", FOREIGN))))
    assert isinstance(move, Halt)
    assert f"shop-1 serves {FOREIGN}" in move.because


def test_a_foreign_release_anywhere_halts_even_while_another_unit_is_lost() -> None:
    assert isinstance(ship.next_move(both(lost("shop-1", "down"), serving("shop-2", FOREIGN))), Halt)


def test_a_foreign_release_that_a_check_finds_later_halts_too() -> None:
    found = observed(sample("serving@shop-1", "fail"), seconds=220, states=(serving("shop-1", FOREIGN),))
    assert isinstance(
        ship.next_move(after(activating("shop-1"), activated(serving("shop-1", NEW)), found)), Halt
    )


def test_once_checks_have_spoken_a_state_is_theirs_to_judge() -> None:
    found = observed(sample("serving@shop-1", "fail"), seconds=220, states=(lost("shop-1", "down"),))
    assert ship.next_move(after(activating("shop-1"), activated(serving("shop-1", NEW)), found)) is None


def test_a_wave_that_passed_lets_the_next_one_go() -> None:
    passed = activating("shop-1"), activated(serving("shop-1", NEW)), wave_passed(1, 220)
    assert ship.next_move(after(*passed)) == Activate(2, ("shop-2",))
    last = activating("shop-2"), activated(serving("shop-2", NEW)), wave_passed(2, 230)
    assert ship.next_move(after(*passed, *last)) is None


def test_only_units_of_the_wave_that_were_not_changed_are_due() -> None:
    state = after(activating("shop-1"), activated(serving("shop-1", NEW)), waves=(("shop-1", "shop-2"),))
    assert ship.next_move(state) == Activate(1, ("shop-2",))


def test_units_are_settled_in_the_order_of_the_plan() -> None:
    state = after(activating("shop-2", "shop-1"), waves=(("shop-2", "shop-1"),))
    assert ship.next_move(state) == Settle(("shop-1", "shop-2"), 1)
