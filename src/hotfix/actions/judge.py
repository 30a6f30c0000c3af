"""Every gate of a hotfix, judged now: signatures are checked anew, of today's signers."""

import msgspec

from hotfix.lifecycle import authorize, override, review
from hotfix.lifecycle.pick.gate import Seen
from hotfix.policy.rules import Rules
from hotfix.ports import Ports, Signers, Unverified
from hotfix.questions.looked_back import Owed, owed
from hotfix.questions.may_ship import Answer, may_ship
from hotfix.record import canonical
from hotfix.record.facts import Authorized, Overridden, OverrideConfirmed, OverrideReviewed, Reviewed
from hotfix.record.finding import Refused
from hotfix.record.hotfix import Hotfix, fold_all
from hotfix.record.parts import Signed
from hotfix.record.patch import Patch, statement


def judge(ports: Ports, hotfix: Hotfix, rules: Rules, signers: Signers, requester: str) -> Answer:
    """The gates' answers, by `rules` and `signers`, were `requester` to ship now."""
    return may_ship(
        hotfix,
        rules,
        votes(ports, hotfix, signers),
        goes(ports, hotfix, signers),
        requester,
        ports.clock.now(),
        _see(ports, hotfix),
        overrides(ports, hotfix, rules, signers),
    )


def _see(ports: Ports, hotfix: Hotfix) -> Seen:
    """The newest pick, as the objects and refs of this clone show it; an object that is not here shows nothing."""
    picked = hotfix.pick.fact
    if picked is None:
        return Seen()
    return Seen(
        origin=ports.ledger.origin(),
        base_tree=_tree(ports, picked.patch.base_commit),
        result_tree=_tree(ports, picked.result_commit),
        tips=ports.git.tips(picked.branch),
    )


def _tree(ports: Ports, commit: str) -> str:
    try:
        return ports.git.commit(commit).tree
    except Refused as no:
        if no.findings[0].code != "git-missing-object":
            raise  # it may be here, and only the question failed
        return ""


def votes(ports: Ports, hotfix: Hotfix, signers: Signers) -> tuple[review.Vote, ...]:
    """Every review, with the person whose signature it carries today."""
    return tuple(_vote(ports, hotfix, fact, signers) for fact in hotfix.review.facts)


def goes(ports: Ports, hotfix: Hotfix, signers: Signers) -> tuple[authorize.Go, ...]:
    """Every authorization, with the person whose signature it carries today."""
    return tuple(_go(ports, hotfix, fact, signers) for fact in hotfix.authorize.facts)


def review_statement(patch: Patch, verdict: str, context: dict[str, str]) -> bytes:
    """What a reviewer signs."""
    return statement(verdict, patch, context)


def authorize_statement(patch: Patch, environment: str, at: str, expires_at: str) -> bytes:
    """What the senior approver signs."""
    return statement("authorize", patch, {"environment": environment, "at": at, "expires_at": expires_at})


def _vote(ports: Ports, hotfix: Hotfix, fact: Reviewed, signers: Signers) -> review.Vote:
    patch = _patch(hotfix, fact.patch)
    if patch is None or fact.signed is None:
        return review.Vote(
            fact, "", "it is not signed" if patch else "it is of a patch that was never picked here"
        )
    if fact.signed.namespace != review.NAMESPACE:
        return review.Vote(fact, "", f"it was signed for {fact.signed.namespace}, not for a review")
    message = review_statement(patch, fact.verdict, fact.signed.context)
    checked = ports.signatures.verify(signers, review.NAMESPACE, message, fact.signed.signature)
    return (
        review.Vote(fact, "", checked.why)
        if isinstance(checked, Unverified)
        else review.Vote(fact, checked.person)
    )


def _go(ports: Ports, hotfix: Hotfix, fact: Authorized, signers: Signers) -> authorize.Go:
    patch = _patch(hotfix, fact.patch)
    if patch is None or fact.signed is None:
        return authorize.Go(
            fact, "", "it is not signed" if patch else "it is of a patch that was never picked here"
        )
    if fact.signed.namespace != authorize.NAMESPACE:
        return authorize.Go(fact, "", f"it was signed for {fact.signed.namespace}, not for an authorization")
    message = authorize_statement(patch, fact.environment, fact.at, fact.expires_at)
    checked = ports.signatures.verify(signers, authorize.NAMESPACE, message, fact.signed.signature)
    return (
        authorize.Go(fact, "", checked.why)
        if isinstance(checked, Unverified)
        else authorize.Go(fact, checked.person)
    )


def _patch(hotfix: Hotfix, digest: str) -> Patch | None:
    return next((picked.patch for picked in hotfix.pick.history if picked.patch.digest == digest), None)


def overrides(ports: Ports, hotfix: Hotfix, rules: Rules, signers: Signers) -> tuple[override.Word, ...]:
    """Every override that was asked for, with whose signatures it and what was said to it carry today."""
    if not hotfix.overrides.asked:
        return ()
    late = overdue(ports, rules, signers)
    return tuple(msgspec.structs.replace(word, overdue=late) for word in _words(ports, hotfix, signers))


def reviews_owed(ports: Ports, hotfix: Hotfix, rules: Rules, signers: Signers) -> tuple[Owed, ...]:
    """Which overrides of `hotfix` somebody still has to look back at."""
    return owed(hotfix, rules, _words(ports, hotfix, signers), ports.clock.now())


def overdue(ports: Ports, rules: Rules, signers: Signers) -> str:
    """The first override on record, of any hotfix, whose review is overdue, in words; empty where there is none."""
    for other in fold_all(ports.ledger.read().entries).values():
        for debt in reviews_owed(ports, other, rules, signers):
            if debt.overdue:
                return f"the override of {debt.gate} in {other.id} (due at {debt.due})"
    return ""


def _words(ports: Ports, hotfix: Hotfix, signers: Signers) -> tuple[override.Word, ...]:
    return tuple(_word(ports, hotfix, asked, signers) for asked in hotfix.overrides.asked)


def _word(ports: Ports, hotfix: Hotfix, asked: Overridden, signers: Signers) -> override.Word:
    message = override.statement(hotfix.id, ports.ledger.origin(), asked)
    if canonical.sha256(message) != asked.override:
        return override.Word(asked, "", "what it says is not what its id stands for")
    person, why_not = _signer(ports, signers, asked.signed, message)
    confirmed, reviewed = [], []
    for fact in hotfix.overrides.facts:
        if isinstance(fact, OverrideConfirmed) and fact.override == asked.override:
            said = override.confirmation(asked.override)
            confirmed.append(override.Yes(fact, *_signer(ports, signers, fact.signed, said)))
        elif isinstance(fact, OverrideReviewed) and fact.override == asked.override:
            said = override.look_back(asked.override, fact.because)
            reviewed.append(override.Yes(fact, *_signer(ports, signers, fact.signed, said)))
    return override.Word(asked, person, why_not, tuple(confirmed), tuple(reviewed))


def _signer(ports: Ports, signers: Signers, signed: Signed | None, message: bytes) -> tuple[str, str]:
    """(who signed `message` about an override, why it does not count); one of the two is empty."""
    if signed is None:
        return "", "it is not signed"
    if signed.namespace != override.NAMESPACE:
        return "", f"it was signed for {signed.namespace}, not for an override"
    checked = ports.signatures.verify(signers, override.NAMESPACE, message, signed.signature)
    return ("", checked.why) if isinstance(checked, Unverified) else (checked.person, "")


def effective_override(
    ports: Ports, hotfix: Hotfix, rules: Rules, signers: Signers, name: str, environment: str
) -> bool:
    """Whether an override of `name` (``lease``, ``return``) is in effect for `environment` now."""
    words = overrides(ports, hotfix, rules, signers)
    return override.effective(hotfix, rules, words, name, environment, ports.clock.now()) is not None
