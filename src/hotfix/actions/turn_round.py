"""Why a ship must turn round before its next wave: somebody rejected it, or a freeze began."""

from datetime import datetime

from hotfix.actions.judge import effective_override, votes
from hotfix.actions.read_rules import InForce, read_rules, read_signers
from hotfix.lifecycle.authorize import freeze_at
from hotfix.lifecycle.override import waiver
from hotfix.policy.rules import Rules
from hotfix.ports import Ports
from hotfix.record.finding import Refused
from hotfix.record.hotfix import Hotfix
from hotfix.record.ship import Ship


def turn_round(ports: Ports, hotfix: Hotfix, current: Ship, rules: Rules, now: datetime) -> str:
    """The reason, by what this clone has fetched; empty where the ship may go on.

    Where trunk cannot be read any more the ship goes on by the rules of its plan: its gates were judged.
    """
    return _rejected(ports, hotfix, current, rules) or _frozen(ports, hotfix, current, rules, now)


def _frozen(ports: Ports, hotfix: Hotfix, current: Ship, rules: Rules, now: datetime) -> str:
    """A freeze that began since the plan. Going back to the release before is never held up by one."""
    environment = current.plan.environment
    if current.plan.purpose == "return":
        return ""
    try:
        today: InForce | None = read_rules(ports)
    except Refused as error:
        ports.narrate(f"trunk's policy cannot be read, so freezes are those of the plan: {error}")
        today = None
    freeze = freeze_at(today.rules if today else rules, environment, now)
    if freeze is None or waiver("authorize") in current.plan.waived:
        return ""
    if today is not None and effective_override(
        ports, hotfix, today.rules, today.signers, "authorize", environment
    ):
        return ""  # of a rehearsal: its own plan needs no such gate, and names no override
    return f"a freeze began: {freeze.because}, until {freeze.ends}"


def _rejected(ports: Ports, hotfix: Hotfix, current: Ship, rules: Rules) -> str:
    """A reviewer who says no after the plan, in the order of the record."""
    since = hotfix.facts[hotfix.facts.index(current.plan) :]
    try:
        trunk = ports.git.trunk(rules.trunk)
        said = votes(ports, hotfix, read_signers(ports, trunk.commit, rules))
    except Refused as error:
        ports.narrate(f"rejections cannot be read: {error}")
        return ""
    for vote in said:
        no = vote.fact.verdict == "reject" and vote.fact.patch == current.plan.patch
        if no and vote.person and vote.fact in since:
            return f"{vote.person} rejected the patch while it shipped: {vote.fact.because}"
    return ""
