"""Telling people. It may fail softly, and then the record says so."""

from collections.abc import Mapping

from hotfix.actions.read_rules import now_text
from hotfix.policy.rules import Rules
from hotfix.ports import Ports
from hotfix.record.facts import Notified


def notify(
    ports: Ports, rules: Rules, event: str, hotfix: str, by: str, detail: Mapping[str, object]
) -> tuple[Notified, ...]:
    """Hand one event to the policy's notifier; the fact of how that went, or nothing where there is no notifier."""
    if not rules.notify:
        return ()
    why = ports.production(rules).notifier().tell(event, hotfix, detail)
    if why:
        ports.narrate(f"nobody was told of {event}: {why}")
    return (Notified(at=now_text(ports), by=by, event=event, delivered=not why, said=why),)
