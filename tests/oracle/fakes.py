"""The ports in memory: signatures that nobody can forge, a clock that goes where it is put, and ways to break each."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from tests.adapters.fake_cards import FakeCards
from tests.adapters.fake_ledger import FakeLedger
from tests.adapters.fake_target import FakeTarget

from hotfix.ports import Append, Book, Commit, Order, Signers, Trunk, Unverified, Verified
from hotfix.ports.cards import Card
from hotfix.record import chain
from hotfix.record.any_fact import AnyFact
from hotfix.record.finding import refused
from hotfix.record.parts import Effect

BEGIN = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
SLOW = 400.0
"""Seconds: longer than the way back may take."""


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
    """No card is too old to be kept: a life here has more ships, and stranger clocks, than any record.

    The card is kept when all is judged and prepared, and just before the plan is put on record: what others do
    `meanwhile`, after that many cards, comes too late to be overlooked.
    """

    newest = 10_000
    meanwhile: tuple[int, Callable[[], None]] | None = None

    def keep(self, card: Card, roots: Iterable[str] = ()) -> tuple[str, ...]:
        kept = super().keep(card, roots)
        if self.meanwhile is not None:
            left, act = self.meanwhile
            self.meanwhile = (left - 1, act) if left > 1 else None
            if left <= 1:
                act()
        return kept


class Git:
    """Commits and trees by name, and a trunk whose files are what the town says today."""

    def __init__(self, files: Callable[[str], bytes | None], folder: Path) -> None:
        self._files = files
        self._folder = folder
        self.trees: dict[str, str] = {}
        self.tags: dict[str, str] = {}
        self.branch: tuple[str, ...] = ()

    def made(self, commit: str, tree: str) -> str:
        self.trees[commit] = tree
        return commit

    def trunk(self, configured: str = "") -> Trunk:
        return Trunk("main", "refs/remotes/origin/main", id_of((self._files("hotfix.toml") or b"").decode()))

    def resolve(self, name: str) -> str:
        return self.commit(name).id

    def commit(self, id: str) -> Commit:
        if id not in self.trees:
            raise refused("git-missing-object", f"{id} is not here.", "git fetch")
        return Commit(id, self.trees[id], (), b"Bob <bob@example.com> 0 +0000", b"a fix")

    def tag_commit(self, name: str) -> str | None:
        return self.tags.get(name)

    def tags_of(self, commit: str) -> tuple[str, ...]:
        return tuple(name for name, tagged in self.tags.items() if tagged == commit)

    def file_at(self, commit: str, path: str) -> bytes | None:
        return self._files(path)

    def blob_at(self, commit: str, path: str) -> str:
        return id_of((self.file_at(commit, path) or b"").decode())

    def tips(self, branch: str) -> tuple[str, ...]:
        return self.branch

    def point(self, ref: str, new: str, old: str | None) -> None:
        if ref.startswith("refs/tags/"):
            self.tags[ref.removeprefix("refs/tags/")] = new

    def publish(self, refs: Mapping[str, tuple[str, str | None]]) -> None:
        pass

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        return True

    def fetch(self, *, within: float = 60.0) -> str:
        return ""

    def has_remote(self) -> bool:
        return True

    def export(self, tree: str, directory: Path) -> None:
        pass

    def clone_id(self) -> str:
        return "0123456789ab"

    def state_dir(self) -> Path:
        return self._folder

    def identity(self) -> str:
        return "Ann <ann@example.com>"


class Drivers:
    """Nobody else drives on this machine; what others did `meanwhile`, before it was one's turn, is done once."""

    def __init__(self) -> None:
        self.meanwhile: Callable[[], object] | None = None

    @contextmanager
    def hold(self, origin: str, environment: str) -> Iterator[None]:
        act, self.meanwhile = self.meanwhile, None
        if act is not None:
            act()
        yield

    def preempt(self, origin: str, environment: str, within: float) -> str:
        return ""


@dataclass
class Fuse:
    """Which call of a port, counted from now, raises (0: none); of a call that is named, every one raises."""

    calls: int = 0
    error: type[Exception] = OSError
    named: str = ""
    burnt: Callable[[], None] = lambda: None

    def pass_through(self, name: str) -> None:
        """Raise where it is due."""
        if self.named and name == self.named:
            self.burnt()
            raise self._error()
        if self.calls:
            self.calls -= 1
            if not self.calls:
                self.burnt()
                raise self._error()

    def _error(self) -> Exception:
        return OSError(5, "broken") if self.error is OSError else refused("port", "The port broke.")


class Fragile:
    """A port whose next calls may raise."""

    def __init__(self, port: object, fuse: Fuse) -> None:
        self._port = port
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._port, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            self._fuse.pass_through(name)
            made = member(*args, **kwargs)
            return Fragile(made, self._fuse) if name in ("target", "notifier") else made

        return call
