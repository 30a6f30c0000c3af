"""Sequences that the oracle and the product once disagreed about, each as short as it comes."""

import pytest

from hotfix.actions.rehearse import rehearse
from hotfix.record.finding import Refused
from oracle.law import GATES, HOUR, MINUTE
from oracle.lives import Lives


class Told(Lives):
    """A life in which nothing happens but what the test says."""

    def _life_goes_on(self, turn: int) -> None:
        pass


@pytest.fixture
def life() -> Told:
    """A hotfix that was started and picked."""
    told = Told()
    told.start(0)
    return told


def they_agree(life: Told) -> None:
    """Gate by gate, and about what shipping does now."""
    life.the_gates_read_as_the_oracle_says()
    life.ship("ann-1")


def ships_in_vain(life: Told) -> None:
    """It is planned, its second unit does not start, and it comes back."""
    life.units_that_cannot_start_it("shop-2")
    life.ship("ann-1")
    life.units_that_cannot_start_it("")
    assert life.law.ships[-1].rehearsal is None
    assert life.law.ships[-1].outcome == "rolled_back"


def test_a_go_is_used_up_by_a_ship_that_failed_although_the_clock_was_set_back_before_it(life: Told) -> None:
    life.mend_and_ship("authorize", "ann-1")
    life.go("dan-1", 12 * HOUR)
    life.the_clock_jumps(-10 * MINUTE)
    ships_in_vain(life)
    they_agree(life)


def test_a_new_go_counts_although_the_clock_was_set_back_since_the_ship_that_failed(life: Told) -> None:
    life.mend_and_ship("authorize", "ann-1")
    life.go("dan-1", 12 * HOUR)
    ships_in_vain(life)
    life.the_clock_jumps(-10 * MINUTE)
    life.go("dan-1", 12 * HOUR)
    they_agree(life)


def test_a_go_that_was_used_up_is_not_revived_by_a_copy_with_a_newer_date(life: Told) -> None:
    life.mend_and_ship("authorize", "ann-1")
    life.go("dan-1", 12 * HOUR)
    ships_in_vain(life)
    life.the_clock_jumps(MINUTE)
    life.forge(0, "redated", 0)
    they_agree(life)


def test_a_go_that_todays_rules_call_too_old_is_not_made_younger_by_a_copy(life: Told) -> None:
    life.mend_and_ship("authorize", "ann-1")
    life.go("dan-1", 12 * HOUR)
    life.the_clock_jumps(61 * MINUTE)
    life.change_policy({"valid": HOUR})
    life.forge(0, "redated", 0)
    they_agree(life)


def overridden(life: Told) -> None:
    """All but the proof, which Ann and Dan override."""
    life.mend_and_ship("prove", "ann-1")
    life.ask_for_an_override("prove", "ann-1", by_hand=False)
    life.confirm("dan-1", 0, by_hand=False)


def test_an_override_that_was_used_is_not_revived_by_another_second_person(life: Told) -> None:
    overridden(life)
    ships_in_vain(life)
    life.revoke("dan-1", revoked=True)
    life.confirm("eve-1", 0, by_hand=True)
    life.go("eve-1", HOUR)
    they_agree(life)


def test_an_override_that_a_ship_could_have_used_is_not_revived_either(life: Told) -> None:
    life.mend_and_ship("authorize", "ann-1")
    life.go("dan-1", HOUR)
    life.ask_for_an_override("authorize", "ann-1", by_hand=False)
    life.confirm("dan-1", 0, by_hand=False)
    ships_in_vain(life)
    life.revoke("dan-1", revoked=True)
    life.confirm("eve-1", 0, by_hand=True)
    they_agree(life)


def test_what_was_announced_is_used_up_by_a_ship_of_then_although_a_second_person_is_asked_for_again(
    life: Told,
) -> None:
    life.mend_and_ship("authorize", "ann-1")
    life.go("dan-1", HOUR)
    life.ask_for_an_override("authorize", "ann-1", by_hand=False)
    life.change_policy({"override": "announce"})
    ships_in_vain(life)
    life.change_policy({"override": "second person"})
    life.confirm("eve-1", 0, by_hand=True)
    they_agree(life)


def test_the_debt_of_an_override_outlives_the_second_person_s_key(life: Told) -> None:
    overridden(life)
    life.ship("ann-1")
    life.the_clock_jumps(25 * HOUR)
    life.revoke("dan-1", revoked=True)
    life.change_roles(("ann", "cat"), ("dan", "eve"))
    life.pick("fix-2", "production", "ann", "bob", "", "plain", 5, True)
    life.ask_for_an_override("prove", "ann-1", by_hand=True)
    life.confirm("cat-1", 0, by_hand=True)
    they_agree(life)


def test_a_rehearsal_of_what_was_built_says_nothing_of_the_bare_tree(life: Told) -> None:
    life.change_policy({"builds": True})
    life.mend_and_ship("", "ann-1")
    life.roll_back()
    life.change_policy({"builds": False})
    they_agree(life)


def test_a_port_that_breaks_does_not_make_an_open_ship_be_overlooked(life: Told) -> None:
    life.mend_and_ship("authorize", "ann-1")
    life.go("dan-1", 12 * HOUR)
    life.ship_and_be_killed(3)
    assert life.law.ships[-1].outcome == "", "it is open, and changed nothing yet"
    life.ship_while_a_port_named_breaks("has_remote")
    assert len(life.plans) == len(life.law.ships) == 2, "a rehearsal and one ship"


def test_nothing_is_rehearsed_while_a_ship_of_the_fix_is_open(life: Told) -> None:
    life.mend_and_ship("authorize", "ann-1")
    life.go("dan-1", 12 * HOUR)
    life.ship_and_be_killed(3)
    life.rehearse("eve-1")
    assert [plan.purpose for plan in life.plans] == ["rehearsal", "hotfix"]


def test_nobody_goes_back_by_a_plan_that_was_refused_in_the_last_moment(life: Told) -> None:
    life.mend_and_ship("authorize", "ann-1")
    life.ship_while_others_act(1, "reject")
    assert life.plans == []
    assert life.town.cards.find(None, "") == ()
    life.roll_back()
    life.mend_and_ship("", "ann-1")
    assert [voyage.outcome for voyage in life.law.ships] == ["rehearsed", "validated"]


def test_a_pick_for_elsewhere_in_the_last_moment_lets_nothing_unread_into_production(life: Told) -> None:
    elsewhere = "fix-2", "staging", "ann", "bob", "", "plain", 5, True
    life.town.cards.meanwhile = (1, lambda: life.pick(*elsewhere))
    life.rehearse("ann-1")
    assert life.plans == [], "nobody has read the patch that was being prepared"


def test_who_waited_while_somebody_else_rehearsed_ships_by_that_rehearsal(life: Told) -> None:
    life.mend_and_ship("authorize", "ann-1")
    life.go("dan-1", 12 * HOUR)
    life.town.drivers.meanwhile = lambda: rehearse(life.town.ports("cat-1"), None)
    life.ship("ann-1")
    assert life.town.drivers.meanwhile is None, "somebody did rehearse"
    assert [plan.purpose for plan in life.plans] == ["rehearsal", "hotfix"]


@pytest.mark.parametrize("error", [OSError, Refused])
def test_whichever_question_to_a_port_fails_nothing_is_planned_after_it(error: type[Exception]) -> None:
    asked, life = 0, Told()
    while not life.plans:
        asked += 1
        life = Told()
        life.start(0)
        for gate in GATES:
            life.mend(gate)
        life.ship_while_a_port_breaks("ann-1", asked, error)
    assert asked > 50, "a ship asks a lot before it plans"
