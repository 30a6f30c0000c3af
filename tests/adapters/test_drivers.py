"""Who drives a ship on this machine: one process at a time, which the way back can end, and no other."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import hotfix
from hotfix.adapters.drivers import LocalDrivers
from hotfix.record.finding import Refused

ORIGIN, ENVIRONMENT = "https://forge.example/shop.git", "production"
WITHIN = 30.0
HOLDS = f"""
import signal, subprocess, sys, time
from hotfix.adapters.drivers import LocalDrivers

if "deaf" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
with LocalDrivers().hold({ORIGIN!r}, {ENVIRONMENT!r}):
    child = subprocess.Popen(["sleep", "600"]).pid if "parent" in sys.argv else 0
    print(child, flush=True)
    time.sleep(600)
"""
LOOKS = """
import fcntl, sys

print("looking", flush=True)
while True:
    with open(sys.argv[1], "rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            pass
"""

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this person's machine keeps such things, for the tests' own process and for those they start."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("PYTHONPATH", str(Path(hotfix.__file__).parents[1]))
    return tmp_path / "state"


@pytest.fixture
def start(state: Path) -> Iterator[Start]:
    """Starts a program that has said its first line; all of them are over afterwards."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(program: str, *words: str) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "-c", program, *words], stdout=subprocess.PIPE))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


@pytest.fixture
def innocent() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has nothing to do with any ship."""
    process = subprocess.Popen(["sleep", "600"])
    yield process
    process.kill()
    process.wait()


def holding(start: Start, *words: str) -> subprocess.Popen[bytes]:
    """A process that ships, and says so."""
    process = start(HOLDS, *words)
    assert process.stdout is not None
    assert process.stdout.readline()
    return process


def is_free(environment: str = ENVIRONMENT, origin: str = ORIGIN) -> bool:
    try:
        with LocalDrivers().hold(origin, environment):
            return True
    except Refused as no:
        assert no.findings[0].code == "ship-held"
        return False


def preempt() -> str:
    return LocalDrivers().preempt(ORIGIN, ENVIRONMENT, WITHIN)


def lock_file(state: Path) -> Path:
    [file] = (state / "hotfix" / "drivers").iterdir()
    return file


# -- holding --


def test_while_one_ships_another_is_refused_and_told_which_process(start: Start) -> None:
    ship = holding(start)
    with (
        pytest.raises(Refused, match=rf"Process {ship.pid} .* is shipping to production"),
        LocalDrivers().hold(ORIGIN, ENVIRONMENT),
    ):
        raise AssertionError("two drive at once")


def test_other_environments_and_other_repositories_are_free(start: Start) -> None:
    holding(start)
    assert not is_free()
    assert is_free("staging")
    assert is_free(origin="https://forge.example/mail.git")


def test_it_is_free_when_the_block_ends_however_it_ends(state: Path) -> None:
    for _ in range(2):
        with suppress(ZeroDivisionError), LocalDrivers().hold(ORIGIN, ENVIRONMENT):
            raise ZeroDivisionError
    assert is_free()
    assert lock_file(state).read_text().strip() == ""


def test_it_dies_with_its_process(start: Start) -> None:
    ship = holding(start)
    ship.kill()
    ship.wait()
    assert is_free()


def test_what_the_process_started_does_not_keep_it(start: Start) -> None:
    ship = start(HOLDS, "parent")
    assert ship.stdout is not None
    child = int(ship.stdout.readline())
    ship.kill()
    ship.wait()
    try:
        assert is_free()
    finally:
        os.kill(child, signal.SIGKILL)


def test_the_file_keeps_its_size_so_that_a_full_disk_is_no_obstacle(start: Start, state: Path) -> None:
    holding(start)
    taken = lock_file(state).stat().st_size
    preempt()
    assert is_free()
    assert lock_file(state).stat().st_size == taken > 0


def test_somebody_who_only_looks_keeps_nobody_from_holding(start: Start, state: Path) -> None:
    assert is_free()
    looker = start(LOOKS, str(lock_file(state)))
    assert looker.stdout is not None
    assert looker.stdout.readline()
    assert all(is_free() for _ in range(50))
    assert looker.poll() is None


# -- taking it away --


def test_where_nobody_ships_nobody_is_ended(state: Path) -> None:
    assert preempt() == ""
    with LocalDrivers().hold(ORIGIN, "staging"):
        assert preempt() == ""


def test_a_process_does_not_end_itself(state: Path) -> None:
    with LocalDrivers().hold(ORIGIN, ENVIRONMENT):
        assert preempt() == ""


@pytest.mark.parametrize(
    ("manner", "ended_by"),
    [("polite", signal.SIGTERM), ("deaf", signal.SIGKILL), ("deaf and stopped", signal.SIGKILL)],
)
def test_who_ships_is_asked_to_end_and_else_killed(
    start: Start, manner: str, ended_by: signal.Signals
) -> None:
    ship = holding(start, *manner.split())
    if "stopped" in manner:
        ship.send_signal(signal.SIGSTOP)
    assert preempt() == f"ended process {ship.pid}, which was shipping to production"
    assert ship.wait() == -ended_by
    assert is_free()


def test_only_that_environments_process_is_ended(start: Start) -> None:
    ship = holding(start)
    LocalDrivers().preempt(ORIGIN, "staging", WITHIN)
    assert ship.poll() is None
    assert not is_free()


# -- numbers are used again --


def test_a_number_that_another_process_has_by_now_is_not_killed(
    start: Start, state: Path, innocent: subprocess.Popen[bytes]
) -> None:
    """The lock is held, and the file names somebody who was born at another time."""
    holding(start)
    lock_file(state).write_text(f"{innocent.pid} 1".ljust(63) + "\n")
    assert preempt() == ""
    assert innocent.poll() is None


def test_a_number_that_a_crash_left_behind_is_not_killed(
    start: Start, state: Path, innocent: subprocess.Popen[bytes]
) -> None:
    """Nobody holds the lock; the file names a process that lives, and even when it was born."""
    is_free()
    born = Path(f"/proc/{innocent.pid}/stat").read_text().rpartition(")")[2].split()[19]
    lock_file(state).write_text(f"{innocent.pid} {born}".ljust(63) + "\n")
    assert preempt() == ""
    assert innocent.poll() is None
    assert is_free()


@pytest.mark.parametrize("rubbish", ["", "not a number", "-1 0", "1", "0 0", "٣ 0", "\n" * 63])
def test_a_file_that_says_nothing_useful_ends_nobody(start: Start, state: Path, rubbish: str) -> None:
    ship = holding(start)
    lock_file(state).write_text(rubbish)
    assert preempt() == ""
    assert ship.poll() is None
    assert not is_free()
