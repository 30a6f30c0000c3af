"""``hotfix rehearse``: there and back again on one unit, under the same lease, guardian and record as a ship."""

from collections.abc import Callable, Sequence

from hotfix.actions import plan as planning
from hotfix.actions.build import release_of
from hotfix.actions.carry_out import carry_out, require_left
from hotfix.actions.drive import Overtaken
from hotfix.actions.effects import baseline, former
from hotfix.actions.find import find
from hotfix.actions.judge import judge
from hotfix.actions.outcome import Outcome, outcome
from hotfix.actions.read_rules import InForce, now_text, read_rules, require_person
from hotfix.actions.reconcile import refuse_spooled
from hotfix.actions.rollback import go_back
from hotfix.actions.up_to_date import up_to_date
from hotfix.actions.which_release import meanings
from hotfix.lifecycle import validate
from hotfix.lifecycle.pick.base import one_base
from hotfix.lifecycle.rehearse import LEFT, PURPOSE, STAND_IN, Place, place, target_digest
from hotfix.ports import Book, Ports, Release
from hotfix.ports.cards import roots_of
from hotfix.record.facts import Planned
from hotfix.record.finding import Finding, Refused, refused
from hotfix.record.hotfix import Hotfix, fold_all
from hotfix.record.parts import Sample, UnitPlan
from hotfix.record.patch import Patch


class RehearsedMeanwhile(Refused):
    """The rehearsal that was owed is not owed any more: somebody else made it."""


def rehearse(ports: Ports, id: str | None) -> Outcome:
    """Rehearse the way back of today's patch where the policy says."""
    in_force, hotfix, away = up_to_date(ports, id)
    if away:
        raise refused(
            "rehearse-offline",
            f"A rehearsal counts only on the remote: {away}.",
            f"try again when it is back: hotfix rehearse {hotfix.id}",
        )
    refuse_spooled(ports, hotfix.id, roots_of(in_force.rules))
    require_person(ports, in_force)
    return make_rehearsal(ports, hotfix, in_force)


def make_rehearsal(
    ports: Ports, hotfix: Hotfix, in_force: InForce, *, only_where_owed: bool = False
) -> Outcome:
    """Base → result → checks → base → guards, on the unit that the policy names; then what was there before.

    `only_where_owed`: raises RehearsedMeanwhile where somebody else did while this process waited for its turn.
    """
    hotfix = tidy(ports, hotfix, in_force)
    patch = planning.patch_of(hotfix)
    where = place(in_force.rules, patch.environment)
    may = _may(ports, hotfix.id, where, patch, only_where_owed=only_where_owed)
    may(ports.ledger.read())  # and once more when the plan is put on record; for nothing, nothing is prepared
    ports.narrate(f"rehearsing the way back on {where.unit} of {where.environment}")
    if where.environment != patch.environment and not _put_base(ports, hotfix, in_force, where, may):
        raise refused(
            "rehearse-no-base",
            f"The base itself does not come up on {where.unit} of {where.environment}, so nothing can be rehearsed there.",
            f"mend {where.environment}, then: hotfix rehearse {hotfix.id}",
        )
    try:
        rehearsed = carry_out(
            ports, hotfix.id, in_force, where.environment, lambda now: _plan(ports, now, in_force, where), may
        )
    except Overtaken:
        raise  # it is in other hands
    except Refused:
        tidy(ports, find(ports.ledger.read(), hotfix.id), in_force)
        raise
    told = outcome(ports, *rehearsed)
    tidy(ports, rehearsed.hotfix, in_force)
    return told


def tidy(ports: Ports, hotfix: Hotfix, in_force: InForce) -> Hotfix:
    """Take back what an earlier rehearsal left behind: one in the middle of it, or a base that stands in.

    Raises Refused where somebody is in the middle of it right now.
    """
    for ship in reversed(hotfix.ships):
        left = ship.ended is None or ship.ended.outcome == "standing_in"
        if ship.plan.purpose in (PURPOSE, STAND_IN) and left:
            if ship.ended is None:
                require_left(ports, hotfix, ship, in_force)
            ports.narrate(f"putting {ship.plan.units[0].unit} back to what it served before the rehearsal")
            ended = go_back(ports, hotfix, ship, LEFT if ship.ended is None else "the rehearsal is over")
            if ended.outcome == "halted":
                raise refused(
                    "rehearse-halted",
                    f"{ship.plan.units[0].unit} could not be put back after a rehearsal: {ended.because}.",
                    f"hotfix status {hotfix.id}; then hotfix rollback {hotfix.id}",
                )
    return find(ports.ledger.read(), hotfix.id)


def _may(
    ports: Ports, id: str, where: Place, patch: Patch, *, only_where_owed: bool
) -> Callable[[Book], InForce]:
    def may(book: Book) -> InForce:
        """In production every other gate must be open; elsewhere there is only something to lose time by."""
        now, today = find(book, id), read_rules(ports)
        if now.patch != patch:
            raise refused("ship-overtaken", "Somebody picked again meanwhile.", f"hotfix rehearse {id}")
        answer = judge(ports, now, today.rules, today.signers, today.by)
        if only_where_owed and not any(gate.state == "owed" for gate in answer.gates):
            raise RehearsedMeanwhile(
                Finding("rehearse-made", "Somebody else rehearsed it meanwhile.", f"hotfix ship {id}")
            )
        in_production = where.environment == patch.environment
        blocking = [gate for gate in answer.blocking if gate.name != "rehearse"]
        needed = blocking if in_production else [gate for gate in blocking if gate.name in ("start", "pick")]
        if needed:
            raise Refused(*(finding for gate in needed for finding in gate.findings))
        return today

    return may


def _put_base(
    ports: Ports, hotfix: Hotfix, in_force: InForce, where: Place, may: Callable[[Book], InForce]
) -> bool:
    """Where the unit serves something else than the base, the base stands in for it as long as the rehearsal lasts.

    Whether the unit serves the base then.
    """
    patch, picked = planning.patch_of(hotfix), hotfix.pick.fact
    if picked is None or _serves(ports, in_force, where).from_commit == patch.base_commit:
        return True
    base = Release(picked.base_release, patch.base_commit, "")
    ports.narrate(f"{where.unit} serves something else: {base.name} stands in")
    stood_in = carry_out(
        ports,
        hotfix.id,
        in_force,
        where.environment,
        lambda now: _stand_in(ports, now, in_force, where, base),
        may,
    )
    return outcome(ports, *stood_in).outcome == "standing_in"


def _stand_in(ports: Ports, hotfix: Hotfix, in_force: InForce, where: Place, base: Release) -> Planned:
    return _planned(ports, hotfix, in_force, where, base, STAND_IN, goals=(), guards=(), samples=())


def _plan(ports: Ports, hotfix: Hotfix, in_force: InForce, where: Place) -> Planned:
    """The plan of the rehearsal. Goals that cannot turn green on one unit alone, or are green already, are left out."""
    patch, rules = planning.patch_of(hotfix), in_force.rules
    env = rules.environments[where.environment]
    unit = _serves(ports, in_force, where)
    if unit.from_commit != patch.base_commit:
        raise refused(
            "rehearse-not-base",
            f"{where.unit} serves {unit.from_release}, and the patch goes back to {patch.base_commit[:12]}.",
            f"pick again onto what production runs: hotfix pick FIX --hotfix {hotfix.id}",
        )
    target = ports.production(rules).target(where.environment)
    by_name = {one.name: one for one in env.units}
    amiss = target.way_back(by_name[where.unit], former(unit))
    if amiss:
        raise Refused(amiss)
    samples = baseline(ports, rules, where.environment, {where.unit: unit.from_answer})
    goals = tuple(
        name for name in env.goals if _speaks(name, samples, rules.checks[name].per_unit, env.units)
    )
    planning.refuse(validate.baseline_findings(samples, (), env.guards))
    return _planned(
        ports,
        hotfix,
        in_force,
        where,
        release_of(hotfix, rules),
        PURPOSE,
        goals=goals,
        guards=env.guards,
        samples=samples,
    )


def _speaks(name: str, samples: Sequence[Sample], per_unit: bool, units: tuple[object, ...]) -> bool:
    asked = [sample.outcome for sample in samples if sample.check == name]
    return asked == ["fail"] and (per_unit or len(units) == 1)


def _serves(ports: Ports, in_force: InForce, where: Place) -> UnitPlan:
    """What the unit serves now, which is what it goes back to."""
    units = {unit.name: unit for unit in in_force.rules.environments[where.environment].units}
    state = ports.production(in_force.rules).target(where.environment).observe(units[where.unit])
    every = fold_all(ports.ledger.read().entries).values()
    [found] = one_base([state], meanings(ports, every, [state]))
    return UnitPlan(found.unit, found.release, found.commit, found.answer)


def _planned(
    ports: Ports,
    hotfix: Hotfix,
    in_force: InForce,
    where: Place,
    release: Release,
    purpose: str,
    *,
    goals: tuple[str, ...],
    guards: tuple[str, ...],
    samples: tuple[Sample, ...],
) -> Planned:
    rules, patch = in_force.rules, planning.patch_of(hotfix)
    env = rules.environments[where.environment]
    return Planned(
        at=now_text(ports),
        by=in_force.by,
        ship=hotfix.next_ship,
        patch=patch.digest,
        environment=where.environment,
        token=0,
        release=release.name,
        commit=release.commit,
        artifact=release.artifact,
        units=(_serves(ports, in_force, where),),
        waves=((where.unit,),),
        goals=goals,
        guards=guards,
        unit_checks=tuple(name for name, check in rules.checks.items() if check.per_unit),
        baseline=samples,
        window_seconds=0.0,
        patience_seconds=env.patience,
        interval_seconds=env.interval,
        failures=env.failures,
        waived=(),
        purpose=purpose,
        target=target_digest(rules, patch.environment),
    )
