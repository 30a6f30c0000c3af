"""The pick gate: the newest pick stands on one base that every unit reported, and is what it says."""

from collections.abc import Sequence

import msgspec

from hotfix.lifecycle.gate import Gate, closed, opened
from hotfix.policy.rules import Rules
from hotfix.record.facts import Picked
from hotfix.record.finding import Finding
from hotfix.record.hotfix import Hotfix
from hotfix.record.words import count


class Seen(msgspec.Struct, frozen=True):
    """What this clone's own objects and refs say of the newest pick; empty where they say nothing."""

    origin: str = ""
    """The id of the record's first commit."""
    base_tree: str = ""
    """The tree of the recorded base commit."""
    result_tree: str = ""
    """The tree of the recorded result commit."""
    tips: tuple[str, ...] = ()
    """Where the branch stands, here and on the remote; nothing where it was deleted, which is no harm: the result
    is pinned by its own ref."""


def gate(hotfix: Hotfix, rules: Rules, seen: Seen) -> Gate:
    """Open when the newest pick stands on one base that every unit reported, is what it says, and nobody moved the branch."""
    picked = hotfix.pick.fact
    if picked is None:
        return closed(
            "pick", Finding("pick-missing", "No fix was picked yet.", f"hotfix pick FIX --hotfix {hotfix.id}")
        )
    again = f"hotfix pick {' '.join(fix[:12] for fix in picked.fixes)}"
    finding = (
        _for_another(picked, rules)
        or _not_what_it_says(picked, seen)
        or _not_one_base(picked, rules, f"{again} --hotfix {hotfix.id}")
        or _moved(hotfix, picked, seen.tips, again)
        or _unbuilt(hotfix, rules, f"{again} --hotfix {hotfix.id}")
    )
    if finding:
        return closed("pick", finding)
    return opened(
        "pick",
        f"{picked.release} = {picked.base_release} + {', '.join(fix[:12] for fix in picked.fixes)}, "
        f"on {count(len(picked.units), 'unit')}",
    )


def _for_another(picked: Picked, rules: Rules) -> Finding | None:
    patch = picked.patch
    if rules.service != patch.service:
        said = f"The patch is for {patch.service}; the policy is for {rules.service}."
        return Finding("pick-other-service", said, "pick again")
    if patch.environment not in rules.environments:
        said = f"Trunk's policy no longer has env.{patch.environment}."
        return Finding("pick-no-environment", said, "hotfix doctor")
    return None


def _not_what_it_says(picked: Picked, seen: Seen) -> Finding | None:
    """People sign trees; what ships is named by commits. Here the two are held together, by this clone's objects."""
    patch = picked.patch
    if seen.origin != patch.repository:
        said = "The patch is of another repository: its record begins with another commit."
    elif seen.base_tree != patch.base_tree:
        said = f"The recorded base {patch.base_commit[:12]} does not have the tree that was signed."
    elif seen.result_tree != patch.result_tree:
        said = f"The recorded result {picked.result_commit[:12]} does not have the tree that was signed."
    else:
        return None
    return Finding("pick-not-what-it-says", said, "hotfix log --verify; somebody wrote that on the record")


def _not_one_base(picked: Picked, rules: Rules, again: str) -> Finding | None:
    asked = {unit.unit for unit in picked.units}
    units = rules.environments[picked.patch.environment].units
    unasked = sorted(unit.name for unit in units if unit.name not in asked)
    if unasked:
        said = f"The policy now has units that were not asked: {', '.join(unasked)}."
        return Finding("pick-units-unasked", said, f"pick again: {again}")
    base = picked.patch.base_commit
    elsewhere = [unit for unit in picked.units if unit.commit != base]
    if elsewhere:
        said = f"Not every unit ran the base {picked.base_release} when the fix was picked onto it."
        told = tuple(f"{unit.unit}: {unit.release} ({unit.commit[:12]})" for unit in elsewhere)
        return Finding("pick-mixed-fleet", said, f"pick again: {again}", told)
    return None


def _moved(hotfix: Hotfix, picked: Picked, tips: Sequence[str], again: str) -> Finding | None:
    """A commit on the branch that no pick put there; where an earlier pick stood is only an older copy."""
    picks = {earlier.result_commit for earlier in hotfix.pick.history}
    tip = next((tip for tip in tips if tip not in picks), None)
    if tip is None:
        return None
    ours = picked.result_commit[:12]
    return Finding(
        "pick-branch-moved",
        f"{picked.branch} stands at {tip[:12]}, not at the picked {ours}: a new commit is a new patch.",
        f"to ship it too: {again} {tip[:12]} --hotfix {hotfix.id}; "
        f"to leave it out: git branch -f {picked.branch} {ours}; "
        f"git push --force origin {ours}:refs/heads/{picked.branch}",
    )


def _unbuilt(hotfix: Hotfix, rules: Rules, again: str) -> Finding | None:
    """A team that builds ships what was built and bound to this patch, never the bare tree."""
    if rules.build is None or hotfix.pick.built is not None:
        return None
    return Finding(
        "pick-unbuilt", "The policy has a build, and this patch has no artifact yet.", f"pick again: {again}"
    )
