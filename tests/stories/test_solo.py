"""A developer alone, with a plain repository, one process and no set-up: the first hotfix takes six commands."""

import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from stories.people import Person, Said

SERVE = """\
import http.server, os, sys
port, release = int(sys.argv[1]), sys.argv[2]

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        total = eval(open(os.path.join(os.path.dirname(__file__), "total.txt")).read())
        told = {"/version": (200, release), "/total": (200 if total == 5 else 500, str(total)), "/": (200, "up")}
        status, text = told[self.path]
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *words):
        pass

server = http.server.HTTPServer(("127.0.0.1", port), Answer)
open(sys.argv[3], "w").write(f"{os.getpid()} {server.server_port}")
server.serve_forever()
"""

DEPLOY = """\
cd "$(dirname "$0")" || exit 2
[ -d "$HOTFIX_RELEASE" ] || cp -R "$HOTFIX_FILES" "$HOTFIX_RELEASE" || exit 2
read -r pid port < state
kill "$pid"
while kill -0 "$pid" 2>/dev/null; do sleep 0.02; done
nohup python3 "$HOTFIX_RELEASE/serve.py" "$port" "$HOTFIX_RELEASE" state >/dev/null 2>&1 &
"""

TEST = 'test "$(python3 -c \'print(eval(open("total.txt").read()))\')" = 5\n'


class Alone:
    """One person, one clone without a remote, one process that answers over HTTP."""

    def __init__(self, folder: Path) -> None:
        self.live = folder / "live"
        self.kim = Person("kim", folder / "kim")
        self.kim.move_in(with_key=False)
        self.kim.clone.mkdir()
        self.kim.git("init", "-q")
        self.kim.commit({"serve.py": SERVE, "total.txt": "2 - 3\n"}, "A service", author="kim")
        self.kim.git("tag", "v1.0")
        self._go_live()
        self.kim.commit({"ideas.txt": "not yet\n"}, "Ideas", author="kim")
        self.fix = self.kim.commit({"total.txt": "2 + 3\n", "tests/regression.sh": TEST}, "Add", author="kim")

    def _go_live(self) -> None:
        (self.live / "v1.0").mkdir(parents=True)
        for name in ("serve.py", "total.txt"):
            (self.live / "v1.0" / name).write_text((self.kim.clone / name).read_text())
        (self.live / "deploy.sh").write_text(DEPLOY)
        # A shell in between, so that the service is nobody's child and no zombie when it is replaced.
        words = [sys.executable, "v1.0/serve.py", "0", "v1.0", "state"]
        subprocess.run(["sh", "-c", '"$@" >/dev/null 2>&1 &', "sh", *words], cwd=self.live, check=True)
        while not (self.live / "state").exists() or not (self.live / "state").read_text():
            pass

    @property
    def url(self) -> str:
        """Where the service answers."""
        return f"http://127.0.0.1:{(self.live / 'state').read_text().split()[1]}"

    def ask(self, path: str) -> tuple[int, str]:
        """Status and text."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.read().decode()

    def stop(self) -> None:
        """End the process that serves now."""
        subprocess.run(["kill", (self.live / "state").read_text().split()[0]], check=False)

    def init(self) -> Said:
        """The first command, with the four answers."""
        runs, deploy = f"{self.url}/version", f"sh {self.live / 'deploy.sh'}"
        words = [
            "--runs",
            runs,
            "--deploy",
            deploy,
            "--broken",
            f"{self.url}/total",
            "--good",
            f"{self.url}/",
        ]
        return self.kim.hotfix("init", *words)


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Alone]:
    """The service is up, and says 2 - 3 where it should say 5."""
    made = Alone(tmp_path)
    yield made
    made.stop()


def test_the_first_hotfix_alone_takes_six_commands(alone: Alone) -> None:
    assert alone.ask("/total") == (500, "-1")
    said = [alone.init().all]
    shorten_the_window(alone)
    alone.kim.git("add", "hotfix.toml")
    alone.kim.git("commit", "-q", "-m", "Hotfix policy")
    words = [
        "--severity",
        "SEV2",
        "--detected",
        "5m",
        "--impact",
        "all",
        "--not-flag",
        "none",
        "--not-return",
        "no",
    ]
    said.append(alone.kim.hotfix("start", "Totals are wrong", *words).all)
    said.append(alone.kim.hotfix("pick", alone.fix).all)
    said.append(alone.kim.hotfix("ship", typed="v1.0+hf.1\n").all)

    assert alone.ask("/total") == (200, "5")
    assert alone.ask("/version") == (200, "v1.0+hf.1")
    assert "validated in production" in said[-1]
    for shown in (said[1], said[-1]):
        assert "NO PEER" in shown
        assert "UNSIGNED" in shown
    assert not any("approved" in text.lower() for text in said)
    assert not (alone.live / "v1.0+hf.1" / "ideas.txt").exists()


def test_alone_the_name_must_be_typed_as_it_is(alone: Alone) -> None:
    ready(alone)
    refused = alone.kim.hotfix("ship", "--wait", "0s", exits=1, typed="yes\n")
    assert "v1.0+hf.1" in refused.err
    assert alone.ask("/version") == (200, "v1.0")


def test_alone_and_with_nobody_at_the_keyboard_the_ship_waits_for_you(alone: Alone) -> None:
    ready(alone)
    waiting = alone.kim.hotfix("ship", "--wait", "0s", "--json", exits=8)
    assert waiting.json["error"]["kind"] == "waiting"
    assert waiting.codes == ["review-self"]
    assert alone.ask("/version") == (200, "v1.0")


def test_alone_the_record_and_the_status_never_say_approved(alone: Alone) -> None:
    ready(alone)
    alone.kim.hotfix("review", "--approve", typed="v1.0+hf.1\n")
    alone.kim.hotfix("ship")
    shown = [alone.kim.hotfix("status").all, alone.kim.git("show", "hotfix-record:HF-1/README.md")]
    for text in shown:
        assert "NO PEER · UNSIGNED" in text
        assert "approved" not in text.lower()


def ready(alone: Alone) -> None:
    """Everything up to the pick."""
    alone.init()
    shorten_the_window(alone)
    alone.kim.git("add", "hotfix.toml")
    alone.kim.git("commit", "-q", "-m", "Hotfix policy")
    words = [
        "--severity",
        "SEV2",
        "--detected",
        "5m",
        "--impact",
        "all",
        "--not-flag",
        "none",
        "--not-return",
        "no",
    ]
    alone.kim.hotfix("start", "Totals are wrong", *words)
    alone.kim.hotfix("pick", alone.fix)


def shorten_the_window(alone: Alone) -> None:
    """Nobody wants to watch a test for the minute that `init` proposes."""
    policy = alone.kim.clone / "hotfix.toml"
    text = policy.read_text()
    assert 'window = "1m"' in text
    policy.write_text(text.replace('window = "1m"', 'window = "100ms"\ninterval = "50ms"'))
