"""Whose approval counts, and what a rejection does."""

import pytest

from hotfix.lifecycle import review
from hotfix.lifecycle.gate import Gate
from hotfix.lifecycle.review import Vote
from hotfix.policy.rules import Review, Rules
from hotfix.record.hotfix import Hotfix
from lifecycle.facts_of import (
    ANN,
    BOB,
    CAT,
    DAN,
    OTHER_PATCH,
    RULES,
    SOLO,
    hotfix,
    picked,
    unsigned,
    vote,
    with_,
)

TWO_PEERS = with_(RULES, review=Review(peers=2))


def judge(*votes: Vote, rules: Rules = RULES, requester: str = ANN, state: Hotfix | None = None) -> Gate:
    return review.gate(state or hotfix(picked()), rules, votes, requester)


def why_not(answer: Gate) -> str:
    """What an approval that does not count is told."""
    assert answer.state == "waiting"
    return next(finding.sentence for finding in answer.findings if finding.code == "review-uncounted")


def test_the_approval_of_one_other_person_opens_the_gate() -> None:
    answer = judge(vote(CAT))
    assert (answer.state, answer.waived) == ("open", "")
    assert CAT in answer.note


def test_without_a_pick_there_is_nothing_to_review() -> None:
    assert judge(vote(CAT), state=Hotfix("HF-7")).state == "closed"


def test_without_a_word_the_gate_waits_and_tells_on_whom() -> None:
    answer = judge()
    assert answer.state == "waiting"
    assert answer.waiting_on == ("1 other person on trunk's list of signers",)
    assert "hotfix review HF-7 --approve" in answer.findings[0].next


@pytest.mark.parametrize("person", [ANN, BOB, "pair@example.com", "ship@example.com"])
@pytest.mark.parametrize("spelled", [str.lower, str.upper])
def test_who_picked_wrote_paired_or_ships_is_not_their_own_peer(person: str, spelled: type[str]) -> None:
    state = hotfix(picked(paired_with=("Pair@example.com",)))
    answer = judge(vote(spelled(person)), requester="Ship@example.com", state=state)
    assert "their own peer" in why_not(answer)


def test_picking_the_same_patch_again_takes_nobody_off() -> None:
    """Or the pair partner could approve after a second pick that does not name them."""
    first = picked(by=DAN, paired_with=("pair@example.com",), authors=("first@example.com",))
    state = hotfix(first, picked(paired_with=(), authors=(BOB,)))
    for person in (DAN, "pair@example.com", "first@example.com", ANN, BOB):
        assert judge(vote(person), state=state).state == "waiting"
    assert judge(vote(CAT), state=state).state == "open"


def test_who_picked_another_patch_may_read_this_one() -> None:
    other = picked(by=CAT, patch=OTHER_PATCH)
    assert judge(vote(CAT), state=hotfix(other, picked())).state == "open"


def test_one_person_with_two_keys_or_two_spellings_counts_once() -> None:
    twice = vote(CAT, key="SHA256:laptop"), vote(CAT, seconds=101, key="SHA256:phone")
    assert judge(*twice, rules=TWO_PEERS).state == "waiting"
    assert judge(vote(CAT), vote(CAT.title(), seconds=101), rules=TWO_PEERS).state == "waiting"
    assert judge(vote(CAT), vote(DAN), rules=TWO_PEERS).state == "open"


def test_an_approval_of_another_patch_does_not_count() -> None:
    assert "another patch" in why_not(judge(vote(CAT, patch=OTHER_PATCH)))


def test_a_signature_that_does_not_verify_today_does_not_count() -> None:
    """The name in the fact is only stated: an unsigned approval by anybody is nobody's."""
    removed = with_(vote(CAT), person="", why_not="their key is no longer on trunk's list")
    assert "no longer on trunk's list" in why_not(judge(removed))
    assert "not signed" in why_not(judge(unsigned(CAT, "approve")))


# -- rejections -----------------------------------------------------------------------------------


def test_a_rejection_closes_the_gate_whoever_else_approves() -> None:
    answer = judge(vote(CAT, seconds=100), vote(DAN, "reject", seconds=101), vote(CAT, seconds=102))
    assert answer.state == "closed"
    assert DAN in answer.findings[0].sentence
    assert "read it" in answer.findings[0].sentence


def test_it_stays_closed_until_the_same_person_approves() -> None:
    rejected = vote(CAT), vote(DAN, "reject", seconds=101)
    assert judge(*rejected, vote(DAN.upper(), seconds=102)).state == "open"


def test_the_newest_word_of_a_person_is_what_they_say() -> None:
    assert judge(vote(CAT), vote(CAT, "reject", seconds=101)).state == "closed"
    assert judge(vote(CAT, "reject"), vote(CAT, seconds=101)).state == "open"
    assert judge(vote(CAT), vote(CAT, "reject", seconds=101), vote(CAT, seconds=102)).state == "open"


def test_an_old_approval_copied_behind_a_rejection_takes_nothing_back() -> None:
    """Whoever may write the record could do that, and the copied signature is genuine."""
    approved = vote(CAT)
    copied = with_(approved, fact=with_(approved.fact, at=vote(CAT, seconds=500).fact.at))
    assert judge(approved, vote(CAT, "reject", seconds=101), copied).state == "closed"


@pytest.mark.parametrize("word", ["self", "comment", ""])
def test_another_word_neither_approves_nor_takes_a_rejection_back(word: str) -> None:
    assert judge(vote(CAT, word)).state == "waiting"
    assert judge(vote(DAN), vote(CAT, "reject"), vote(CAT, word, seconds=101)).state == "closed"


def test_the_authors_own_rejection_counts_and_that_of_another_patch_does_not() -> None:
    assert judge(vote(CAT), vote(BOB, "reject", seconds=101)).state == "closed"
    assert judge(vote(CAT), vote(DAN, "reject", patch=OTHER_PATCH)).state == "open"


# -- policies -------------------------------------------------------------------------------------


def test_a_team_without_peers_is_open_and_shown_so() -> None:
    nobody = with_(RULES, review=Review(peers=0))
    assert (judge(rules=nobody).state, judge(rules=nobody).waived) == ("open", "NO PEER")
    assert judge(vote(CAT, "reject"), rules=nobody).state == "closed"
    assert judge(vote(CAT), rules=nobody).waived == ""


def test_who_works_alone_reads_the_diff_and_it_is_never_called_approved() -> None:
    waits = judge(rules=SOLO)
    assert (waits.state, waits.waiting_on) == ("waiting", ("you",))
    answer = judge(unsigned(ANN, "self"), rules=SOLO)
    assert (answer.state, answer.waived) == ("open", "NO PEER · UNSIGNED")
    assert "approved" not in answer.note


def test_reading_another_patch_alone_is_not_reading_this_one() -> None:
    assert judge(unsigned(ANN, "self", patch=OTHER_PATCH), rules=SOLO).state == "waiting"


def test_who_works_alone_can_change_their_mind_too() -> None:
    read, refused = unsigned(ANN, "self"), unsigned(ANN, "reject", seconds=101)
    closed = judge(read, refused, rules=SOLO)
    assert closed.state == "closed"
    assert ANN in closed.findings[0].sentence
    assert judge(read, refused, unsigned(ANN, "self", seconds=102), rules=SOLO).state == "open"


def test_one_who_works_alone_and_asks_for_a_peer_waits_for_one() -> None:
    with_peer = with_(SOLO, review=Review(peers=1))
    assert judge(unsigned(ANN, "self"), rules=with_peer).state == "waiting"
    assert judge(vote(CAT), rules=with_peer).state == "open"


def test_peers_are_those_whose_approval_counts_today() -> None:
    votes = vote(CAT), vote(DAN, "reject"), vote(BOB), vote("eve@example.com", patch=OTHER_PATCH)
    assert review.peers(hotfix(picked()), votes, ANN) == (CAT,)
