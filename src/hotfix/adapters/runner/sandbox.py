"""What the tests of a hotfix may see and use: somebody's code, on a machine that may hold keys to production.

What is shown is listed here, place by place; everything else of the machine stays outside: the home directory, the
repository with its record and configuration, other people's temporary files, sockets of agents and daemons. Where the
kernel does not let this person make such walls the tests still have an environment and a home of their own, and it is
said plainly that they could read the rest.
"""

import marshal
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from io import RawIOBase
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from hotfix.adapters.scratch import Scratch, places
from hotfix.policy import rules

OUTPUT_LIMIT = 64 * 2**20
"""Bytes of output after which a run is ended: no honest test run writes as much, and disks are finite."""
OUTPUT_KEPT = 2**20
"""Bytes kept of the output, from its end."""
FILE_LIMIT = 8 * 2**30
"""Bytes of one file that a test may write."""
INSIDE = "/proof"
"""Where a run finds its own folder: the same path for every tree, on every machine."""

_SYSTEM = ("usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "etc", "opt", "nix", "sys")
_BESIDE_BIN = ("lib", "lib64", "libexec", "include", "versions", "pyvenv.cfg")
"""Not ``share``: beside ``~/.local/bin`` that is where keyrings lie."""
_PROGRAMS = frozenset({"bin", "sbin", "shims"})
_HIDDEN = (
    *("/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/etc/sudoers.d", "/etc/ssh", "/etc/ssl/private"),
    *("/etc/kubernetes", "/etc/docker", "/etc/rancher", "/etc/letsencrypt", "/etc/wireguard", "/etc/openvpn"),
)
"""Within what is shown: what only root may read, and root's tests could."""
_LAUNCHER = Path(__file__).with_name("launcher.py")
_LOOK_EVERY = 0.2
_DYING = 10.0


class Ended(msgspec.Struct, frozen=True):
    """How a command ended. A negative `exit` is the signal that ended it."""

    exit: int
    seconds: float
    output: bytes
    problem: str = ""
    """Why its exit code says nothing: not started, time-out, too much of something."""
    timed_out: bool = False
    tried_network: bool = False
    """It asked for an address beyond loopback, and was refused."""

    @property
    def killed_by(self) -> str:
        """The signal that ended it; empty where it ended by itself."""
        return f"signal {-self.exit}" if self.exit < 0 else ""

    def last_words(self, lines: int = 5, about: str = "") -> str:
        """The last lines of its output that speak of `about`, for a sentence."""
        said = [line.strip() for line in self.output.decode("utf-8", "replace").splitlines()]
        return " / ".join([line for line in said if line and about in line.lower()][-lines:])[-600:]


class Room:
    """The folder of one run: ``tree``, and a ``home``, a ``tmp`` and an ``out`` of its own."""

    def __init__(self, folder: Path, cache: Path, walled: bool) -> None:
        self.folder = folder
        self.tree, self.home, self.tmp, self.out = (folder / name for name in ("tree", "home", "tmp", "out"))
        self.cache = cache
        """Kept from run to run of one tree, for what compilers and package managers would make again."""
        self.shared_cache = cache.with_name("shared-cache")
        """Kept for all trees of a proof: only for what is known by its content."""
        self._walled = walled
        for own in (self.home, self.tmp, self.out, cache, self.shared_cache):
            own.mkdir(parents=True, exist_ok=True)

    def inside(self, path: Path) -> str:
        """How the command itself calls `path`, which lies in this room."""
        if not self._walled:
            return str(path)
        for cache, name in ((self.cache, "cache"), (self.shared_cache, "shared")):
            if path.is_relative_to(cache):
                return str(Path(INSIDE, name) / path.relative_to(cache))
        return str(Path(INSIDE) / path.relative_to(self.folder))

    @property
    def places(self) -> tuple[Path, ...]:
        """What the command finds in its own folder, and may write."""
        return (self.tree, self.home, self.out, self.cache, self.shared_cache)

    @property
    def hidden(self) -> dict[str, str]:
        """Paths that differ from run to run, or from machine to machine, and what is shown in their place."""
        own = {self.inside(self.tree): "<tree>", self.inside(self.folder): "<run>"}
        return own | {str(self.tree): "<tree>", str(self.folder): "<run>"}


class Sandbox:
    """How commands of one proof are run, by the policy's ``[test]``."""

    def __init__(self, rule: rules.Test, see: Iterable[str] = ()) -> None:
        self._rule = rule
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopped = False
        self._see = [os.path.expandvars(os.path.expanduser(path)) for path in (*rule.see, *see)]

    @cached_property
    def why_not_walled(self) -> str:
        """Why the kernel lets this person make no walls; empty where it does. Asked once, by making some."""
        scratch = Scratch(Path(places()[0]), "walls")
        room = Room(scratch.path / "run", scratch.path / "cache", walled=True)
        room.tree.mkdir()
        output = scratch.path / "output"
        said, _ = self._launch(["/bin/sh", "-c", ":"], room, {}, 20.0, output, walls=True)
        scratch.cleanup()
        if said.get("started") != "yes":
            return said.get("why") or "the sandbox gave no answer"
        stands = said.get("walled") == "yes" and said.get("exit") == "0"
        return "" if stands else said.get("why") or "a trial failed"

    @property
    def walled(self) -> bool:
        """Whether the command sees only what is listed."""
        return not self.why_not_walled

    @property
    def refuses(self) -> str:
        """Why nothing may be run here: the policy asks for walls, and there are none."""
        if self._rule.sandbox != "required" or self.walled:
            return ""
        return f"`[test] sandbox` is required, and {self.why_not_walled}"

    @property
    def words(self) -> str:
        """What holds the tests back, in words for the screen and the record."""
        if not self.walled:
            return f"NOT WALLED: they could read this person's files and reach the network ({self.why_not_walled})"
        if self._rule.network == "loopback":
            return "walled: no home, no repository, no network beyond loopback"
        return "walled: no home, no repository; THE MACHINE'S NETWORK is theirs by policy"

    def stop(self) -> None:
        """End whatever runs now; nothing more is started."""
        self._stopped = True
        for process in tuple(self._running):
            process.terminate()

    def run(self, argv: Sequence[str], room: Room, env: Mapping[str, str], timeout: float) -> Ended:
        """Run `argv` in the room's tree; within `timeout` seconds it is over, with all that it started."""
        began = time.monotonic()
        if self._stopped:
            return Ended(-signal.SIGKILL, 0.0, b"", "it was interrupted")
        output = room.folder / "output"
        said, timed_out = self._launch(argv, room, env, timeout, output, walls=self.walled)
        raw = _tail(output)
        problem, exit = said.get("problem", ""), _number(said.get("exit", ""))
        if timed_out and not problem:
            problem = f"it was not done after {timeout:g} s, and was ended"
        elif said.get("started") != "yes":
            problem = f"the sandbox could not be made: {said.get('why') or 'it gave no answer'}"
        elif exit is None and not problem:
            problem = "it ended without an exit code, together with what watched over it"
        seconds = time.monotonic() - began
        refused = said.get("tried_network", "0") != "0"
        return Ended(-signal.SIGKILL if exit is None else exit, seconds, raw, problem, timed_out, refused)

    def _launch(
        self,
        argv: Sequence[str],
        room: Room,
        env: Mapping[str, str],
        timeout: float,
        output: Path,
        *,
        walls: bool,
    ) -> tuple[dict[str, str], bool]:
        """What the launcher told, and whether time was up."""
        listen, tell = os.pipe()
        with os.fdopen(listen, "rb", buffering=0) as told:
            try:
                process = self._start(self._order(argv, room, env, tell, walls), output, tell)
            finally:
                os.close(tell)
            lines: list[bytes] = []
            self._running.add(process)
            try:
                problem = _listen(told, lines, output, time.monotonic() + timeout)
            finally:
                self._running.discard(process)
                _end(process)
                if not walls:
                    end_strays(room.folder)
        said = _said(b"".join(lines))
        if problem and "exit" not in said:
            said["problem"] = "" if problem == _TIME_UP else problem
        return said, problem == _TIME_UP

    def _start(self, order: dict[str, Any], output: Path, tell: int) -> subprocess.Popen[bytes]:
        with output.open("wb") as sink:
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_LAUNCHER)],
                env={"PATH": os.defpath},
                stdin=subprocess.PIPE,
                stdout=sink,
                stderr=subprocess.STDOUT,
                pass_fds=(tell,),
                start_new_session=True,
            )
        # Not as an argument: that is bounded, and everybody on the machine can read it.
        if process.stdin is not None:
            with suppress(BrokenPipeError), process.stdin:
                process.stdin.write(marshal.dumps(order))
        return process

    def _order(
        self, argv: Sequence[str], room: Room, env: Mapping[str, str], tell: int, walls: bool
    ) -> dict[str, Any]:
        shown, links = self._shown(argv[0], env.get("PATH", ""))
        root = room.folder / "root"
        if walls:
            root.mkdir(exist_ok=True)
        return {
            "parent": os.getpid(),
            "tell": tell,
            "walls": walls,
            "required": walls,
            "network": self._rule.network,
            "root": str(root),
            "see": shown,
            "hide": [path for path in _HIDDEN if os.path.exists(path)],
            "own": [
                *([str(path), room.inside(path)] for path in room.places),
                [str(room.tmp), f"{INSIDE}/tmp"],
                [str(room.tmp), "/tmp"],
            ],
            "folders": ["/root", "/home", "/run", "/var/tmp"],
            "links": [*links, ["/var/run", "/run"]],
            "argv": list(argv),
            "env": dict(env),
            "cwd": f"{INSIDE}/tree" if walls else str(room.tree),
            "memory": self._rule.memory * 2**20,
            "processes": self._rule.processes,
            "file": FILE_LIMIT,
        }

    def _shown(self, command: str, path: str) -> tuple[list[str], list[list[str]]]:
        """Places of the machine that the command may read, none within another, and links at the root."""
        tops = [f"/{name}" for name in _SYSTEM if os.path.lexists(f"/{name}")]
        links = [[top, os.readlink(top)] for top in tops if os.path.islink(top)]
        wanted = [top for top in tops if not os.path.islink(top)]
        found = shutil.which(command, path=path) or command
        for program in dict.fromkeys((found, os.path.realpath(found))):
            if os.path.isabs(program):
                wanted += _tool(os.path.dirname(program))
        for folder in filter(os.path.isabs, path.split(os.pathsep)):
            own = os.path.exists(os.path.join(os.path.dirname(folder), "pyvenv.cfg"))
            wanted += _tool(folder) if own else [folder]
        wanted += [str(each) for path in self._see for each in {path, os.path.realpath(path)}]
        return _outermost(path for path in wanted if os.path.exists(path)), links


_TIME_UP = "time is up"


def _tool(folder: str) -> list[str]:
    """A folder of programs, and what lies beside it for them; of a virtual environment, its interpreter's too."""
    beside = os.path.dirname(folder)
    found = [folder]
    if os.path.basename(folder) in _PROGRAMS and beside not in ("/", os.path.expanduser("~")):
        found += [os.path.join(beside, name) for name in _BESIDE_BIN]
        with suppress(OSError, UnicodeDecodeError):
            for line in Path(beside, "pyvenv.cfg").read_text().splitlines():
                key, _, value = (part.strip() for part in line.partition("="))
                if key == "home" and os.path.isabs(value) and value != folder:
                    found += _tool(value) + _tool(os.path.realpath(value))
    return found


def _outermost(paths: Iterable[str]) -> list[str]:
    chosen: list[str] = []
    for path in sorted({os.path.normpath(path) for path in paths}):
        if path != "/" and not any(path.startswith(outer + "/") for outer in chosen):
            chosen.append(path)
    return chosen


def _said(told: bytes) -> dict[str, str]:
    """What the launcher told, newest last; what it was ended in the middle of is no line."""
    words = [word.partition(b"=") for line in told.split(b"\n")[:-1] for word in line.split(b"\0")]
    return {name.decode("utf-8", "replace"): value.decode("utf-8", "replace") for name, _, value in words}


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?[0-9]{1,3}", text) else None


def _listen(told: RawIOBase, lines: list[bytes], output: Path, deadline: float) -> str:
    """Collect what the launcher tells, until it has no more to tell; or why it is not waited for any longer."""
    while True:
        ready, _, _ = select.select([told], [], [], min(_LOOK_EVERY, max(0.0, deadline - time.monotonic())))
        if ready:
            if not (said := told.read(65536)):
                return ""
            lines.append(said)
        elif time.monotonic() >= deadline:
            return _TIME_UP
        elif output.stat().st_size > OUTPUT_LIMIT:
            return f"it wrote more than {OUTPUT_LIMIT // 2**20} MiB of output, and was ended"


def _end(process: subprocess.Popen[bytes]) -> None:
    """The launcher ends what it started and then itself; where a test ended the launcher, who is left is found."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_DYING)
    process.kill()
    process.wait()


def end_strays(folder: Path) -> None:
    """End every process whose home lies in `folder`: no other process ever had such a home.

    Only needed where there were no walls, and on Linux only.
    """
    mark = b"HOME=" + os.fsencode(folder) + b"/"
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if any(each.startswith(mark) for each in environ.read_bytes().split(b"\0")):
                os.kill(int(environ.parent.name), signal.SIGKILL)


def _tail(output: Path) -> bytes:
    with output.open("rb") as file:
        return _last(file)


def _last(file: BinaryIO) -> bytes:
    size = os.fstat(file.fileno()).st_size
    return os.pread(file.fileno(), OUTPUT_KEPT, max(0, size - OUTPUT_KEPT))
