"""What a ship may be driven by, forward or back: a plan of this person's own, or one that a colleague signed.

Whoever may push can write a plan on the record, and a plan names commands (by its rules), releases and where units
go back to. So its rules are read from git, at a commit that trunk had; and the plan itself counts where a card of
this person, or of the unit, says the same, where nobody else can write the record, or where the append that brought
it is signed by somebody on trunk's list of signers.
"""

from hotfix.actions.read_rules import read_signers
from hotfix.policy import schema
from hotfix.policy.path_kind import POLICY_FILE
from hotfix.policy.rules import Rules, from_plain
from hotfix.ports import Ports, Signers, Verified
from hotfix.record.facts import Planned, RulesRead
from hotfix.record.finding import Finding, Refused
from hotfix.record.hotfix import Hotfix
from hotfix.record.ship import Ship


class ForeignPlan(Refused):
    """The plan is nobody's, or its rules were never trunk's: said of the record itself, never because of a trouble."""

    def __init__(self, code: str, sentence: str, next: str) -> None:
        super().__init__(Finding(code, sentence, next))


def rules_of_ship(ports: Ports, hotfix: Hotfix, ship: Ship) -> Rules:
    """The rules to drive `ship` by, once its plan can be trusted. Works offline, whatever trunk says today.

    Raises :class:`ForeignPlan` where the plan is nobody's, or where its rules are not what trunk once said;
    any other Refused where that cannot be told now.
    """
    fact = hotfix.rules_of(ship.plan.ship)
    if fact is None:
        raise ForeignPlan(
            "ship-no-rules",
            f"The record has no rules for ship {ship.plan.ship} of {hotfix.id}.",
            "hotfix log --verify",
        )
    if not ports.git.has_remote():
        return from_plain(fact.rules)
    for card in ports.cards.find(hotfix.id, ports.ledger.origin()):
        if card.plan == ship.plan:
            return card.rules
    try:
        rules = _rules_of_trunk(ports, hotfix, fact)
        _refuse_nobodys_plan(ports, hotfix, ship.plan, rules)
    except Refused as error:
        found = error.findings[0]
        # Said of the trunk that the record names, or of its policy: no trouble that goes by.
        if found.code == "git-no-trunk" or found.code.startswith("policy-"):
            raise ForeignPlan(found.code, found.sentence, found.next) from None
        raise
    return rules


def _refuse_nobodys_plan(ports: Ports, hotfix: Hotfix, plan: Planned, rules: Rules) -> None:
    entries = ports.ledger.read().entries
    seq = next((entry.seq for entry in entries if entry.hotfix == hotfix.id and entry.fact == plan), 0)
    append = ports.ledger.signature_of(seq)
    signers = _signers_of_today(ports, rules)
    if append is not None and append.signature:
        checked = ports.signatures.verify(signers, "git", append.payload, append.signature)
        if isinstance(checked, Verified) and checked.person == plan.by:
            return
    raise ForeignPlan(
        "ship-foreign-plan",
        f"The plan of ship {plan.ship} is said to be by {plan.by}, and no signature of theirs is on it (seq {seq}).",
        f"nothing was touched; find out who wrote it: hotfix log --verify. If {plan.by} did ship, they can roll back",
    )


def _signers_of_today(ports: Ports, rules: Rules) -> Signers:
    """Trunk's list, which may have moved since; where its policy cannot be read now, where `rules` had it."""
    trunk = ports.git.trunk(rules.trunk).commit
    raw = ports.git.file_at(trunk, POLICY_FILE)
    try:
        today = schema.parse(raw, POLICY_FILE) if raw is not None else rules
    except Refused:
        today = rules
    return read_signers(ports, trunk, today)


def _rules_of_trunk(ports: Ports, hotfix: Hotfix, fact: RulesRead) -> Rules:
    raw = ports.git.file_at(fact.commit, POLICY_FILE) if _was_trunk(ports, fact) else None
    if raw is None:
        raise ForeignPlan(
            "ship-foreign-rules",
            f"The rules of that ship are those of {fact.commit[:12]}, which this clone does not know as trunk's.",
            f"git fetch, then try again; where that does not help, git show hotfix-record:{hotfix.id}/README.md names "
            "the base to put back by hand",
        )
    return schema.parse(raw, f"{POLICY_FILE} of {fact.commit[:12]}")


def _was_trunk(ports: Ports, fact: RulesRead) -> bool:
    return ports.git.is_ancestor(fact.commit, ports.git.trunk(fact.trunk).commit)
