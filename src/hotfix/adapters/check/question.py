"""Where a check asks over HTTP, and how much it reads."""

from hotfix.adapters.ask import Answer, Silence, ask
from hotfix.policy.rules import Check as Rule
from hotfix.policy.rules import Unit

KEPT = 1024 * 1024
"""The most bytes that an answer may have."""


def put(rule: Rule, unit: Unit | None, method: str) -> Answer:
    """Ask the rule's `url`, or the unit's `url` + `path`. Raises :class:`Silence`."""
    return ask(_address(rule, unit), method, timeout=rule.timeout, most=KEPT)


def _address(rule: Rule, unit: Unit | None) -> str:
    if rule.url:
        return rule.url
    if unit is None:
        raise Silence("this check is asked of a unit, and was given none")
    if not unit.url:
        raise Silence(f"unit {unit.name} has no url")
    return unit.url.rstrip("/") + rule.path
