"""A town to ship in: every port in memory, signatures that nobody can forge, and a clock that goes where it is put.

Everything that is asked of it is what the ports promise; what is done to it is done by the test.
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from tests.adapters.fake_cards import FakeCards
from tests.adapters.fake_leases import FakeLeases
from tests.adapters.fake_ledger import FakeLedger
from tests.adapters.fake_target import FakeTarget

from hotfix.policy.rules import Rules as PolicyRules
from hotfix.policy.rules import Unit
from hotfix.ports import Append, Book, Commit, Order, Ports, Signers, Trunk, Unverified, Verified
from hotfix.record import chain, moment
from hotfix.record.facts import AnyFact, Fact
from hotfix.record.finding import refused
from hotfix.record.parts import Effect, Signed
from oracle.law import Rules

KEYS = {
    "ann-1": "ann@example.com",
    "bob-1": "bob@example.com",
    "cat-1": "cat@example.com",
    "cat-2": "Cat@Example.COM",
    "dan-1": "dan@example.com",
    "eve-1": "eve@example.com",
    "mal-1": "mal@example.com",
}
"""Every key there is, and the principal that a list of signers has for it. Cat has two keys, and two spellings."""
SIGNERS = ".hotfix/allowed_signers"
REVOKED = ".hotfix/revoked_keys"
BEGIN = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
SLOW = 400.0
"""Seconds: longer than the way back may take."""


def owner(key: str) -> str:
    """Whose key it is."""
    return key.partition("-")[0]


def id_of(words: str) -> str:
    """The id that an object of git would have."""
    return hashlib.sha1(words.encode()).hexdigest()


class Clock:
    """Stands where it is put, and goes on while somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return BEGIN + timedelta(seconds=self.seconds)

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


class Ledger(FakeLedger):
    """The record, with somebody who hears each plan before it is written and each fact after."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[chain.Entry] = []
        self.before: Callable[[tuple[AnyFact, ...]], None] = lambda facts: None
        self.after: Callable[[tuple[AnyFact, ...]], None] = lambda facts: None

    def read(self) -> Book:
        head = chain.digest(self._lines[-1][1]) if self._lines else ""
        return Book(head, tuple(self._entries), -1)

    def append(self, decide: Callable[[Book], Append], *, anchor: bool) -> Book:
        def heard(book: Book) -> Append:
            draft = decide(book)
            self.before(cast(tuple[AnyFact, ...], draft.facts))
            return draft

        begun = len(self._entries)
        book = super().append(heard, anchor=anchor)
        self.after(tuple(entry.fact for entry in self._entries[begun:]))
        return book

    def _add(self, hotfix: str, facts: Any) -> None:
        begun = len(self._lines)
        super()._add(hotfix, facts)
        self._entries += [chain.read(line) for _, line in self._lines[begun:]]


class Target(FakeTarget):
    """Units of which some cannot start some release, or take their time to go back."""

    def __init__(self, clock: Clock, serving: Mapping[str, str | None]) -> None:
        super().__init__(serving, ("v1", "v2"))
        self._clock = clock
        self.broken: set[str] = set()
        """Units that start no hotfix."""
        self.slow = False
        self.dies_at = 0
        """In how many effects from now the shipper dies; 0: never."""

    def activate(self, order: Order) -> Effect:
        self._clock.seconds += SLOW if self.slow else 0.0
        if self.dies_at:
            self.dies_at -= 1
            if not self.dies_at:
                raise Killed
        effect = super().activate(order)
        if order.unit.name in self.broken and "+hf" in order.release.name and effect.verdict == "done":
            self.serving[order.unit.name] = None
        return effect


class Killed(BaseException):
    """The process that ships dies here."""


class Signatures:
    """Of one person, with one key. What was not signed with a key carries no signature of it."""

    def __init__(self, made: dict[str, tuple[str, str, bytes]], key: str) -> None:
        self._made = made
        self._key = key

    def key(self) -> str:
        return self._key

    def public_key(self) -> str:
        return self._key

    def person(self, signers: Signers) -> str:
        return _listed(signers).get(self._key, "")

    def people(self, signers: Signers) -> tuple[str, ...]:
        return tuple(_listed(signers).values())

    def canonical(self, signers: Signers, name: str) -> str:
        return next((one for one in _listed(signers).values() if one.lower() == name.lower()), name)

    def sign(self, namespace: str, message: bytes) -> str:
        signature = f"signature {len(self._made) + 1}"
        self._made[signature] = (self._key, namespace, message)
        return signature

    def verify(
        self, signers: Signers, namespace: str, message: bytes, signature: str
    ) -> Verified | Unverified:
        key, *said = self._made.get(signature, ("", "", b""))
        person = _listed(signers).get(key)
        if said != [namespace, message]:
            return Unverified("it is a signature of something else")
        return Verified(person, key) if person else Unverified("its key is not on the list")


def _listed(signers: Signers) -> dict[str, str]:
    """Principal by key, without revoked keys."""
    lines = [line.split() for line in signers.allowed.decode().splitlines()]
    return {key: principal for principal, key in lines if key not in signers.revoked.decode().split()}


class Cards(FakeCards):
    """Nothing is ever thrown away: a life here has more ships, and stranger clocks, than any record."""

    def drop(self, hotfix: str, ship: int, origin: str, roots: Iterable[str] = ()) -> None:
        pass


class Drivers:
    """Nobody else drives on this machine."""

    @contextmanager
    def hold(self, origin: str, environment: str) -> Iterator[None]:
        yield

    def preempt(self, origin: str, environment: str, within: float) -> str:
        return ""


class Production:
    """One target, one notifier."""

    def __init__(self, town: "Town") -> None:
        self._town = town

    def target(self, environment: str) -> Target:
        return self._town.target

    def notifier(self) -> "Production":
        return self

    def tell(self, event: str, hotfix: str, detail: Mapping[str, object]) -> str:
        return "" if self._town.pager_works else "the pager does not answer"


@dataclass
class Fuse:
    """The call of a port, counted from now, that raises; 0: none."""

    calls: int = 0
    error: type[Exception] = OSError
    burnt: Callable[[], None] = lambda: None

    def pass_through(self) -> None:
        if self.calls:
            self.calls -= 1
            if not self.calls:
                self.burnt()
                raise (
                    refused("port", "The port broke.") if self.error is not OSError else OSError(5, "broken")
                )


class Fragile:
    """A port whose next calls may raise."""

    def __init__(self, port: object, fuse: Fuse) -> None:
        self._port = port
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._port, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            self._fuse.pass_through()
            made = member(*args, **kwargs)
            return Fragile(made, self._fuse) if isinstance(made, Target | Production) else made

        return call


_FOLDER = tempfile.TemporaryDirectory(prefix="hotfix-oracle-")


@dataclass
class Town:
    """Everything there is."""

    rules: Rules = field(default_factory=Rules)
    trusted: set[str] = field(default_factory=lambda: set(KEYS) - {"mal-1"})
    revoked_keys: set[str] = field(default_factory=set)
    pager_works: bool = True
    fuse: Fuse = field(default_factory=Fuse)

    def __post_init__(self) -> None:
        self.clock = Clock()
        self.ledger = Ledger()
        self.git = Git(self)
        self.leases = FakeLeases()
        self.cards = Cards()
        self.target = Target(self.clock, {"shop-1": "v1", "shop-2": "v1", "shop-3": "v1", "stage-1": "v1"})
        self.made: dict[str, tuple[str, str, bytes]] = {}
        self.folder = Path(_FOLDER.name)
        for name in ("v1", "v2"):
            self.git.tags[name] = self.git.made(id_of(f"commit {name}"), id_of(f"tree {name}"))
        self.publish()

    def publish(self) -> None:
        """Trunk says what the town wants today."""
        self.policy = toml(self.rules).encode()
        self.allowed = "".join(f"{KEYS[key]} {key}\n" for key in sorted(self.trusted)).encode()
        self.revoked = "".join(f"{key}\n" for key in sorted(self.revoked_keys)).encode()

    def ports(self, key: str) -> Ports:
        """The world as the holder of `key` works with it."""
        ports: dict[str, object] = {
            "git": self.git,
            "ledger": self.ledger,
            "signatures": Signatures(self.made, key),
            "leases": self.leases,
            "drivers": Drivers(),
            "cards": self.cards,
            "clock": self.clock,
        }
        production: object = Production(self)
        if self.fuse.calls:
            ports = {
                name: port if name in ("drivers",) else Fragile(port, self.fuse)
                for name, port in ports.items()
            }
            production = Fragile(production, self.fuse)
        return Ports(
            **cast(Any, ports), production=lambda rules: cast(Any, production), narrate=lambda text: None
        )

    def sign(self, key: str, namespace: str, message: bytes, context: dict[str, str] | None = None) -> Signed:
        """A true signature with `key`."""
        return Signed(namespace, context or {}, Signatures(self.made, key).sign(namespace, message), key)

    def write(self, *facts: Fact) -> None:
        """Put facts on record as anybody can who may push."""
        self.ledger.append(lambda _: Append("HF-1", facts), anchor=True)

    def at(self) -> str:
        return moment.to_text(self.clock.now())

    def facts(self) -> tuple[AnyFact, ...]:
        return tuple(entry.fact for entry in self.ledger.read().entries)

    def units_of(self, environment: str) -> tuple[str, ...]:
        return (
            ("stage-1",) if environment == "staging" else ("shop-1", "shop-2", "shop-3")[: self.rules.units]
        )


def text_of(seconds: float) -> str:
    """The moment that many seconds after the beginning, as facts carry it."""
    return moment.to_text(BEGIN + timedelta(seconds=seconds))


def toml(rules: Rules) -> str:
    """``hotfix.toml`` of these rules."""
    units = "\n".join(
        f'units.shop-{number} = {{ host = "h{number}" }}' for number in range(1, rules.units + 1)
    )
    freeze = ""
    if rules.freeze:
        begins, ends = map(text_of, rules.freeze)
        freeze = f'[[freeze]]\nbegins = {begins}\nends = {ends}\nbecause = "peak"\nenvironments = []\n'
    return f"""version = 1
service = "shop"
criteria = {[f"question {number}" for number in range(1, rules.questions + 1)]}
override = "{rules.override}"
notify = {["tell"] if rules.notifier else []}
{freeze}
[deciders]
oncall = {[f"{name}@example.com" for name in sorted(rules.oncall)]}
seniors = {[f"{name.capitalize()}@example.com" for name in sorted(rules.seniors)]}
[limits]
lines = {rules.lines}
[review]
peers = {rules.peers}
two_hats = {str(rules.two_hats).lower()}
[authorize]
seniors = {rules.go_needed}
valid = "{rules.valid:g}s"
[test]
repeats = {rules.repeats}
{"[build]" + chr(10) + 'run = ["make"]' if rules.builds else ""}
[target.hosts]
kind = "command"
observe = ["observe"]
activate = ["{rules.restart}"]
[env.production]
target = "hosts"
window = "0s"
rehearse_on = "{rules.rehearse_on}"
rehearsal_valid = "{rules.rehearsal_valid:g}s"
{units}
[env.staging]
target = "hosts"
window = "0s"
rehearsal_valid = "{rules.rehearsal_valid:g}s"
units.stage-1 = {{ host = "s1" }}
"""

