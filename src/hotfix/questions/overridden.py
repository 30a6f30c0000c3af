"""How a gate reads where somebody asked for it to be overridden: open by it, waiting for a second person, or as it was."""

from collections.abc import Sequence

import msgspec

from hotfix.lifecycle.gate import Gate, opened
from hotfix.lifecycle.override import GATES, Standing, waiver
from hotfix.policy.rules import Rules
from hotfix.record.finding import Finding
from hotfix.record.hotfix import Hotfix


def applied(gate: Gate, hotfix: Hotfix, rules: Rules, of_hotfix: Sequence[Standing]) -> Gate:
    """`gate`, which was judged without them, with the overrides of `hotfix` as they stand."""
    environment = hotfix.patch.environment if hotfix.patch else ""
    its = [one for one in of_hotfix if (one.fact.gate, one.fact.environment) == (gate.name, environment)]
    live = next((one for one in its if one.state == "effective"), None)
    if gate.name not in GATES or not its:
        return gate
    if gate.state == "open":
        return _not_needed(gate, live)
    if live is not None:
        waived = " · ".join(word for word in (gate.waived, waiver(gate.name)) if word)
        return opened(
            gate.name, f"overridden by {' and '.join(live.people)}: {live.fact.because}", waived=waived
        )
    told = tuple(finding for one in its for finding in _findings(hotfix.id, one))
    pending = next((one for one in its if one.state == "waiting"), None)
    if pending is None or gate.state == "owed":
        return msgspec.structs.replace(gate, findings=(*gate.findings, *told))
    on = tuple(dict.fromkeys((*gate.waiting_on, *second_people(rules, pending))))
    return msgspec.structs.replace(gate, state="waiting", findings=(*gate.findings, *told), waiting_on=on)


def _not_needed(gate: Gate, live: Standing | None) -> Gate:
    if live is None or live.use is not None:
        return gate
    said = f"the override by {' and '.join(live.people)} was not needed"
    return msgspec.structs.replace(gate, note="; ".join(part for part in (gate.note, said) if part))


def second_people(rules: Rules, pending: Standing) -> tuple[str, ...]:
    """Who may confirm: by name where the policy names them, else in words."""
    deciders = rules.deciders
    named = (*deciders.oncall, *deciders.seniors) if deciders.oncall else ()
    named = deciders.seniors if pending.word.overdue else named
    asked = {person.lower() for person in pending.people}
    others = tuple(dict.fromkeys(person for person in named if person.lower() not in asked))
    return others or ("another person on trunk's list of signers",)


def _findings(hotfix: str, one: Standing) -> list[Finding]:
    asked, who = one.fact, one.people[0]
    if one.state == "waiting":
        return [
            Finding(
                "override-waiting",
                f"{who} asked, until {asked.expires_at}, to open it all the same: {asked.because} ({one.why}).",
                f"they run, in their own clone: hotfix override --confirm {hotfix} {asked.gate}",
            )
        ]
    return [Finding("override-uncounted", f"The override that {who} asked for opens nothing: {one.why}.")]
