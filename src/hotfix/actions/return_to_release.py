"""``hotfix rollback --release``: outside any ship of a hotfix, back to the release before the bad one.

It is a ship like any other (lease, token, guardian, waves, checks, its own way back), of a release that was there
before; so it asks for no review of a patch. What it may need is an override, where something in between cannot be
undone.
"""

from collections.abc import Callable

from hotfix.actions import plan as planning
from hotfix.actions.carry_out import carry_out, take_up
from hotfix.actions.effects import baseline
from hotfix.actions.find import find
from hotfix.actions.judge import effective_override
from hotfix.actions.outcome import Outcome, outcome
from hotfix.actions.read_rules import InForce, now_text, read_rules, require_person
from hotfix.actions.reconcile import refuse_spooled
from hotfix.actions.up_to_date import up_to_date
from hotfix.actions.which_release import meanings
from hotfix.lifecycle import start, validate
from hotfix.lifecycle.pick.base import one_base
from hotfix.lifecycle.rehearse import target_digest
from hotfix.policy.rules import Environment, Rules
from hotfix.ports import Book, Ports, Release
from hotfix.ports.cards import roots_of
from hotfix.questions.ways_out import Return, returning
from hotfix.record.facts import Planned
from hotfix.record.finding import Finding, Refused, refused
from hotfix.record.hotfix import Hotfix, fold_all
from hotfix.record.parts import Sample, UnitPlan
from hotfix.record.ship import Ship

PURPOSE = "return"
_LISTED = 20


def consider(ports: Ports, in_force: InForce, environment: str, to: str) -> Return:
    """What returning `environment` to the release `to` would mean; to the one before where `to` is empty.

    Raises Refused where nobody can tell: a unit does not answer, or no release came before.
    """
    units = _units_now(ports, in_force, environment)
    now = units[0]
    name, commit = _release(ports, now, to)
    git = ports.git
    changes = git.changes(git.commit(commit).tree, git.commit(now.from_commit).tree)
    target = ports.production(in_force.rules).target(environment)
    known = {unit.name: unit for unit in in_force.rules.environments[environment].units}
    release = Release(name, commit, "")
    amiss = [target.way_back(known[unit.unit], release) for unit in units]
    return returning(
        now.from_release,
        name,
        commit,
        git.subjects_between(commit, now.from_commit, _LISTED),
        git.count_between(commit, now.from_commit),
        [change.path for change in changes],
        [finding.sentence for finding in amiss if finding is not None],
        in_force.rules.irreversible,
    )


def preview(ports: Ports, id: str | None, to: str) -> tuple[str, Return]:
    """The hotfix, and what a return would mean for it; changes nothing."""
    in_force, hotfix, _ = up_to_date(ports, id)
    return hotfix.id, consider(ports, in_force, _environment(hotfix), to)


def return_to_release(ports: Ports, id: str | None, to: str) -> Outcome:
    """Return every unit to the release `to`, wave by wave, judged by the same checks as a hotfix."""
    in_force, hotfix, away = up_to_date(ports, id)
    if away:
        raise refused(
            "return-offline",
            f"Nobody else may be shipping meanwhile, and only the remote can tell: {away}.",
            "try again when it is back; a ship of this clone is taken back without it: hotfix rollback",
        )
    refuse_spooled(ports, hotfix.id, roots_of(in_force.rules))
    require_person(ports, in_force)
    environment = _environment(hotfix)
    may = _may(ports, hotfix.id, environment, to)
    left = hotfix.open_ship
    if left is not None and left.plan.purpose == PURPOSE and left.rollback is None:
        returned = take_up(ports, hotfix.id, in_force, _may_go_on(ports, in_force, to))
    else:
        _refuse_ships(hotfix)
        returned = carry_out(
            ports, hotfix.id, in_force, environment, lambda now: _plan(ports, now, in_force, to), may
        )
    return outcome(ports, *returned)


def _environment(hotfix: Hotfix) -> str:
    if hotfix.start.fact is None:
        raise refused("return-not-started", f"{hotfix.id} was not started.", 'hotfix start "WHAT IS BROKEN"')
    return hotfix.start.fact.environment


def _refuse_ships(hotfix: Hotfix) -> None:
    """What this hotfix itself put into production is taken back by its own plan, which knows each unit's past."""
    if hotfix.open_ship or hotfix.shipped:
        raise refused(
            "return-shipped",
            f"{hotfix.id} has a ship of its own in production.",
            f"take that back: hotfix rollback {hotfix.id}",
        )


def _may(ports: Ports, id: str, environment: str, to: str) -> Callable[[Book], InForce]:
    def may(book: Book) -> InForce:
        """Somebody who may decided to, and nothing in between is beyond undoing, or that was overridden."""
        hotfix, today = find(book, id), read_rules(ports)
        decided = start.gate(hotfix, today.rules)
        if decided.state != "open":
            raise Refused(*decided.findings)
        what = consider(ports, today, environment, to)
        if what.not_startable:
            raise Refused(*(Finding("return-not-startable", said) for said in what.not_startable))
        agreed = effective_override(ports, hotfix, today.rules, today.signers, "return", environment)
        if what.irreversible and not agreed:
            raise refused(
                "return-irreversible",
                f"Returning to {what.to} would not undo what changed in {', '.join(what.irreversible)}.",
                f"hotfix pick a fix; or, knowing what it does: hotfix override return {id} --because …",
            )
        return today

    return may


def _plan(ports: Ports, hotfix: Hotfix, in_force: InForce, to: str) -> Planned:
    rules, environment = in_force.rules, _environment(hotfix)
    env = planning.environment_of(rules, environment)
    units = _units_now(ports, in_force, environment)
    name, commit = _release(ports, units[0], to)
    ports.narrate("first answers of every check")
    samples = baseline(ports, rules, environment, {unit.unit: unit.from_answer for unit in units})
    guards = tuple(guard for guard in env.guards if _is_green(guard, samples))
    goals = tuple(goal for goal in env.goals if not _is_green(goal, samples))
    planning.refuse(validate.baseline_findings(samples, goals, guards))
    return Planned(
        at=now_text(ports),
        by=in_force.by,
        ship=hotfix.next_ship,
        patch="",
        environment=environment,
        token=0,
        release=name,
        commit=commit,
        artifact="",
        units=units,
        waves=env.waves,
        goals=goals,
        guards=guards,
        unit_checks=tuple(name for name, check in rules.checks.items() if check.per_unit),
        baseline=samples,
        window_seconds=env.window,
        patience_seconds=env.patience,
        interval_seconds=env.interval,
        failures=env.failures,
        waived=_waived(goals, guards, env),
        purpose=PURPOSE,
        target=target_digest(rules, environment),
    )


def _is_green(check: str, samples: tuple[Sample, ...]) -> bool:
    """A guard that the bad release turned red can guard nothing, and a goal that is green shows another defect."""
    return all(sample.outcome == "pass" for sample in samples if sample.check == check)


def _waived(goals: tuple[str, ...], guards: tuple[str, ...], env: Environment) -> tuple[str, ...]:
    """What does not watch this return, though the policy names it: said, and on record."""
    red = [f"GUARD {guard} WAS RED BEFORE" for guard in env.guards if guard not in guards]
    green = [f"GOAL {goal} WAS GREEN BEFORE" for goal in env.goals if goal not in goals]
    return (*red, *green)


def _may_go_on(ports: Ports, in_force: InForce, to: str) -> Callable[[Hotfix, Ship, Rules], None]:
    def may(hotfix: Hotfix, left: Ship, rules: Rules) -> None:
        """Go on to the very release that was named, by today's rules, and by a plan that they make."""
        plan = left.plan
        env = planning.environment_of(in_force.rules, plan.environment)
        before = {unit.from_commit for unit in plan.units}
        same = {
            "rules": rules == in_force.rules,
            "release": plan.release == to and ports.git.tag_commit(to) == plan.commit,
            "way back": all(ports.git.is_ancestor(plan.commit, commit) for commit in before),
            "units": {unit.unit for unit in plan.units} == {unit.name for unit in env.units},
            "waves": plan.waves == env.waves,
            "checks": plan.waived == _waived(plan.goals, plan.guards, env),
            "target": plan.target == target_digest(rules, plan.environment),
        }
        other = [part for part, is_so in same.items() if not is_so]
        if other:
            raise refused(
                "return-other-plan",
                f"The return that was left is not this one: its {', '.join(other)} {'is' if len(other) == 1 else 'are'} "
                "another.",
                f"take it back first: hotfix rollback {hotfix.id}",
            )
        decided = start.gate(hotfix, rules)
        if decided.state != "open":
            raise Refused(*decided.findings)

    return may


def _units_now(ports: Ports, in_force: InForce, environment: str) -> tuple[UnitPlan, ...]:
    target = ports.production(in_force.rules).target(environment)
    units = planning.environment_of(in_force.rules, environment).units
    states = [target.observe(unit) for unit in units]
    every = fold_all(ports.ledger.read().entries).values()
    found = one_base(states, meanings(ports, every, states))
    return tuple(UnitPlan(unit.unit, unit.release, unit.commit, unit.answer) for unit in found)


def _release(ports: Ports, now: UnitPlan, to: str) -> tuple[str, str]:
    """The release to return to: the one named, which must lie in the past of the one that runs; else the newest that does."""
    if not to:
        before = ports.git.release_before(now.from_commit)
        if before is None:
            raise refused(
                "return-none-before",
                f"No tag lies in the history of {now.from_release}, so there is no release to return to.",
                "git fetch --tags; or go the third way: hotfix pick FIX",
            )
        return before
    commit = ports.git.tag_commit(to)
    if commit is None:
        raise refused("return-unknown", f"There is no tag {to}.", "git fetch --tags, or name another")
    if commit == now.from_commit or not ports.git.is_ancestor(commit, now.from_commit):
        raise refused(
            "return-not-before",
            f"{to} does not lie in the past of {now.from_release}, so going there would be no return.",
            "name a release from before, or ship a hotfix",
        )
    return to, commit
