"""Who may ask for an override, confirm one, and of what: refused here before anybody signs, and judged again each time."""

from hotfix.actions.judge import overdue
from hotfix.actions.read_rules import InForce
from hotfix.lifecycle import override as stage
from hotfix.ports import Ports
from hotfix.questions.overridden import second_people
from hotfix.record.finding import Kind, Refused, refused
from hotfix.record.hotfix import Hotfix


def overridable(named: str) -> str:
    gate = named.replace("-", " ").lower()
    if gate in stage.NEVER:
        raise refused(
            "override-never",
            f"Nothing overrides {gate}: {stage.NEVER[gate]}.",
            f"what can be: {', '.join((*stage.GATES, *stage.BESIDES))}",
        )
    if gate not in (*stage.GATES, *stage.BESIDES):
        raise refused(
            "override-unknown",
            f"There is no gate {named!r}.",
            f"name one of: {', '.join((*stage.GATES, *stage.BESIDES))}",
            kind=Kind.USAGE,
        )
    return gate


def person_asking(ports: Ports, in_force: InForce) -> str:
    """Who is at the keyboard, by their key; one who works alone is believed, as everywhere."""
    person = ports.signatures.person(in_force.signers)
    if not person and in_force.rules.solo:
        return in_force.by
    if not person:
        what = (
            "Your key is not on trunk's list of signers"
            if ports.signatures.key()
            else "You have no signing key"
        )
        raise refused(
            "override-stranger",
            f"{what}, so your word about an override could not count.",
            f"let a colleague add your public key to {in_force.rules.signers} on {in_force.trunk.name}",
        )
    return person


def refuse_asking(
    ports: Ports, in_force: InForce, hotfix: Hotfix, gate: str, because: str, person: str
) -> None:
    rules = in_force.rules
    _refuse_without_role(in_force, person)
    if hotfix.after.closed:
        raise refused("override-closed", f"{hotfix.id} is closed.", 'hotfix start "WHAT IS BROKEN"')
    if gate in stage.GATES and hotfix.patch is None:
        raise refused(
            "override-no-patch",
            f"Nothing is picked yet, so there is nothing that {gate} could let through.",
            f"hotfix pick FIX --hotfix {hotfix.id}",
        )
    if len(because.strip()) < stage.SHORTEST_REASON:
        raise refused(
            "override-because",
            f"{because.strip()!r} is no reason to speak of: say in at least {stage.SHORTEST_REASON} characters what "
            "happens if nothing ships, and which incident this is.",
            f'hotfix override {hotfix.id} {gate} --because "WHY"',
        )
    if stage.asks(rules) == "announce" and not rules.notify:
        who = "You are alone: an override counts" if rules.solo else "The policy lets an override count"
        raise refused(
            "override-nobody-to-tell",
            f"{who} only once somebody else was told, and the policy names no notifier, so nobody would ever know.",
            f"set `notify` in hotfix.toml on {in_force.trunk.name}",
        )
    late = overdue(ports, rules, in_force.signers)
    if late and stage.asks(rules) == "announce" and not stage.is_senior(person, rules):
        raise _senior_wanted(late)


def refuse_confirming(in_force: InForce, pending: stage.Standing, person: str) -> None:
    _refuse_without_role(in_force, person)
    if person.lower() in {one.lower() for one in pending.people}:
        raise refused(
            "override-own",
            f"{person} asked for it or confirmed it already, and one person counts once.",
            f"ask {' or '.join(second_people(in_force.rules, pending))}",
        )
    wanted = pending.word.overdue
    if wanted and not any(stage.is_senior(one, in_force.rules) for one in (person, *pending.people)):
        raise _senior_wanted(wanted)


def _refuse_without_role(in_force: InForce, person: str) -> None:
    if stage.has_role(person, in_force.rules):
        return
    deciders = in_force.rules.deciders
    raise refused(
        "override-no-role",
        f"{person} is neither on call nor a senior approver; trunk's policy names "
        f"{', '.join(dict.fromkeys((*deciders.oncall, *deciders.seniors)))}.",
        "ask one of them",
    )


def _senior_wanted(late: str) -> Refused:
    return refused(
        "override-senior",
        f"Nobody has looked back at {late}, and until somebody has, an override takes a senior approver.",
        'ask one, or first: hotfix override --review HF-N --because "WHAT YOU THINK OF IT"',
    )


def refuse_several(hotfix: Hotfix, gates: set[str], what: str) -> None:
    if len(gates) > 1:
        raise refused(
            "override-several",
            f"There are overrides of {' and '.join(sorted(gates))}; say which.",
            f"as in: hotfix override {what} {hotfix.id} {min(gates)}",
        )
