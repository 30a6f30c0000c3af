"""What the files of the repository belong to: by the policy, else by CODEOWNERS on trunk, else by folder."""

from hotfix.policy.rules import Rules
from hotfix.ports import Ports
from hotfix.record.finding import Refused
from hotfix.trend import components
from hotfix.trend.components import Components

_OWNERS = ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS")


def owners(ports: Ports, rules: Rules) -> Components:
    """The components, as trunk has them now."""
    if rules.components:
        return components.by_policy(rules.components)
    try:
        trunk = ports.git.trunk(rules.trunk)
    except Refused:
        return Components(())
    text = next((raw for path in _OWNERS if (raw := ports.git.file_at(trunk.commit, path))), b"")
    return components.by_owners(text.decode("utf-8", "replace"))
