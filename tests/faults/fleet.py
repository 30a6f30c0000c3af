"""Units that are folders, a server that answers for their running processes, and the log of what was done to them.

What a unit serves is in its own state file, written by its restart command alone: not the symlink. The
restart command notes when it began and ended, under which token, and what each clone's record was then;
its log is what effects are judged by.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

UNITS = ("web-1", "web-2", "web-3", "web-4")
BASE = "v1.1.0"
FIXED = "v1.1.0+hf.1"
FOREIGN = "v9.9.9-by-hand"

RESTART = """\
unit=$1 release=$2
cd {units}/"$unit" || exit 2
heads=
for clone in {clones}; do
    head=-
    [ -r "$clone/.git/refs/heads/hotfix-record" ] && read -r head < "$clone/.git/refs/heads/hotfix-record"
    heads="$heads $head"
done
note() {{
    printf '%s %s %s %s %s%s\\n' "$1" "$(date +%s.%N)" "$HOTFIX_TOKEN" "$release" "$HOTFIX_KEY" "$heads" >> effects
}}
set -- $(od -An -N2 -tu1 /dev/urandom)
note begins
sleep "$(printf '0.%03d' $(($1 * 60 / 512)))"
printf '%s\\n' "$release" > "serves.$$" && mv "serves.$$" serves
sleep "$(printf '0.%03d' $(($2 * 60 / 512)))"
note ends
"""
"""Takes up to 60 ms in all; killed anywhere, the unit serves the one release or the other."""


@dataclass(frozen=True)
class Effect:
    """One run of the restart command, as it noted it itself; `ended` is None where it was killed."""

    unit: str
    began: float
    token: int
    release: str
    key: str
    heads: tuple[str, ...]
    ended: float | None = None


class Fleet:
    """The units below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def install(self, restart: Path, clones: tuple[Path, ...]) -> None:
        """Every unit serves the base, whose files are there."""
        restart.write_text(RESTART.format(units=self.folder, clones=" ".join(map(str, clones))))
        for unit in UNITS:
            release = self.folder / unit / "releases" / BASE
            release.mkdir(parents=True)
            (release / "total.sh").write_text("echo $(($1 - $2))\n")
            (self.folder / unit / "current").symlink_to(f"releases/{BASE}")
            self.put(unit, BASE)

    def put(self, unit: str, release: str) -> None:
        """Let the unit serve something by hand, past every tool."""
        new = self.folder / unit / "serves.by-hand"
        new.write_text(release + "\n")
        new.replace(self.folder / unit / "serves")

    def serves(self) -> dict[str, str]:
        """What every unit serves."""
        return {unit: (self.folder / unit / "serves").read_text().strip() for unit in UNITS}

    def effects(self, unit: str) -> list[Effect]:
        """What was done to the unit, in the order in which it began."""
        log = self.folder / unit / "effects"
        found: list[Effect] = []
        for line in log.read_text().splitlines() if log.exists() else ():
            what, at, token, release, key, *heads = line.split()
            if what == "begins":
                found.append(Effect(unit, float(at), int(token), release, key, tuple(heads)))
            else:
                last = max(at for at, one in enumerate(found) if (one.token, one.key) == (int(token), key))
                found[last] = Effect(**{**vars(found[last]), "ended": float(at)})
        return found


class _Answers(BaseHTTPRequestHandler):
    """``/UNIT/version``, ``/UNIT/total`` (the goal) and ``/UNIT/alive`` (the guard)."""

    server: "_Server"

    def do_GET(self) -> None:
        _, unit, question = self.path.split("/")
        folder = self.server.fleet.folder / unit
        release = (folder / "serves").read_text().strip()
        if question == "version":
            self._say(200, release)
        elif question == "total":
            self._say(200 if release == FIXED else 500, release)
        else:
            broken = (folder / "breaks").exists() and release == FIXED
            self._say(500 if broken else 200, "down" if broken else "alive")

    def _say(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *words: object) -> None:
        """Nobody reads it."""

    def handle(self) -> None:
        """Whoever asks may be killed in the middle of it."""
        try:
            super().handle()
        except (ConnectionResetError, BrokenPipeError):
            self.close_connection = True


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    fleet: Fleet


@contextmanager
def answering(fleet: Fleet) -> Iterator[str]:
    """The units answer as long as the block runs; the URL that they share the beginning of."""
    with _Server(("127.0.0.1", 0), _Answers) as server:
        server.fleet = fleet
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="fleet")
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
