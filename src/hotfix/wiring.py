"""The only module that names adapters. Each is imported when it is first needed, so that `status` starts fast."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import msgspec

from hotfix.adapters.git.objects import committer_line
from hotfix.adapters.git.process import GitProcess
from hotfix.adapters.git.remote import Remote
from hotfix.adapters.git.repository import Repository
from hotfix.adapters.ledger.git_ledger import GitLedger
from hotfix.adapters.notebook import FileNotebook
from hotfix.adapters.scratch import sweep
from hotfix.adapters.signatures.ssh_keygen import SshKeygen, sign_commit, split_commit
from hotfix.policy.rules import Check as CheckRule
from hotfix.policy.rules import Regenerate, Rules
from hotfix.policy.rules import Test as TestRule
from hotfix.ports import BuildResult, Check, Notifier, Ports, Target
from hotfix.record import lossless
from hotfix.record.finding import Refused

if TYPE_CHECKING:
    from hotfix.actions.trend_from_git import Past
    from hotfix.ports.cards import Cards
    from hotfix.ports.drivers import Drivers
    from hotfix.ports.leases import Leases
    from hotfix.ports.picking import Picking
    from hotfix.ports.proving import Proving

_POLICY = "hotfix.toml"


class SystemClock:
    """The Clock port on the system's clock."""

    def now(self) -> datetime:
        """See the port."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """See the port."""
        time.sleep(seconds)


class Production:
    """The Production port: adapters by the kinds that the rules name, each made once per process."""

    def __init__(self, rules: Rules, git: GitProcess, repository: Repository) -> None:
        self._rules = rules
        self._git = git
        self._repository = repository
        self._top = git.layout.top
        self._targets: dict[str, Target] = {}
        self._checks: dict[str, Check] = {}

    def target(self, environment: str) -> Target:
        """See the port."""
        from hotfix.adapters import target

        name = self._rules.environments[environment].target
        if name not in self._targets:
            rule = self._rules.targets[name]
            self._targets[name] = target.KINDS[rule.kind](rule, self._top)
        return self._targets[name]

    def check(self, name: str, rule: CheckRule) -> Check:
        """See the port. One and the same check serves a whole process: it may remember what it saw first."""
        from hotfix.adapters import check

        if name not in self._checks:
            self._checks[name] = check.make(rule, self._top)
        return self._checks[name]

    def proving(self, narrate: Callable[[str], None]) -> "Proving":
        """See the port."""
        return _proving(self._git, self._repository, narrate)

    def notifier(self) -> Notifier:
        """See the port."""
        from hotfix.adapters import notify

        return notify.make(self._rules.notify, self._top)

    def regenerate(self, rule: Regenerate, tree: Path) -> None:
        """See the port."""
        from hotfix.adapters import regenerate

        regenerate.regenerate(rule, tree)

    def build(self, tree: Path) -> BuildResult:
        """See the port."""
        from hotfix.adapters import build

        if self._rules.build is None:
            raise AssertionError("asked to build without a [build] in the policy")
        return build.build(self._rules.build, tree)


class Deferred:
    """Stands for an adapter that few verbs need, and makes it when it is first asked for something."""

    def __init__(self, make: Callable[[], object]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> object:
        return self._make()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made, name)


def _end_what_ran_in(folder: Path) -> None:
    """Tests of a proof that was killed, where there were no walls to end them."""
    from hotfix.adapters.runner.sandbox import end_strays

    end_strays(folder)


def open_ports(start: Path, narrate: Callable[[str], None]) -> Ports:
    """Everything a verb needs, for the repository that `start` lies in. Raises Refused where there is none."""
    sweep(_end_what_ran_in)
    git = GitProcess(start)
    keys: list[SshKeygen] = []

    def sign(raw: bytes) -> bytes:
        return sign_commit(keys[0], raw, sha256=git.layout.object_format == "sha256")

    remote = Remote(git)
    repository = Repository(git, remote, sign)
    keys.append(SshKeygen(repository.signing_key))
    clock = SystemClock()
    ledger = GitLedger(
        git,
        remote,
        _record_branch(repository),
        lambda: committer_line(repository.identity(), clock.now()),
        sign,
        split_commit,
    )
    made: dict[bytes, Production] = {}

    def production(rules: Rules) -> Production:
        """The same adapters for the same rules: they remember files that were prepared and samples that were seen."""
        key = msgspec.json.encode(rules, order="sorted")
        if key not in made:
            made[key] = Production(rules, git, repository)
        return made[key]

    return Ports(
        git=repository,
        picking=cast("Picking", Deferred(lambda: _picking(git))),
        ledger=ledger,
        signatures=keys[0],
        leases=cast("Leases", Deferred(lambda: _leases(start))),
        drivers=cast("Drivers", Deferred(_drivers)),
        cards=cast("Cards", Deferred(lambda: _cards(narrate))),
        notebook=FileNotebook(git.layout.common_dir / "hotfix" / "shelf"),
        clock=clock,
        production=production,
        narrate=narrate,
    )


def _picking(git: GitProcess) -> object:
    from hotfix.adapters.git.picking import GitPicking

    return GitPicking(git)


def _leases(start: Path) -> object:
    """With a git of its own: heartbeats go on in a thread."""
    from hotfix.adapters.git.leases import GitLeases

    return GitLeases(GitProcess(start))


def _drivers() -> object:
    from hotfix.adapters.drivers import LocalDrivers

    return LocalDrivers()


def _cards(narrate: Callable[[str], None]) -> object:
    from hotfix.adapters.cards import FileCards

    return FileCards(narrate)


def open_picking(start: Path) -> tuple["Picking", SystemClock]:
    """What a forecast needs, in any repository: no policy, no record, no remote."""
    sweep(_end_what_ran_in)
    return cast("Picking", _picking(GitProcess(start, many=True))), SystemClock()


def open_proving(start: Path, narrate: Callable[[str], None]) -> "Proving":
    """What a proof needs, in any repository: no policy, no record, no remote."""
    sweep(_end_what_ran_in)
    git = GitProcess(start)
    return _proving(git, Repository(git, Remote(git), bytes), narrate)


def open_past(start: Path, narrate: Callable[[str], None]) -> tuple["Past", Callable[[], str]]:
    """What it takes to look at any repository's past, and who is asking: no policy, no record, no remote."""
    from hotfix.actions.lives import declared
    from hotfix.actions.trend_from_git import Past
    from hotfix.adapters.git.past import GitHistory

    sweep(_end_what_ran_in)
    git = GitProcess(start, many=True)
    notebook = FileNotebook(git.layout.common_dir / "hotfix" / "trend")
    past = Past(
        _folder_name(git.layout.top),
        GitHistory(git),
        notebook,
        SystemClock(),
        narrate,
        lambda: declared(open_ports(start, narrate)),
    )
    return past, Repository(git, Remote(git), bytes).identity


def _folder_name(top: Path) -> str:
    """What people call the repository; of ``shop/.git`` that is ``shop``."""
    return lossless.to_text(os.fsencode(top.parent.name if top.name == ".git" else top.name))


def _proving(git: GitProcess, repository: Repository, narrate: Callable[[str], None]) -> "Proving":
    from hotfix.adapters.bench import LocalBench
    from hotfix.adapters.git.picking import GitPicking
    from hotfix.adapters.syntax import parses
    from hotfix.ports.proving import Proving

    def bench(test: TestRule, base: str) -> LocalBench:
        return LocalBench(test, repository, base)

    return Proving(repository, GitPicking(git), bench, parses, time.monotonic, narrate)


def _record_branch(repository: Repository) -> str:
    """The record's branch, where trunk's policy names another than the usual one; read without judging the policy."""
    try:
        raw = repository.file_at(repository.trunk().commit, _POLICY) or b""
    except Refused:
        return Rules(service="").record_branch
    if b"record_branch" not in raw:
        return Rules(service="").record_branch
    import tomllib

    try:
        named = tomllib.loads(raw.decode("utf-8")).get("record_branch")
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        named = None
    return named if isinstance(named, str) else Rules(service="").record_branch
