"""The rules as the core uses them: every default filled in, durations in seconds.

They are what ``rules_read/1`` keeps in the record, so that a verdict can be judged again from the
record alone, without reading the policy file (and without pydantic).
"""

from fnmatch import fnmatchcase

import msgspec

Argv = tuple[str, ...]


IRREVERSIBLE = ("migrations/", "migrate/", "db/", "*.sql")
"""Where changes usually lie that going back to the release before does not undo: folders by name, files by pattern."""


class Limits(msgspec.Struct, frozen=True):
    """How narrow a hotfix must be. Defaults: p90 of 501 real bug fixes, and about p99 (docs/policy.md)."""

    files: int = 3
    lines: int = 35
    max_files: int = 10
    max_lines: int = 250


class Review(msgspec.Struct, frozen=True):
    """How many other people must have read the patch, and whether one of them may also be the senior."""

    peers: int = 1
    two_hats: bool = True


class Authorization(msgspec.Struct, frozen=True):
    """How many senior approvers must say go, and for how long that counts (seconds)."""

    seniors: int = 1
    valid: float = 43200.0


class Budget(msgspec.Struct, frozen=True):
    """What the team promises itself, in seconds: detection to deployment, and the way back."""

    detection_to_deployment: float = 7200.0
    way_back: float = 300.0


class Deciders(msgspec.Struct, frozen=True):
    """Who decides. Empty `oncall`: anybody on the list of signers."""

    oncall: tuple[str, ...] = ()
    seniors: tuple[str, ...] = ()


class Build(msgspec.Struct, frozen=True):
    """How a commit becomes an artifact: `run` in a clean tree, then keep the folder `output`."""

    run: Argv
    output: str = "."
    timeout: float = 600.0


class Regenerate(msgspec.Struct, frozen=True):
    """How files that nobody writes are made anew: `run` in the tree with the fix."""

    paths: tuple[str, ...]
    """Globs; ``*`` does not stop at a slash."""
    run: Argv
    timeout: float = 300.0

    def makes(self, path: str) -> bool:
        """Whether the command makes `path`."""
        return any(fnmatchcase(path, pattern) for pattern in self.paths)


class Test(msgspec.Struct, frozen=True):
    """How the regression test is run."""

    __test__ = False

    runner: str = "pytest"
    run: Argv = ("python3", "-m", "pytest")
    files: tuple[str, ...] = ()
    repeats: int = 3
    timeout: float = 300.0
    suite: str | tuple[str, ...] = "all"
    """``all``, ``changed`` (no more than the changed files), or the files and folders that stand for all."""
    env: dict[str, str] = {}
    build: Argv = ()
    """Run once in each tree, before its tests."""
    build_timeout: float = 600.0
    share: tuple[str, ...] | None = None
    """Folders of the clone that are not in git and that each tree is given; None: what the runner usually needs."""
    see: tuple[str, ...] = ()
    """Further places of the machine that the tests may read."""
    sandbox: str = "where possible"
    """Or ``required``: without walls nothing is run."""
    network: str = "loopback"
    """The tests' own loopback and no more, or the ``machine``'s network."""
    memory: int = 8192
    """MiB that a run may use."""
    processes: int = 2000
    hunks: int = 12
    """How many hunks are left out in turn; with more, nothing is said of the rest."""
    hunks_time: float = 60.0
    """Seconds for leaving hunks out."""


class Check(msgspec.Struct, frozen=True):
    """One question to production. Exactly the fields of its kind are set."""

    kind: str
    path: str = ""
    url: str = ""
    method: str = "GET"
    status: int = 200
    body: str = ""
    header: str = ""
    release: bool = False
    latency: float = 0.0
    metric: str = ""
    labels: dict[str, str] = {}
    min: float | None = None
    max: float | None = None
    rise: float | None = None
    run: Argv = ()
    per_unit: bool = True
    timeout: float = 5.0


class Target(msgspec.Struct, frozen=True):
    """How units are changed and asked."""

    kind: str
    observe: Argv | str = ""
    activate: Argv = ()
    restart: Argv = ()
    field: str = "release"
    timeout: float = 60.0
    start_timeout: float = 20.0
    pass_env: tuple[str, ...] = ()
    """Names of environment variables that its commands are given besides; never their values."""


class Unit(msgspec.Struct, frozen=True):
    """The smallest thing shipped to and validated by itself."""

    name: str
    root: str = ""
    url: str = ""
    host: str = ""


class Freeze(msgspec.Struct, frozen=True):
    """A time in which nothing ships, unless the authorize gate is overridden. A rollback is never held up."""

    begins: str
    ends: str
    because: str
    environments: tuple[str, ...] = ()
    """Empty: all of them."""


class Environment(msgspec.Struct, frozen=True):
    """Where hotfixes go. `waves` names every unit once."""

    target: str
    units: tuple[Unit, ...]
    waves: tuple[tuple[str, ...], ...]
    goals: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    window: float = 900.0
    patience: float = 60.0
    interval: float = 2.0
    failures: int = 2
    rehearse_on: str = "in place"
    """``in place`` (the first unit of the first wave), a unit of this environment, or another environment."""
    rehearsal_valid: float = 604800.0
    lease: float = 60.0
    """Seconds without a heartbeat after which another may take a ship over."""


class Trend(msgspec.Struct, frozen=True):
    """How the trend is counted."""

    tags: str = ""
    """Glob of the tags that mean production; empty: guessed from their names."""
    zone: str = "UTC"
    """Whose calendar months and working hours these are."""
    begins: str = "09:00"
    ends: str = "18:00"
    """Outside of these, on a Saturday or a Sunday, it is out of hours."""


class Rules(msgspec.Struct, frozen=True):
    """Everything that ``hotfix.toml`` says, on one commit of trunk."""

    service: str
    profile: str = "team"
    trunk: str = ""
    signers: str = ".hotfix/allowed_signers"
    revoked: str = ".hotfix/revoked_keys"
    release_name: str = "{base}+hf.{n}"
    record_branch: str = "hotfix-record"
    criteria: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    deciders: Deciders = Deciders()
    limits: Limits = Limits()
    review: Review = Review()
    authorize: Authorization = Authorization()
    budget: Budget = Budget()
    build: Build | None = None
    regenerate: tuple[Regenerate, ...] = ()
    test: Test = Test()
    notify: Argv = ()
    remind: float = 300.0
    """Seconds between two notices that a ship halted and nobody has acted."""
    override: str = "second person"
    """What makes an override count: a ``second person``, or ``announce`` (everyone is told)."""
    irreversible: tuple[str, ...] = IRREVERSIBLE
    freezes: tuple[Freeze, ...] = ()
    components: dict[str, tuple[str, ...]] = {}
    """Patterns of each component's paths, as in ``.gitignore``. The first that fits counts."""
    trend: Trend = Trend()
    checks: dict[str, Check] = {}
    targets: dict[str, Target] = {}
    environments: dict[str, Environment] = {}

    @property
    def solo(self) -> bool:
        """Whether one person works alone: no peer, unsigned, and shown so everywhere."""
        return self.profile == "solo"


def to_plain(rules: Rules) -> dict[str, object]:
    """The rules as the record keeps them."""
    plain: dict[str, object] = msgspec.to_builtins(rules)
    return plain


def from_plain(plain: dict[str, object]) -> Rules:
    """The rules that :func:`to_plain` gave."""
    return msgspec.convert(plain, Rules)
