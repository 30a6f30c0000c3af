"""The plan of a ship: each unit's own way back, the waves, the checks and their first answers."""

import msgspec

from hotfix.actions.build import release_of
from hotfix.actions.effects import baseline, former
from hotfix.actions.judge import judge
from hotfix.actions.read_rules import InForce, now_text
from hotfix.actions.which_release import meanings
from hotfix.lifecycle import validate
from hotfix.lifecycle.gate import Gate
from hotfix.lifecycle.pick.base import one_base
from hotfix.lifecycle.rehearse import target_digest
from hotfix.policy.rules import Environment, Rules
from hotfix.ports import Ports, Release
from hotfix.questions.may_ship import Answer
from hotfix.record.facts import Planned
from hotfix.record.finding import Finding, Refused, refused
from hotfix.record.hotfix import STAYING, Hotfix, fold_all
from hotfix.record.parts import Sample, UnitPlan
from hotfix.record.patch import Patch


class Plan(msgspec.Struct, frozen=True):
    """What a ship would do; nothing of it has been done."""

    hotfix: str
    gates: tuple[Gate, ...]
    may_ship: bool
    release: str
    environment: str
    units: tuple[UnitPlan, ...]
    waves: tuple[tuple[str, ...], ...]
    goals: tuple[str, ...]
    guards: tuple[str, ...]
    baseline: tuple[Sample, ...]
    findings: tuple[Finding, ...]
    waived: tuple[str, ...]


def preview(ports: Ports, hotfix: Hotfix, in_force: InForce) -> Plan:
    """Judge every gate and take the first answers of production, changing nothing."""
    answer = judge(ports, hotfix, in_force.rules, in_force.signers, in_force.by)
    patch, env = patch_of(hotfix), environment_of(in_force.rules, patch_of(hotfix).environment)
    _refuse_left_rehearsal(hotfix)
    units = units_now(ports, hotfix, in_force)
    samples = first_answers(ports, in_force, patch, units)
    findings = (
        *no_way_back(ports, in_force, patch, units),
        *validate.baseline_findings(samples, env.goals, env.guards),
    )
    return Plan(
        hotfix=hotfix.id,
        gates=answer.gates,
        may_ship=(answer.may_ship or answer.owed) and not findings,
        release=release_of(hotfix, in_force.rules).name,
        environment=patch.environment,
        units=units,
        waves=env.waves,
        goals=env.goals,
        guards=env.guards,
        baseline=samples,
        findings=findings,
        waived=waived(answer, env),
    )


def _refuse_left_rehearsal(hotfix: Hotfix) -> None:
    """A unit that is still elsewhere is no mixed fleet: the ship itself puts it back."""
    left = hotfix.open_ship
    if left is not None and left.plan.purpose not in STAYING:
        raise refused(
            "ship-rehearsal-left",
            f"A rehearsal on {left.plan.units[0].unit} is under way, or was left in the middle.",
            f"hotfix ship {hotfix.id} (puts the unit back, and goes on)",
        )


def make(ports: Ports, hotfix: Hotfix, in_force: InForce) -> Planned:
    """The plan to put on record. Raises Refused where a unit has no way back or a check cannot do its work."""
    patch, env = patch_of(hotfix), environment_of(in_force.rules, patch_of(hotfix).environment)
    units = units_now(ports, hotfix, in_force)
    refuse(no_way_back(ports, in_force, patch, units))
    ports.narrate("first answers of every check")
    samples = first_answers(ports, in_force, patch, units)
    refuse(validate.baseline_findings(samples, env.goals, env.guards))
    release = release_of(hotfix, in_force.rules)
    answer = judge(ports, hotfix, in_force.rules, in_force.signers, in_force.by)
    return Planned(
        at=now_text(ports),
        by=in_force.by,
        ship=hotfix.next_ship,
        patch=patch.digest,
        environment=patch.environment,
        token=0,
        release=release.name,
        commit=release.commit,
        artifact=release.artifact,
        units=units,
        waves=env.waves,
        goals=env.goals,
        guards=env.guards,
        unit_checks=tuple(name for name, check in in_force.rules.checks.items() if check.per_unit),
        baseline=samples,
        window_seconds=env.window,
        patience_seconds=env.patience,
        interval_seconds=env.interval,
        failures=env.failures,
        waived=waived(answer, env),
        target=target_digest(in_force.rules, patch.environment),
    )


def faults(plan: Planned, hotfix: Hotfix, rules: Rules, release: Release) -> tuple[Finding, ...]:
    """What of a recorded plan is not what these rules and this patch make of it; nothing where it is all theirs."""
    patch, env = patch_of(hotfix), environment_of(rules, plan.environment)
    base = {unit.from_commit for unit in plan.units} == {patch.base_commit}
    told = {
        "patch": plan.patch == patch.digest and plan.environment == patch.environment,
        "release": (plan.release, plan.commit, plan.artifact)
        == (release.name, release.commit, release.artifact),
        "way back": base and {unit.unit for unit in plan.units} == {unit.name for unit in env.units},
        "waves": plan.waves == env.waves,
        "target": plan.target == target_digest(rules, plan.environment),
        "checks": (plan.goals, plan.guards) == (env.goals, env.guards)
        and plan.unit_checks == tuple(name for name, check in rules.checks.items() if check.per_unit),
        "patience": (plan.window_seconds, plan.patience_seconds, plan.interval_seconds, plan.failures)
        == (env.window, env.patience, env.interval, env.failures),
    }
    return tuple(
        Finding(
            "ship-foreign-plan",
            f"The recorded plan's {part} is not what the rules and the patch make of it.",
            f"hotfix rollback {hotfix.id}",
        )
        for part, true in told.items()
        if not true
    )


def patch_of(hotfix: Hotfix) -> Patch:
    """Today's patch. Raises Refused where there is none."""
    if hotfix.patch is None:
        raise refused(
            "ship-no-patch", "There is nothing to ship yet.", f"hotfix pick FIX --hotfix {hotfix.id}"
        )
    return hotfix.patch


def environment_of(rules: Rules, name: str) -> Environment:
    """The environment as today's policy has it. Raises Refused where it no longer does."""
    if name not in rules.environments:
        known = ", ".join(rules.environments)
        raise refused(
            "environment-gone",
            f"Trunk's policy no longer has env.{name} (it has: {known}).",
            "bring it back on trunk, or abandon this hotfix and start again",
        )
    return rules.environments[name]


def units_now(ports: Ports, hotfix: Hotfix, in_force: InForce) -> tuple[UnitPlan, ...]:
    """What each unit serves right now: its own way back. All must run the base, or the patch is of yesterday."""
    patch = patch_of(hotfix)
    target = ports.production(in_force.rules).target(patch.environment)
    states = [target.observe(unit) for unit in environment_of(in_force.rules, patch.environment).units]
    every = fold_all(ports.ledger.read().entries)
    units = one_base(states, meanings(ports, every.values(), states))
    if hotfix.pick.fact and units[0].commit == hotfix.pick.fact.result_commit:
        raise refused(
            "ship-there-already",
            f"Every unit serves {units[0].release} already: there is nothing left to ship.",
            f"hotfix land {hotfix.id}",
        )
    if units[0].commit != patch.base_commit:
        fixes = " ".join(fix[:12] for fix in hotfix.pick.fact.fixes) if hotfix.pick.fact else "FIX"
        raise refused(
            "ship-base-moved",
            f"Production runs {units[0].release} ({units[0].commit[:12]}) now, and the patch was picked onto "
            f"{patch.base_commit[:12]}.",
            f"pick again: hotfix pick {fixes} --hotfix {hotfix.id}",
        )
    return tuple(UnitPlan(unit.unit, unit.release, unit.commit, unit.answer) for unit in units)


def no_way_back(
    ports: Ports, in_force: InForce, patch: Patch, units: tuple[UnitPlan, ...]
) -> tuple[Finding, ...]:
    """Why a unit could not be put back; nothing where all can."""
    target = ports.production(in_force.rules).target(patch.environment)
    known = {unit.name: unit for unit in environment_of(in_force.rules, patch.environment).units}
    asked = (target.way_back(known[unit.unit], former(unit)) for unit in units)
    return tuple(finding for finding in asked if finding is not None)


def first_answers(
    ports: Ports, in_force: InForce, patch: Patch, units: tuple[UnitPlan, ...]
) -> tuple[Sample, ...]:
    """Every goal and guard, asked of what runs now."""
    return baseline(ports, in_force.rules, patch.environment, {unit.unit: unit.from_answer for unit in units})


def waived(answer: Answer, env: Environment) -> tuple[str, ...]:
    """Disciplines that are not applied, in the words shown everywhere."""
    nothing = [] if env.goals else ["NO GOAL CHECK"]
    nothing += [] if env.guards else ["NO GUARD CHECK"]
    return (*answer.waived, *nothing)


def refuse(findings: tuple[Finding, ...]) -> None:
    """Raise what there is to raise."""
    if findings:
        raise Refused(*findings)
