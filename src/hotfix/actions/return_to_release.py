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
from hotfix.actions.up_to_date import up_to_date
from hotfix.actions.which_release import meanings
from hotfix.lifecycle import pick, start, validate
from hotfix.lifecycle.rehearse import target_digest
from hotfix.ports import Book, Ports, Release
from hotfix.questions.ways_out import Return, returning
from hotfix.record.facts import Planned
from hotfix.record.finding import Finding, Refused, refused
from hotfix.record.hotfix import Hotfix, fold_all
from hotfix.record.parts import Sample, UnitPlan

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
    require_person(ports, in_force)
    environment = _environment(hotfix)
    may = _may(ports, hotfix.id, environment, to)
    left = hotfix.open_ship
    if left is not None and left.plan.purpose == PURPOSE and left.rollback is None:
        hotfix = take_up(ports, hotfix.id, in_force, lambda *_: None)
    else:
        _refuse_ships(hotfix)
        hotfix = carry_out(
            ports, hotfix.id, in_force, environment, lambda now: _plan(ports, now, in_force, to), may
        )
    return outcome(ports, hotfix, len(hotfix.ships))


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
    planning.refuse(validate.baseline_findings(samples, env.goals, guards))
    broken = [f"GUARD {guard} WAS RED BEFORE" for guard in env.guards if guard not in guards]
    return Planned(
        at=now_text(ports),
        by=in_force.by,
        ship=len(hotfix.ships) + 1,
        patch="",
        environment=environment,
        token=0,
        release=name,
        commit=commit,
        artifact="",
        units=units,
        waves=env.waves,
        goals=env.goals,
        guards=guards,
        unit_checks=tuple(name for name, check in rules.checks.items() if check.per_unit),
        baseline=samples,
        window_seconds=env.window,
        patience_seconds=env.patience,
        interval_seconds=env.interval,
        failures=env.failures,
        waived=tuple(broken),
        purpose=PURPOSE,
        target=target_digest(rules, environment),
    )


def _is_green(guard: str, samples: tuple[Sample, ...]) -> bool:
    """A guard that the bad release already turned red can guard nothing; that is said, and goes on record."""
    return all(sample.outcome == "pass" for sample in samples if sample.check == guard)


def _units_now(ports: Ports, in_force: InForce, environment: str) -> tuple[UnitPlan, ...]:
    target = ports.production(in_force.rules).target(environment)
    units = planning.environment_of(in_force.rules, environment).units
    states = [target.observe(unit) for unit in units]
    every = fold_all(ports.ledger.read().entries).values()
    found = pick.one_base(states, meanings(ports, every, states))
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
