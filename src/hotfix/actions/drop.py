"""``hotfix pick --drop HUNK``: the same pick without some hunks of the fix."""

from collections.abc import Sequence

from hotfix.actions import leave_out, three_trees
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
    trees = three_trees.split(world, base_tree, result_tree, rules)
    there = leave_out.hunks_of_fix(world, trees)
    known = {hunk.id for hunk in there}
    unknown = [id for id in dropped if id not in known]
    if unknown:
        raise refused(
            "pick-no-hunk",
            f"The fix has no hunk {', '.join(unknown)}.",
            "name one of these",
            *(f"{hunk.id} {hunk.path}:{hunk.line} {hunk.text}".rstrip() for hunk in there),
        )
    chosen = frozenset(dropped)
    paths = leave_out.paths_of(world, trees, chosen)
    _refuse_modes(trees, paths)
    shorter = leave_out.tree_without(world, trees, chosen)
    left = tuple(
        Resolved(asked.fixes[-1], path, ports.git.blob_in(shorter, path), LEFT_OUT) for path in paths
    )
    kept = tuple(one for one in asked.resolved if one.how != LEFT_OUT or one.path not in paths)
    return Attempt(asked.fixes, asked.onto, (*kept, *left))


_PLAIN = frozenset({"000000", "100644"})


def _refuse_modes(trees: three_trees.Trees, paths: Sequence[str]) -> None:
    """The record says what stands at a path, and its mode stays: a change of that cannot be left out."""
    changes = {change.path: change for change in trees.fix}
    for path in paths:
        change = changes[path]
        if change.old_mode != change.new_mode and not {change.old_mode, change.new_mode} <= _PLAIN:
            raise refused(
                "pick-hunk-mode",
                f"{path} changes its mode ({change.old_mode} to {change.new_mode}), which cannot be left out.",
                "write the fix without it on the base: hotfix pick --authored BRANCH",
            )


def picked_before(hotfix: Hotfix, base: str) -> Attempt:
    """What the newest pick of the hotfix was asked for, onto `base`."""
    fact = hotfix.pick.fact
    if fact is None:
        raise refused(
            "pick-nothing-to-drop",
            f"Nothing was picked for {hotfix.id} yet, so there is no hunk to leave out.",
            f"hotfix pick FIX --hotfix {hotfix.id}",
        )
    if fact.patch.base_commit != base:
        # What was left out was left out of that base's files.
        raise refused(
            "pick-base-moved",
            f"Production does not run {fact.base_release} any more, on which {hotfix.id} was picked.",
            f"pick onto what it runs, then leave hunks out of that: hotfix pick {' '.join(fix[:12] for fix in fact.fixes)} "
            f"--hotfix {hotfix.id}",
        )
    return Attempt(fact.fixes, base, fact.resolved)
