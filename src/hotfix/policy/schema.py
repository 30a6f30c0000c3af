"""``hotfix.toml`` read: the rules that it states, and a finding with the line for everything else."""

import tomllib
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from hotfix.policy import locate, rules, tables
from hotfix.policy.duration import seconds
from hotfix.policy.test_runner import DEFAULT_RUN
from hotfix.record import moment
from hotfix.record.finding import Finding, Refused


def parse(raw: bytes, source: str) -> rules.Rules:
    """The rules that the file `raw` states. Raises :class:`Refused`: a finding, with its line, per fault."""
    fix = _FIX.format(source=source)
    try:
        text = raw.decode("utf-8")
        table = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Refused(
            Finding("policy-unreadable", f"{source}:{line}: not UTF-8: {error.reason}.", fix)
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise Refused(Finding("policy-unreadable", f"{source} is not valid TOML: {error}.", fix)) from None
    if not table:
        raise Refused(
            Finding("policy-empty", f"{source} is empty.", "hotfix init writes one for this repository")
        )
    try:
        policy = tables.Policy.model_validate(table)
    except ValidationError as error:
        raise Refused(
            *(_finding(_path(fault), _say(fault), text, source) for fault in error.errors())
        ) from None
    if amiss := tuple(_finding(path, said, text, source) for path, said in _dangling(policy)):
        raise Refused(*amiss)
    return _to_rules(policy)


_FIX = "edit {source} on trunk, then: hotfix doctor"


def _dangling(policy: tables.Policy) -> Iterator[tuple[list[str], str]]:
    """Every key that names what is not there."""
    for name, env in policy.env.items():
        yield from _dangling_of_environment(policy, name, env)
    for freeze in policy.freeze:
        for environment in freeze.environments:
            if environment not in policy.env:
                yield (
                    ["freeze"],
                    f"names the environment {environment!r}, and there is no [env.{environment}].",
                )
    yield from _nobody(policy)


def _dangling_of_environment(
    policy: tables.Policy, name: str, env: tables.EnvironmentTable
) -> Iterator[tuple[list[str], str]]:
    if env.target not in policy.target:
        yield ["env", name, "target"], f"names {env.target!r}, and there is no [target.{env.target}]."
    for role, checks in (("goals", env.goals), ("guards", env.guards)):
        for check in checks:
            if check not in policy.check:
                yield ["env", name, role], f"names the check {check!r}, and there is no [check.{check}]."
    where = env.rehearse_on
    if where != "in place" and where not in env.units and where not in policy.env:
        yield (
            ["env", name, "rehearse_on"],
            f'names {where!r}: write "in place", a unit of env.{name}, or another environment.',
        )


def _nobody(policy: tables.Policy) -> Iterator[tuple[list[str], str]]:
    """What asks for people that there are not."""
    if policy.profile == "solo" and "peers" in policy.review.model_fields_set and policy.review.peers:
        yield ["review", "peers"], 'profile "solo" has no peers: leave this out, or make it a team.'
    if (
        policy.profile == "solo"
        and "seniors" in policy.authorize.model_fields_set
        and policy.authorize.seniors
    ):
        yield ["authorize", "seniors"], 'profile "solo" has no senior: leave this out, or make it a team.'
    wanted, named = policy.authorize.seniors, len(policy.deciders.seniors)
    if policy.profile == "team" and wanted > named:
        yield (
            ["deciders", "seniors"],
            f"authorize.seniors asks for {wanted}, and deciders.seniors names {named}.",
        )


def _path(fault: Any) -> list[str]:
    return [
        str(part) for part in fault["loc"] if not str(part).startswith(("function-", "list[", "constrained-"))
    ]


def _finding(path: list[str], said: str, text: str, source: str) -> Finding:
    line = locate.line_of(text, path)
    where = f"{source}:{line}" if line else source
    key = ".".join(path) or "the file"
    return Finding("policy-invalid", f"{where}: {key}: {said}", _FIX.format(source=source))


def _say(fault: Any) -> str:
    match fault["type"]:
        case "extra_forbidden":
            return "unknown key; it would have been ignored by a laxer reader."
        case "missing":
            return "missing, and it has no default."
        case _:
            return str(fault["msg"]).removeprefix("Value error, ") + "."


def _to_rules(policy: tables.Policy) -> rules.Rules:
    solo = policy.profile == "solo"
    return rules.Rules(
        service=policy.service,
        profile=policy.profile,
        trunk=policy.trunk,
        signers=policy.signers,
        revoked=policy.revoked,
        release_name=policy.release_name,
        record_branch=policy.record_branch,
        criteria=tuple(policy.criteria),
        components={name: tuple(globs) for name, globs in policy.components.items()},
        trend=rules.Trend(**policy.trend.model_dump()),
        protected=tuple(policy.protected),
        deciders=rules.Deciders(tuple(policy.deciders.oncall), tuple(policy.deciders.seniors)),
        limits=rules.Limits(**policy.limits.model_dump()),
        review=rules.Review(0 if solo else policy.review.peers, policy.review.two_hats),
        authorize=rules.Authorization(
            0 if solo else policy.authorize.seniors, seconds(policy.authorize.valid)
        ),
        budget=rules.Budget(seconds(policy.budget.detection_to_deployment), seconds(policy.budget.way_back)),
        build=_build(policy.build),
        regenerate=tuple(_regenerate(table) for table in policy.regenerate),
        test=_test(policy.test),
        notify=tuple(policy.notify),
        remind=seconds(policy.remind),
        override=policy.override,
        irreversible=tuple(policy.irreversible),
        freezes=tuple(_freeze(table) for table in policy.freeze),
        checks={name: check.to_rule() for name, check in policy.check.items()},
        targets={name: _target(target) for name, target in policy.target.items()},
        environments={name: _environment(env) for name, env in policy.env.items()},
    )


def _build(written: tables.BuildTable | None) -> rules.Build | None:
    return rules.Build(tuple(written.run), written.output, seconds(written.timeout)) if written else None


def _regenerate(written: tables.RegenerateTable) -> rules.Regenerate:
    return rules.Regenerate(tuple(written.paths), tuple(written.run), seconds(written.timeout))


def _test(written: tables.TestTable) -> rules.Test:
    return rules.Test(
        runner=written.runner,
        run=tuple(written.run) if written.run else DEFAULT_RUN[written.runner],
        files=tuple(written.files),
        repeats=written.repeats,
        timeout=seconds(written.timeout),
        suite=written.suite if isinstance(written.suite, str) else tuple(written.suite),
        env=written.env,
        build=tuple(written.build),
        build_timeout=seconds(written.build_timeout),
        share=None if written.share is None else tuple(written.share),
        see=tuple(written.see),
        sandbox=written.sandbox,
        network=written.network,
        memory=written.memory,
        processes=written.processes,
        hunks=written.hunks,
        hunks_time=seconds(written.hunks_time),
    )


def _target(written: tables.TargetTable) -> rules.Target:
    return rules.Target(
        kind=written.kind,
        observe=written.observe if isinstance(written.observe, str) else tuple(written.observe),
        activate=tuple(written.activate),
        restart=tuple(written.restart),
        field=written.field,
        timeout=seconds(written.timeout),
        start_timeout=seconds(written.start_timeout),
        pass_env=tuple(written.pass_env),
    )


def _environment(written: tables.EnvironmentTable) -> rules.Environment:
    return rules.Environment(
        target=written.target,
        units=tuple(rules.Unit(name, unit.root, unit.url, unit.host) for name, unit in written.units.items()),
        waves=written.in_waves(),
        goals=tuple(written.goals),
        guards=tuple(written.guards),
        window=seconds(written.window),
        patience=seconds(written.patience),
        interval=seconds(written.interval),
        failures=written.failures,
        rehearse_on=written.rehearse_on,
        rehearsal_valid=seconds(written.rehearsal_valid),
        lease=seconds(written.lease),
    )


def _freeze(written: tables.FreezeTable) -> rules.Freeze:
    begins, ends = moment.to_text(written.begins), moment.to_text(written.ends)
    return rules.Freeze(begins, ends, written.because, tuple(written.environments))
