"""One command of the operator: what it is given, what it leaves behind, and how it is ended."""

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.adapters.units.patience import eventually

from hotfix.adapters import child

PYTHON = (sys.executable, "-I", "-S", "-c")

HOLD = """
import fcntl, sys, time
held = open(sys.argv[1], "w")
fcntl.flock(held, fcntl.LOCK_EX)
open(sys.argv[1] + ".held", "w").close()
time.sleep(600)
"""
"""A process that holds a lock for as long as it lives."""

PARENT = """
import subprocess, sys
subprocess.Popen([sys.executable, "-I", "-S", "-c", sys.argv[1], sys.argv[2]]).wait()
"""
"""A process that waits for one of its own, which holds a lock."""


def is_free(lock: Path) -> bool:
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def test_a_command_gives_its_exit_and_its_output() -> None:
    done = child.run([*PYTHON, "import sys; print('out'); sys.exit('err')"], env={}, timeout=30)
    assert (done.exit, done.stdout, done.stderr) == (1, b"out\n", b"err\n")
    assert not done.timed_out
    assert not done.missing


def test_words_arrive_as_they_are() -> None:
    words = ["$(touch pwned)", "a;b", "--help", "-rf", "two\nlines", "'\"", "*", "", "\udcff"]
    done = child.run([*PYTHON, "import sys; print(ascii(sys.argv[1:]))", *words], env={}, timeout=30)
    assert done.stdout.decode().strip() == ascii(words)


def test_the_environment_is_an_allow_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPLOY_TOKEN", "secret")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("HOTFIX_OLD", "left over")
    monkeypatch.setenv("LC_TIME", "C")
    done = child.run(
        [*PYTHON, "import os; print(*sorted(os.environ))"], env={"HOTFIX_UNIT": "web-1"}, timeout=30
    )
    seen = set(done.stdout.decode().split())
    assert {"PATH", "HOME", "LC_TIME", "HOTFIX_UNIT"} <= seen
    assert not seen & {"DEPLOY_TOKEN", "PYTHONPATH", "HOTFIX_OLD"}


def test_more_of_the_environment_is_passed_by_name_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPLOY_TOKEN", "secret")
    monkeypatch.setenv("DEPLOY_TOKEN_OLD", "secret")
    monkeypatch.setenv("HOTFIX_UNIT", "left over")
    show = [*PYTHON, "import os; print(sorted(item for item in os.environ.items() if 'O' in item[0]))"]
    named = ("DEPLOY_TOKEN", "NOT_SET", "HOTFIX_UNIT")
    done = child.run(show, env={"HOTFIX_UNIT": "web-1"}, timeout=30, pass_env=named)
    assert b"('DEPLOY_TOKEN', '[DEPLOY_TOKEN]')" in done.stdout, (
        "it was passed, and what is kept does not hold it"
    )
    assert b"secret" not in done.stdout
    assert b"('HOTFIX_UNIT', 'web-1')" in done.stdout
    assert b"NOT_SET" not in done.stdout
    assert b"DEPLOY_TOKEN_OLD" not in done.stdout


def test_no_descriptor_is_inherited_but_the_three(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w") as lock:
        os.set_inheritable(lock.fileno(), True)
        program = "import os, sys\ntry: os.fstat(int(sys.argv[1]))\nexcept OSError: print('closed')"
        done = child.run([*PYTHON, program, str(lock.fileno())], env={}, timeout=30)
    assert done.stdout == b"closed\n"


def test_it_has_a_session_of_its_own_and_so_no_terminal() -> None:
    done = child.run([*PYTHON, "import os; print(os.getsid(0) == os.getpid())"], env={}, timeout=30)
    assert done.stdout == b"True\n"


def test_stdin_is_what_was_given_and_else_empty() -> None:
    echo = [*PYTHON, "import sys; sys.stdout.write(str(len(sys.stdin.read())))"]
    assert child.run(echo, env={}, timeout=30).stdout == b"0"
    assert child.run(echo, env={}, timeout=30, stdin=b"x" * 300_000).stdout == b"300000"


def test_a_command_that_does_not_read_its_stdin_is_no_trouble() -> None:
    assert child.run([*PYTHON, "pass"], env={}, timeout=30, stdin=b"x" * 300_000).exit == 0


def test_it_runs_in_the_folder_given(tmp_path: Path) -> None:
    done = child.run([*PYTHON, "import os; print(os.getcwd())"], env={}, timeout=30, cwd=tmp_path)
    assert done.stdout.decode().strip() == str(tmp_path.resolve())


@pytest.mark.parametrize("argv", [["no-such-program-here"], ["/"], [], ["nul\0byte"]])
def test_what_cannot_be_started_is_missing_and_says_why(argv: list[str]) -> None:
    done = child.run(argv, env={}, timeout=30)
    assert done.missing
    assert done.exit == child.NOTHING_RAN
    assert b"could not be started: " in done.stderr


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = child.run([*PYTHON, "pass"], env={}, timeout=30, cwd=tmp_path / "gone")
    assert done.missing
    assert b"gone" in done.stderr


def test_output_beyond_the_cap_is_drained_and_dropped() -> None:
    flood = "import sys\nfor _ in range(64): sys.stdout.write('x' * 65536)\nsys.stderr.write('done')"
    done = child.run([*PYTHON, flood], env={}, timeout=60)
    assert (done.exit, len(done.stdout), done.stderr) == (0, child.KEPT, b"done")


def test_a_flood_that_never_ends_does_not_fill_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    until_trimmed = (
        "import os, sys, time\n"
        "for _ in range(2000):\n"
        "    before = os.write(1, b'x' * 65536) and os.fstat(1).st_size\n"
        "    time.sleep(0.01)\n"
        "    if os.fstat(1).st_size < before: sys.exit('trimmed')\n"
    )
    done = child.run([*PYTHON, until_trimmed], env={}, timeout=300)
    assert done.stderr == b"trimmed\n"
    assert done.stdout == b"x" * child.KEPT
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="files in memory are Linux's")
def test_without_room_on_any_disk_a_command_is_still_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    echo = "import sys; print(sys.stdin.read()); print('there', file=sys.stderr)"
    full = os.statvfs_result((4096, 4096, 100, 0, 0, 9, 9, 9, 0, 255))
    monkeypatch.setattr("os.fstatvfs", lambda _: full)
    done = child.run([*PYTHON, echo], env={}, timeout=30, stdin=b"here")
    assert (done.exit, done.stdout, done.stderr) == (0, b"here\n", b"there\n")


def test_without_any_place_for_its_output_a_command_still_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    monkeypatch.setattr("sys.platform", "another")
    done = child.run([*PYTHON, f"open({str(tmp_path / 'ran')!r}, 'w').close()"], env={}, timeout=30)
    assert done.exit == 0
    assert (tmp_path / "ran").exists()
    assert b"output was not kept" in done.stderr


def test_a_daemon_that_holds_stdout_neither_delays_the_answer_nor_dies(tmp_path: Path) -> None:
    lock, pid = tmp_path / "lock", tmp_path / "pid"
    start = (
        "import os, subprocess, sys, time\n"
        "daemon = subprocess.Popen([sys.executable, '-I', '-S', '-c', *sys.argv[1:3]])\n"
        "open(sys.argv[3], 'w').write(str(daemon.pid))\n"
        "while not os.path.exists(sys.argv[2] + '.held'): time.sleep(0.01)\n"
        "print('started', flush=True)\n"
        "os._exit(0)\n"
    )
    done = child.run([*PYTHON, start, HOLD, str(lock), str(pid)], env={}, timeout=500)
    try:
        assert (done.exit, done.stdout, done.timed_out) == (0, b"started\n", False)
        assert not is_free(lock), "the daemon is still running"
    finally:
        os.kill(int(pid.read_text()), signal.SIGKILL)
    assert eventually(lambda: is_free(lock))


def test_the_time_out_kills_the_whole_group(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    done = child.run([*PYTHON, PARENT, HOLD, str(lock)], env={}, timeout=4)
    assert done.timed_out
    assert done.exit == -signal.SIGKILL
    assert Path(f"{lock}.held").exists(), "the grandchild was running"
    assert eventually(lambda: is_free(lock)), "the grandchild was killed too"


def test_an_interrupted_caller_kills_the_whole_group(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    source = Path(child.__file__).parents[2]
    caller = (
        f"import sys; sys.path.insert(0, {str(source)!r})\n"
        "from hotfix.adapters import child\n"
        f"child.run({[*PYTHON, PARENT, HOLD, str(lock)]!r}, env={{}}, timeout=500)\n"
    )
    with subprocess.Popen([sys.executable, "-c", caller], stderr=subprocess.PIPE) as process:
        assert eventually(lambda: Path(f"{lock}.held").exists())
        process.send_signal(signal.SIGINT)
        assert b"KeyboardInterrupt" in process.communicate()[1]
    assert eventually(lambda: is_free(lock))


def test_what_is_no_text_is_told_without_loss() -> None:
    done = child.run([*PYTHON, r"import os; os.write(1, b'caf\xe9\n')"], env={}, timeout=30)
    assert done.tail(400) == r"caf\xe9"
    assert done.last_line() == r"caf\xe9"
