"""What production says it runs, as lines to forecast onto."""

from hotfix.actions.read_rules import read_rules
from hotfix.actions.which_release import meanings
from hotfix.lifecycle.pick import outlook
from hotfix.lifecycle.pick.outlook import Outlook
from hotfix.policy.rules import Rules
from hotfix.ports import Ports
from hotfix.ports.picking import Line
from hotfix.record.hotfix import fold_all
from hotfix.record.parts import UnitState


def production_lines(ports: Ports, fix: str) -> tuple[tuple[Line, ...], tuple[Outlook, ...]]:
    """Every release that a unit of any environment runs, and the outlook of `fix` on the units that give no base."""
    rules = read_rules(ports).rules
    every = fold_all(ports.ledger.read().entries).values()
    states = [(name, state) for name in rules.environments for state in _ask(ports, rules, name)]
    meaning = meanings(ports, every, [state for _, state in states])
    lines: dict[str, Line] = {}
    untold: list[Outlook] = []
    for environment, state in states:
        if state.state == "serving" and state.release in meaning:
            release, commit = meaning[state.release]
            lines.setdefault(commit, Line(f"{environment}: {release}", commit))
        else:
            untold.append(_untold(fix, environment, state))
    return tuple(lines.values()), tuple(untold)


def _ask(ports: Ports, rules: Rules, environment: str) -> list[UnitState]:
    target = ports.production(rules).target(environment)
    return [target.observe(unit) for unit in rules.environments[environment].units]


def _untold(fix: str, environment: str, state: UnitState) -> Outlook:
    said = (
        f"it says {state.release!r}, which is no release on record, no tag and no commit id"
        if state.state == "serving"
        else f"it is {state.state}: {state.said or 'no answer'}"
    )
    return Outlook(
        sha=fix, onto="", outcome=outlook.UNKNOWN, line=f"{environment}: {state.unit}", why=said, fixes=(fix,)
    )
