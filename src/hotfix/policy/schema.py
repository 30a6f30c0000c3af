"""``hotfix.toml`` as a schema: what may be written, and a finding with the line for everything else."""

import tomllib
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from hotfix.policy import locate, rules
from hotfix.policy.checks import CheckTable, Duration
from hotfix.policy.duration import seconds
from hotfix.record.finding import Finding, Refused

VERSION = 1


Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]
Argv = Annotated[list[str], Field(min_length=1)]


def _is_not_ours(name: str) -> str:
    if name.startswith("HOTFIX_"):
        raise ValueError(f"{name} cannot be passed on: hotfix itself sets the variables HOTFIX_*")
    return name


Variable = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$"), AfterValidator(_is_not_ours)]


class Table(BaseModel):
    """A table of the policy: an unknown key is an error, never ignored."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class DecidersTable(Table):
    """``[deciders]``: principals of the list of signers."""

    oncall: list[str] = []
    seniors: list[str] = []


class LimitsTable(Table):
    """``[limits]``: above `files`/`lines` a reason is asked, above `max_*` it is not a hotfix."""

    files: int = Field(3, ge=1)
    lines: int = Field(35, ge=1)
    max_files: int = Field(10, ge=1)
    max_lines: int = Field(250, ge=1)

    @model_validator(mode="after")
    def _a_reason_is_asked_before_it_is_refused(self) -> "LimitsTable":
        for asked, most in (("files", "max_files"), ("lines", "max_lines")):
            low, high = getattr(self, asked), getattr(self, most)
            if low > high:
                raise ValueError(f"`{asked}` is {low} and `{most}` is {high}: no reason would ever be asked")
        return self


class ReviewTable(Table):
    """``[review]``."""

    peers: int = Field(1, ge=0, le=9)
    two_hats: bool = True


class AuthorizeTable(Table):
    """``[authorize]``."""

    seniors: int = Field(1, ge=0, le=9)
    valid: Duration = "12h"


class BudgetTable(Table):
    """``[budget]``."""

    detection_to_deployment: Duration = "2h"
    way_back: Duration = "5m"


class BuildTable(Table):
    """``[build]``."""

    run: Argv
    output: str = "."
    timeout: Duration = "10m"


class TestTable(Table):
    """``[test]``."""

    __test__ = False

    runner: Literal["pytest", "script"] = "pytest"
    run: Argv | None = None
    files: list[str] = []
    repeats: int = Field(3, ge=2, le=20)
    timeout: Duration = "5m"
    suite: Literal["all", "changed"] = "all"
    env: dict[str, str] = {}

    @model_validator(mode="after")
    def _script_names_its_command(self) -> "TestTable":
        if self.runner == "script" and self.run is None:
            raise ValueError('runner "script" needs `run`, the command whose exit code is the verdict')
        return self


class TargetTable(Table):
    """``[target.NAME]``."""

    kind: Literal["release-dir", "command"]
    observe: str | Argv
    activate: list[str] = []
    restart: list[str] = []
    field: str = "release"
    timeout: Duration = "60s"
    start_timeout: Duration = "20s"
    pass_env: list[Variable] = []

    @model_validator(mode="after")
    def _kind_has_its_commands(self) -> "TargetTable":
        if self.kind == "command" and not self.activate:
            raise ValueError('kind "command" needs `activate`, the command that makes a unit serve a release')
        if isinstance(self.observe, str) and not self.observe.startswith("/"):
            raise ValueError(
                f"`observe` is {self.observe!r}: text is a path asked of every unit's `url`, such as "
                '"/version", and a command is a list of words'
            )
        if self.kind == "release-dir" and not self.restart:
            raise ValueError('kind "release-dir" needs `restart`, the command that restarts the unit')
        return self


class UnitTable(Table):
    """``[env.NAME.units.UNIT]``."""

    root: str = ""
    url: str = Field("", pattern=r"^(https?://[^\s]+)?$")
    host: str = ""


class EnvironmentTable(Table):
    """``[env.NAME]``."""

    target: str
    units: dict[Name, UnitTable] = Field(min_length=1)
    waves: list[Annotated[list[str], Field(min_length=1)]] = []
    goals: list[str] = []
    guards: list[str] = []
    window: Duration = "15m"
    patience: Duration = "60s"
    interval: Duration = "2s"
    failures: int = Field(2, ge=1, le=20)

    @model_validator(mode="after")
    def _waves_name_every_unit_once(self) -> "EnvironmentTable":
        named = [unit for wave in self.waves for unit in wave]
        if self.waves and sorted(named) != sorted(self.units):
            raise ValueError("`waves` must name every unit exactly once")
        return self

    def in_waves(self) -> tuple[tuple[str, ...], ...]:
        """The waves; where none are written, one canary and then the rest."""
        if self.waves:
            return tuple(tuple(wave) for wave in self.waves)
        first, *rest = self.units
        return ((first,), tuple(rest)) if rest else ((first,),)


class Policy(Table):
    """The whole of ``hotfix.toml``."""

    version: Literal[1]
    service: Name
    profile: Literal["team", "solo"] = "team"
    trunk: str = ""
    signers: str = ".hotfix/allowed_signers"
    revoked: str = ".hotfix/revoked_keys"
    release_name: str = Field("{base}+hf.{n}", pattern=r"^[A-Za-z0-9._+{}-]*\{n\}[A-Za-z0-9._+{}-]*$")
    record_branch: str = Field("hotfix-record", pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$")
    criteria: list[str] = []
    protected: list[str] = []
    deciders: DecidersTable = DecidersTable()
    limits: LimitsTable = LimitsTable()
    review: ReviewTable = ReviewTable()
    authorize: AuthorizeTable = AuthorizeTable()
    budget: BudgetTable = BudgetTable()
    build: BuildTable | None = None
    test: TestTable = TestTable()
    notify: list[str] = []
    check: dict[Name, CheckTable] = {}
    target: dict[Name, TargetTable] = Field(min_length=1)
    env: dict[Name, EnvironmentTable] = Field(min_length=1)


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
        policy = Policy.model_validate(table)
    except ValidationError as error:
        raise Refused(
            *(_finding(_path(fault), _say(fault), text, source) for fault in error.errors())
        ) from None
    if amiss := tuple(_finding(path, said, text, source) for path, said in _dangling(policy)):
        raise Refused(*amiss)
    return _to_rules(policy)


_FIX = "edit {source} on trunk, then: hotfix doctor"


def _dangling(policy: Policy) -> Iterator[tuple[list[str], str]]:
    """Every key that names what is not there."""
    for name, env in policy.env.items():
        if env.target not in policy.target:
            yield ["env", name, "target"], f"names {env.target!r}, and there is no [target.{env.target}]."
        for role, checks in (("goals", env.goals), ("guards", env.guards)):
            for check in checks:
                if check not in policy.check:
                    yield ["env", name, role], f"names the check {check!r}, and there is no [check.{check}]."
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


def _to_rules(policy: Policy) -> rules.Rules:
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
        protected=tuple(policy.protected),
        deciders=rules.Deciders(tuple(policy.deciders.oncall), tuple(policy.deciders.seniors)),
        limits=rules.Limits(**policy.limits.model_dump()),
        review=rules.Review(0 if solo else policy.review.peers, policy.review.two_hats),
        authorize=rules.Authorization(
            0 if solo else policy.authorize.seniors, seconds(policy.authorize.valid)
        ),
        budget=rules.Budget(seconds(policy.budget.detection_to_deployment), seconds(policy.budget.way_back)),
        build=_build(policy.build),
        test=_test(policy.test),
        notify=tuple(policy.notify),
        checks={name: check.to_rule() for name, check in policy.check.items()},
        targets={name: _target(target) for name, target in policy.target.items()},
        environments={name: _environment(env) for name, env in policy.env.items()},
    )


def _build(table: BuildTable | None) -> rules.Build | None:
    return rules.Build(tuple(table.run), table.output, seconds(table.timeout)) if table else None


def _test(table: TestTable) -> rules.Test:
    run = tuple(table.run) if table.run else rules.Test().run
    files = tuple(table.files)
    return rules.Test(table.runner, run, files, table.repeats, seconds(table.timeout), table.suite, table.env)


def _target(table: TargetTable) -> rules.Target:
    return rules.Target(
        kind=table.kind,
        observe=table.observe if isinstance(table.observe, str) else tuple(table.observe),
        activate=tuple(table.activate),
        restart=tuple(table.restart),
        field=table.field,
        timeout=seconds(table.timeout),
        start_timeout=seconds(table.start_timeout),
        pass_env=tuple(table.pass_env),
    )


def _environment(table: EnvironmentTable) -> rules.Environment:
    return rules.Environment(
        target=table.target,
        units=tuple(rules.Unit(name, unit.root, unit.url, unit.host) for name, unit in table.units.items()),
        waves=table.in_waves(),
        goals=tuple(table.goals),
        guards=tuple(table.guards),
        window=seconds(table.window),
        patience=seconds(table.patience),
        interval=seconds(table.interval),
        failures=table.failures,
    )
