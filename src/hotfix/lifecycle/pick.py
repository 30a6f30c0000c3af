"""Pick: onto exactly what production runs, and nothing but the fix."""

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from hotfix.lifecycle.gate import Gate, closed, opened
from hotfix.policy.rules import Rules
from hotfix.record.facts import Picked
from hotfix.record.finding import Finding, Refused
from hotfix.record.hotfix import Hotfix
from hotfix.record.parts import UnitRelease, UnitState
from hotfix.record.words import count


def one_base(states: Iterable[UnitState], meaning: Mapping[str, tuple[str, str]]) -> tuple[UnitRelease, ...]:
    """What every unit runs; all the same release, or :class:`Refused`.

    `meaning` maps a unit's answer to (release name, commit). A unit that does not answer, an answer
    that means nothing, and two different answers each close the gate: the base would be a guess.
    """
    findings: list[Finding] = []
    units: list[UnitRelease] = []
    for state in states:
        if state.state != "serving":
            findings.append(
                Finding(
                    "pick-unit-silent",
                    f"Unit {state.unit} is {state.state}: {state.said or 'no answer'}.",
                    "hotfix doctor",
                )
            )
        elif state.release not in meaning:
            findings.append(
                Finding(
                    "pick-release-unknown",
                    f"Unit {state.unit} says it runs {state.release!r}, which is no release on record, no tag and no commit id.",
                    "tag the deployed commit with that name, or let the unit report its full commit id",
                )
            )
        else:
            name, commit = meaning[state.release]
            units.append(UnitRelease(state.unit, state.release, name, commit))
    commits = {unit.commit for unit in units}
    if len(commits) > 1:
        told = tuple(f"{unit.unit}: {unit.release} ({unit.commit[:12]})" for unit in units)
        findings.append(
            Finding(
                "pick-mixed-fleet",
                "The units run different releases, so there is no one base.",
                "bring them to one release first",
                told,
            )
        )
    if findings:
        raise Refused(*findings)
    if not units:
        raise Refused(Finding("pick-no-units", "The environment has no unit.", "hotfix doctor"))
    return tuple(units)


def release_name(pattern: str, base_release: str, taken: Iterable[str]) -> str:
    """The result's name by the policy's pattern: the first ``n`` whose name is free.

    The base's own hotfix suffix is dropped, so that the hotfix of ``v2.14.0+hf.1`` is ``v2.14.0+hf.2``.
    """
    used = set(taken)
    base = _without_suffix(pattern, base_release) if base_release in used else base_release
    number = 1
    while (name := pattern.replace("{n}", str(number)).replace("{base}", base)) in used:
        number += 1
    return name


def _without_suffix(pattern: str, release: str) -> str:
    named = "".join(
        {"{base}": "(.+)", "{n}": "[0-9]+"}.get(part, re.escape(part))
        for part in re.split(r"(\{base\}|\{n\})", pattern)
    )
    match = re.fullmatch(named, release)
    return match[1] if match and match.groups() else release


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
