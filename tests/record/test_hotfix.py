"""``Hotfix = fold(facts)``: what each kind of fact changes, and what it leaves alone."""

from typing import TypeVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from one_of_each_fact import ONE_OF_EACH, PATCH, SAMPLE, SERVING, at

from hotfix.record import chain, facts
from hotfix.record.any_fact import AnyFact
from hotfix.record.hotfix import Hotfix, fold, fold_all
from hotfix.record.parts import Reason
from hotfix.record.ship import LONGEST_EXTENSION, Ship

OTHER_PATCH = msgspec.structs.replace(PATCH, result_tree="e" * 40)


F = TypeVar("F", bound=facts.Fact)


def sample(kind: type[F], **changes: object) -> F:
    """The sample fact of a kind, with some fields changed."""
    return next(msgspec.structs.replace(fact, **changes) for fact in ONE_OF_EACH if isinstance(fact, kind))


def folded(*of: AnyFact) -> Hotfix:
    return fold("HF-1", of)


def the_ship(*of: AnyFact) -> Ship:
    """The ship that a plan and these facts add up to."""
    ship = folded(sample(facts.Planned), *of).ship
    assert ship is not None
    return ship


def test_nothing_adds_up_to_a_hotfix_with_only_a_name() -> None:
    assert folded() == Hotfix("HF-1")


def test_the_whole_life_adds_up() -> None:
    hotfix = folded(*ONE_OF_EACH)
    assert hotfix.facts == ONE_OF_EACH
    assert hotfix.patch == PATCH
    assert hotfix.after.closed == ONE_OF_EACH[-1]


@given(st.integers(0, len(ONE_OF_EACH)))
def test_reading_in_two_parts_gives_the_same_as_reading_at_once(cut: int) -> None:
    hotfix = folded(*ONE_OF_EACH[:cut])
    for fact in ONE_OF_EACH[cut:]:
        hotfix = hotfix.apply(fact)
    assert hotfix == folded(*ONE_OF_EACH)


def test_hotfixes_of_one_record_are_told_apart_and_keep_their_order() -> None:
    started, picked = sample(facts.Started), sample(facts.Picked)
    entries = [chain.Entry(1, "", "HF-2", started), chain.Entry(2, "", "HF-1", started)]
    hotfixes = fold_all([*entries, chain.Entry(3, "", "HF-2", picked)])
    assert list(hotfixes) == ["HF-2", "HF-1"]
    assert hotfixes["HF-2"].facts == (started, picked)
    assert hotfixes["HF-1"].patch is None


# -- the stages -----------------------------------------------------------------------------------


def test_start_keeps_the_newest_rules() -> None:
    newer = sample(facts.RulesRead, commit="0" * 40)
    start = folded(sample(facts.Started), sample(facts.RulesRead), newer).start
    assert start.fact == sample(facts.Started)
    assert start.rules == newer


def test_pick_keeps_the_newest_and_remembers_the_rest() -> None:
    first, second = sample(facts.Picked), sample(facts.Picked, patch=OTHER_PATCH)
    hotfix = folded(first, second)
    assert hotfix.patch == OTHER_PATCH
    assert hotfix.pick.history == (first, second)


def test_a_new_patch_voids_what_was_built_of_the_old_one() -> None:
    hotfix = folded(sample(facts.Picked), sample(facts.Built), sample(facts.Picked, patch=OTHER_PATCH))
    assert hotfix.pick.built is None


def test_the_same_patch_picked_again_keeps_what_was_built_of_it() -> None:
    hotfix = folded(sample(facts.Picked), sample(facts.Built), sample(facts.Picked))
    assert hotfix.pick.built == sample(facts.Built)


def test_a_patch_is_bound_to_its_artifact_once() -> None:
    second = sample(facts.Built, artifact="sha256:" + "0" * 64)
    assert folded(sample(facts.Picked), sample(facts.Built), second).pick.built == sample(facts.Built)


def test_what_was_built_of_another_patch_does_not_count() -> None:
    assert folded(sample(facts.Picked), sample(facts.Built, patch=OTHER_PATCH.digest)).pick.built is None
    assert folded(sample(facts.Built)).pick.built is None


def test_reasons_count_for_the_patch_they_were_given_for_and_the_newest_wins() -> None:
    again = Reason(code="scope-too-many-lines", because="two tables")
    hotfix = folded(
        sample(facts.Picked),
        sample(facts.Reasoned),
        sample(facts.Reasoned, reasons=(again,)),
        sample(facts.Scoped),
    )
    assert hotfix.scope.fact == sample(facts.Scoped)
    assert hotfix.scope.reasons_for(PATCH.digest) == {"scope-too-many-lines": "two tables"}
    assert hotfix.scope.reasons_for(OTHER_PATCH.digest) == {}


def test_evidence_keeps_the_patch_it_speaks_of_after_a_new_pick() -> None:
    """The fold throws no evidence away; the gates ask whether it names today's patch."""
    hotfix = folded(
        sample(facts.Picked),
        sample(facts.Proved),
        sample(facts.Reviewed),
        sample(facts.Authorized),
        sample(facts.Picked, patch=OTHER_PATCH),
    )
    assert hotfix.patch == OTHER_PATCH
    assert hotfix.prove.fact is not None
    spoken_of = {hotfix.prove.fact.patch, hotfix.review.facts[0].patch, hotfix.authorize.facts[0].patch}
    assert spoken_of == {PATCH.digest}


def test_prove_keeps_the_newest_proof() -> None:
    newer = sample(facts.Proved, verdict="FLAKY")
    assert folded(sample(facts.Proved), newer).prove.fact == newer


def test_every_review_and_every_authorization_is_kept_in_order() -> None:
    rejected = sample(facts.Reviewed, verdict="reject")
    later = sample(facts.Authorized, at=at(30))
    hotfix = folded(sample(facts.Reviewed), rejected, sample(facts.Authorized), later)
    assert hotfix.review.facts == (sample(facts.Reviewed), rejected)
    assert hotfix.authorize.facts == (sample(facts.Authorized), later)


def test_what_is_owed_afterwards() -> None:
    after = folded(sample(facts.Landed), sample(facts.PostmortemWritten), sample(facts.Closed)).after
    assert after.landed == sample(facts.Landed)
    assert after.postmortem == sample(facts.PostmortemWritten)
    assert after.closed == sample(facts.Closed)


def test_a_notice_that_was_not_delivered_stays_visible() -> None:
    lost = sample(facts.Notified)
    assert folded(lost, sample(facts.Notified, delivered=True)).undelivered == (lost,)


# -- the ship -------------------------------------------------------------------------------------


def test_the_token_only_ever_rises() -> None:
    assert folded(sample(facts.LeaseTaken), sample(facts.LeaseTaken, token=2)).token == 4


def test_a_plan_opens_a_ship_and_its_end_closes_it() -> None:
    planned, ended = sample(facts.Planned), sample(facts.Ended)
    assert folded().open_ship is None
    assert folded(planned).open_ship is not None
    assert folded(planned, ended).open_ship is None


@pytest.mark.parametrize(
    ("outcome", "shipped"), [("validated", True), ("rolled_back", False), ("halted", False)]
)
def test_only_a_validated_ship_counts_as_shipped(outcome: str, shipped: bool) -> None:
    hotfix = folded(sample(facts.Planned), sample(facts.Ended, outcome=outcome))
    assert (hotfix.shipped is not None) == shipped


def test_an_intent_is_open_until_its_outcome_is_written() -> None:
    before = the_ship()
    intended = the_ship(sample(facts.Activating))
    done = the_ship(sample(facts.Activating), sample(facts.Activated))
    assert (before.activating, before.touched) == (frozenset(), ())
    assert (intended.activating, intended.touched) == ({"shop-1"}, ("shop-1",))
    assert (done.activating, done.activated, done.states) == (frozenset(), {"shop-1"}, {"shop-1": SERVING})


def test_every_intent_counts_as_an_attempt() -> None:
    again = sample(facts.Activating, units=("shop-1", "shop-2"))
    assert the_ship(sample(facts.Activating), again).attempts == {"shop-1": 2, "shop-2": 1}
    back = the_ship(sample(facts.Returning), sample(facts.Returning))
    assert back.return_attempts == {"shop-1": 2}


def test_units_go_back_as_they_came() -> None:
    intended = the_ship(sample(facts.Returning))
    done = the_ship(sample(facts.Returning), sample(facts.Returned))
    assert (intended.returning, intended.returned) == ({"shop-1"}, frozenset())
    assert (done.returning, done.returned) == (frozenset(), {"shop-1"})


def test_samples_gather_by_check_and_unit() -> None:
    later = sample(facts.Observed, at=at(14))
    ship = the_ship(sample(facts.Observed), later)
    assert ship.runs == {"checkout@shop-1": ((at(13), SAMPLE), (at(14), SAMPLE))}
    assert ship.states == {"shop-1": SERVING}


@pytest.mark.parametrize(
    "change", [facts.Activated, facts.WavePassed, facts.RollbackRequested, facts.Returned]
)
def test_a_change_voids_the_samples_of_before(change: type[AnyFact]) -> None:
    ship = the_ship(sample(facts.Observed), sample(change))
    assert ship.runs == {}
    assert ship.phase_since == sample(change).at


def test_phases_follow_the_waves_and_the_way_back() -> None:
    assert the_ship().phase == "wave 1"
    assert the_ship(sample(facts.WavePassed)).phase == "wave 2"
    assert the_ship(sample(facts.WavePassed)).waves_passed == 1
    assert the_ship(sample(facts.WavePassed), sample(facts.RollbackRequested)).phase == "way back"


def test_the_first_request_to_go_back_is_the_one_that_counts() -> None:
    second = sample(facts.RollbackRequested, because="and again", at=at(40))
    ship = the_ship(sample(facts.RollbackRequested), sample(facts.Observed), second)
    assert ship.rollback == sample(facts.RollbackRequested)
    assert ship.runs != {}


@pytest.mark.parametrize("outcome", ["validated", "halted", "rolled_back"])
def test_a_ship_that_had_ended_can_still_go_back(outcome: str) -> None:
    """What was validated may be found bad later, and a halt is there to be ended by a person."""
    ended = sample(facts.Ended, outcome=outcome)
    asked = sample(facts.RollbackRequested, at=at(50))
    hotfix = folded(sample(facts.Planned), sample(facts.Returning), ended, asked)
    assert hotfix.shipped is None
    assert hotfix.open_ship is not None
    assert (hotfix.open_ship.phase, hotfix.open_ship.rollback) == ("way back", asked)
    assert hotfix.open_ship.return_attempts == {}


def test_a_late_fact_of_an_earlier_ship_says_nothing_of_a_later_one() -> None:
    """Such as an outcome spooled while the record could not be written, and added afterwards."""
    first, second = sample(facts.Planned, ship=1), sample(facts.Planned, ship=2)
    hotfix = folded(first, sample(facts.Ended, ship=1), second, sample(facts.Activating, ship=2))
    late = hotfix.apply(sample(facts.Returned, ship=1))
    assert late.ships[1] == hotfix.ships[1]
    assert late.ships[0].returned == {"shop-1"}


def test_an_end_that_had_not_seen_the_request_to_return_does_not_call_it_off() -> None:
    """Two clones at once: the request came to the remote first, and "validated" was put on top of it."""
    asked, end = (
        sample(facts.RollbackRequested, at=at(50)),
        sample(facts.Ended, outcome="validated", at=at(51)),
    )
    hotfix = folded(sample(facts.Planned), sample(facts.Activating), asked, end)
    assert hotfix.open_ship is not None
    assert hotfix.shipped is None


@pytest.mark.parametrize(
    ("seconds", "watched"),
    [((600.0,), 600.0), ((-3600.0,), 0.0), ((1e12,), LONGEST_EXTENSION), ((-5.0, 5.0), 5.0)],
)
def test_a_window_is_never_shortened_and_not_lengthened_beyond_a_day(
    seconds: tuple[float, ...], watched: float
) -> None:
    extensions = [sample(facts.WindowExtended, seconds=one) for one in seconds]
    [ship] = folded(sample(facts.Planned), *extensions).ships
    assert ship.extended_seconds == watched


def test_a_plan_has_an_effect_under_a_higher_number_alone() -> None:
    for number in (0, -1, 5000, 2**53):
        assert folded(sample(facts.Planned, ship=number)).ships == ()
    plans = [sample(facts.Planned, ship=number) for number in (1, 1, 2, 1, 7, 3)]
    assert [ship.plan.ship for ship in folded(*plans).ships] == [1, 2, 7]
    assert folded(*plans).next_ship == 8


@pytest.mark.parametrize(
    "at", ["", "x", "2026-11-22", "2026-11-22T02:00:00+01:00", "9999-99-99T02:14:07.123Z"]
)
def test_a_fact_of_no_moment_has_no_effect(at: str) -> None:
    assert folded(sample(facts.Planned, at=at)).ships == ()


@pytest.mark.parametrize("token", [-1, 10**12 + 1, 2**53])
def test_a_token_that_nobody_could_rise_above_is_none(token: int) -> None:
    hotfix = folded(sample(facts.Planned), sample(facts.LeaseTaken, token=token))
    assert (hotfix.token, hotfix.ships[0].token) == (0, sample(facts.Planned).token)


def test_an_end_of_no_known_kind_is_none() -> None:
    [ship] = folded(sample(facts.Planned), sample(facts.Ended, outcome="excellent")).ships
    assert ship.ended is None


def test_who_takes_a_way_back_over_may_try_anew() -> None:
    tried = (sample(facts.Planned), sample(facts.RollbackRequested), *[sample(facts.Returning)] * 3)
    assert folded(*tried).ships[0].return_attempts == {"shop-1": 3}
    again = sample(facts.RollbackRequested, token=sample(facts.RollbackRequested).token + 1)
    assert folded(*tried, again).ships[0].return_attempts == {}
