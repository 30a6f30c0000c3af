"""Files that nobody writes, made anew by the policy's command."""

from pathlib import Path

from hotfix.adapters.in_tree import run_in_tree
from hotfix.policy.rules import Regenerate


def regenerate(rule: Regenerate, tree: Path) -> None:
    """Run the command in `tree`. Raises Refused where it fails."""
    cure = "mend it on trunk, or resolve by hand: hotfix pick FIX --resolve"
    run_in_tree("regenerate", rule.run, rule.timeout, tree, cure)
