"""Every gate of a hotfix, judged now: signatures are checked anew, of today's signers."""

from hotfix.lifecycle import authorize, pick, review
from hotfix.policy.rules import Rules
from hotfix.ports import Ports, Signers, Unverified
from hotfix.questions.may_ship import Answer, may_ship
from hotfix.record.facts import Authorized, Reviewed
from hotfix.record.finding import Refused
from hotfix.record.hotfix import Hotfix
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
    )


def _see(ports: Ports, hotfix: Hotfix) -> pick.Seen:
    """The newest pick, as the objects and refs of this clone show it; an object that is not here shows nothing."""
    picked = hotfix.pick.fact
    if picked is None:
        return pick.Seen()
    return pick.Seen(
        origin=ports.ledger.origin(),
        base_tree=_tree(ports, picked.patch.base_commit),
        result_tree=_tree(ports, picked.result_commit),
        tips=ports.git.tips(picked.branch),
    )


def _tree(ports: Ports, commit: str) -> str:
    try:
        return ports.git.commit(commit).tree
    except Refused:
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


def authorize_statement(patch: Patch, environment: str, expires_at: str) -> bytes:
    """What the senior approver signs."""
    return statement("authorize", patch, {"environment": environment, "expires_at": expires_at})


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
    message = authorize_statement(patch, fact.environment, fact.expires_at)
    checked = ports.signatures.verify(signers, authorize.NAMESPACE, message, fact.signed.signature)
    return (
        authorize.Go(fact, "", checked.why)
        if isinstance(checked, Unverified)
        else authorize.Go(fact, checked.person)
    )


def _patch(hotfix: Hotfix, digest: str) -> Patch | None:
    return next((picked.patch for picked in hotfix.pick.history if picked.patch.digest == digest), None)
