"""Runs in which the machine of whoever ships loses its power in the middle of it; the units and the remote do not."""

import random
import subprocess
import sys
import time
from pathlib import Path

from hotfix import wiring
from hotfix.record.facts import Activating, Planned, Returning
from hotfix.record.hotfix import fold_all
from powercut import kin
from powercut.appends import Told, apart_from_remote
from powercut.disk import Disk
from stories.people import Person
from stories.world import LIVE, UNITS, World

_LINES = 14
"""What a ship says, about: the cut comes soon after one of these."""
_SOON = 0.25


class Ships:
    """The light world, with everybody's home on a disk; units and remote are elsewhere."""

    def __init__(self, folder: Path, store: Path) -> None:
        self._folder = folder
        (folder / "people").mkdir()
        self._disk = Disk(folder / "people", store)
        self._disk.format(96)
        with self._disk.fresh():
            self._world = World(folder).rehearsed()
            (folder / "people" / "tmp").mkdir()
        self._disk.keep()
        for name in ("units", "remote.git"):
            _copy(folder / name, folder / f"{name}.kept")

    def run(self, seed: int) -> Told:
        """Ship, cut the power, look what is there, take it back."""
        rng = random.Random(seed)
        for name in ("units", "remote.git"):
            subprocess.run(["rm", "-rf", str(self._folder / name)], check=True)
            _copy(self._folder / f"{name}.kept", self._folder / name)
        before = self._effects()
        with self._disk.fresh():
            self._ship_until_dark(rng.randint(1, _LINES), rng.uniform(0, _SOON))
        with self._disk.after_the_cut():
            return self._look(seed, {unit: self._effects()[unit] - before[unit] for unit in UNITS})

    @property
    def _olga(self) -> Person:
        return self._world.olga

    def _effects(self) -> dict[str, int]:
        return {unit: len(self._world.orders(unit)) // 3 for unit in UNITS}

    def _ship_until_dark(self, lines: int, seconds: float) -> None:
        said = self._folder / "said"
        with said.open("wb") as output:
            ship = subprocess.Popen(
                [sys.executable, "-m", "hotfix", "ship"],
                cwd=self._olga.clone,
                env=self._olga.environment | self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
            while ship.poll() is None and said.read_bytes().count(b"\n") < lines:
                time.sleep(0.005)
            time.sleep(seconds)
            self._disk.cut()
            kin.end_all()
            ship.wait()

    def _look(self, seed: int, effects: dict[str, int]) -> Told:
        ledger = wiring.open_ports(self._olga.clone, lambda _: None).ledger
        entries = ledger.read().entries
        wrong = [finding.sentence for finding in ledger.verify().findings]
        wrong += apart_from_remote(self._olga.clone, self._world.remote)
        hotfix = fold_all(entries)["HF-1"]
        facts = [entry.fact for entry in entries]
        shipped = len(hotfix.ships) > 1  # the first one was the rehearsal
        begun = next(
            (at for at, fact in enumerate(facts) if isinstance(fact, Planned) and fact.ship == 2), len(facts)
        )
        for unit, number in effects.items():
            intents = [f for f in facts[begun:] if isinstance(f, Activating | Returning) and unit in f.units]
            if number > len(intents):
                wrong.append(f"{unit}: {number} effects and {len(intents)} intents")
        locks = sorted(path.name for path in (self._olga.clone / ".git" / "refs").rglob("*.lock"))
        wrong += self._take_back() if shipped else []
        return Told(seed, len(entries), wrong, locks, "", sum(effects.values()))

    def _take_back(self) -> list[str]:
        """The next that is typed after the cut is the way back; what it could not write down then follows."""
        self._olga.hotfix("rollback", env=self._environment)
        for lock in (self._olga.clone / ".git" / "refs").rglob("*.lock"):
            lock.unlink()
        self._olga.hotfix("ship", "--plan", exits=None, env=self._environment)
        ended = [
            line
            for line in self._olga.hotfix("status", env=self._environment).out.splitlines()
            if "rolled back" in line
        ]
        wrong = (
            []
            if self._world.serves() == [LIVE, LIVE]
            else [f"units serve {self._world.serves()} after the rollback"]
        )
        wrong += [] if ended else ["the record does not say that it was rolled back"]
        verified = self._olga.hotfix("log", "--verify", exits=None, env=self._environment)
        return wrong + ([verified.all] if verified.code else [])

    @property
    def _environment(self) -> dict[str, str]:
        # On the same disk: the cards' second copy has to survive as well.
        return {"TMPDIR": str(self._folder / "people" / "tmp")}


def _copy(old: Path, new: Path) -> None:
    subprocess.run(["cp", "-a", str(old), str(new)], check=True)
