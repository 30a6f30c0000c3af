"""Only `pass` promotes: what the first answers, and those after a change, are worth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfix.lifecycle import validate
from hotfix.lifecycle.validate import Green, Red, Undecided, Verdict
from hotfix.record import facts
from hotfix.record.ship import Ship
from lifecycle.facts_of import (
    NEW,
    activated,
    activating,
    hotfix,
    later,
    observed,
    planned,
    sample,
    serving,
    with_,
)

GOAL, GUARD, SERVES = "mail@", "checkout@shop-1", "serving@shop-1"
WANTED = (SERVES, GUARD, GOAL)
CHANGED = 215
"""When the first unit had been changed: patience counts from then; it is 10 s, and 2 failures are red."""


def codes(
    *samples: facts.Sample, goals: tuple[str, ...] = ("mail",), guards: tuple[str, ...] = ("checkout",)
) -> list[str]:
    return [finding.code for finding in validate.baseline_findings(samples, goals, guards)]


# -- before the ship ------------------------------------------------------------------------------


def test_a_red_goal_and_green_guards_let_the_ship_go() -> None:
    assert codes(sample("mail@", "fail"), sample("checkout@shop-1"), sample("checkout@shop-2")) == []


def test_a_goal_that_is_green_already_does_not_reproduce_the_defect() -> None:
    assert codes(sample("mail@"), sample(GUARD)) == ["validate-does-not-reproduce"]


def test_a_defect_on_one_unit_is_a_defect() -> None:
    assert codes(sample("mail@shop-1"), sample("mail@shop-2", "fail"), sample(GUARD)) == []


@pytest.mark.parametrize("outcome", ["error", "inconclusive", "skipped", ""])
def test_a_goal_that_cannot_be_judged_is_not_red(outcome: str) -> None:
    assert codes(sample("mail@", outcome), sample(GUARD)) == ["validate-goal-silent"]


@pytest.mark.parametrize("outcome", ["fail", "error", "inconclusive", "skipped", ""])
def test_a_guard_must_be_green_on_every_unit(outcome: str) -> None:
    told = codes(sample("mail@", "fail"), sample(GUARD), sample("checkout@shop-2", outcome))
    assert told == ["validate-guard-not-green"]


def test_a_check_that_said_nothing_is_told() -> None:
    assert codes(sample(GUARD)) == ["validate-no-answer"]
    assert codes(sample("mail@", "fail")) == ["validate-no-answer"]
    assert codes() == ["validate-no-answer"] * 2


# -- what must be green ---------------------------------------------------------------------------


def test_every_changed_unit_must_serve_and_be_guarded() -> None:
    keys = validate.keys(planned(), ("shop-1",), everything_shipped=False)
    assert keys == ("serving@shop-1", "checkout@shop-1")


def test_a_goal_of_the_whole_service_is_asked_when_every_unit_has_the_fix() -> None:
    keys = validate.keys(planned(), ("shop-1", "shop-2"), everything_shipped=True)
    assert set(keys) == {"serving@shop-1", "serving@shop-2", "checkout@shop-1", "checkout@shop-2", "mail@"}


def test_a_goal_of_each_unit_is_asked_at_once() -> None:
    keys = validate.keys(planned(unit_checks=("mail",)), ("shop-1",), everything_shipped=False)
    assert keys == ("serving@shop-1", "checkout@", "mail@shop-1")


def test_the_way_back_is_judged_by_guards_alone() -> None:
    assert "mail@" not in validate.keys(planned(), ("shop-1",), everything_shipped=True, goals=False)


# -- after a change -------------------------------------------------------------------------------


def shipped(*of: facts.Observed, **plan: object) -> Ship:
    """A ship whose first unit was changed, and these answers since."""
    ship = hotfix(planned(**plan), activating("shop-1"), activated(serving("shop-1", NEW)), *of).ship
    assert ship is not None
    return ship


def answers(seconds: float, **outcomes: str) -> facts.Observed:
    """One answer of each key; those that are not named pass."""
    said = {"serves": "pass", "guard": "pass", "goal": "pass"} | outcomes
    keys = {"serves": SERVES, "guard": GUARD, "goal": GOAL}
    return observed(
        *(sample(keys[name], outcome) for name, outcome in said.items()), seconds=CHANGED + seconds
    )


def judge(ship: Ship, seconds: float, *, settling: bool = True) -> Verdict:
    return validate.judge(ship, WANTED, later(CHANGED + seconds), settling=settling)


def test_every_key_passed_is_green() -> None:
    assert judge(shipped(answers(1)), 1) == Green()


def test_no_answer_is_never_green_and_asked_for_even_after_hours() -> None:
    assert judge(shipped(), 1) == Undecided(WANTED)
    assert judge(shipped(), 36_000) == Undecided(WANTED)


def test_what_was_asked_and_gave_no_answer_is_red_when_patience_ends() -> None:
    one_silent = [observed(sample(SERVES), sample(GUARD), seconds=CHANGED + second) for second in (1, 11)]
    assert judge(shipped(one_silent[0]), 1) == Undecided((GOAL,))
    verdict = judge(shipped(*one_silent), 11)
    assert isinstance(verdict, Red)
    assert "no answer" in verdict.because


@pytest.mark.parametrize("outcome", ["inconclusive", "error", "fail", "skipped", ""])
@pytest.mark.parametrize("which", ["serves", "guard", "goal"])
def test_only_pass_promotes(which: str, outcome: str) -> None:
    assert isinstance(judge(shipped(answers(1, **{which: outcome})), 1), Undecided)


def test_an_answer_of_before_the_change_says_nothing_of_what_serves_now() -> None:
    ship = (
        shipped(answers(1))
        .apply(activating("shop-2", seconds=217))
        .apply(activated(serving("shop-2", NEW), seconds=218))
    )
    assert judge(ship, 4) == Undecided(WANTED)


def test_the_newest_answer_counts() -> None:
    assert isinstance(judge(shipped(answers(1), answers(2, guard="error")), 2), Undecided)
    assert judge(shipped(answers(1, guard="error"), answers(2)), 2) == Green()


def test_a_guard_that_fails_twice_in_a_row_is_red() -> None:
    once = answers(1, guard="fail")
    assert isinstance(judge(shipped(once), 1), Undecided)
    verdict = judge(shipped(once, answers(2, guard="fail")), 2)
    assert isinstance(verdict, Red)
    assert "checkout on shop-1 failed 2 times" in verdict.because


def test_a_guard_that_recovers_in_between_is_not() -> None:
    flapping = answers(1, guard="fail"), answers(2), answers(3, guard="fail")
    assert isinstance(judge(shipped(*flapping), 3), Undecided)


def test_a_goal_may_fail_until_patience_ends() -> None:
    failing = [answers(second, goal="fail") for second in range(1, 11)]
    assert isinstance(judge(shipped(*failing), 10), Undecided)
    assert judge(shipped(*failing, answers(10.5)), 10.5) == Green()
    assert isinstance(judge(shipped(*failing, answers(11, goal="fail")), 11), Red)


def test_once_everything_was_green_a_goal_is_watched_like_a_guard() -> None:
    failing = answers(1), answers(2, goal="fail"), answers(3, goal="fail")
    assert isinstance(judge(shipped(*failing), 3, settling=False), Red)


@pytest.mark.parametrize("outcome", ["inconclusive", "error"])
def test_a_check_that_cannot_speak_is_red_when_patience_ends(outcome: str) -> None:
    silent = [answers(second, guard=outcome) for second in range(1, 12)]
    assert isinstance(judge(shipped(*silent[:10]), 10), Undecided)
    assert isinstance(judge(shipped(*silent), 11), Red)


def test_in_the_window_patience_counts_from_the_last_good_answer() -> None:
    good = [answers(second) for second in (1, 50)]
    silent = [answers(second, guard="error") for second in (51, 61, 62)]
    assert isinstance(judge(shipped(*good, *silent[:2]), 61, settling=False), Undecided)
    assert isinstance(judge(shipped(*good, *silent), 62, settling=False), Red)


# -- after nobody looked for a while --------------------------------------------------------------


def test_old_green_is_no_green() -> None:
    """A ship that was left for an hour must not be called well for what was seen before."""
    left = shipped(answers(1))
    assert judge(left, 60) == Green()
    for settling in (True, False):
        assert judge(left, 3600, settling=settling) == Undecided(WANTED)
    assert judge(shipped(answers(1), answers(3600)), 3600, settling=False) == Green()


def test_nothing_is_red_before_it_was_asked_again() -> None:
    left = shipped(answers(1, guard="error"))
    assert isinstance(judge(left, 3600, settling=False), Undecided)
    again = [answers(second, guard="error") for second in (1, 3600, 3610, 3611)]
    assert isinstance(judge(shipped(*again[:3]), 3610, settling=False), Undecided)
    assert isinstance(judge(shipped(*again), 3611, settling=False), Red)


def test_the_window_is_as_long_as_it_was_watched() -> None:
    assert validate.watched(shipped(), WANTED) == 0
    assert validate.watched(shipped(answers(1)), ()) == 0
    assert validate.watched(shipped(answers(1), answers(7)), WANTED) == 7
    partly = observed(sample(SERVES), sample(GUARD), seconds=CHANGED + 20)
    assert validate.watched(shipped(answers(1), partly), WANTED) == 1
    assert validate.watched(shipped(partly), WANTED) == 0


def test_an_hour_in_which_nobody_looked_was_not_watched() -> None:
    assert validate.watched(shipped(answers(3600)), WANTED) == 0
    assert validate.watched(shipped(answers(3600), answers(3605)), WANTED) == 5
    assert validate.watched(shipped(answers(1), answers(2), answers(3600), answers(3607)), WANTED) == 7


def test_checks_that_take_minutes_are_watched_in_minutes() -> None:
    slow = [answers(second) for second in range(180, 901, 180)]
    assert validate.watched(shipped(*slow), WANTED) == 900
    slower_than_at_first = [answers(second) for second in (1, 2, *range(82, 483, 80))]
    assert validate.watched(shipped(*slower_than_at_first), WANTED) == 482


def test_one_crash_after_another_is_not_the_usual_pace() -> None:
    assert validate.watched(shipped(answers(3600), answers(7200)), WANTED) == 0


OUTCOMES = st.sampled_from(["pass", "fail", "error", "inconclusive", "?"])
ROUNDS = st.lists(st.tuples(st.integers(1, 70), OUTCOMES, OUTCOMES, OUTCOMES), max_size=6)


@given(ROUNDS, st.integers(0, 5000), st.booleans(), st.integers(1, 3))
def test_green_is_only_ever_a_fresh_pass_of_every_key(
    rounds: list[tuple[int, str, str, str]], silence: int, settling: bool, failures: int
) -> None:
    moments, second = [], 0
    for gap, *_ in rounds:
        second += gap
        moments.append(second)
    said = [
        answers(moment, serves=serves, guard=guard, goal=goal)
        for moment, (_, serves, guard, goal) in zip(moments, rounds, strict=True)
    ]
    verdict = judge(shipped(*said, failures=failures), second + silence, settling=settling)
    last_all_passed = bool(rounds) and rounds[-1][1:] == ("pass", "pass", "pass")
    assert (verdict == Green()) == (last_all_passed and silence <= validate.FRESH_SECONDS)
    assert not (isinstance(verdict, Red) and (last_all_passed or not rounds))


def test_another_plan_has_another_patience() -> None:
    failing = [answers(second, goal="fail") for second in (1, 11, 21)]
    patient = shipped(*failing, patience_seconds=30.0)
    assert isinstance(judge(patient, 21), Undecided)
    assert isinstance(judge(with_(patient, plan=planned(patience_seconds=20.0)), 21), Red)
