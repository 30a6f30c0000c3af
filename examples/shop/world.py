"""Everything the demo happens in: people, a git remote, five running units of the shop, and a mail server.

All of it is real and lies in one folder; nothing outside it is touched, only loopback is spoken.

    with World(folder) as world:
        world.goes_out("web-1")     # does leaving a cart behind lead to an e-mail?
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from pathlib import Path
from shutil import copy
from string import Template
from types import TracebackType
from typing import Any
from urllib.error import HTTPError

from examples.shop.ports import free_ports
from examples.shop.repository import Person, Repository
from examples.shop.restart import pid_of, stopped

HERE = Path(__file__).parent
PRODUCTION = ("web-1", "web-2", "web-3", "web-4")
STAGING = "staging"
UNITS = (*PRODUCTION, STAGING)
LIVE = "v2.14.0"
BEFORE = "v2.13.0"


class World:
    """The shop, its people and its production, as they stand when the alarm comes in."""

    def __init__(self, folder: Path, fix: str = "fix") -> None:
        """Nothing happens yet. `fix` names the patch of history/ that is the tip of main."""
        self.folder = folder
        self.units = folder / "units"
        self.mailbox = folder / "mailbox.jsonl"
        self.notices = folder / "notices.jsonl"
        self.olga = Person("Olga Brandt", folder / "people" / "olga")
        self.rita = Person("Rita Moreau", folder / "people" / "rita")
        # The interpreter's own folder first: there are `hotfix` and a python3 with pytest.
        self.path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
        self.repository = Repository(folder / "remote.git", self.path)
        self._fix = fix
        *ports, self._mail_port = free_ports(len(UNITS) + 1)
        self._ports = dict(zip(UNITS, ports, strict=True))
        self._sink: subprocess.Popen[bytes] | None = None

    # -- opening and closing ----------------------------------------------------------------------

    def __enter__(self) -> "World":
        try:
            self._write_history()
            self._start_mail_server()
            for unit in UNITS:
                self._install(unit)
            for unit in UNITS:
                self.restart(unit)
            for unit in UNITS:
                _wait_for(self._ports[unit])
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every process of the shop, for good: a restart still under way finds the shop closed."""
        if self.units.exists():
            (self.units / "closed").touch()
        for unit in UNITS:
            if (self.units / unit).exists():
                with stopped(self.units / unit):
                    pass
        if self._sink is not None:
            self._sink.terminate()
            self._sink.wait()
            self._sink = None

    def _write_history(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for person in (self.olga, self.rita):
            person.move_in()
        self.repository.found(self.rita, self._policy(), self.olga.signer() + self.rita.signer())
        self.repository.grow(self.rita, self._fix)
        self.repository.clone(self.olga)

    def _policy(self) -> str:
        lines = [
            f'{unit} = {{ root = "{self.units / unit}", url = "{self.url(unit)}" }}' for unit in PRODUCTION
        ]
        return Template((HERE / "hotfix.toml.template").read_text()).substitute(
            units=self.units,
            mailbox=self.mailbox,
            notices=self.notices,
            production="\n".join(lines),
            staging=f'{STAGING} = {{ root = "{self.units / STAGING}", url = "{self.url(STAGING)}" }}',
        )

    def _start_mail_server(self) -> None:
        self._sink = subprocess.Popen(
            [sys.executable, str(HERE / "smtp_sink.py"), str(self._mail_port), str(self.mailbox)]
        )
        _wait_for(self._mail_port)

    def _install(self, unit: str) -> None:
        root = self.units / unit
        for release in (BEFORE, LIVE):
            self.repository.export(self.olga, release, root / "releases" / release)
        (root / "current").symlink_to(Path("releases") / LIVE)
        settings = {"port": self._ports[unit], "smtp": f"127.0.0.1:{self._mail_port}"}
        (root / "unit.json").write_text(json.dumps(settings))
        copy(HERE / "restart.py", self.units / "restart.py")

    # -- what production is asked -----------------------------------------------------------------

    def url(self, unit: str) -> str:
        """Where the unit answers."""
        return f"http://127.0.0.1:{self._ports[unit]}"

    def pid(self, unit: str) -> int | None:
        """The unit's process."""
        return pid_of(self.units / unit)

    def restart(self, unit: str) -> None:
        """Restart the unit on its current release, with the very script that a hotfix uses."""
        subprocess.run([sys.executable, str(self.units / "restart.py"), unit], check=True)

    def switch(self, unit: str, release: str) -> None:
        """Put the unit on another installed release by hand, and wait until it answers."""
        link = self.units / unit / "current"
        link.unlink()
        link.symlink_to(Path("releases") / release)
        self.restart(unit)
        _wait_for(self._ports[unit])

    def release(self, unit: str) -> str:
        """What the unit's process says that it serves."""
        _, answer = self.ask(unit, "/version")
        return str(json.loads(answer)["release"])

    def running_files(self, unit: str) -> Path:
        """The folder of the release that the unit runs."""
        return self.units / unit / "releases" / self.release(unit)

    def ask(self, unit: str, path: str, **body: object) -> tuple[int, str]:
        """Status and content: GET, or POST where there is a body. Raises URLError where nobody answers."""
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(self.url(unit) + path, data=data)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as answer:
            with answer:
                return answer.code, answer.read().decode()

    def sells(self, unit: str) -> bool:
        """Whether one can buy something on the unit."""
        cart = self._open_cart(unit, "kim@example.org")
        return self.ask(unit, "/checkout", cart=cart, card="4242")[0] == 200

    def goes_out(self, unit: str, patience: float = 2.0) -> bool:
        """Whether leaving a cart behind on the unit leads to an e-mail within `patience` seconds."""
        address = f"kim-{uuid.uuid4().hex}@example.org"
        cart = self._open_cart(unit, address)
        self.ask(unit, f"/carts/{cart}/abandon", by=address)
        until = time.monotonic() + patience
        while time.monotonic() < until:
            if any(address in mail["to"] for mail in self.mails()):
                return True
            time.sleep(0.05)
        return False

    def mails(self) -> list[dict[str, Any]]:
        """What the mail server took so far."""
        return [json.loads(line) for line in self.mailbox.read_text().splitlines()]

    def _open_cart(self, unit: str, address: str) -> str:
        _, answer = self.ask(unit, "/carts", email=address, items={"lamp": 4900})
        return str(json.loads(answer)["cart"])

    # -- git --------------------------------------------------------------------------------------

    def git(self, person: Person, *words: str) -> str:
        """Run git as that person in their clone."""
        return self.repository.git(person, *words)

    @property
    def fix(self) -> str:
        """The commit on main that cures the defect."""
        return self.git(self.olga, "rev-parse", "origin/main")


def _wait_for(port: int, patience: float = 20.0) -> None:
    """Until somebody listens on the port. Raises TimeoutError after `patience` seconds."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError(f"nobody listens on port {port} after {patience:g} s; see the unit's shop.log")
