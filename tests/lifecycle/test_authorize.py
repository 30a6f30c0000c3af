"""Whose go counts, for what, and until when."""

import pytest

from hotfix.lifecycle import authorize
from hotfix.lifecycle.authorize import Go
from hotfix.lifecycle.gate import Gate
from hotfix.policy.rules import Authorization, Deciders, Freeze, Review, Rules
from hotfix.record.hotfix import Hotfix
from lifecycle.facts_of import (
    ANN,
    BOB,
    CAT,
    DAN,
    OTHER_PATCH,
    RULES,
    SOLO,
    at,
    go,
    hotfix,
    later,
    picked,
    with_,
)

TWO_SENIORS = with_(
    RULES, deciders=Deciders(seniors=(CAT, DAN)), authorize=Authorization(seniors=2, valid=3600.0)
)


def judge(
    *goes: Go,
    rules: Rules = RULES,
    seconds: float = 130,
    peers: tuple[str, ...] = (CAT,),
    contributors: tuple[str, ...] = (ANN, BOB),
    state: Hotfix | None = None,
) -> Gate:
    return authorize.gate(
        state or hotfix(picked()), rules, goes, later(seconds), peers=peers, contributors=contributors
    )


def why_not(answer: Gate) -> str:
    assert answer.state == "waiting"
    return next(finding.sentence for finding in answer.findings if finding.code == "authorize-uncounted")


def test_the_seniors_go_opens_the_gate() -> None:
    answer = judge(go(DAN))
    assert (answer.state, answer.waived) == ("open", "")
    assert DAN in answer.note
    assert judge(go(DAN.upper())).state == "open"


def test_without_a_go_it_waits_for_the_seniors_by_name() -> None:
    answer = judge()
    assert (answer.state, answer.waiting_on) == ("waiting", (DAN,))
    assert "hotfix authorize HF-7" in answer.findings[0].next
    assert judge(go(DAN), state=Hotfix("HF-7")).state == "closed"


def test_a_go_ends_when_it_was_signed_to_end() -> None:
    short = go(DAN, expires_at=at(600))
    assert judge(short, seconds=599.9).state == "open"
    assert "expired" in why_not(judge(short, seconds=600))
    assert "expired" in why_not(judge(short, seconds=10_000))


def test_it_ends_sooner_where_todays_rules_are_stricter_and_never_later() -> None:
    an_hour = with_(RULES, authorize=Authorization(valid=3600.0))
    assert judge(go(DAN, expires_at="9999-01-01T00:00:00.000Z"), rules=an_hour, seconds=3719).state == "open"
    assert "expired" in why_not(judge(go(DAN), rules=an_hour, seconds=3720))
    a_year = with_(RULES, authorize=Authorization(valid=365 * 86400.0))
    assert "expired" in why_not(judge(go(DAN), rules=a_year, seconds=120 + 43200))


@pytest.mark.parametrize("end", ["never", "", "zzzz", "2099-01-01", "2099-01-01T00:00:00.000"])
def test_an_end_that_nobody_can_tell_is_no_end_at_all(end: str) -> None:
    assert "nobody can tell" in why_not(judge(go(DAN, expires_at=end)))


def test_a_go_is_for_one_patch_and_one_environment() -> None:
    assert "another patch" in why_not(judge(go(DAN, patch=OTHER_PATCH)))
    assert "for staging" in why_not(judge(go(DAN, environment="staging")))


def test_only_todays_seniors_count() -> None:
    others = with_(RULES, deciders=Deciders(seniors=(CAT,)))
    assert "does not name them" in why_not(judge(go(DAN), rules=others))
    assert "does not name them" in why_not(judge(go(DAN), rules=with_(RULES, deciders=Deciders())))


def test_a_signature_that_does_not_verify_today_does_not_count() -> None:
    gone = with_(go(DAN), person="", why_not="their key was revoked")
    assert "revoked" in why_not(judge(gone))
    assert "nobody's signature" in why_not(judge(with_(gone, why_not="")))


@pytest.mark.parametrize("spelled", [str.lower, str.upper])
def test_nobody_authorizes_what_they_wrote_paired_on_or_picked(spelled: type[str]) -> None:
    answer = judge(go(spelled(DAN)), contributors=(ANN, "Dan@Example.com"))
    assert "wrote, paired on or picked" in why_not(answer)


@pytest.mark.parametrize("spelled", [str.lower, str.upper])
def test_the_peer_may_be_the_senior_unless_policy_wants_two_people(spelled: type[str]) -> None:
    strict = with_(RULES, review=Review(two_hats=False))
    assert judge(go(DAN), peers=(DAN,)).state == "open"
    assert "wants two people" in why_not(judge(go(spelled(DAN)), peers=("Dan@Example.com",), rules=strict))
    assert judge(go(DAN), rules=strict).state == "open"


def test_one_senior_counts_once() -> None:
    assert judge(go(DAN), go(DAN.title(), seconds=121), rules=TWO_SENIORS).state == "waiting"
    assert judge(go(DAN), go(CAT), rules=TWO_SENIORS, peers=()).state == "open"


def test_one_good_go_is_enough_beside_bad_ones() -> None:
    assert judge(go(DAN, patch=OTHER_PATCH), go(DAN, seconds=121), go(CAT)).state == "open"


def test_where_nobody_is_asked_it_is_open_and_shown_so() -> None:
    nobody = with_(RULES, authorize=Authorization(seniors=0))
    assert (judge(rules=nobody).state, judge(rules=nobody).waived) == ("open", "NO SENIOR APPROVER")
    assert (judge(rules=SOLO).state, judge(rules=SOLO).waived) == ("open", "NO SENIOR APPROVER")


def test_one_who_works_alone_and_asks_for_a_senior_waits_for_one() -> None:
    asks = with_(SOLO, deciders=Deciders(seniors=(DAN,)), authorize=Authorization(seniors=1))
    assert judge(rules=asks).state == "waiting"
    assert judge(go(DAN), rules=asks).state == "open"


def test_a_go_of_now_counts_for_as_long_as_policy_says() -> None:
    assert authorize.expires(RULES, later()) == at(RULES.authorize.valid)


# -- freezes --

PEAK = Freeze(at(600), at(1200), "the Black Friday peak")


def frozen(*freezes: Freeze, rules: Rules = RULES) -> Rules:
    return with_(rules, freezes=freezes)


def test_a_freeze_shuts_the_gate_whoever_authorized() -> None:
    for rules, goes in ((RULES, (go(DAN),)), (SOLO, ())):
        assert judge(*goes, rules=frozen(PEAK, rules=rules), seconds=599).state == "open"
        shut = judge(*goes, rules=frozen(PEAK, rules=rules), seconds=600)
        assert (shut.state, [finding.code for finding in shut.findings]) == ("closed", ["authorize-freeze"])
        assert judge(*goes, rules=frozen(PEAK, rules=rules), seconds=1200).state == "open"


def test_it_says_until_when_why_and_what_can_be_done() -> None:
    finding = judge(go(DAN), rules=frozen(PEAK), seconds=700).findings[0]
    for said in (at(1200), "the Black Friday peak", "rollback is never held up"):
        assert said in finding.sentence
    assert finding.next.startswith("wait until then")
    assert "hotfix override HF-7 authorize --because" in finding.next


def test_what_is_missing_besides_is_said_too() -> None:
    codes = [finding.code for finding in judge(rules=frozen(PEAK), seconds=700).findings]
    assert codes == ["authorize-freeze", "authorize-missing"]


def test_a_freeze_is_for_the_environments_that_it_names_or_for_all() -> None:
    staging = with_(PEAK, environments=("staging",))
    assert judge(go(DAN), rules=frozen(staging), seconds=700).state == "open"
    both = with_(PEAK, environments=("staging", "production"))
    assert judge(go(DAN), rules=frozen(both), seconds=700).state == "closed"
    assert authorize.freeze_at(frozen(staging), "staging", later(700)) == staging
    assert authorize.freeze_at(frozen(PEAK), "anywhere", later(700)) == PEAK
    assert authorize.freeze_at(RULES, "production", later(700)) is None


def test_of_several_the_one_that_ends_last_is_named() -> None:
    longer = Freeze(at(0), at(9000), "stocktaking")
    assert authorize.freeze_at(frozen(longer, PEAK), "production", later(700)) == longer
    assert authorize.freeze_at(frozen(PEAK, longer), "production", later(1300)) == longer


@pytest.mark.parametrize("odd", ["", "soon", "2026-11-22T02:00:00"])
def test_a_freeze_whose_times_nobody_can_read_is_in_force(odd: str) -> None:
    assert authorize.freeze_at(frozen(with_(PEAK, begins=odd)), "production", later()) is not None
    assert authorize.freeze_at(frozen(with_(PEAK, ends=odd)), "production", later()) is not None
