"""The tables of ``hotfix.toml``: what may be written in each, and its default. An unknown key is an error."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from hotfix.policy import rules
from hotfix.policy.checks import CheckTable, Duration

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]
Argv = Annotated[list[str], Field(min_length=1)]


def _is_not_ours(name: str) -> str:
    if name.startswith("HOTFIX_"):
        raise ValueError(f"{name} cannot be passed on: hotfix itself sets the variables HOTFIX_*")
    return name


Runner = Literal[
    "pytest",
    "unittest",
    "go",
    "node",
    "mocha",
    "jest",
    "vitest",
    "maven",
    "gradle",
    "cargo",
    "rspec",
    "minitest",
    "script",
]
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


class RegenerateTable(Table):
    """``[[regenerate]]``."""

    paths: Annotated[list[str], Field(min_length=1)]
    run: Argv
    timeout: Duration = "5m"


class TestTable(Table):
    """``[test]``."""

    __test__ = False

    runner: Runner = "pytest"
    run: Argv | None = None
    files: list[str] = []
    repeats: int = Field(3, ge=2, le=20)
    timeout: Duration = "5m"
    suite: Literal["all", "changed"] | Annotated[list[str], Field(min_length=1)] = "all"
    env: dict[str, str] = {}
    build: list[str] = []
    build_timeout: Duration = "10m"
    share: list[str] | None = None
    see: list[str] = []
    sandbox: Literal["where possible", "required"] = "where possible"
    network: Literal["loopback", "machine"] = "loopback"
    memory: int = Field(8192, ge=64)
    processes: int = Field(2000, ge=8)
    hunks: int = Field(12, ge=0, le=200)
    hunks_time: Duration = "60s"

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


def _is_a_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone; they read UTC, or Europe/Berlin") from None
    return name


Hour = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class TrendTable(Table):
    """``[trend]``."""

    tags: str = ""
    zone: Annotated[str, AfterValidator(_is_a_zone)] = "UTC"
    begins: Hour = "09:00"
    ends: Hour = "18:00"

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "TrendTable":
        if self.ends <= self.begins:
            raise ValueError("`ends` is not after `begins`")
        return self


class UnitTable(Table):
    """``[env.NAME.units.UNIT]``."""

    root: str = ""
    url: str = Field("", pattern=r"^(https?://[^\s]+)?$")
    host: str = ""


class FreezeTable(Table):
    """``[[freeze]]``."""

    begins: AwareDatetime
    ends: AwareDatetime
    because: str = Field(min_length=1)
    environments: list[str] = []

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "FreezeTable":
        if self.ends <= self.begins:
            raise ValueError("`ends` is not after `begins`")
        return self


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
    rehearse_on: str = "in place"
    rehearsal_valid: Duration = "7d"
    lease: Duration = "60s"

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
    remind: Duration = "5m"
    override: Literal["second person", "announce"] = "second person"
    irreversible: list[str] = list(rules.IRREVERSIBLE)
    freeze: list[FreezeTable] = []
    components: dict[Name, Annotated[list[str], Field(min_length=1)]] = {}
    trend: TrendTable = TrendTable()
    regenerate: list[RegenerateTable] = []
    check: dict[Name, CheckTable] = {}
    target: dict[Name, TargetTable] = Field(min_length=1)
    env: dict[Name, EnvironmentTable] = Field(min_length=1)
