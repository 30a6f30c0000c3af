"""Questions to production, by the `kind` of the policy's ``[check.NAME]``."""

from pathlib import Path

from hotfix.adapters.check.command import CommandCheck
from hotfix.adapters.check.http import HttpCheck
from hotfix.adapters.check.metrics import MetricsCheck
from hotfix.policy.rules import Check as Rule

KINDS: dict[str, type[CommandCheck] | type[HttpCheck] | type[MetricsCheck]] = {
    "command": CommandCheck,
    "http": HttpCheck,
    "metrics": MetricsCheck,
}


def make(rule: Rule, cwd: Path | None = None) -> CommandCheck | HttpCheck | MetricsCheck:
    """The check that the rule states; commands run in `cwd`.

    A metrics check remembers what it saw first, so one and the same check must serve a whole ship.
    """
    kind = KINDS[rule.kind]
    return kind(rule, cwd) if kind is CommandCheck else kind(rule)
