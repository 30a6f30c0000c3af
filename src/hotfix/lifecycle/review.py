"""Review: other people read exactly what ships, compressed but never skipped; pairing counts as writing."""

from collections.abc import Sequence

import msgspec

from hotfix.lifecycle.gate import Gate, closed, opened, waiting
from hotfix.policy.rules import Rules
from hotfix.record.facts import Reviewed
from hotfix.record.finding import Finding
from hotfix.record.hotfix import Hotfix
from hotfix.record.words import count

NAMESPACE = "hotfix-review@v1"
"""What an SSH signature of a review is bound to: a signature made for git, or for an authorization, is none."""

NO_PEER = "NO PEER · UNSIGNED"


class Vote(msgspec.Struct, frozen=True):
    """A review, and whose signature it carries by *today's* list of signers."""

    fact: Reviewed
    person: str
    """The principal; empty where the signature does not count."""
    why_not: str = ""


def contributors(hotfix: Hotfix, requester: str) -> frozenset[str]:
    """Everybody who is not their own peer: picker, declared pair, ship requester, and whoever the commits name.

    What a commit says of its author is text, and can only take a vote away here, never give one. Picking
    the same patch again takes nobody off: it counts who stands in any pick of today's patch.
    """
    picks = [picked for picked in hotfix.pick.history if picked.patch == hotfix.patch]
    named = [person for picked in picks for person in (picked.by, *picked.paired_with, *picked.authors)]
    return frozenset(person.lower() for person in (*named, requester) if person)


def peers(hotfix: Hotfix, votes: Sequence[Vote], requester: str) -> tuple[str, ...]:
    """Whose approval of today's patch counts: each person once, by their newest word."""
    involved = contributors(hotfix, requester)
    return tuple(
        sorted(
            vote.person
            for who, vote in _newest(hotfix, votes).items()
            if who not in involved and vote.fact.verdict == "approve"
        )
    )


def _newest(hotfix: Hotfix, votes: Sequence[Vote]) -> dict[str, Vote]:
    """The newest word of each person on today's patch, approval or rejection.

    What somebody signed is one word, however often it stands in the record: an old approval copied
    behind a rejection takes nothing back.
    """
    newest: dict[str, Vote] = {}
    said: set[tuple[str, str, tuple[tuple[str, str], ...]]] = set()
    for vote in votes:
        fact = vote.fact
        today = hotfix.patch is not None and fact.patch == hotfix.patch.digest
        if not today or not vote.person or fact.signed is None or fact.verdict not in ("approve", "reject"):
            continue
        word = (vote.person.lower(), fact.verdict, tuple(sorted(fact.signed.context.items())))
        if word not in said:
            said.add(word)
            newest[vote.person.lower()] = vote
    return newest


def gate(hotfix: Hotfix, rules: Rules, votes: Sequence[Vote], requester: str) -> Gate:
    """Open when the policy's number of other people signed an approval of today's patch, and none rejects it."""
    patch = hotfix.patch
    if patch is None:
        return closed(
            "review",
            Finding(
                "review-no-patch", "There is nothing to review yet.", f"hotfix pick FIX --hotfix {hotfix.id}"
            ),
        )
    if rules.solo and rules.review.peers == 0:
        return _solo(hotfix, [vote for vote in votes if vote.fact.patch == patch.digest])
    rejections = [vote for vote in _newest(hotfix, votes).values() if vote.fact.verdict == "reject"]
    if rejections:
        return closed("review", *(_rejected(hotfix.id, vote) for vote in rejections))
    approved = peers(hotfix, votes, requester)
    if len(approved) >= rules.review.peers:
        return (
            opened("review", f"approved by {', '.join(approved)}")
            if approved
            else opened("review", "the policy asks no peer", waived="NO PEER")
        )
    missing = rules.review.peers - len(approved)
    on = (f"{missing} other person" + ("s" if missing > 1 else "") + " on trunk's list of signers",)
    ask = Finding(
        "review-missing",
        f"{count(missing, 'more approval')} of this patch needed.",
        f"ask a colleague to run, in their own clone: hotfix review {hotfix.id} --approve",
    )
    involved = contributors(hotfix, requester)
    return waiting("review", on, ask, *_uncounted(votes, patch.digest, involved))


def _solo(hotfix: Hotfix, current: Sequence[Vote]) -> Gate:
    newest = {(vote.person or vote.fact.by).lower(): vote for vote in current}
    rejections = [vote for vote in newest.values() if vote.fact.verdict == "reject"]
    if rejections:
        return closed("review", *(_rejected(hotfix.id, vote) for vote in rejections))
    if any(vote.fact.verdict in ("self", "approve") for vote in newest.values()):
        return opened("review", "read by its author; nobody else saw it", waived=NO_PEER)
    ask = Finding(
        "review-self",
        "You have not read the annotated diff of this patch.",
        f"hotfix review {hotfix.id} --approve",
    )
    return waiting("review", ("you",), ask)


def _rejected(hotfix: str, vote: Vote) -> Finding:
    who = vote.person or vote.fact.by
    return Finding(
        "review-rejected",
        f"{who} rejected this patch: {vote.fact.because}",
        f"mend it and pick again, or ask {who} to run: hotfix review {hotfix} --approve",
    )


def _uncounted(votes: Sequence[Vote], patch: str, involved: frozenset[str]) -> list[Finding]:
    """Approvals that people may believe in, and why each does not count."""
    findings = []
    for vote in votes:
        who = vote.person or vote.fact.by
        if vote.fact.patch != patch:
            why = "it is of another patch: any new commit is a new patch"
        elif not vote.person:
            why = vote.why_not
        elif vote.person.lower() in involved:
            why = "nobody is their own peer: they picked it, wrote it, paired on it or ship it"
        else:
            continue
        findings.append(
            Finding("review-uncounted", f"The {vote.fact.verdict} of {who} does not count: {why}.")
        )
    return findings
