"""``hotfix pick --drop HUNK``: the same pick without some hunks of the fix."""

from collections.abc import Sequence

from hotfix.actions import leave_out, proof
from hotfix.policy.rules import Rules
from hotfix.ports import Ports
from hotfix.ports.picking import Attempt
from hotfix.record.finding import refused
from hotfix.record.hotfix import Hotfix
from hotfix.record.parts import LEFT_OUT, Resolved


def without_hunks(
    ports: Ports, asked: Attempt, base_tree: str, result_tree: str, dropped: Sequence[str], rules: Rules
) -> Attempt:
    """`asked`, which gives `result_tree`, so that it gives that without the hunks. Raises Refused for an unknown one."""
    world = ports.production(rules).proving(ports.narrate)
    trees = proof.split(world, base_tree, result_tree, rules)
    there = leave_out.hunks_of_fix(world, trees)
    known = {hunk.id for hunk in there}
    unknown = [id for id in dropped if id not in known]
    if unknown:
        raise refused(
            "pick-no-hunk",
            f"The fix has no hunk {', '.join(unknown)}.",
            "name one of these",
            *(f"{hunk.id} {hunk.path}:{hunk.line}" for hunk in there),
        )
    contents = leave_out.contents_without(world, trees, frozenset(dropped))
    shorter = ports.git.with_contents(result_tree, contents)
    left = tuple(
        Resolved(asked.fixes[-1], path, ports.git.blob_in(shorter, path), LEFT_OUT) for path in contents
    )
    kept = tuple(one for one in asked.resolved if one.how != LEFT_OUT or one.path not in contents)
    return Attempt(asked.fixes, asked.onto, (*kept, *left))


def picked_before(hotfix: Hotfix, base: str) -> Attempt:
    """What the newest pick of the hotfix was asked for, onto `base`."""
    fact = hotfix.pick.fact
    if fact is None:
        raise refused(
            "pick-nothing-to-drop",
            f"Nothing was picked for {hotfix.id} yet, so there is no hunk to leave out.",
            f"hotfix pick FIX --hotfix {hotfix.id}",
        )
    return Attempt(fact.fixes, base, fact.resolved)
