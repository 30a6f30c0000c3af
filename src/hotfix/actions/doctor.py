"""``hotfix doctor``: what would 2 am trip over? Asks everything, changes nothing."""

from collections.abc import Callable, Iterable
from functools import partial

import msgspec

from hotfix.actions.effects import baseline
from hotfix.actions.read_rules import InForce, read_rules
from hotfix.actions.which_release import meanings
from hotfix.lifecycle.authorize import freeze_at
from hotfix.lifecycle.rehearse import place
from hotfix.policy import schema
from hotfix.policy.path_kind import POLICY_FILE
from hotfix.ports import Ports, Release
from hotfix.questions.who_holds import Expired, Held, who_holds
from hotfix.record.finding import Refused
from hotfix.record.hotfix import fold_all
from hotfix.record.parts import Sample, UnitState


class Checked(msgspec.Struct, frozen=True):
    """One thing that was looked at: ``ok``, ``warn`` (2 am will be harder) or ``bad`` (a hotfix would fail)."""

    name: str
    level: str
    said: str
    next: str = ""


class Result(msgspec.Struct, frozen=True):
    """Everything that was looked at."""

    checked: tuple[Checked, ...]

    @property
    def well(self) -> bool:
        """Whether a hotfix could start now."""
        return all(one.level != "bad" for one in self.checked)


def doctor(ports: Ports) -> Result:
    """Look at everything; a fault in one does not keep the others from being looked at."""
    checked = [*_attempt("remote", lambda: _remote(ports))]
    try:
        in_force = read_rules(ports)
    except Refused as error:
        checked += [*_work_tree(ports), *_bad("policy", error)]
        return Result(tuple(checked))
    checked.append(
        Checked(
            "policy", "ok", f"{POLICY_FILE} on {in_force.trunk.name} ({in_force.trunk.commit[:12]}) is valid"
        )
    )
    checked += _attempt("work tree", lambda: _work_tree(ports))
    checked += _attempt("you", lambda: _you(ports, in_force))
    checked += _attempt("people", lambda: _people(ports, in_force))
    checked += _attempt("record", lambda: _record(ports))
    checked += _attempt("tests", partial(_tests, ports, in_force))
    for environment in in_force.rules.environments:
        checked += _attempt(f"env.{environment}", partial(_environment, ports, in_force, environment))
        checked += _attempt(f"env.{environment} freeze", partial(_freeze, ports, in_force, environment))
        checked += _attempt(f"env.{environment} rehearsal", partial(_rehearsal, in_force, environment))
        checked += _attempt(f"env.{environment} fence", partial(_fence, in_force, environment))
        checked += _attempt(f"env.{environment} lease", partial(_lease, ports, environment))
    return Result(tuple(checked))


def _attempt(name: str, look: Callable[[], Iterable[Checked]]) -> list[Checked]:
    try:
        return list(look())
    except Refused as error:
        return _bad(name, error)


def _bad(name: str, error: Refused) -> list[Checked]:
    return [Checked(name, "bad", finding.sentence, finding.next) for finding in error.findings]


def _remote(ports: Ports) -> Iterable[Checked]:
    if not ports.git.has_remote():
        return [
            Checked(
                "remote",
                "warn",
                "there is no remote: the record lives in this clone alone",
                "git remote add origin URL",
            )
        ]
    why = ports.git.fetch()
    return [
        Checked("remote", "bad", why, "mend it, or gates cannot open")
        if why
        else Checked("remote", "ok", "it answers")
    ]


def _work_tree(ports: Ports) -> Iterable[Checked]:
    """A policy that was edited and is not on trunk yet is judged too, and does not count."""
    top = ports.git.top()
    file = top / POLICY_FILE if top else None
    if file is None or not file.is_file():
        return []
    raw = file.read_bytes()
    on_trunk = ports.git.file_at(ports.git.trunk().commit, POLICY_FILE)
    if raw == on_trunk:
        return []
    try:
        schema.parse(raw, POLICY_FILE)
    except Refused as error:
        return _bad("work tree", error)
    return [
        Checked(
            "work tree",
            "warn",
            f"your {POLICY_FILE} differs from trunk's; only trunk's counts",
            f"commit it and bring it to {ports.git.trunk().name}",
        )
    ]


def _you(ports: Ports, in_force: InForce) -> Iterable[Checked]:
    rules = in_force.rules
    if rules.solo:
        return [
            Checked(
                "you",
                "warn",
                f"{in_force.by}, working alone: every hotfix will read NO PEER · UNSIGNED",
                'when a colleague joins: profile = "team"',
            )
        ]
    if not ports.signatures.key():
        return [
            Checked(
                "you",
                "bad",
                "git has no SSH signing key of yours, so you can neither review nor authorize",
                "git config --global gpg.format ssh; git config --global user.signingkey FILE",
            )
        ]
    person = ports.signatures.person(in_force.signers)
    if not person:
        return [
            Checked(
                "you",
                "bad",
                f"your key {ports.signatures.key()} is not in {rules.signers} on {in_force.trunk.name}",
                "let a colleague add it",
            )
        ]
    hats = [
        hat
        for hat, people in (("on call", rules.deciders.oncall), ("senior", rules.deciders.seniors))
        if person in people
    ]
    return [Checked("you", "ok", f"{person}" + (f", {' and '.join(hats)}" if hats else ""))]


def _people(ports: Ports, in_force: InForce) -> Iterable[Checked]:
    rules = in_force.rules
    if rules.solo:
        return []
    listed = ports.signatures.people(in_force.signers)
    unlisted = [
        person for person in (*rules.deciders.oncall, *rules.deciders.seniors) if person not in listed
    ]
    if unlisted:
        return [
            Checked(
                "people",
                "bad",
                f"deciders without a key in {rules.signers}: {', '.join(unlisted)}",
                "add their public keys on trunk",
            )
        ]
    alone = set(rules.deciders.seniors) <= set(rules.deciders.oncall) and len(rules.deciders.seniors) == 1
    if alone and rules.authorize.seniors:
        return [
            Checked(
                "people",
                "warn",
                "the only senior approver is on call too: nobody authorizes what they picked",
                "name a second one in deciders.seniors",
            )
        ]
    return [Checked("people", "ok", "every decider has a key on trunk's list")]


def _tests(ports: Ports, in_force: InForce) -> Iterable[Checked]:
    """Whether the tests of a fix could be run here, and what would hold them back."""
    rule = in_force.rules.test
    world = ports.production(in_force.rules).proving(ports.narrate)
    with world.bench(rule, ports.git.commit(in_force.trunk.commit).tree) as bench:
        made_with, sandbox = bench.fingerprint(), bench.sandbox()
    if rule.runner == "pytest" and "pytest absent" in made_with:
        said = f"pytest is not installed for {rule.run[0]}"
        cure = "name the interpreter of the project's environment in [test] run, by its full path"
        return [Checked("tests", "bad", said, cure)]
    walled = "ok" if sandbox.startswith("walled") else "warn"
    return [Checked("tests", "ok", made_with), Checked("sandbox", walled, sandbox)]


def _record(ports: Ports) -> Iterable[Checked]:
    book = ports.ledger.read()
    why = ports.ledger.refresh()
    if why:
        return [Checked("record", "bad", why, "gates cannot open without the remote")]
    return [Checked("record", "ok", f"{book.next_seq - 1} facts; hotfix log --verify walks them")]


def _environment(ports: Ports, in_force: InForce, environment: str) -> Iterable[Checked]:
    rules = in_force.rules.environments[environment]
    name = f"env.{environment}"
    target = ports.production(in_force.rules).target(environment)
    states = [target.observe(unit) for unit in rules.units]
    known = meanings(ports, fold_all(ports.ledger.read().entries).values(), states)
    for unit, state in zip(rules.units, states, strict=True):
        yield _unit(name, state, known)
        if state.release in known:
            missing = target.way_back(unit, Release(state.release, known[state.release][1], ""))
            if missing:
                yield Checked(f"{name}.{unit.name}", "bad", missing.sentence, missing.next)
    if not rules.goals:
        yield Checked(
            name,
            "warn",
            "no goal check: nothing will show that the symptom is gone",
            f"add goals to [{name}]",
        )
    if not rules.guards:
        yield Checked(
            name,
            "warn",
            "no guard check: nothing will show that the fix made something worse",
            f"add guards to [{name}]",
        )
    for sample in baseline(
        ports, in_force.rules, environment, {state.unit: state.release for state in states}
    ):
        yield _check(name, sample, goal=sample.check in rules.goals)


def _freeze(ports: Ports, in_force: InForce, environment: str) -> Iterable[Checked]:
    freeze = freeze_at(in_force.rules, environment, ports.clock.now())
    if freeze is not None:
        yield Checked(
            f"env.{environment} freeze",
            "warn",
            f"nothing ships until {freeze.ends}: {freeze.because}; a rollback always may",
            "in an emergency: hotfix override authorize --because …",
        )


def _rehearsal(in_force: InForce, environment: str) -> Iterable[Checked]:
    where = place(in_force.rules, environment)
    days = in_force.rules.environments[environment].rehearsal_valid / 86400
    yield Checked(
        f"env.{environment} rehearsal",
        "ok",
        f"the way back is rehearsed on {where.unit} of {where.environment}, and that counts for {days:g} days",
    )


def _fence(in_force: InForce, environment: str) -> Iterable[Checked]:
    """Where lock and token of a unit lie decides how long a way back from another machine waits for older effects."""
    rules = in_force.rules.environments[environment]
    far = [unit.name for unit in rules.units if unit.host or not unit.root]
    timeout = in_force.rules.targets[rules.target].timeout
    yield Checked(
        f"env.{environment} fence",
        "ok",
        f"{', '.join(far)}: on this machine only; a way back from another one waits until what was begun is over, at "
        f"most {timeout:g} s"
        if far
        else "in each unit's own folder: whoever reaches it obeys the same token",
    )


def _lease(ports: Ports, environment: str) -> Iterable[Checked]:
    held = who_holds(ports.leases.read(environment), "", ports.clock.now(), 0.0)
    if isinstance(held, Held | Expired):
        yield Checked(f"env.{environment} lease", "warn", held.sentence, "hotfix status --watch")
    else:
        yield Checked(f"env.{environment} lease", "ok", "nobody ships there now")


def _unit(name: str, state: UnitState, known: dict[str, tuple[str, str]]) -> Checked:
    where = f"{name}.{state.unit}"
    if state.state != "serving":
        return Checked(where, "bad", f"{state.state}: {state.said}", "mend the unit, or what its target asks")
    if state.release not in known:
        return Checked(
            where,
            "bad",
            f"runs {state.release!r}, which is no tag, no commit id and no release on record",
            "tag the deployed commit",
        )
    return Checked(where, "ok", f"runs {state.release} ({known[state.release][1][:12]})")


def _check(name: str, sample: Sample, *, goal: bool) -> Checked:
    where = f"{name} {'goal' if goal else 'guard'} {sample.check}" + (
        f" on {sample.unit}" if sample.unit else ""
    )
    if sample.outcome in ("error", "inconclusive"):
        return Checked(where, "bad", f"{sample.outcome}: {sample.said}", "mend the check")
    if goal and sample.outcome == "pass":
        said = f"green now ({sample.said}): a hotfix would say that nothing reproduces"
        return Checked(where, "warn", said, "when something breaks, let a goal on trunk show it")
    if goal:
        return Checked(where, "ok", f"red: the defect shows ({sample.said})")
    if sample.outcome == "fail":
        return Checked(
            where, "warn", f"red now ({sample.said}): a hotfix would refuse to ship", "mend what it watches"
        )
    return Checked(where, "ok", sample.said)
