"""Files that nobody writes, made anew by the policy's command in a tree, with no credentials."""

from pathlib import Path

from hotfix.adapters import child
from hotfix.policy.rules import Regenerate
from hotfix.record.finding import refused


def regenerate(rule: Regenerate, tree: Path) -> None:
    """Run the command in `tree`. Raises Refused where it fails."""
    done = child.run(rule.run, env={}, timeout=rule.timeout, cwd=tree)
    if done.timed_out:
        raise refused(
            "regenerate-timeout",
            f"{' '.join(rule.run)} did not end within {rule.timeout:g} s.",
            "raise its timeout in the policy's [[regenerate]], or resolve by hand: hotfix pick FIX --resolve",
        )
    if done.exit != 0:
        raise refused(
            "regenerate-failed",
            f"{' '.join(rule.run)} ended with {done.exit}: {done.last_line()}.",
            "mend the policy's [[regenerate]], or resolve by hand: hotfix pick FIX --resolve",
            done.tail(2000),
        )
