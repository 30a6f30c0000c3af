"""Whose override counts, for what, once, until when; and that no sequence of them opens a gate in silence."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfix.lifecycle import LIFE, override
from hotfix.lifecycle.override import Standing, effective, standings
from hotfix.policy.rules import Deciders, Rules
from hotfix.record import facts
from hotfix.record.any_fact import AnyFact
from hotfix.record.hotfix import Hotfix
from lifecycle.facts_of import (
    ANN,
    BOB,
    CAT,
    DAN,
    OTHER_PATCH,
    PATCH,
    RULES,
    SOLO,
    at,
    ended,
    later,
    picked,
    planned,
    with_,
)
from lifecycle.overrides_of import after, asked, confirmed, told, words

ANNOUNCE = with_(RULES, override="announce", notify=("page",))
ASKED = asked()
BOTH = ASKED, confirmed(ASKED, DAN)
ALONE = with_(SOLO, notify=("page",))


def opens(
    *more: AnyFact,
    gate: str = "prove",
    environment: str = "production",
    rules: Rules = RULES,
    seconds: float = 170,
    **of_words: object,
) -> bool:
    state = after(*more)
    return effective(state, rules, words(state, **of_words), gate, environment, later(seconds)) is not None


def standing(*more: AnyFact, rules: Rules = RULES, seconds: float = 170, **of: object) -> Standing:
    """How the first override stands."""
    state = after(*more)
    return standings(state, rules, words(state, **of), later(seconds))[0]


# -- what can be overridden --


def test_every_gate_either_can_be_overridden_or_says_why_not() -> None:
    gates = {stage.name for stage in LIFE if stage.gate}
    assert gates == {*override.GATES} | (gates & {*override.NEVER})
    assert not {*override.GATES, *override.BESIDES} & {*override.NEVER}
    assert {"record", "identity", "way back"} <= {*override.NEVER}


@pytest.mark.parametrize("gate", [*override.NEVER, "everything", ""])
def test_what_is_never_overridable_is_not_even_with_two_signatures(gate: str) -> None:
    forged = asked(gate=gate)
    assert not opens(forged, confirmed(forged, DAN), gate=gate)
    assert standing(forged, confirmed(forged, DAN)).state == "uncounted"


@pytest.mark.parametrize("gate", [*override.GATES, *override.BESIDES])
def test_it_opens_the_one_gate_it_names_in_the_one_environment(gate: str) -> None:
    one = asked(gate=gate)
    yes = confirmed(one, DAN)
    assert opens(one, yes, gate=gate)
    others = {*override.GATES, *override.BESIDES} - {gate}
    assert not any(opens(one, yes, gate=other) for other in others)
    assert not opens(one, yes, gate=gate, environment="staging")


# -- two people --


def test_it_takes_a_second_person() -> None:
    assert not opens(ASKED)
    assert standing(ASKED).state == "waiting"
    assert opens(*BOTH)
    assert standing(*BOTH).people == (ANN, DAN)


@pytest.mark.parametrize("spelled", [ANN, ANN.upper(), ANN.title()])
def test_the_requester_is_not_their_own_second_person(spelled: str) -> None:
    assert not opens(ASKED, confirmed(ASKED, spelled))


def test_both_must_have_a_role_by_todays_policy() -> None:
    assert not opens(ASKED, confirmed(ASKED, CAT))
    of_cat = asked(CAT)
    assert not opens(of_cat, confirmed(of_cat, DAN))
    assert "does not name them" in standing(of_cat, confirmed(of_cat, DAN)).why
    anybody = with_(RULES, deciders=Deciders(seniors=(DAN,)))
    assert opens(of_cat, confirmed(of_cat, BOB), rules=anybody), "nobody is on call: all who are known may"
    others = with_(RULES, deciders=Deciders(oncall=(CAT,), seniors=(DAN,)))
    assert not opens(*BOTH, rules=others), "Ann is off the list today"


def test_a_name_without_a_signature_is_nobody() -> None:
    assert not opens(*BOTH, strangers=(DAN,))
    assert not opens(*BOTH, strangers=(ANN,))
    assert "not on trunk's list" in standing(*BOTH, strangers=(ANN,)).why


def test_a_yes_to_another_override_says_nothing_of_this_one() -> None:
    assert not opens(ASKED, confirmed(asked(gate="scope"), DAN))


def test_a_reason_too_short_opens_nothing_whoever_signed_it() -> None:
    short = asked(because="it is urgent, honest")
    assert opens(short, confirmed(short, DAN))
    short = asked(because="   it is urgent   ")
    assert not opens(short, confirmed(short, DAN))


# -- told to everyone --


def test_where_policy_says_announce_it_counts_once_everyone_was_told() -> None:
    assert not opens(ASKED, rules=ANNOUNCE)
    assert standing(ASKED, rules=ANNOUNCE).state == "untold"
    assert not opens(ASKED, told(ASKED, delivered=False), rules=ANNOUNCE)
    assert opens(ASKED, told(ASKED), rules=ANNOUNCE)
    assert opens(ASKED, told(ASKED, delivered=False), told(ASKED), rules=ANNOUNCE)


def test_a_notice_of_before_or_of_something_else_tells_nobody_of_it() -> None:
    assert not opens(told(ASKED), ASKED, rules=ANNOUNCE)
    assert not opens(asked(gate="scope"), told(ASKED), ASKED, rules=ANNOUNCE)
    assert not opens(ASKED, told(asked(gate="scope")), rules=ANNOUNCE)
    assert not opens(ASKED, with_(told(ASKED), event="shipping"), rules=ANNOUNCE)


def test_the_policy_of_today_decides_not_the_one_of_when_it_was_made() -> None:
    easy = asked(policy="announce")
    assert not opens(easy, told(easy)), "trunk says second person now"
    assert opens(easy, told(easy), confirmed(easy, DAN))
    assert not opens(*BOTH, rules=ANNOUNCE), "trunk says that everyone is told now"


def test_one_who_works_alone_overrides_only_once_somebody_was_told() -> None:
    unsigned = asked(signed=None)
    assert not opens(unsigned, rules=ALONE, strangers=(ANN,))
    assert not opens(unsigned, confirmed(unsigned, DAN), rules=ALONE, strangers=(ANN,))
    assert opens(unsigned, told(unsigned), rules=ALONE, strangers=(ANN,))
    assert not opens(unsigned, told(unsigned), rules=ANNOUNCE, strangers=(ANN,)), "a team signs"


# -- one patch, one time --


def test_a_new_pick_voids_it() -> None:
    assert not opens(*BOTH, picked(patch=OTHER_PATCH))
    assert standing(*BOTH, picked(patch=OTHER_PATCH)).state == "void"
    of_another = asked(patch=OTHER_PATCH.digest)
    assert not opens(of_another, confirmed(of_another, DAN))
    of_none = asked(patch="")
    assert not opens(of_none, confirmed(of_none, DAN))


@pytest.mark.parametrize("gate", override.BESIDES)
def test_what_is_no_gate_needs_no_patch_as_long_as_there_is_none(gate: str) -> None:
    early = asked(gate=gate, patch="")
    state = Hotfix("HF-7").apply(early).apply(confirmed(early, DAN))
    assert effective(state, RULES, words(state), gate, "production", later(170))
    of_a_gate = asked(patch="")
    unpicked = state.apply(of_a_gate).apply(confirmed(of_a_gate, DAN))
    assert not effective(unpicked, RULES, words(unpicked), "prove", "production", later(170))
    state = state.apply(picked())
    assert not effective(state, RULES, words(state), gate, "production", later(170))


def test_it_lasts_until_it_expires_and_not_a_moment_longer() -> None:
    assert opens(*BOTH, seconds=1049.9)
    assert not opens(*BOTH, seconds=1050)
    assert standing(*BOTH, seconds=1050).state == "expired"
    assert standing(ASKED, seconds=1050).state == "expired"
    assert standing(*BOTH, planned(at=at(1050)), seconds=1060).state == "expired", (
        "that ship had no use for it"
    )


@pytest.mark.parametrize("end", ["", "never", "zzzz", "2099-01-01", at(150 + 86400), "9999-01-01T00:00:00Z"])
def test_an_end_that_is_too_far_or_that_nobody_can_tell_opens_nothing(end: str) -> None:
    odd = asked(expires_at=end)
    assert not opens(odd, confirmed(odd, DAN))
    assert standing(odd, confirmed(odd, DAN)).state == "uncounted"


def test_clocks_may_be_a_little_apart() -> None:
    assert opens(*BOTH, seconds=150 - 240)
    assert not opens(*BOTH, seconds=150 - 360)


def test_the_first_ship_uses_it_up_needed_or_not() -> None:
    used = planned(at=at(200), waived=("OVERRIDDEN: prove",))
    one = standing(*BOTH, used, ended("rolled_back"), seconds=320)
    assert (one.state, one.use.needed if one.use else None) == ("used", True)
    assert not opens(*BOTH, used, ended("rolled_back"), seconds=320)
    idle = standing(*BOTH, planned(at=at(200)), ended("rolled_back"), seconds=320)
    assert (idle.state, "not needed" in idle.why) == ("used", True)


@pytest.mark.parametrize("purpose", ["hotfix", "return"])
def test_any_ship_of_that_environment_uses_it_up(purpose: str) -> None:
    assert not opens(
        *BOTH, planned(at=at(200), ship=4, purpose=purpose), ended("halted", ship=4), seconds=320
    )


@pytest.mark.parametrize(
    "other",
    [
        planned(at=at(200), purpose="rehearsal"),
        planned(at=at(200), environment="staging"),
        planned(at=at(200), patch=OTHER_PATCH.digest),
    ],
)
def test_a_rehearsal_and_the_ship_of_something_else_use_nothing_up(other: facts.Planned) -> None:
    assert opens(*BOTH, other, ended("rolled_back"), seconds=320)


def test_what_was_planned_before_it_counted_did_not_use_it() -> None:
    assert opens(planned(at=at(140)), ended("rolled_back", 145), *BOTH)
    assert opens(ASKED, planned(at=at(155)), ended("rolled_back", 157), confirmed(ASKED, DAN))
    lost = told(ASKED, delivered=False)
    assert opens(ASKED, lost, planned(), ended("rolled_back"), told(ASKED), rules=ANNOUNCE, seconds=320)


def test_a_change_of_policy_does_not_make_it_new_again() -> None:
    ship = planned(at=at(200)), ended("rolled_back")
    easy = asked(policy="announce")
    assert not opens(easy, told(easy), *ship, confirmed(easy, DAN), seconds=320)
    assert not opens(ASKED, told(ASKED), *ship, rules=ANNOUNCE, seconds=320)
    assert not opens(*BOTH, *ship, told(ASKED), rules=ANNOUNCE, seconds=320)


def test_what_was_used_stays_used_when_it_is_written_down_once_more() -> None:
    ship = planned(at=at(200)), ended("rolled_back")
    assert not opens(*BOTH, *ship, *BOTH, seconds=320)
    assert not opens(*BOTH, *ship, with_(ASKED, at=at(310)), with_(BOTH[1], at=at(311)), seconds=320)
    assert not opens(BOTH[1], ASKED, *ship, seconds=320), "in whatever order it stands there"
    again = with_(ASKED, at=at(310)), with_(told(ASKED), at=at(311))
    assert not opens(ASKED, told(ASKED), *ship, *again, rules=ANNOUNCE, seconds=320)


def test_the_very_ship_that_used_it_is_taken_up_again_for_an_hour() -> None:
    running = *BOTH, planned(at=at(200), waived=("OVERRIDDEN: prove",))
    assert opens(*running, seconds=200 + 3599)
    assert not opens(*running, seconds=200 + 3600)
    assert not opens(*running, strangers=(DAN,), seconds=300), "Dan's key was revoked in between"
    assert not opens(*running, picked(patch=OTHER_PATCH), seconds=300)
    for begun in (200, 400):
        assert not opens(*running, planned(ship=2, at=at(begun)), seconds=420), "another ship is open"


def test_a_lease_is_taken_by_it_once() -> None:
    one = asked(gate="lease")
    taken = facts.LeaseTaken(at=at(200), by=ANN, environment="production", token=2, holder="ann")
    assert opens(one, confirmed(one, DAN), with_(taken, environment="staging"), gate="lease")
    assert not opens(one, confirmed(one, DAN), taken, gate="lease")
    assert opens(taken, one, confirmed(one, DAN), gate="lease")
    assert opens(*BOTH, taken), "a lease uses no override of a gate"


# -- while nobody looked back --


def test_while_a_review_is_overdue_it_takes_a_senior() -> None:
    late = "the override of prove in HF-3"
    rules = with_(RULES, deciders=Deciders(oncall=(ANN, BOB), seniors=(DAN,)))
    by_two = ASKED, confirmed(ASKED, BOB)
    assert opens(*by_two, rules=rules)
    assert not opens(*by_two, rules=rules, overdue=late)
    assert late in standing(*by_two, rules=rules, overdue=late).why
    assert opens(*by_two, confirmed(ASKED, DAN), rules=rules, overdue=late)
    easy = with_(rules, override="announce")
    assert not opens(ASKED, told(ASKED), rules=easy, overdue=late)
    of_dan = asked(DAN)
    assert opens(of_dan, told(of_dan), rules=easy, overdue=late)


# -- no sequence opens a gate in silence --

PEOPLE = (ANN, ANN.upper(), BOB, CAT, DAN, DAN.title(), "eve@example.com")
ROLES = {ANN, DAN}
OVERRIDES = tuple(
    asked(by, gate, seconds=seconds, policy=policy)
    for by in (ANN, CAT, DAN, "eve@example.com")
    for gate, seconds, policy in (
        ("prove", 150, "announce"),
        ("prove", 190, "second person"),
        ("scope", 150, ""),
    )
)
EVENTS = st.one_of(
    st.sampled_from(OVERRIDES),
    st.builds(confirmed, st.sampled_from(OVERRIDES), st.sampled_from(PEOPLE)),
    st.builds(told, st.sampled_from(OVERRIDES), delivered=st.booleans()),
    st.sampled_from(
        (planned(at=at(160)), planned(at=at(900), ship=2), planned(purpose="rehearsal"), ended("rolled_back"))
    ),
    st.sampled_from((picked(), picked(patch=OTHER_PATCH))),
)


def allowed(record: tuple[AnyFact, ...], one: facts.Overridden, *, announce: bool) -> bool:
    """The rule in other words: its people, or its notice, and nothing that used it up or made it void."""
    patch = next((fact.patch for fact in reversed(record) if isinstance(fact, facts.Picked)), PATCH)
    begun = record.index(one)
    if one.by not in ROLES or patch != PATCH:
        return False
    if announce:
        return any(
            isinstance(fact, facts.Notified) and fact.delivered and fact.about == one.override
            for fact in record[begun:]
        )
    others = {
        fact.by.lower()
        for fact in record
        if isinstance(fact, facts.OverrideConfirmed) and fact.override == one.override
    }
    return bool((others & ROLES) - {one.by})


@given(st.lists(EVENTS, max_size=10).map(tuple), st.booleans(), st.integers(0, 2000))
def test_no_sequence_opens_a_gate_without_two_people_or_a_delivered_notice(
    record: tuple[AnyFact, ...], announce: bool, seconds: int
) -> None:
    rules = ANNOUNCE if announce else RULES
    state = after(*record)
    known = words(state, strangers=("eve@example.com",))
    for gate in (*override.GATES, *override.BESIDES):
        one = effective(state, rules, known, gate, "production", later(seconds))
        if one is None:
            continue
        assert one.fact.gate == gate
        assert allowed(record, one.fact, announce=announce)
        open_ship = state.open_ship
        if one.use is None:
            assert later(seconds) < later(150 if one.fact.at == at(150) else 190) + timedelta(minutes=15)
        else:
            assert open_ship is not None
            assert open_ship.plan.ship == one.use.ship


@given(st.lists(EVENTS, max_size=8).map(tuple), st.booleans())
def test_every_ship_uses_up_what_was_in_effect(record: tuple[AnyFact, ...], announce: bool) -> None:
    rules = ANNOUNCE if announce else RULES
    ship = planned(ship=9, at=at(200)), *(ended("rolled_back", ship=number) for number in (1, 2, 9))
    state = after(*record, *ship)
    assert not effective(state, rules, words(state), "prove", "production", later(310))
