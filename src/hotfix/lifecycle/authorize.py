"""Authorize: the senior approver says go, for this patch, in this environment, for a limited time."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import msgspec

from hotfix.lifecycle.gate import Gate, closed, opened, waiting
from hotfix.policy.rules import Freeze, Rules
from hotfix.record import moment
from hotfix.record.facts import Authorized
from hotfix.record.finding import Finding
from hotfix.record.hotfix import STAYING, Hotfix
from hotfix.record.patch import Patch
from hotfix.record.words import count

NAMESPACE = "hotfix-authorize@v1"
NO_SENIOR = "NO SENIOR APPROVER"


class Go(msgspec.Struct, frozen=True):
    """An authorization, and whose signature it carries by today's list of signers."""

    fact: Authorized
    person: str
    why_not: str = ""


def expires(rules: Rules, now: datetime) -> str:
    """Until when an authorization of now counts."""
    return moment.to_text(now + timedelta(seconds=rules.authorize.valid))


def freeze_at(rules: Rules, environment: str, now: datetime) -> Freeze | None:
    """The freeze that `environment` is in at `now`, the one that ends last; None where nothing ships against one.

    Asked again before every wave. A freeze whose times nobody can read is in force.
    """
    in_force = [
        freeze
        for freeze in rules.freezes
        if (not freeze.environments or environment in freeze.environments) and _lasts(freeze, now)
    ]
    return max(in_force, key=lambda freeze: freeze.ends, default=None)


def _lasts(freeze: Freeze, now: datetime) -> bool:
    try:
        begins, ends = moment.from_text(freeze.begins), moment.from_text(freeze.ends)
    except ValueError:
        return True
    if begins.tzinfo is None or ends.tzinfo is None:
        return True
    return begins <= now < ends


def gate(
    hotfix: Hotfix,
    rules: Rules,
    goes: Sequence[Go],
    now: datetime,
    *,
    peers: Collection[str],
    contributors: Collection[str],
) -> Gate:
    """Open when enough senior approvers, named by today's policy, authorized today's patch, unexpired, outside a freeze.

    `peers` are those whose review counts: where the policy has no two hats, they cannot be the senior too.
    `contributors` wrote the patch, paired on it or picked it. One person under two spellings is one person.
    """
    patch = hotfix.patch
    if patch is None:
        return closed(
            "authorize",
            Finding(
                "authorize-no-patch",
                "There is nothing to authorize yet.",
                f"hotfix pick FIX --hotfix {hotfix.id}",
            ),
        )
    judged = _authorized(hotfix, patch, rules, goes, now, peers, contributors)
    freeze = freeze_at(rules, patch.environment, now)
    return judged if freeze is None else closed("authorize", _frozen(hotfix, patch, freeze), *judged.findings)


def _frozen(hotfix: Hotfix, patch: Patch, freeze: Freeze) -> Finding:
    return Finding(
        "authorize-freeze",
        f"Nothing ships to {patch.environment} until {freeze.ends}: {freeze.because}. A rollback is never held up.",
        f'wait until then; to ship all the same: hotfix override {hotfix.id} authorize --because "WHY"',
    )


def _authorized(
    hotfix: Hotfix,
    patch: Patch,
    rules: Rules,
    goes: Sequence[Go],
    now: datetime,
    peers: Collection[str],
    contributors: Collection[str],
) -> Gate:
    if rules.solo and rules.authorize.seniors == 0:
        return opened("authorize", "one person decided", waived=NO_SENIOR)
    refusals: list[Finding] = []
    seniors: set[str] = set()
    for go in goes:
        why = (
            _why_not(go, patch, rules, now)
            or _used_up(go, hotfix)
            or _own_hat(go.person, rules, peers, contributors)
        )
        if why:
            refusals.append(
                Finding(
                    "authorize-uncounted",
                    f"The authorization by {go.person or go.fact.by} does not count: {why}.",
                )
            )
        else:
            seniors.add(go.person.lower())
    if len(seniors) >= rules.authorize.seniors:
        return opened(
            "authorize",
            f"authorized by {', '.join(sorted(seniors))}" if seniors else "the policy asks no senior",
            waived="" if seniors else NO_SENIOR,
        )
    missing = Finding(
        "authorize-missing",
        f"{count(rules.authorize.seniors - len(seniors), 'more authorization')} of this patch for {patch.environment} needed.",
        f"ask one of them to run, in their own clone: hotfix authorize {hotfix.id}",
    )
    return waiting("authorize", rules.deciders.seniors, missing, *refusals)


def _why_not(go: Go, patch: Patch, rules: Rules, now: datetime) -> str:
    if go.fact.patch != patch.digest:
        return "it is for another patch"
    if go.fact.environment != patch.environment:
        return f"it is for {go.fact.environment}, not for {patch.environment}"
    if not go.person:
        return go.why_not or "nobody's signature is on it"
    if go.person.lower() not in _lower(rules.deciders.seniors):
        return "trunk's policy does not name them in deciders.seniors"
    end = _end(go.fact, rules)
    if end is None:
        return f"nobody can tell when it expires ({go.fact.expires_at!r})"
    return f"it expired at {moment.to_text(end)}" if now >= end else ""


def _end(fact: Authorized, rules: Rules) -> datetime | None:
    """When it expires: as signed, or sooner where today's rules let it count for less long."""
    try:
        at, signed = moment.from_text(fact.at), moment.from_text(fact.expires_at)
    except ValueError:
        return None
    if at.tzinfo is None or signed.tzinfo is None:
        return None
    return min(signed, at + timedelta(seconds=rules.authorize.valid))


def _own_hat(person: str, rules: Rules, peers: Collection[str], contributors: Collection[str]) -> str:
    if person.lower() in _lower(contributors):
        return "nobody authorizes what they wrote, paired on or picked"
    if not rules.review.two_hats and person.lower() in _lower(peers):
        return "they are the peer already, and the policy wants two people"
    return ""


def _lower(people: Collection[str]) -> set[str]:
    return {person.lower() for person in people}


def _used_up(go: Go, hotfix: Hotfix) -> str:
    """A go is for one ship: where that one did not end well, somebody has to look again before the next.

    What came first is asked of the record's order, for a clock may be set back; a copy of a go is that go.
    """
    given = [
        number
        for number, fact in enumerate(hotfix.facts)
        if isinstance(fact, Authorized) and fact.signed == go.fact.signed
    ]
    for ship in hotfix.ships:
        failed = ship.plan.purpose in STAYING and ship.ended is not None and ship.ended.outcome != "validated"
        later = not given or hotfix.facts.index(ship.plan) > given[0]
        if failed and ship.plan.patch == go.fact.patch and later:
            return f"ship {ship.plan.ship} used it, and that ship did not end well"
    return ""
