"""A hotfix that may ship, made once and copied for every trial to one and the same place: paths are part of it."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from faults.fleet import BASE, Fleet, answering
from nursery import Nursery, Running
from stories.people import DECIDED, Person

POLICY = """\
version = 1
service = "shop"

[deciders]
oncall = ["olga@shop.example"]
seniors = ["rita@shop.example"]

[test]
runner = "script"
run = ["sh", "regression.sh"]
files = ["regression.sh"]
repeats = 2

[check.total]
kind = "http"
path = "/total"

[check.alive]
kind = "http"
path = "/alive"

[target.app]
kind = "release-dir"
observe = "/version"
restart = ["sh", "{restart}", "{{unit}}", "{{release}}"]
timeout = "5s"
start_timeout = "2s"

[env.production]
target = "app"
waves = [["web-1"], ["web-2", "web-3", "web-4"]]
goals = ["total"]
guards = ["alive"]
window = "300ms"
interval = "50ms"
patience = "4s"
lease = "{lease}s"

[env.production.units]
"""
LEASE = 2
UNIT = '{unit} = {{ root = "{root}", url = "{url}/{unit}" }}\n'


@dataclass(frozen=True)
class Seat:
    """A clone on a machine: another seat reaches the remote and the units, and none of its processes."""

    name: str
    clone: Path
    environment: Mapping[str, str]


class Scene:
    """The world of the trials: production in `units`, a bare remote, and olga at two machines."""

    def __init__(self, folder: Path, nursery: Nursery, fleet: Fleet) -> None:
        self.folder = folder
        self.world = folder / "world"
        self.nursery = nursery
        self.fleet = fleet
        self.remote = self.world / "remote.git"
        olga = Person("olga", self.world / "people" / "olga")
        self._olga, self._rita = olga, Person("rita", self.world / "people" / "rita")
        self.desk = self._seat("desk", olga.clone)
        self.laptop = self._seat("laptop", olga.home / "laptop")
        self._runs = 0

    def _seat(self, name: str, clone: Path) -> Seat:
        own = {
            "XDG_STATE_HOME": f"{self.world}/machines/{name}/state",
            "TMPDIR": f"{self.world}/machines/{name}/tmp",
        }
        return Seat(name, clone, {**self._olga.environment, "HOTFIX_TRACE": "1", **own})

    # -- commands --

    def start(self, seat: Seat, *argv: str) -> Running:
        """Begin a command at the seat."""
        self._runs += 1
        out = self.world / "said" / f"{self._runs:02d}-{argv[0]}.out"
        return self.nursery.start(argv, seat.clone, seat.environment, out)

    # -- the kept worlds --

    def prepare(self, url: str) -> None:
        """Live up to the open gates, keep that; ship, keep that too."""
        self._build(url)
        for person, words in (
            (self._olga, ("start", "Totals are wrong", *DECIDED)),
            (self._olga, ("pick", "origin/main")),
            (self._rita, ("review", "--approve")),
            (self._rita, ("authorize",)),
        ):
            person.hotfix(*words)
        self._clone(self.laptop.clone)
        self._keep("approved")
        self._olga.run("hotfix", "rehearse", env=self.desk.environment)
        self._keep("rehearsed")
        shipping = self.start(self.desk, "ship")
        assert self.nursery.wait(shipping, 60.0) == 0, shipping.told
        self._keep("validated")

    def set_up(self, point: str) -> None:
        """The world stands at `point` again: ``approved``, ``rehearsed`` or ``validated``."""
        shutil.rmtree(self.world)
        shutil.copytree(self.folder / "kept" / point, self.world, symlinks=True)
        self._runs = 0

    def put_aside(self, name: str) -> Path:
        """Keep the world as it is, for a person to look at."""
        aside = self.folder / name
        shutil.rmtree(aside, ignore_errors=True)
        shutil.copytree(self.world, aside, symlinks=True)
        return aside

    def _keep(self, point: str) -> None:
        shutil.copytree(self.world, self.folder / "kept" / point, symlinks=True)

    def _build(self, url: str) -> None:
        restart = self.world / "restart.sh"
        for folder in (
            self.world / "said",
            *(Path(seat.environment["TMPDIR"]) for seat in (self.desk, self.laptop)),
        ):
            folder.mkdir(parents=True)
        self.fleet.install(restart, (self.desk.clone, self.laptop.clone))
        rita = self._rita
        for person in (self._olga, rita):
            person.move_in()
        self._git("init", "-q", "--template=", "--bare", "-b", "main", str(self.remote))
        self._git("--git-dir", str(self.remote), "config", "core.logAllRefUpdates", "always")
        rita.clone.mkdir()
        rita.git("init", "-q", "--template=")
        rita.git("remote", "add", "origin", str(self.remote))
        units = "".join(
            UNIT.format(unit=unit, root=self.fleet.folder / unit, url=url) for unit in self.fleet.serves()
        )
        policy = POLICY.format(restart=restart, lease=LEASE) + units
        signers = self._olga.signer + rita.signer
        rita.commit(
            {"hotfix.toml": policy, ".hotfix/allowed_signers": signers, "total.sh": "echo $(($1 - $2))\n"},
            "Totals",
        )
        rita.git("tag", BASE)
        rita.commit(
            {"total.sh": "echo $(($1 + $2))\n", "regression.sh": 'test "$(sh total.sh 2 3)" = 5\n'},
            "Totals add up",
        )
        rita.git("push", "-q", "-u", "origin", "main", BASE)
        rita.git("remote", "set-head", "origin", "main")
        self._clone(self.desk.clone)

    def _clone(self, place: Path) -> None:
        self._git("clone", "-q", "--template=", str(self.remote), str(place))

    def _git(self, *words: str) -> None:
        subprocess.run(["git", *words], check=True, stdin=subprocess.DEVNULL, env=self._olga.environment)


@contextmanager
def scene_in(folder: Path) -> Iterator[Scene]:
    """A prepared scene in `folder`, and nothing left running after it."""
    with ExitStack() as stack:
        fleet = Fleet(folder / "world" / "units")
        url = stack.enter_context(answering(fleet))
        scene = Scene(folder, stack.enter_context(Nursery(adopts=True)), fleet)
        scene.prepare(url)
        yield scene
