"""The rules, one module per stage, in the order of life. Pure; stages never import each other."""

from typing import NamedTuple


class Stage(NamedTuple):
    """A stage of the life of a hotfix: the same word names its module in every layer."""

    name: str
    gate: str
    """When its gate opens; empty for stages after the ship."""


LIFE = (
    Stage("start", "severity, impact and criteria answered; ways out considered in order; decided to go"),
    Stage("pick", "every unit was asked and runs the base; the result is the base and the fix, nothing else"),
    Stage("scope", "size and kinds within policy; every finding cured or reasoned"),
    Stage(
        "prove", "the regression test is red on the base, green on the result, repeatably; nothing else broke"
    ),
    Stage("review", "the policy's peers signed this patch"),
    Stage("rehearse", "the way back was rehearsed, within the budget, and nothing is irreversible"),
    Stage("authorize", "the senior approver signed this patch for this environment, unexpired"),
    Stage("ship", ""),
    Stage("rollback", ""),
    Stage("land", ""),
    Stage("postmortem", ""),
)
"""The ordered table of the life; ``hotfix --help`` and the docs are checked against it."""
