"""A light world to which everything happens at once, or one thing at a time."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adversity.places import Place
from stories.people import Said
from stories.shelf import Shelf
from stories.world import ACTIVATE, LIVE, POLICY, UNITS, World

_LONGEST = 180.0
NOTIFY = """\
[ ! -e "{ops}/nobody-answers" ] || sleep 1000
cat >> "{ops}/told"
"""
NOTED = """\
printf '%s %s %s begins\\n' "$(date +%s.%N)" "$1" "$2" >> "{log}"
"""
# What a process serves is written over in its place: a disk that is full has no room for it anew.
RESTART = (
    NOTED
    + """\
printf '%-40s\\n' "$(basename "$(readlink "$3/current")")" 1<> "{ops}/serves-$1"
printf '%s %s %s ends\\n' "$(date +%s.%N)" "$1" "$2" >> "{log}"
"""
)
CHECK = """\
read -r release < "{ops}/serves-$HOTFIX_UNIT" || exit 2
cd "{units}/$HOTFIX_UNIT" || exit 2
said=$(sh "releases/$release/$1" 2 3)
echo "$1 says $said"
[ "$said" = "$2" ]
"""


class Besieged(World):
    """Its team is told by a notifier, and its effects say when they began, in a file outside of all troubles."""

    def __init__(self, folder: Path, shelf: Shelf, log: Path) -> None:
        self.log = log
        super().__init__(folder, shelf)
        self.fix = self.rita.git("rev-parse", "refs/kept/fix")

    @property
    def ops(self) -> Path:
        """The team's scripts."""
        return self.folder / "ops"

    def _build(self) -> None:
        super()._build()
        self.rita.git("update-ref", "refs/kept/fix", "HEAD")
        (self.ops / "notify.sh").write_text(NOTIFY.format(ops=self.ops))
        self.change_policy(
            'service = "shop"\n', f'service = "shop"\nnotify = ["sh", "{self.ops}/notify.sh"]\n'
        )

    def note_effects(self) -> None:
        """From now on effects say when they begin and end."""
        ends = f'printf \'%s %s %s ends\\n\' "$(date +%s.%N)" "$1" "$2" >> \'{self.log}\'\n'
        (self.ops / "activate.sh").write_text(NOTED.format(log=self.log) + ACTIVATE + ends)

    def what_serves(self, unit: str) -> Path:
        """The file that says what the unit serves."""
        return self.folder / "units" / unit / "release"


class InFolders(Besieged):
    """Units of kind ``release-dir``, whose running processes are not on any disk."""

    def _build(self) -> None:
        super()._build()
        (self.ops / "restart.sh").write_text(RESTART.format(log=self.log, ops=self.ops))
        (self.ops / "check.sh").write_text(CHECK.format(ops=self.ops, units=self.folder / "units"))
        for unit in UNITS:
            (self.folder / "units" / unit / "current").symlink_to(f"releases/{LIVE}")
            self.what_serves(unit).write_text(f"{LIVE:<40}\n")
        policy = POLICY[POLICY.index("[target.app]") : POLICY.index("[env.production]")]
        new = (
            '[target.app]\nkind = "release-dir"\n'
            f'observe = ["sh", "-c", "cat \\"{self.ops}/serves-$HOTFIX_UNIT\\""]\n'
            f'restart = ["sh", "{self.ops}/restart.sh", "{{unit}}", "{{release}}", "{{root}}"]\n'
            'timeout = "10s"\nstart_timeout = "1s"\n\n'
        )
        self.change_policy(policy.format(ops=self.ops, units=self.folder / "units"), new)

    def note_effects(self) -> None:
        """They always do."""

    def what_serves(self, unit: str) -> Path:
        return self.ops / f"serves-{unit}"


@dataclass(frozen=True)
class Effect:
    """One run of the team's command."""

    at: float
    unit: str
    release: str
    what: str


@dataclass
class Siege:
    """A world in a place of its own, where Olga types."""

    world: Besieged
    place: Place
    silent: str
    """The URL of a port that takes every connection and never says a word."""
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        """Olga's, where her clone is and the state of her tools."""
        return self.world.olga.home.resolve()

    @property
    def clone(self) -> Path:
        """Where she works."""
        return self.home / "shop"

    def git(self, *words: str) -> None:
        """Olga runs git, as nobody but she can in here."""
        self.place.do("git", "-C", str(self.clone), *words, env=self.world.olga.environment)

    def ask(self, url: str) -> None:
        """Let Olga's clone have its remote there."""
        self.git("config", "remote.origin.url", url)

    def argv(self, *words: str) -> list[str]:
        """What Olga's terminal runs."""
        return self.place.argv(self.world.olga.clone, sys.executable, "-m", "hotfix", *words)

    def hotfix(self, *words: str, exits: int | None = 0) -> Said:
        """Olga runs hotfix; it must end with `exits` (None: any)."""
        done = subprocess.run(
            self.argv(*words),
            env=self.world.olga.environment | self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_LONGEST,
        )
        said = Said(done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in said.all, said.all
        assert exits is None or said.code == exits, f"{words!r} ended with {said.code}:\n{said.all}"
        return said

    def effects(self) -> list[Effect]:
        """What was done to units so far."""
        lines = self.world.log.read_text().splitlines() if self.world.log.exists() else []
        return [Effect(float(at), *rest) for at, *rest in (line.split() for line in lines)]

    def serves(self) -> list[str]:
        """What the units serve, in order."""
        return [self.place.do("cat", str(self.world.what_serves(unit))).strip() for unit in UNITS]

    def facts(self) -> list[dict[str, Any]]:
        """All that is on record, as Olga's clone has it."""
        return [entry["fact"] for entry in json.loads(self.hotfix("log", "--json").raw_out)]

    def ship_and_die(self) -> None:
        """The machine that ships is gone as soon as the first unit is changed."""
        ship = subprocess.Popen(
            self.argv("ship"),
            env=self.world.olga.environment | self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while not any(effect.what == "ends" for effect in self.effects()):
            assert ship.poll() is None
            time.sleep(0.005)
        ship.kill()
        ship.wait()


@dataclass(frozen=True)
class Trouble:
    """Something that happens to a siege, and how it is over again."""

    name: str
    comes: Callable[[Siege], None]
    goes: Callable[[Siege], None]

    def __str__(self) -> str:
        return self.name


def _fill(siege: Siege) -> None:
    for folder in (siege.home, Path("/tmp"), Path("/var/tmp")):
        siege.place.fill(folder)


def _free(siege: Siege) -> None:
    for folder in (siege.home, Path("/tmp"), Path("/var/tmp")):
        siege.place.free(folder)


def _lock_home(siege: Siege) -> None:
    """All of it but the clone, which lies in it here."""
    siege.place.do("mount", "--bind", str(siege.home), str(siege.home))
    siege.place.do("mount", "--bind", str(siege.clone), str(siege.clone))
    siege.place.do("mount", "-o", "remount,bind,ro", str(siege.home))


def _unlock_home(siege: Siege) -> None:
    siege.place.do("umount", str(siege.clone), str(siege.home))


def _ask_silence(siege: Siege) -> None:
    siege.ask(siege.silent)


def _ask_a_wall(siege: Siege) -> None:
    """As ssh to a machine that drops every packet: it hears nothing, not even that its git is gone."""
    (siege.world.ops / "ssh.sh").write_text("exec sleep 600\n")
    siege.environment["GIT_SSH_COMMAND"] = f"sh {siege.world.ops}/ssh.sh"
    siege.ask("ssh://git.shop.example/shop")


def _ask_again(siege: Siege) -> None:
    siege.ask(str(siege.world.remote))


def _garbage(siege: Siege) -> None:
    siege.world.on_trunk({"hotfix.toml": "version = [[[ nobody read this\n"}, "Tidy the policy")
    siege.git("fetch", "-q")


def _mend_policy(siege: Siege) -> None:
    siege.world.rita.git("revert", "--no-edit", "HEAD")
    siege.world.rita.git("push", "-q", "origin", "main")


FULL = Trouble("the disk is full", _fill, _free)
READ_ONLY = Trouble(
    "the repository is read-only",
    lambda siege: siege.place.read_only(siege.clone),
    lambda siege: siege.place.writable(siege.clone),
)
NO_HOME = Trouble("the home folder is read-only", _lock_home, _unlock_home)
GONE = Trouble(
    "the remote is gone",
    lambda siege: siege.place.do("mv", str(siege.world.remote), f"{siege.world.remote}.gone"),
    lambda siege: siege.place.do("mv", f"{siege.world.remote}.gone", str(siege.world.remote)),
)
SILENT = Trouble("the remote never answers", _ask_silence, _ask_again)
WALLED = Trouble("ssh hears nothing", _ask_a_wall, _ask_again)
GARBAGE = Trouble("the policy on trunk is broken", _garbage, _mend_policy)
UNHEARD = Trouble(
    "the notifier hangs",
    lambda siege: (siege.world.ops / "nobody-answers").touch(),
    lambda siege: (siege.world.ops / "nobody-answers").unlink(),
)
EVERYTHING = (GARBAGE, UNHEARD, SILENT, FULL, NO_HOME, READ_ONLY)
"""In an order in which each of them can come, and in reverse can go."""
