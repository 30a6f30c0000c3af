"""The settling table on the way back: each unit to what *it* served, from the plan alone."""

import pytest

from hotfix.lifecycle import rollback
from hotfix.lifecycle.rollback import AllBack, Return, SettleReturn, Stuck
from hotfix.record import facts
from hotfix.record.any_fact import AnyFact
from hotfix.record.ship import Ship
from lifecycle.facts_of import (
    FOREIGN,
    FORMER,
    NEW,
    activated,
    activating,
    ended,
    hotfix,
    lost,
    observed,
    planned,
    returned,
    returning,
    rollback_requested,
    sample,
    serving,
)

BOTH = (
    activating("shop-1", "shop-2"),
    activated(serving("shop-1", NEW), serving("shop-2", NEW)),
    rollback_requested(),
)


def after(*of: AnyFact) -> Ship:
    state = hotfix(planned(waves=(("shop-1", "shop-2"),)), *of).ship
    assert state is not None
    return state


def tries(count: int, *states: facts.UnitState) -> list[AnyFact]:
    """So many tries that left the units like this."""
    units = tuple(state.unit for state in states)
    return [fact for _ in range(count) for fact in (returning(*units), returned(*states))]


def test_every_changed_unit_goes_back() -> None:
    assert rollback.next_move(after(*BOTH)) == Return(("shop-1", "shop-2"))


def test_a_unit_that_was_not_changed_is_left_alone() -> None:
    one = activating("shop-1"), activated(serving("shop-1", NEW)), rollback_requested()
    assert rollback.next_move(after(*one)) == Return(("shop-1",))
    assert rollback.next_move(after(rollback_requested())) == AllBack()


def test_a_unit_that_may_have_been_changed_goes_back_too() -> None:
    """The shipper died in the middle: nobody waits to learn how far it came."""
    assert rollback.next_move(after(activating("shop-1"), rollback_requested())) == Return(("shop-1",))


def test_an_intent_without_an_outcome_is_settled_by_asking() -> None:
    assert rollback.next_move(after(*BOTH, returning("shop-2"))) == SettleReturn(("shop-2",))


@pytest.mark.parametrize("release", [FORMER, "b" * 40])
def test_what_it_served_before_is_back_under_either_name(release: str) -> None:
    assert (
        rollback.next_move(after(*BOTH, *tries(1, serving("shop-1", release), serving("shop-2", release))))
        == AllBack()
    )


@pytest.mark.parametrize(
    "state", [serving("shop-1", NEW), *(lost("shop-1", word) for word in ("half", "down", "unknown"))]
)
def test_what_is_not_back_is_tried_at_most_three_times_and_then_a_human_is_needed(
    state: facts.UnitState,
) -> None:
    well = serving("shop-2", FORMER)
    for count in (1, 2):
        assert rollback.next_move(after(*BOTH, *tries(1, well), *tries(count, state))) == Return(("shop-1",))
    move = rollback.next_move(after(*BOTH, *tries(1, well), *tries(3, state)))
    assert isinstance(move, Stuck)
    assert "after 3 tries" in move.because
    assert FORMER in move.because


def test_a_foreign_release_is_never_replaced() -> None:
    move = rollback.next_move(after(*BOTH, *tries(1, serving("shop-1", FOREIGN), serving("shop-2", FORMER))))
    assert isinstance(move, Stuck)
    assert "not ours to replace" in move.because


def test_the_others_come_back_before_a_stuck_one_halts_the_ship() -> None:
    foreign = tries(1, serving("shop-1", FOREIGN), lost("shop-2", "down"))
    assert rollback.next_move(after(*BOTH, *foreign)) == Return(("shop-2",))
    assert isinstance(rollback.next_move(after(*BOTH, *foreign, *tries(1, serving("shop-2", FORMER)))), Stuck)
    hopeless = tries(3, lost("shop-1", "down"), serving("shop-2", NEW))
    assert isinstance(rollback.next_move(after(*BOTH, *hopeless[:4])), Return)
    assert isinstance(rollback.next_move(after(*BOTH, *hopeless)), Stuck)


def test_a_unit_that_leaves_its_former_release_again_is_brought_back_again() -> None:
    back = tries(1, serving("shop-1", FORMER), serving("shop-2", FORMER))
    fallen = observed(sample("serving@shop-1", "fail"), seconds=250, states=(lost("shop-1", "down"),))
    assert rollback.next_move(after(*BOTH, *back, fallen)) == Return(("shop-1",))


def test_serving_the_former_release_without_having_been_returned_is_not_believed() -> None:
    """What was begun and never settled may still change it: its return is put on record first."""
    stale = activating("shop-1"), activated(serving("shop-1", FORMER)), rollback_requested()
    assert rollback.next_move(after(*stale)) == Return(("shop-1",))


def test_asking_again_after_a_halt_gives_every_unit_three_new_tries() -> None:
    halted = after(*BOTH, *tries(3, lost("shop-1", "down"), lost("shop-2", "down")), ended("halted"))
    assert isinstance(rollback.next_move(halted), Stuck)
    assert rollback.next_move(halted.apply(rollback_requested(400))) == Return(("shop-1", "shop-2"))
