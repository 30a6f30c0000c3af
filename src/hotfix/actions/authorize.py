"""``hotfix authorize``: the senior approver's go, signed, for this patch in this environment."""

import msgspec

from hotfix.actions.find import find
from hotfix.actions.judge import authorize_statement, judge
from hotfix.actions.read_rules import InForce, now_text, recorded
from hotfix.actions.up_to_date import up_to_date
from hotfix.lifecycle import authorize as stage
from hotfix.lifecycle import review
from hotfix.lifecycle.gate import Gate
from hotfix.ports import Append, Book, Ports
from hotfix.record.facts import Authorized
from hotfix.record.finding import refused
from hotfix.record.hotfix import Hotfix
from hotfix.record.parts import Signed


class Result(msgspec.Struct, frozen=True):
    """Who authorized what, until when."""

    hotfix: str
    release: str
    environment: str
    person: str
    expires_at: str
    gates: tuple[Gate, ...]


def authorize(ports: Ports, id: str | None) -> Result:
    """Sign and record the go of the person at the keyboard."""
    in_force, hotfix, _ = up_to_date(ports, id)
    fact = _fact(ports, hotfix, in_force)

    def decide(book: Book) -> Append:
        now = find(book, hotfix.id)
        if now.patch != hotfix.patch:
            raise refused(
                "authorize-patch-moved", "Somebody picked again meanwhile.", f"hotfix review {hotfix.id}"
            )
        return Append(hotfix.id, (*recorded(in_force, now.start.rules, fact.at), fact))

    hotfix = find(ports.ledger.append(decide, anchor=True), hotfix.id)
    answer = judge(ports, hotfix, in_force.rules, in_force.signers, "")
    release = hotfix.pick.fact.release if hotfix.pick.fact else ""
    return Result(hotfix.id, release, fact.environment, fact.by, fact.expires_at, answer.gates)


def _fact(ports: Ports, hotfix: Hotfix, in_force: InForce) -> Authorized:
    patch = hotfix.patch
    if patch is None:
        raise refused(
            "authorize-no-patch",
            "There is nothing to authorize yet.",
            f"hotfix pick FIX --hotfix {hotfix.id}",
        )
    if in_force.rules.solo and in_force.rules.authorize.seniors == 0:
        raise refused(
            "authorize-solo",
            "The solo profile has no senior approver; there is nothing to sign.",
            f"hotfix ship {hotfix.id}",
        )
    person = ports.signatures.person(in_force.signers)
    if person.lower() not in {senior.lower() for senior in in_force.rules.deciders.seniors}:
        who = person or "The key at hand (on nobody's name)"
        named = ", ".join(in_force.rules.deciders.seniors) or "nobody"
        raise refused(
            "authorize-not-senior",
            f"{who} is no senior approver; trunk's policy names {named}.",
            "ask one of them to run this command",
        )
    if person.lower() in review.contributors(hotfix, ""):
        raise refused(
            "authorize-own", f"{person} wrote it, paired on it or picked it.", "ask another senior approver"
        )
    at, expires_at = now_text(ports), stage.expires(in_force.rules, ports.clock.now())
    signature = ports.signatures.sign(
        stage.NAMESPACE, authorize_statement(patch, patch.environment, at, expires_at)
    )
    signed = Signed(stage.NAMESPACE, {}, signature, ports.signatures.key())
    return Authorized(
        at=at,
        by=person,
        patch=patch.digest,
        environment=patch.environment,
        expires_at=expires_at,
        signed=signed,
    )
