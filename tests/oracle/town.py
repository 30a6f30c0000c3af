"""A town to ship in: its people and their keys, what trunk says today, its units, and every port in memory.

Everything that is asked of it is what the ports promise; what is done to it is done by the test.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from tests.adapters.fake_leases import FakeLeases
from tests.adapters.fake_notebook import FakeNotebook

from hotfix.ports import Append, Ports
from hotfix.record import moment
from hotfix.record.any_fact import AnyFact
from hotfix.record.facts import Fact
from hotfix.record.parts import Signed
from oracle.fakes import BEGIN, Cards, Clock, Drivers, Fragile, Fuse, Git, Ledger, Signatures, Target, id_of
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


def owner(key: str) -> str:
    """Whose key it is."""
    return key.partition("-")[0]


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
        self.folder = Path(_FOLDER.name)
        self.clock = Clock()
        self.ledger = Ledger()
        self.git = Git(self._file, self.folder)
        self.leases = FakeLeases()
        self.drivers = Drivers()
        self.cards = Cards()
        self.target = Target(self.clock, {"shop-1": "v1", "shop-2": "v1", "shop-3": "v1", "stage-1": "v1"})
        self.made: dict[str, tuple[str, str, bytes]] = {}
        for name in ("v1", "v2"):
            self.git.tags[name] = self.git.made(id_of(f"commit {name}"), id_of(f"tree {name}"))
        self.publish()

    def _file(self, path: str) -> bytes | None:
        return {"hotfix.toml": self.policy, SIGNERS: self.allowed, REVOKED: self.revoked}.get(path)

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
            "drivers": self.drivers,
            "cards": self.cards,
            "notebook": FakeNotebook(),
            "clock": self.clock,
            "picking": None,  # nobody lands in this town, and picks are facts of their own
        }
        production: object = Production(self)
        if self.fuse.calls or self.fuse.named:
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
