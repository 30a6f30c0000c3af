"""``hotfix ship``: wait for the gates, telling on whom; then plan, go wave by wave, and come back by itself where it must."""

from collections.abc import Callable

import msgspec

from hotfix.actions.build import release_of
from hotfix.actions.drive import Outcome, drive, outcome
from hotfix.actions.effects import Hands, baseline, former
from hotfix.actions.find import find
from hotfix.actions.judge import judge
from hotfix.actions.notify import notify
from hotfix.actions.read_rules import InForce, now_text, read_rules
from hotfix.actions.up_to_date import up_to_date
from hotfix.actions.which_release import meanings
from hotfix.lifecycle import pick, validate
from hotfix.lifecycle.gate import Gate
from hotfix.policy.rules import from_plain
from hotfix.ports import Append, Book, Ports
from hotfix.questions.may_ship import Answer
from hotfix.record.facts import LeaseTaken, Planned, Sample, UnitPlan, UnitRelease
from hotfix.record.finding import Finding, Kind, Refused, refused
from hotfix.record.hotfix import Hotfix, fold_all

_POLL_SECONDS = 2.0


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


def plan(ports: Ports, id: str | None) -> Plan:
    """Judge every gate and take the first answers of production, changing nothing."""
    in_force, hotfix = _read(ports, id)
    answer = judge(ports, hotfix, in_force.rules, in_force.signers, in_force.by)
    release = release_of(hotfix)
    environment = _environment(hotfix)
    units = _way_back_of(ports, hotfix, in_force)
    samples = baseline(ports, in_force.rules, environment)
    env = in_force.rules.environments[environment]
    findings = (
        *_no_way_back(ports, in_force, environment, units),
        *validate.baseline_findings(samples, env.goals, env.guards),
    )
    return Plan(
        hotfix=hotfix.id,
        gates=answer.gates,
        may_ship=answer.may_ship and not findings,
        release=release.name,
        environment=environment,
        units=units,
        waves=env.waves,
        goals=env.goals,
        guards=env.guards,
        baseline=samples,
        findings=findings,
        waived=_waived(answer, in_force, environment),
    )


def ship(ports: Ports, id: str | None, patience: float, alone: Callable[[Hotfix], bool]) -> Outcome:
    """Ship today's patch, or take up a ship that nobody finished.

    Waits at most `patience` seconds for people. `alone` is asked once where the only thing missing is the
    person's own reading (solo profile); it returns whether that was done.
    """
    in_force, hotfix = _read(ports, id)
    if hotfix.open_ship is None:
        in_force = _wait_for_gates(ports, hotfix.id, in_force, patience, alone)
    with ports.git.lock("ship"):
        hotfix = find(ports.ledger.read(), hotfix.id)
        if hotfix.open_ship is None:
            _begin(ports, hotfix.id, in_force)
        else:
            ports.narrate(f"taking up ship {hotfix.open_ship.plan.ship} of {hotfix.id} where it was left")
        hotfix = find(ports.ledger.read(), hotfix.id)
        rules = from_plain(hotfix.rules_of(len(hotfix.ships)))
        hotfix = drive(ports, hotfix.id, rules, in_force.by)
        if hotfix.shipped:
            _tag(ports, hotfix)
    return outcome(ports, hotfix)


def _read(ports: Ports, id: str | None) -> tuple[InForce, Hotfix]:
    in_force, hotfix, away = up_to_date(ports, id)
    if away:
        raise refused(
            "ship-offline",
            f"Gates can only be judged with the remote: {away}.",
            "try again when it is back; hotfix rollback works without it",
        )
    return in_force, hotfix


def _wait_for_gates(
    ports: Ports, id: str, in_force: InForce, patience: float, alone: Callable[[Hotfix], bool]
) -> InForce:
    deadline = ports.clock.now().timestamp() + patience
    told: tuple[Gate, ...] = ()
    asked_alone = False
    while True:
        hotfix = find(ports.ledger.read(), id)
        answer = judge(ports, hotfix, in_force.rules, in_force.signers, in_force.by)
        if answer.may_ship:
            return in_force
        if answer.closed:
            raise Refused(*(finding for gate in answer.closed for finding in gate.findings))
        if (
            not asked_alone
            and in_force.rules.solo
            and all(gate.waiting_on == ("you",) for gate in answer.blocking)
        ):
            asked_alone = True
            if alone(hotfix):
                continue
        if answer.blocking != told:
            told = answer.blocking
            _tell_waiting(ports, in_force, id, answer)
        if ports.clock.now().timestamp() >= deadline:
            raise Refused(*answer.findings, kind=Kind.WAITING)
        ports.clock.sleep(min(_POLL_SECONDS, patience))
        ports.git.fetch()
        ports.ledger.refresh()
        in_force = read_rules(ports)


def _tell_waiting(ports: Ports, in_force: InForce, id: str, answer: Answer) -> None:
    for gate in answer.blocking:
        ports.narrate(f"waiting for {gate.name}: {', '.join(gate.waiting_on)}")
        for finding in gate.findings:
            ports.narrate(f"  {finding.sentence}" + (f" → {finding.next}" if finding.next else ""))
    people = [person for gate in answer.blocking for person in gate.waiting_on]
    notify(
        ports,
        in_force.rules,
        "waiting",
        id,
        in_force.by,
        {"for": [gate.name for gate in answer.blocking], "on": people},
    )


def _begin(ports: Ports, id: str, in_force: InForce) -> None:
    """Everything up to the plan on record; nothing that serves is touched before it."""
    hotfix = find(ports.ledger.read(), id)
    environment = _environment(hotfix)
    env = in_force.rules.environments[environment]
    units = _way_back_of(ports, hotfix, in_force)
    findings = _no_way_back(ports, in_force, environment, units)
    if findings:
        raise Refused(*findings)
    ports.narrate("first answers of every check")
    samples = baseline(ports, in_force.rules, environment)
    findings = validate.baseline_findings(samples, env.goals, env.guards)
    if findings:
        raise Refused(*findings)
    answer = judge(ports, hotfix, in_force.rules, in_force.signers, in_force.by)
    planned = _planned(ports, hotfix, in_force, units, samples, answer)
    ports.narrate(f"putting {planned.release} beside what serves, on {len(units)} unit(s)")
    Hands(ports, in_force.rules, planned).prepare()

    def decide(book: Book) -> Append:
        """The gates once more, on the very head that the plan is appended to."""
        now = find(book, id)
        today = read_rules(ports)
        again = judge(ports, now, today.rules, today.signers, today.by)
        if not again.may_ship:
            raise Refused(*again.findings)
        if now.patch != hotfix.patch or now.open_ship:
            raise refused(
                "ship-overtaken", "Somebody else moved this hotfix on meanwhile.", f"hotfix status {id}"
            )
        _refuse_second(book, id, environment)
        lease = LeaseTaken(
            at=planned.at, by=in_force.by, environment=environment, token=planned.token, holder=in_force.by
        )
        return Append(id, (today.as_fact(planned.at), lease, planned))

    ports.ledger.append(decide, anchor=True)
    told = notify(
        ports,
        in_force.rules,
        "shipping",
        id,
        in_force.by,
        {"release": planned.release, "environment": environment},
    )
    if told:
        ports.ledger.append(lambda _: Append(id, told), anchor=False)


def _refuse_second(book: Book, id: str, environment: str) -> None:
    """One ship at a time in an environment: two would not know which of them broke it."""
    for other in fold_all(book.entries).values():
        if other.id != id and other.open_ship and other.open_ship.plan.environment == environment:
            raise refused(
                "ship-lease",
                f"{other.id} is being shipped to {environment} by {other.open_ship.plan.by}.",
                f"wait for it, or take it back: hotfix rollback {other.id}",
            )


def _environment(hotfix: Hotfix) -> str:
    if hotfix.patch is None:
        raise refused(
            "ship-no-patch", "There is nothing to ship yet.", f"hotfix pick FIX --hotfix {hotfix.id}"
        )
    return hotfix.patch.environment


def _way_back_of(ports: Ports, hotfix: Hotfix, in_force: InForce) -> tuple[UnitPlan, ...]:
    """What each unit serves right now: its own way back. All must run the base, or the patch is of yesterday."""
    environment = _environment(hotfix)
    target = ports.production(in_force.rules).target(environment)
    states = [target.observe(unit) for unit in in_force.rules.environments[environment].units]
    every = fold_all(ports.ledger.read().entries)
    units: tuple[UnitRelease, ...] = pick.one_base(states, meanings(ports, every.values(), states))
    base = hotfix.patch.base_commit if hotfix.patch else ""
    if units[0].commit != base:
        raise refused(
            "ship-base-moved",
            f"Production runs {units[0].release} ({units[0].commit[:12]}) now, and the patch was picked onto {base[:12]}.",
            f"pick again: hotfix pick "
            f"{' '.join(fix[:12] for fix in hotfix.pick.fact.fixes) if hotfix.pick.fact else 'FIX'} --hotfix {hotfix.id}",
        )
    return tuple(UnitPlan(unit.unit, unit.release, unit.commit, unit.answer) for unit in units)


def _no_way_back(
    ports: Ports, in_force: InForce, environment: str, units: tuple[UnitPlan, ...]
) -> tuple[Finding, ...]:
    target = ports.production(in_force.rules).target(environment)
    known = {unit.name: unit for unit in in_force.rules.environments[environment].units}
    asked = (target.way_back(known[unit.unit], former(unit)) for unit in units)
    return tuple(finding for finding in asked if finding is not None)


def _waived(answer: Answer, in_force: InForce, environment: str) -> tuple[str, ...]:
    env = in_force.rules.environments[environment]
    nothing = [] if env.goals else ["NO GOAL CHECK"]
    nothing += [] if env.guards else ["NO GUARD CHECK"]
    return (*answer.waived, *nothing)


def _planned(
    ports: Ports,
    hotfix: Hotfix,
    in_force: InForce,
    units: tuple[UnitPlan, ...],
    samples: tuple[Sample, ...],
    answer: Answer,
) -> Planned:
    environment = _environment(hotfix)
    env, release = in_force.rules.environments[environment], release_of(hotfix)
    every = fold_all(ports.ledger.read().entries)
    return Planned(
        at=now_text(ports),
        by=in_force.by,
        ship=len(hotfix.ships) + 1,
        patch=hotfix.patch.digest if hotfix.patch else "",
        environment=environment,
        token=max((one.token for one in every.values()), default=0) + 1,
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
        waived=_waived(answer, in_force, environment),
    )


def _tag(ports: Ports, hotfix: Hotfix) -> None:
    """Name the validated release for everybody. A tag that is there already keeps its meaning."""
    picked = hotfix.pick.fact
    if picked is None or ports.git.tag_commit(picked.release) is not None:
        return
    ref = f"refs/tags/{picked.release}"
    ports.git.point(ref, picked.result_commit, None)
    try:
        ports.git.publish({ref: (picked.result_commit, None)})
    except Refused as error:
        ports.narrate(f"the tag {picked.release} is not on the remote: {error}")
