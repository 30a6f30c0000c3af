"""A halted ship: of each unit, what is known and what to do."""

from hotfix.questions.by_hand import by_hand
from hotfix.record.hotfix import Hotfix
from lifecycle.facts_of import (
    FOREIGN,
    FORMER,
    NEW,
    activated,
    activating,
    ended,
    hotfix,
    lost,
    planned,
    serving,
    started,
)


def halted_with(*states: object) -> Hotfix:
    return hotfix(started(), planned(), activating("shop-1"), activated(*states), ended("halted"))  # type: ignore[arg-type]


def test_where_nothing_halted_nobody_has_to_do_anything() -> None:
    for outcome in ("validated", "rolled_back"):
        state = hotfix(
            started(), planned(), activating("shop-1"), activated(serving("shop-1", NEW)), ended(outcome)
        )
        assert by_hand(state) == ()
    assert by_hand(hotfix(started())) == ()


def test_a_unit_that_was_never_touched_is_well() -> None:
    _, second = by_hand(halted_with(serving("shop-1", NEW)))
    assert (second.unit, second.known, second.do) == ("shop-2", f"not touched: {FORMER}", "")


def test_a_unit_that_is_back_is_well() -> None:
    first, _ = by_hand(halted_with(serving("shop-1", FORMER)))
    assert (first.known, first.do) == (f"serves {FORMER}, as before", "")


def test_a_unit_that_still_has_the_new_release_goes_back_by_a_command() -> None:
    first, _ = by_hand(halted_with(serving("shop-1", NEW)))
    assert first.do == "hotfix rollback HF-7"


def test_what_somebody_else_put_there_is_left_alone() -> None:
    first, _ = by_hand(halted_with(serving("shop-1", FOREIGN)))
    assert FOREIGN in first.known
    assert "left alone" in first.do


def test_a_unit_that_is_lost_is_looked_at_first() -> None:
    for state in ("down", "half", "unknown"):
        first, _ = by_hand(halted_with(lost("shop-1", state)))
        assert state in first.known
        assert "then hotfix rollback HF-7" in first.do
