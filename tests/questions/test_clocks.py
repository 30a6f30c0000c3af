"""The five clocks, from the facts alone."""

from hotfix.lifecycle.rehearse import STAND_IN
from hotfix.questions.clocks import NAMES, Clocks, clocks
from lifecycle.facts_of import (
    activating,
    at,
    ended,
    hotfix,
    origin_confirmed,
    picked,
    planned,
    rehearsed,
    rollback_requested,
    started,
    with_,
)


def test_nothing_on_record_no_clock_runs() -> None:
    nothing = clocks(hotfix())
    assert nothing == Clocks("", "", "", "", "")
    assert nothing.known() == ()


def test_each_clock_stops_at_its_fact() -> None:
    of = started(introduced_at=at(-9000), impact_since=at(-8000)), picked(), planned()
    told = clocks(hotfix(*of, activating("shop-1"), activating("shop-2", seconds=250), ended("validated")))
    assert told == Clocks(at(-9000), at(-8000), at(-600), at(210), at(300))
    assert [name for name, _ in told.known()] == list(NAMES)


def test_a_clock_that_nobody_knows_is_left_out() -> None:
    told = clocks(hotfix(started(), planned(), activating("shop-1")))
    assert [name for name, _ in told.known()] == ["detected", "shipped"]


def test_a_plan_that_touched_nothing_has_not_shipped() -> None:
    assert clocks(hotfix(started(), planned())).shipped == ""


def test_a_ship_that_went_back_is_not_validated() -> None:
    assert clocks(hotfix(planned(), activating("shop-1"), ended("rolled_back"))).validated == ""
    back = rollback_requested(400), ended("rolled_back", 410)
    assert clocks(hotfix(planned(), activating("shop-1"), ended("validated"), *back)).validated == ""


def test_the_newest_ship_is_the_one_that_counts() -> None:
    first = planned(), activating("shop-1"), ended("rolled_back")
    again = planned(ship=2, at=at(500))
    assert clocks(hotfix(*first, again)).shipped == ""
    intent = with_(activating("shop-1", seconds=510), ship=2)
    told = clocks(hotfix(*first, again, intent, ended("validated", 600, ship=2)))
    assert (told.shipped, told.validated) == (at(510), at(600))


def test_a_rehearsal_and_a_base_that_stands_in_are_not_shipping() -> None:
    assert clocks(hotfix(*rehearsed())).shipped == ""
    stood = rehearsed("standing_in", purpose=STAND_IN)
    told = clocks(hotfix(*stood))
    assert (told.shipped, told.validated) == ("", "")


def test_a_rehearsal_stops_no_clock_of_the_ship_before_or_after_it() -> None:
    shipped = with_(activating("shop-1", seconds=510), ship=2)
    ship = planned(ship=2, at=at(500)), shipped, ended("validated", 600, ship=2)
    after = rehearsed(ship=3, seconds=700)
    told = clocks(hotfix(*rehearsed(), *ship, *after))
    assert (told.shipped, told.validated) == (at(510), at(600))


def test_a_return_to_the_release_before_is_shipping() -> None:
    told = clocks(hotfix(planned(purpose="return"), activating("shop-1"), ended("validated")))
    assert (told.shipped, told.validated) == (at(210), at(300))


def test_a_confirmed_origin_is_worth_more_than_what_was_stated() -> None:
    stated = started(introduced_at=at(-9000))
    assert clocks(hotfix(stated, origin_confirmed(at(-5000)))).introduced == at(-5000)
    assert clocks(hotfix(stated, origin_confirmed(at(-5000)), origin_confirmed(at(-7000)))).introduced == at(
        -7000
    )


def test_an_origin_that_nobody_saw_go_live_leaves_what_was_stated() -> None:
    assert clocks(hotfix(started(introduced_at=at(-9000)), origin_confirmed(""))).introduced == at(-9000)
