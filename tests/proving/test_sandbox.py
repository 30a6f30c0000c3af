"""What the tests of a fix can see and reach, and what is left when a proof is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from hotfix.adapters.runner.sandbox import Sandbox
from hotfix.policy.rules import Test as TestRule
from proving.fixes import FIXED, PYTEST, SHOP, TEST, git, proof_of, proven, repository

WHY_NOT = Sandbox(TestRule()).why_not_walled
needs_walls = pytest.mark.skipif(bool(WHY_NOT), reason=f"no walls here: {WHY_NOT}")

IN_ENVIRONMENT = (
    *(
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "GITHUB_TOKEN",
        "GH_TOKEN",
        "GITLAB_TOKEN",
    ),
    *(
        "NPM_TOKEN",
        "PYPI_TOKEN",
        "SSH_AUTH_SOCK",
        "DATABASE_URL",
        "KUBECONFIG",
        "GOOGLE_APPLICATION_CREDENTIALS",
    ),
    *("SLACK_WEBHOOK", "VAULT_TOKEN", "DOCKER_AUTH_CONFIG"),
)
AT_HOME = (
    *(
        ".ssh/id_ed25519",
        ".ssh/config",
        ".aws/credentials",
        ".netrc",
        ".git-credentials",
        ".gitconfig",
        ".npmrc",
    ),
    *(
        ".pypirc",
        ".docker/config.json",
        ".kube/config",
        ".gnupg/private-keys-v1.d/key",
        ".config/gh/hosts.yml",
    ),
    *(
        ".config/gcloud/credentials.db",
        ".cargo/credentials.toml",
        ".m2/settings.xml",
        ".bash_history",
        ".env",
    ),
    *(".local/state/hotfix/drivers/x", ".config/hub", ".terraform.d/credentials.tfrc.json"),
)
IN_REPOSITORY = ("config", "description", "hooks/pre-push", "credentials", "packed-note")
IN_CLONE = (".env", "secrets/prod.yaml", ".envrc", "notes.txt", ".idea/workspace.xml")
ON_LEDGER = 5

SNOOP = """
    import json, os, pathlib, socket

    SYSTEM = {"usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "sys", "opt", "nix"}

    def everything():
        yield from os.environ.items()
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            for part in ("environ", "cmdline"):
                try:
                    yield str(process / part), (process / part).read_bytes().decode("latin-1")
                except OSError:
                    continue
        for top in pathlib.Path("/").iterdir():
            if top.name in SYSTEM | {"proc", "dev"} or not top.is_dir():
                continue
            for folder, _, files in os.walk(top):
                if "site-packages" in folder or "/lib/python" in folder:
                    continue
                for name in files:
                    path = pathlib.Path(folder, name)
                    try:
                        if path.is_file() and path.stat().st_size < 10**6:
                            yield str(path), path.read_bytes().decode("latin-1")
                    except OSError:
                        continue

    def test_snoop():
        # Not as one word, which would be found in this very file.
        found = [where for where, text in everything() if "CAN" + "ARY-" in text]
        assert found == []
"""


@pytest.fixture
def canaries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A repository with fifty secrets around it."""
    home = tmp_path / "home"
    number = iter(range(10**6))

    def canary() -> str:
        return f"CANARY-{next(number):03d}"

    for name in IN_ENVIRONMENT:
        monkeypatch.setenv(name, canary())
    monkeypatch.setenv("HOME", str(home))
    where = tmp_path / "shop"
    repository(where, SHOP, {**FIXED, **TEST, "test_snoop.py": SNOOP})
    for folder, names in ((home, AT_HOME), (where / ".git", IN_REPOSITORY), (where, IN_CLONE)):
        for name in names:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            kept = path.read_text() if path.exists() else ""
            path.write_text(f"{kept}\n# {canary()}\n")
    git(where, "switch", "--quiet", "--orphan", "hotfix-record")
    for _ in range(ON_LEDGER):
        git(where, "commit", "--quiet", "--allow-empty", "-m", canary())
    git(where, "switch", "--quiet", "main")
    assert next(number) == 50
    yield where


@needs_walls
def test_fifty_secrets_around_a_proof_are_not_visible_to_its_tests(canaries: Path) -> None:
    told = proven(canaries, git(canaries, "rev-parse", "HEAD~1"), git(canaries, "rev-parse", "HEAD"))
    (snooped,) = [test for test in told.tests if test.id.endswith("test_snoop")]
    assert snooped.BTF == "passed", snooped.message
    assert told.sandbox.startswith("walled")


def test_the_snoop_would_find_a_secret_that_is_there(tmp_path: Path) -> None:
    told = proof_of(
        tmp_path,
        SHOP,
        {**FIXED, **TEST, "test_snoop.py": SNOOP, "data.txt": "CANARY-of-the-tree"},
        env={"X": "CANARY-0"},
    )
    (seen,) = [test for test in told.tests if test.id.endswith("test_snoop")]
    assert (seen.BTF, "data.txt" in seen.message or "X" in seen.message) == ("failed", True)


@needs_walls
@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1"])
def test_a_connection_beyond_loopback_fails_and_is_reported(tmp_path: Path, address: str) -> None:
    test = f"""
        import socket
        from shop import total

        def test_total():
            with socket.socket(socket.AF_INET6 if ":" in "{address}" else socket.AF_INET) as wire:
                wire.settimeout(5)
                wire.connect(("{address}", 80))
            assert total([1, 2]) == 3

        def test_loopback():
            with socket.create_server(("127.0.0.1", 0)) as server:
                socket.create_connection(server.getsockname()).close()
    """
    told = proof_of(tmp_path, SHOP, {**FIXED, "test_shop.py": test})
    assert told.verdict in ("NOT_GREEN", "NOT_RED")
    assert told.tried_network
    assert "asked for an address outside this machine, and was refused" in told.reason
    outcomes = {test.id: test.BTF for test in told.tests}
    assert outcomes == {"test_shop.py::test_total": "failed", "test_shop.py::test_loopback": "passed"}


@needs_walls
@pytest.mark.parametrize(
    ("deed", "given", "says"),
    [
        ("x = bytearray(400 * 2**20); time.sleep(60)", {"memory": 128}, "more than 128 MiB of memory"),
        (
            "[subprocess.Popen(['sleep', '60']) for _ in range(60)]; time.sleep(60)",
            {"processes": 40},
            "more than 40 proc",
        ),
    ],
    ids=["memory", "processes"],
)
def test_what_a_run_uses_is_bounded(tmp_path: Path, deed: str, given: dict[str, int], says: str) -> None:
    test = f"import subprocess, time\ndef test_total():\n    {deed}\n"
    told = proof_of(tmp_path, SHOP, {**FIXED, "test_shop.py": test}, **given)
    assert told.verdict == "UNRUNNABLE"
    assert says in told.reason


def test_where_walls_are_required_and_impossible_nothing_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hotfix.record.finding import Refused

    monkeypatch.setattr(Sandbox, "why_not_walled", "the kernel says no")
    with pytest.raises(Refused, match="required, and the kernel says no"):
        proof_of(tmp_path, SHOP, {**FIXED, **TEST}, sandbox="required")


def test_where_there_are_no_walls_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sandbox, "why_not_walled", "the kernel says no")
    told = proof_of(tmp_path, SHOP, {**FIXED, **TEST})
    assert told.verdict == "PROVEN"
    assert told.sandbox.startswith("NOT WALLED")


# -- killed ---------------------------------------------------------------------------------------

MOMENTS = (0.15, 0.3, 0.45, 0.6, 0.8, 1.1)
"""Seconds after its start at which a proof is killed: while trees are made, in the first runs, between runs."""


def test_a_proof_that_is_killed_leaves_nothing_behind(tmp_path: Path) -> None:
    mark = f"shop{os.getpid()}x{time.monotonic_ns()}"
    slow = f"""
        import subprocess, {mark}

        def test_total():
            subprocess.run(["sleep", "0.3{os.getpid()}1"])
            assert {mark}.X == 2
    """
    first, second = repository(
        tmp_path, {f"{mark}.py": "X = 1\n"}, {f"{mark}.py": "X = 2\n", "test_x.py": slow}
    )
    argv = [sys.executable, "-m", "hotfix", "-C", str(tmp_path), "prove", "--base", first, "--fix", second]
    argv += ["--runner", "pytest", "--run", " ".join(PYTEST)]
    for moment in MOMENTS:
        proof = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(moment)
        proof.send_signal(signal.SIGKILL)
        proof.wait()
        assert nothing_runs(f"0.3{os.getpid()}1"), f"killed after {moment} s"
        again = [*argv[:5], "forecast", second, "--onto", first, "--no-explain", "--json"]
        done = subprocess.run(again, capture_output=True, text=True, check=True)
        assert json.loads(done.stdout)["rows"][0]["outcome"] == "clean"
        assert left_with(f"{mark}.py") == [], f"killed after {moment} s"


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_whoever_interrupts_a_proof_waits_for_no_test(tmp_path: Path, sent: signal.Signals) -> None:
    word = f"600.{os.getpid()}"
    test = f"import subprocess\ndef test_total(): subprocess.run(['sleep', '{word}'])\n"
    first, second = repository(tmp_path, SHOP, {**FIXED, "test_shop.py": test})
    argv = [sys.executable, "-m", "hotfix", "-C", str(tmp_path), "prove", "--base", first, "--fix", second]
    proof = subprocess.Popen(
        [*argv, "--runner", "pytest", "--run", " ".join(PYTEST)],
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    while not any(word in line for line in command_lines()):
        time.sleep(0.05)
    proof.send_signal(sent)
    proof.communicate(timeout=60)
    assert proof.returncode in (130, 143)
    assert nothing_runs(word)


def nothing_runs(word: str) -> bool:
    """Whether soon no process has the word on its command line: what was killed needs a moment."""
    for _ in range(200):
        if not any(word in line for line in command_lines()):
            return True
        time.sleep(0.02)
    return False


def command_lines() -> Iterator[str]:
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            yield file.read_bytes().decode("utf-8", "replace")


def left_with(name: str) -> list[Path]:
    """Scratch folders in which a file of that name lies."""
    places = {Path("/dev/shm"), Path(os.environ.get("TMPDIR", "/tmp")), Path("/tmp")}
    folders = [folder for place in places for folder in place.glob("hotfix-scratch-*")]
    return [folder for folder in folders if any(found.name == name for found in folder.rglob("*.py"))]
