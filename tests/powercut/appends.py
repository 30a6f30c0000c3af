"""Runs in which a process appends to a record as fast as it can, until its machine loses the power."""

import os
import random
import shlex
import subprocess
import time
from pathlib import Path

import msgspec

from hotfix import wiring
from hotfix.adapters.git import durable, process
from hotfix.ports import Append, Ports
from hotfix.record.facts import Notified
from hotfix.record.finding import Refused
from powercut import kin
from powercut.disk import Disk

_LONGEST_RUN = 0.6
_ANCHORED = 0.2
"""How often an append also goes to the remote, which is another machine and keeps its power."""


class Told(msgspec.Struct):
    """How a run ended."""

    seed: int
    acknowledged: int
    wrong: list[str]
    """What the record has lost, doubled or put out of order, and what git or the verification says against it."""
    locks: list[str]
    """What git left behind of its own locks."""
    said: str = ""
    """What the next append was refused with; empty where it went through."""
    effects: int = 0


def careless() -> None:
    """Let nothing be synced, to show that it would be noticed."""
    process._NEUTRAL = tuple(word.replace("core.fsync=all", "core.fsync=none") for word in process._NEUTRAL)
    durable.sync_folder = lambda folder: None  # type: ignore[attr-defined]


class Appends:
    """A record on a disk, and its remote elsewhere."""

    def __init__(self, folder: Path, store: Path) -> None:
        self._clone = folder / "disk" / "clone"
        self._remote = folder / "remote.git"
        self._clone.parent.mkdir()
        self._disk = Disk(self._clone.parent, store)
        self._disk.format(48)
        with self._disk.fresh():
            _git("init", "-q", "-b", "main", str(self._clone))
            for setting in (
                "user.name=Olga",
                "user.email=olga@shop.example",
                f"remote.origin.url={self._remote}",
            ):
                _git("-C", str(self._clone), "config", *setting.split("=", 1))
        self._disk.keep()

    def run(self, seed: int) -> Told:
        """Append, cut the power, look what is there."""
        rng = random.Random(seed)
        subprocess.run(["rm", "-rf", str(self._remote)], check=True)
        _git("init", "-q", "--bare", str(self._remote))
        with self._disk.fresh():
            acknowledged = self._append_until_dark(rng, rng.uniform(0, _LONGEST_RUN))
        with self._disk.after_the_cut():
            return self._look(seed, acknowledged)

    def _append_until_dark(self, rng: random.Random, seconds: float) -> int:
        """The number of appends that were acknowledged."""
        hears, tells = os.pipe()
        if os.fork() == 0:
            try:
                self._append(tells, rng)
            finally:
                os._exit(1)
        os.close(tells)
        with os.fdopen(hears, "rb") as told:
            first = told.readline()  # from here on there is something to lose
            time.sleep(seconds)
            self._disk.cut()
            kin.end_all()
            return len([first, *told.readlines()])

    def _append(self, tells: int, rng: random.Random) -> None:
        ports, number = self._ports(), 0
        while True:
            number += 1
            anchored = rng.random() < _ANCHORED
            _append(ports, number, anchored=anchored)
            os.write(tells, b"%d\n" % number)

    def _look(self, seed: int, acknowledged: int) -> Told:
        wrong = []
        checked = subprocess.run(
            ["git", "-C", str(self._clone), "fsck"], capture_output=True, text=True, check=False
        )
        bad = [
            line
            for line in (checked.stdout + checked.stderr).splitlines()
            if not line.startswith(("notice", "dangl"))
        ]
        wrong += [f"git fsck: {line}" for line in bad]
        locks = sorted(path.name for path in (self._clone / ".git" / "refs").rglob("*.lock"))
        try:
            ports = self._ports()
            facts = [entry.fact for entry in ports.ledger.read().entries]
            numbers = [int(fact.event) for fact in facts if isinstance(fact, Notified)]
            wrong += [finding.sentence for finding in ports.ledger.verify().findings]
            wrong += apart_from_remote(self._clone, self._remote)
            if numbers != list(range(1, len(numbers) + 1)) or len(numbers) < acknowledged:
                wrong.append(f"{acknowledged} were acknowledged, and the record has {numbers}")
            return Told(seed, acknowledged, wrong, locks, _go_on(ports, len(numbers) + 1))
        except Refused as error:
            return Told(seed, acknowledged, [*wrong, str(error)], locks)

    def _ports(self) -> Ports:
        return wiring.open_ports(self._clone, lambda _: None)


def _go_on(ports: Ports, number: int) -> str:
    """Append once more; where a lock is in the way, do what the refusal says. The first refusal's sentence."""
    try:
        _append(ports, number, anchored=True)
        return ""
    except Refused as error:
        (finding,) = error.findings
        words = shlex.split(finding.next.rpartition("where none does: ")[2])
        assert words[0] == "rm", finding
        subprocess.run(words, check=True)
    _append(ports, number, anchored=True)
    return finding.sentence


def _append(ports: Ports, number: int, *, anchored: bool) -> None:
    fact = Notified(
        at="2026-11-22T03:00:00Z", by="olga@shop.example", event=str(number), delivered=True, said=""
    )
    ports.ledger.append(
        lambda _: Append("HF-1", (fact,), {f"{number}.txt": b"%d\n" % number}), anchor=anchored
    )


def apart_from_remote(clone: Path, remote: Path) -> list[str]:
    """Either has all that the other has: a fact that must be anchored is on the remote first, any other one here."""
    there, here = _head(remote), _head(clone / ".git")
    if not there or _holds(clone / ".git", here, there) or _holds(remote, there, here):
        return []
    return [f"the remote has {there[:12]}, this clone has {here[:12]}, and neither holds the other"]


def _head(repository: Path) -> str:
    asked = ["git", f"--git-dir={repository}", "rev-parse", "-q", "--verify", "refs/heads/hotfix-record"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()


def _holds(repository: Path, head: str, other: str) -> bool:
    asked = ["git", f"--git-dir={repository}", "merge-base", "--is-ancestor", other, head]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def _git(*words: str) -> None:
    subprocess.run(["git", *words], check=True, stdin=subprocess.DEVNULL)
