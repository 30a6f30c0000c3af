"""The guardian, as a process beside the test: what it answers, and what it lets happen to a unit."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.adapters.units.loopback import (
    Loopback,
    Reply,
    drip,
    drip_body,
    nothing_listening,
    response,
    silence,
)
from tests.adapters.units.patience import eventually

from hotfix.adapters.target import guardian
from hotfix.adapters.target.answer import by_command, over_http
from hotfix.policy.rules import Unit

GUARDIAN = (sys.executable, "-I", "-S", guardian.__file__)
PYTHON = (sys.executable, "-I", "-S", "-c")
ENV = {"PATH": os.environ["PATH"]}

Answer = dict[str, object]


class Running:
    """A guardian at work, with the files that it reads and writes."""

    def __init__(self, folder: Path, order: object) -> None:
        folder.mkdir()
        (folder / "order").write_text(order if isinstance(order, str) else json.dumps(order))
        self.said, self._answer = folder / "said", folder / "answer"
        with (folder / "order").open() as asked, self.said.open("wb") as err, self._answer.open("wb") as out:
            self.process = subprocess.Popen(
                GUARDIAN, stdin=asked, stdout=out, stderr=err, env=ENV, start_new_session=True
            )
        self.pid = self.process.pid

    def answer(self) -> Answer:
        """What it answered, in one line and with nothing but the command's words on its stderr."""
        assert self.process.wait(60) == 0
        text = self._answer.read_text()
        assert text.endswith("\n")
        return json.loads(text)  # type: ignore[no-any-return]


class Bench:
    """A unit's guard file, and the orders that a test gives."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.guard = folder / "unit" / "guard"
        self.guardians: list[Running] = []

    def start(self, token: int = 1, **order: object) -> Running:
        """Give an order, harmless where it is not told otherwise, and do not wait for the answer."""
        full = {"guards": [str(self.guard)], "token": token, "holder": "olga", "grace": 30.0, "env": ENV}
        return self.raw({**full, **order})

    def raw(self, order: object) -> Running:
        self.guardians.append(Running(self.folder / f"run-{len(self.guardians)}", order))
        return self.guardians[-1]

    def run(self, token: int = 1, **order: object) -> Answer:
        return self.start(token, **order).answer()

    def record(self) -> dict[str, object]:
        return json.loads(self.guard.read_bytes())  # type: ignore[no-any-return]

    def command(self) -> int:
        """The pid of the command that runs, once it is on file."""
        assert eventually(lambda: self.guard.exists() and self.record()["pid"] != 0)
        pid = self.record()["pid"]
        assert isinstance(pid, int)
        return pid


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    for running in bench.guardians:
        if running.process.poll() is None:
            running.process.send_signal(signal.SIGCONT)
            running.process.terminate()
        running.process.wait(60)


def ended(pid: int) -> bool:
    """Whether the process is gone, or nothing but a zombie that nobody fetched."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def shell(script: str) -> list[str]:
    return ["sh", "-c", script]


def python(program: str, *words: str) -> list[str]:
    return [*PYTHON, program, *words]


def writes(path: Path) -> list[str]:
    return ["touch", str(path)]


# -- the verdicts ----------------------------------------------------------------------------------


def test_a_command_is_run_and_its_exit_and_words_are_kept(bench: Bench) -> None:
    running = bench.start(7, argv=shell("echo out; echo err >&2; exit 4"))
    answer = running.answer()
    assert (answer["verdict"], answer["exit"], answer["timed_out"], answer["fence"]) == ("done", 4, False, 7)
    assert running.said.read_text() == "out\nerr\n"
    assert bench.record()["pid"] == bench.record()["guardian"] == 0, "nobody is named any more"


def test_a_command_that_died_of_a_signal_has_a_negative_exit(bench: Bench) -> None:
    assert bench.run(argv=shell("kill -9 $$"))["exit"] == -signal.SIGKILL


def test_the_command_gets_what_it_was_told_and_nothing_else(bench: Bench) -> None:
    program = "import json, os, sys; print(json.dumps([sys.argv[1:], os.getcwd(), sorted(os.environ)]))"
    words = ["$(touch pwned)", "a b", "", "--help", "{release}", "'\"\n"]
    env = {"HOTFIX_TOKEN": "7", "LC_ALL": "C.UTF-8"}
    running = bench.start(argv=python(program, *words), env=env, cwd=str(bench.folder))
    assert running.answer()["exit"] == 0
    assert json.loads(running.said.read_text()) == [words, str(bench.folder), sorted(env)]


def test_a_command_that_is_not_there_is_a_failure_with_its_reason(bench: Bench) -> None:
    answer = bench.run(argv=["no-such-command"])
    assert (answer["verdict"], answer["exit"]) == ("failed", None)
    assert "no-such-command" in str(answer["said"])
    assert bench.record()["pid"] == 0


def test_an_order_without_a_command_raises_the_fence(bench: Bench) -> None:
    answer = bench.run(7)
    assert (answer["verdict"], answer["fence"], answer["exit"]) == ("raised", 7, None)
    assert bench.run(8)["fence"] == 8


def test_an_older_token_is_stale_and_does_nothing(bench: Bench) -> None:
    bench.run(8)
    answer = bench.run(7, argv=writes(bench.folder / "ran"))
    assert (answer["verdict"], answer["fence"]) == ("stale", 8)
    assert not (bench.folder / "ran").exists()
    assert bench.run(8)["verdict"] == "raised", "the fence stands where it stood"


def test_the_same_token_in_other_hands_is_stale(bench: Bench) -> None:
    bench.run(8)
    answer = bench.run(8, holder="paul", argv=writes(bench.folder / "ran"))
    assert answer["verdict"] == "stale"
    assert "olga" in str(answer["said"])
    assert not (bench.folder / "ran").exists()
    assert bench.record()["holder"] == "olga"


@pytest.mark.parametrize(
    ("serves", "blind", "verdict"),
    [
        ("v1", False, "done"),
        ("v2", False, "found"),
        ("commit of v2", False, "found"),
        ("v3", False, "foreign"),
        ("v3", True, "foreign"),
        ("two\nlines", False, "moved"),
        ("two\nlines", True, "done"),
    ],
)
def test_the_unit_is_changed_only_from_what_it_was_expected_to_serve(
    bench: Bench, serves: str, blind: bool, verdict: str
) -> None:
    ran = bench.folder / "ran"
    with Loopback(response(serves)) as server:
        asked = {"url": f"{server.url}/version", "field": "release", "timeout": 5.0, "most": 65536}
        order = {"done": ["v2", "commit of v2"], "from": ["v1", "v0"], "blind": blind, "observe": asked}
        answer = bench.run(3, argv=writes(ran), **order)
    assert (answer["verdict"], answer["fence"]) == (verdict, 3), "the fence is raised before the question"
    assert ran.exists() == (verdict == "done")


# -- what the unit serves: as the shipper reads it ---------------------------------------------------

REPLIES = [
    response("v1\n"),
    response(" v1\t"),
    response('{"release": "v2.14.0+hf.1", "up": true}'),
    response('{"release": "v1", "release": "v2"}'),
    response('{"release": " v1 "}'),
    response('{"release": "v1", "load": NaN}'),
    response('{"release": "v1", "load": 1e999}'),
    response('{"release": "\\ud800"}'),
    response('{"release": "\\ud83d\\ude00"}'),
    response('{"version": "v1"}'),
    response('{"release": 3}'),
    response('{"release": ""}'),
    response('{"release": "v1\\nv2"}'),
    response('\ufeff{"release": "v1"}'),
    response('["v1"]'),
    response('"v1"'),
    response("v" * 200),
    response("v" * 201),
    response("v1\nv2"),
    response("v1\N{RIGHT-TO-LEFT OVERRIDE}"),
    response(b"v\xff"),
    response(b'{"release": "v\xff"}'),
    response(""),
    response("[" * 60_000),
    response(" " * 65_534 + "v1"),
    response(" " * 65_535 + "v1"),
    response("v1", "500 Oops"),
    response("v1", "201 Created"),
    response("v1", "302 Found", ("Location: /other",)),
    response("v1", length=50),
    response("v1", length=1),
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nv1\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nv1\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nv1\r\n",
    b"HTTP/1.0 200 OK\r\n\r\nv1",
    b"HTTP/1.1 204 No Content\r\n\r\n",
    b"garbage",
    b"",
]


def verdict_on(asked: dict[str, object], done: list[str], folder: Path) -> str:
    """What the guardian, in this process, says of a unit that it may in no case change."""
    order = {"guards": [str(folder / "guard")], "token": 1, "holder": "olga", "argv": ["false"]}
    return str(guardian.answer({**order, "observe": asked, "done": done})["verdict"])


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: ascii(reply[-40:]))
def test_an_answer_over_http_is_read_as_the_shipper_reads_it(reply: bytes, tmp_path: Path) -> None:
    with Loopback(reply) as server:
        agree_over_http(server, tmp_path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3) | st.just("release"), inner)
    ),
    max_leaves=6,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.text(max_size=20).map(str.encode)
    | st.binary(max_size=20)
    | JSON.map(lambda value: json.dumps(value).encode())
    | st.text(st.characters(), max_size=9).map(lambda name: json.dumps({"release": name}).encode())
)
def test_any_answer_at_all_is_read_as_the_shipper_reads_it(body: bytes, tmp_path: Path) -> None:
    with Loopback(response(body)) as server:
        agree_over_http(server, tmp_path)


def agree_over_http(server: Loopback, folder: Path) -> None:
    seen = over_http(Unit("web-1", url=server.url), "/version", "release", 5.0)
    asked = {"url": f"{server.url}/version", "field": "release", "timeout": 5.0, "most": 65536}
    agreed = ("found", "foreign") if seen.state == "serving" else ("moved", "moved")
    assert verdict_on(asked, [seen.release], folder) == agreed[0], seen
    assert verdict_on(asked, [seen.release + "x"], folder) == agreed[1], seen


@pytest.mark.parametrize("reply", [silence, drip, drip_body])
def test_no_whole_answer_in_time_is_none(reply: Reply, bench: Bench) -> None:
    with Loopback(reply) as server:
        asked = {"url": server.url, "field": "release", "timeout": 0.5, "most": 65536}
        answer = bench.run(observe=asked, argv=["false"])
    assert answer["verdict"] == "moved"
    assert "no answer within 0.5 s" in str(answer["said"])


def test_a_refused_connection_is_no_answer(tmp_path: Path) -> None:
    with nothing_listening() as url:
        assert over_http(Unit("web-1", url=url), "/", "release", 5.0).state == "down"
        asked = {"url": url, "field": "release", "timeout": 5.0, "most": 65536}
        assert verdict_on(asked, [""], tmp_path) == "moved"


@pytest.mark.parametrize(
    "url", ["", "ftp://127.0.0.1", "http://", "http://127.0.0.1:99999", "http://[::1", "http://a b/"]
)
def test_what_is_no_address_gives_no_answer(url: str, tmp_path: Path) -> None:
    asked: dict[str, object] = {"url": url, "field": "release", "timeout": 5.0, "most": 65536}
    assert verdict_on(asked, [""], tmp_path) == "moved"


@pytest.mark.parametrize("path", ["/version", "/a%20b?c=%2F&d=é e", "/a b/é;x=1", "/?q"])
def test_the_question_is_the_one_that_the_shipper_asks(path: str, tmp_path: Path) -> None:
    with Loopback(response("v1")) as server:
        over_http(Unit("web-1", url=server.url), path, "release", 5.0)
        asked = {"url": server.url + path, "field": "release", "timeout": 5.0, "most": 65536}
        assert verdict_on(asked, ["v1"], tmp_path) == "found"
    first, second = (question.split(b"\r\n")[0] for question in server.asked)
    assert first == second


@pytest.mark.parametrize(
    "program",
    [
        "print(' v1 ')",
        "import sys; sys.exit(3)",
        "import sys; print('v1'); sys.exit(1)",
        "pass",
        "print('v1\\nv2')",
        "print('v' * 200)",
        "print('v' * 201)",
        "import os; os.write(1, b'v\\xff')",
        "import sys; print('v1'); print('a warning', file=sys.stderr)",
        'print(\'{"release": "v1"}\')',
        "import time; print('v1', flush=True); time.sleep(600)",
        "print('v' * 300_000)",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    ],
)
def test_a_command_that_is_asked_is_read_as_the_shipper_reads_it(program: str, tmp_path: Path) -> None:
    timeout = 1.0 if "sleep" in program or "300_000" in program else 30.0
    argv = python(program)
    seen = by_command(Unit("web-1"), tuple(argv), timeout, tmp_path)
    asked = {"argv": argv, "env": ENV, "cwd": str(tmp_path), "timeout": timeout}
    agreed = ("found", "foreign") if seen.state == "serving" else ("moved", "moved")
    assert verdict_on(asked, [seen.release], tmp_path) == agreed[0], seen
    assert verdict_on(asked, [seen.release + "x"], tmp_path) == agreed[1], seen


def test_a_command_that_is_asked_and_is_not_there_gives_no_answer(tmp_path: Path) -> None:
    asked: dict[str, object] = {"argv": ["no-such-command"], "env": ENV, "cwd": None, "timeout": 5.0}
    assert verdict_on(asked, [""], tmp_path) == "moved"


# -- the link ----------------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("v1", "v2"):
        (tmp_path / "root" / "releases" / name).mkdir(parents=True)
    (tmp_path / "root" / "current").symlink_to("releases/v1")
    return tmp_path / "root"


def test_the_link_is_swapped_before_the_command_runs(bench: Bench, root: Path) -> None:
    (root / ".hotfix-current").symlink_to("left by a crash")
    link = {"path": str(root / "current"), "to": "releases/v2"}
    running = bench.start(link=link, argv=["readlink", str(root / "current")])
    assert running.answer()["verdict"] == "done"
    assert running.said.read_text() == "releases/v2\n"
    assert sorted(path.name for path in root.iterdir()) == ["current", "releases"]


def test_a_link_may_be_all_there_is_to_do(bench: Bench, root: Path) -> None:
    answer = bench.run(link={"path": str(root / "current"), "to": "releases/v2"})
    assert (answer["verdict"], answer["exit"]) == ("done", None)
    assert (root / "current").readlink() == Path("releases/v2")


def test_a_link_to_nothing_is_not_made_and_nothing_runs(bench: Bench, root: Path) -> None:
    link = {"path": str(root / "current"), "to": "releases/v3"}
    answer = bench.run(link=link, argv=writes(bench.folder / "ran"))
    assert answer["verdict"] == "failed"
    assert "releases/v3" in str(answer["said"])
    assert (root / "current").readlink() == Path("releases/v1")
    assert not (bench.folder / "ran").exists()


def test_a_folder_in_the_place_of_the_link_stays(bench: Bench, root: Path) -> None:
    (root / "current").unlink()
    (root / "current").mkdir()
    link = {"path": str(root / "current"), "to": "releases/v2"}
    assert bench.run(link=link, argv=["true"])["verdict"] == "failed"
    assert (root / "current").is_dir()


# -- the guard file ----------------------------------------------------------------------------------


def test_the_first_guard_file_that_is_there_is_taken(bench: Bench, tmp_path: Path) -> None:
    first, second = tmp_path / "first" / "guard", tmp_path / "second" / "guard"
    bench.run(5, guards=[str(second)])
    assert bench.run(4, guards=[str(first), str(second)])["verdict"] == "stale"
    assert not first.exists()


def test_where_none_is_there_the_first_that_can_be_made_is_made(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    places = [tmp_path / "file" / "guard", tmp_path / "new" / "folder" / "guard", tmp_path / "guard"]
    assert bench.run(5, guards=[str(place) for place in places])["verdict"] == "raised"
    assert [place.exists() for place in places] == [False, True, False]
    assert [path.name for path in places[1].parent.iterdir()] == ["guard"], "nothing else is left there"
    assert places[1].stat().st_size == guardian.SIZE


def test_a_symlink_or_a_folder_is_no_guard_file(bench: Bench, tmp_path: Path) -> None:
    bench.run(5, guards=[str(tmp_path / "real")])
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "folder").mkdir()
    wrong = [str(tmp_path / "link"), str(tmp_path / "folder")]
    assert bench.run(6, guards=[*wrong, str(tmp_path / "other")])["verdict"] == "raised"
    answer = bench.run(7, guards=wrong)
    assert (answer["verdict"], answer["fence"]) == ("failed", -1)
    assert "not a regular file" in str(answer["said"])


@pytest.mark.parametrize("text", ["", "{}", "[" * 600, "precious"])
def test_a_file_that_no_guardian_wrote_is_left_as_it_is(bench: Bench, text: str) -> None:
    bench.guard.parent.mkdir()
    bench.guard.write_text(text)
    answer = bench.run(argv=writes(bench.folder / "ran"))
    assert answer["verdict"] == "failed"
    assert "move it away" in str(answer["said"])
    assert bench.guard.read_text() == text
    assert not (bench.folder / "ran").exists()


@pytest.mark.parametrize(
    "order",
    [
        "",
        "[]",
        '{"token": 1',
        "[" * 100_000,
        {},
        {"token": -1},
        {"token": True},
        {"token": "7"},
        {"token": 10**600},
        {"holder": "x" * 600},
        {"holder": ""},
        {"guards": []},
        {"guards": "/tmp"},
        {"form": ["v1"]},
        {"done": "v2"},
        {"timeout": "soon"},
        {"blind": "false"},
        {"argv": [7]},
        {"argv": ["a\0b"]},
        {"env": {"A": 1}, "argv": ["true"]},
        {"env": {"A=B": "1"}, "argv": ["true"]},
        {"cwd": "/no/such/folder", "argv": ["true"]},
        {"observe": {"argv": ["true"]}, "argv": ["true"]},
        {"observe": "v1", "argv": ["true"]},
        {"link": {"path": "/"}},
        {"link": {"path": "a\0b", "to": "c"}},
    ],
    ids=lambda order: str(order)[:30],
)
def test_what_is_no_order_fails_with_a_reason_and_no_traceback(bench: Bench, order: object) -> None:
    full: dict[str, object] = {"guards": [str(bench.guard)], "token": 7, "holder": "olga"}
    running = bench.raw({**full, **order} if isinstance(order, dict) and order else order)
    answer = running.answer()
    assert answer["verdict"] == "failed"
    assert answer["said"]
    assert running.said.read_text() == ""


def test_a_time_without_end_is_no_order(bench: Bench) -> None:
    order = json.dumps({"guards": [str(bench.guard)], "token": 7, "holder": "olga", "timeout": float("inf")})
    assert bench.raw(order).answer()["verdict"] == "failed"
    assert bench.raw(order.replace("Infinity", "1e999")).answer()["verdict"] == "failed"


FULL_DISK = """
import json, os, subprocess, sys
place, guardian = sys.argv[1:]
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "hotfix", place], check=True)
def say(token, guard):
    order = {"guards": [guard, "/proc/no"], "token": token, "holder": "olga", "argv": []}
    argv = [sys.executable, "-I", "-S", guardian]
    print(subprocess.run(argv, input=json.dumps(order), text=True, stdout=subprocess.PIPE).stdout, end="")
say(1, place + "/guard")
filler = os.open(place + "/filler", os.O_WRONLY | os.O_CREAT)
try:
    while True: os.write(filler, bytes(4096))
except OSError: pass
os.close(filler)
say(2, place + "/guard")
say(1, place + "/guard")
say(3, place + "/another")
"""


def test_a_full_disk_does_not_keep_the_fence_down(tmp_path: Path) -> None:
    probe = ("unshare", "-m", "mount", "-t", "tmpfs", "hotfix", str(tmp_path))
    try:
        allowed = subprocess.run(probe, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        allowed = False
    if not allowed:
        pytest.skip("a small disk to fill takes the right to mount one, in a namespace of its own")
    argv = ["unshare", "-m", *python(FULL_DISK, str(tmp_path), guardian.__file__)]
    told = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    answers = [json.loads(line) for line in told.splitlines()]
    seen = [(answer["verdict"], answer["fence"]) for answer in answers]
    assert seen == [("raised", 1), ("raised", 2), ("stale", 2), ("failed", -1)]
    assert "No space left" in answers[3]["said"], "the disk was full indeed"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders=st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["olga", "paul", "ünï"])), max_size=12))
def test_whatever_is_ordered_the_fence_never_falls(orders: list[tuple[int, str]], tmp_path: Path) -> None:
    guards = [f"{tempfile.mkdtemp(dir=tmp_path)}/guard"]
    fence = (-1, "")
    for token, holder in orders:
        answer = guardian.answer({"guards": guards, "token": token, "holder": holder})
        accepted = token > fence[0] or (token, holder) == fence
        assert answer["verdict"] == ("raised" if accepted else "stale")
        fence = (token, holder) if accepted else fence
        assert answer["fence"] == fence[0]


# -- one effect at a time ------------------------------------------------------------------------------

SLEEP = ["sleep", "600"]


def test_effects_never_overlap(bench: Bench) -> None:
    log = bench.folder / "log"
    argv = shell(f"echo start >> {log}; sleep 0.01; echo end >> {log}")
    running = [bench.start(argv=argv, timeout=60.0) for _ in range(20)]
    assert [one.answer()["verdict"] for one in running] == ["done"] * 20
    assert log.read_text().split() == ["start", "end"] * 20


def test_an_older_effect_that_ends_by_itself_is_waited_for(bench: Bench) -> None:
    go = bench.folder / "go"
    older = bench.start(1, argv=shell(f"while [ ! -e {go} ]; do sleep 0.01; done; echo ended"))
    bench.command()
    newer = bench.start(2, argv=writes(bench.folder / "newer"))
    time.sleep(0.2)
    assert not (bench.folder / "newer").exists()
    go.touch()
    assert (older.answer()["exit"], newer.answer()["exit"]) == (0, 0)
    assert older.said.read_text() == "ended\n"


def test_an_older_effect_that_does_not_end_is_killed_after_the_grace(bench: Bench) -> None:
    older = bench.start(1, argv=shell("sleep 600 & wait"))
    command = bench.command()
    # Long enough for the older guardian to say what became of its command.
    answer = bench.run(2, argv=["true"], grace=2.0)
    assert (answer["verdict"], answer["exit"], answer["fence"]) == ("done", 0, 2)
    killed = older.answer()
    assert (killed["verdict"], killed["exit"], killed["timed_out"]) == ("done", -signal.SIGKILL, False)
    assert ended(command)


def test_raising_the_fence_ends_an_older_effect_too(bench: Bench) -> None:
    older = bench.start(1, argv=SLEEP)
    command = bench.command()
    assert bench.run(2, grace=0.2)["verdict"] == "raised"
    assert ended(command)
    older.process.wait(60)


def test_a_stopped_guardian_is_killed_after_two_graces(bench: Bench) -> None:
    older = bench.start(1, argv=SLEEP)
    command = bench.command()
    os.kill(older.pid, signal.SIGSTOP)
    assert bench.run(2, argv=["true"], grace=0.2)["verdict"] == "done"
    assert older.process.wait(60) == -signal.SIGKILL
    assert eventually(lambda: ended(command))


def test_a_guardian_that_was_stopped_while_it_asked_is_killed_as_well(bench: Bench) -> None:
    with Loopback(silence) as server:
        asked = {"url": server.url, "field": "release", "timeout": 30.0, "most": 65536}
        older = bench.start(1, argv=writes(bench.folder / "ran"), observe=asked, blind=True)
        assert eventually(lambda: len(server.asked) == 1)
        os.kill(older.pid, signal.SIGSTOP)
        assert bench.run(2, grace=0.2)["verdict"] == "raised"
        assert older.process.wait(60) == -signal.SIGKILL
    assert not (bench.folder / "ran").exists()


def test_a_command_that_outlived_its_guardian_is_ended_before_anything_else(bench: Bench) -> None:
    older = bench.start(1, argv=SLEEP)
    command = bench.command()
    older.process.kill()
    older.process.wait(60)
    assert not ended(command)
    # What the newer command finds: no such process, or a zombie that nobody fetched yet.
    newer = bench.start(2, argv=["cat", f"/proc/{command}/stat"], grace=0.2)
    assert newer.answer()["verdict"] == "done"
    assert "(sleep) Z" in newer.said.read_text() or "No such file" in newer.said.read_text()


@pytest.mark.parametrize("moment", range(12))
def test_whenever_a_guardian_is_killed_nothing_older_acts_below_the_raised_fence(
    bench: Bench, moment: int
) -> None:
    acted = bench.folder / "acted"
    bench.run(0)
    older = bench.start(1, argv=shell(f"while sleep 0.002; do echo >> {acted}; done"))
    # A start takes about 30 ms, so that some die before, some while and some after the command begins.
    time.sleep(0.006 * moment)
    older.process.kill()
    older.process.wait(60)
    assert bench.run(2, grace=0.0)["verdict"] == "raised"
    before = acted.stat().st_size if acted.exists() else 0
    time.sleep(0.05)
    assert (acted.stat().st_size if acted.exists() else 0) == before


def test_a_guard_file_that_was_removed_meanwhile_guards_nothing(bench: Bench) -> None:
    first = bench.start(1, argv=SLEEP)
    bench.command()
    second = bench.start(2, argv=writes(bench.folder / "ran"))
    assert eventually(lambda: holds_open(second.pid, bench.guard))
    bench.guard.unlink()
    first.process.terminate()
    answer = second.answer()
    assert answer["verdict"] == "failed"
    assert "was removed" in str(answer["said"])
    assert not (bench.folder / "ran").exists()


def test_a_command_of_our_own_that_outlived_its_guardian_has_its_time_and_no_more(bench: Bench) -> None:
    older = bench.start(1, argv=SLEEP, timeout=1.0)
    command = bench.command()
    older.process.kill()
    older.process.wait(60)
    assert bench.run(1, argv=["true"], grace=0.2)["verdict"] == "done"
    assert eventually(lambda: ended(command))


def test_a_number_that_became_another_process_is_not_killed(bench: Bench) -> None:
    bench.run(1)
    with subprocess.Popen(SLEEP, start_new_session=True) as bystander:
        record = {**bench.record(), "pid": bystander.pid, "born": "1-another"}
        bench.guard.write_bytes(json.dumps(record).encode().ljust(guardian.SIZE))
        assert bench.run(2, argv=["true"], grace=0.0)["verdict"] == "done"
        assert bystander.poll() is None
        bystander.kill()


def test_an_effect_of_our_own_that_runs_is_waited_for_until_its_deadline(bench: Bench) -> None:
    first = bench.start(1, argv=SLEEP, timeout=1.0)
    bench.command()
    assert bench.run(1, argv=["true"], grace=0.0)["verdict"] == "done"
    assert first.answer()["timed_out"] is True


def test_an_effect_of_our_own_whose_guardian_hangs_locks_the_unit(bench: Bench) -> None:
    first = bench.start(1, argv=SLEEP, timeout=0.5)
    command = bench.command()
    os.kill(first.pid, signal.SIGSTOP)
    answer = bench.run(1, argv=["true"], grace=0.1)
    assert (answer["verdict"], answer["fence"]) == ("locked", 1)
    said = str(answer["said"])
    assert f"guardian {first.pid}, command {command}, token 1 of olga" in said
    assert not ended(command), "only a higher token kills"


def test_a_lock_whose_holder_has_no_name_is_given_up(bench: Bench) -> None:
    bench.run(1)
    holds = "import fcntl, sys, time; f = open(sys.argv[1]); fcntl.flock(f, 2); print(flush=True); time.sleep(600)"
    with subprocess.Popen(python(holds, str(bench.guard)), stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        assert bench.run(2, grace=0.1)["verdict"] == "locked"
        holder.kill()
    assert bench.run(2, grace=0.1)["verdict"] == "raised"


def test_who_comes_too_late_hears_it_while_the_newer_effect_runs(bench: Bench) -> None:
    newer = bench.start(2, argv=SLEEP, timeout=60.0)
    bench.command()
    assert bench.run(1, argv=["true"])["verdict"] == "stale"
    assert newer.process.poll() is None
    newer.process.terminate()
    assert newer.answer()["exit"] == -signal.SIGKILL


# -- how an effect ends ----------------------------------------------------------------------------------


def test_a_shipper_killed_at_once_does_not_take_the_effect_along(bench: Bench) -> None:
    (bench.folder / "order").write_text(
        json.dumps(
            {
                "guards": [str(bench.guard)],
                "token": 1,
                "holder": "olga",
                "env": ENV,
                "argv": shell(f"sleep 0.3; touch {bench.folder}/done"),
            }
        )
    )
    shipper = """
import subprocess, sys, time
folder, *argv = sys.argv[1:]
with open(folder + "/order") as order, open(folder + "/answer", "w") as answer:
    print(subprocess.Popen(argv, stdin=order, stdout=answer, stderr=answer, start_new_session=True).pid, flush=True)
time.sleep(600)
"""
    argv = python(shipper, str(bench.folder), *GUARDIAN)
    with subprocess.Popen(argv, stdout=subprocess.PIPE, start_new_session=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        os.killpg(parent.pid, signal.SIGKILL)
    assert eventually(lambda: ended(pid))
    assert (bench.folder / "done").exists()
    assert json.loads((bench.folder / "answer").read_text())["verdict"] == "done"


def test_the_time_out_kills_the_whole_group(bench: Bench) -> None:
    pids = bench.folder / "pids"
    argv = shell(f"sleep 600 & echo $! > {pids}; sleep 600")
    answer = bench.run(argv=argv, timeout=1)
    assert (answer["verdict"], answer["exit"], answer["timed_out"]) == ("done", -signal.SIGKILL, True)
    assert eventually(lambda: ended(int(pids.read_text())))


DAEMON = """
import subprocess, sys
print(subprocess.Popen(["sleep", "600"], close_fds=False).pid)
"""


@pytest.mark.parametrize("argv", [shell("sleep 600 & echo $!"), python(DAEMON)], ids=["shell", "inherits"])
def test_a_service_that_is_left_behind_lives_and_has_no_lock(bench: Bench, argv: list[str]) -> None:
    running = bench.start(1, argv=argv)
    assert running.answer()["exit"] == 0
    service = int(running.said.read_text())
    try:
        assert not ended(service)
        held = [str(path.readlink()) for path in Path(f"/proc/{service}/fd").iterdir()]
        assert str(bench.guard) not in held
        assert bench.run(2, argv=["true"], grace=0.0)["verdict"] == "done"
        assert not ended(service), "it is nobody's to kill"
    finally:
        os.kill(service, signal.SIGKILL)


def test_what_a_command_says_is_kept_up_to_a_size(bench: Bench) -> None:
    running = bench.start(argv=shell("yes"), timeout=0.5, most=1000)
    assert running.answer()["timed_out"] is True
    assert running.said.stat().st_size == 1000


def test_a_guardian_that_is_told_to_end_ends_its_command_first(bench: Bench) -> None:
    running = bench.start(argv=shell("sleep 600 & wait"))
    command = bench.command()
    running.process.terminate()
    answer = running.answer()
    assert (answer["exit"], answer["timed_out"]) == (-signal.SIGKILL, False)
    assert "told to end" in str(answer["said"])
    assert ended(command)
    assert bench.record()["pid"] == 0


def test_a_guardian_that_is_told_to_end_while_it_waits_does_nothing(bench: Bench) -> None:
    first = bench.start(1, argv=SLEEP)
    bench.command()
    second = bench.start(2, argv=writes(bench.folder / "ran"))
    # It waits for the lock as soon as it has its guard file open.
    assert eventually(lambda: holds_open(second.pid, bench.guard))
    second.process.terminate()
    assert second.answer()["verdict"] == "failed"
    assert bench.record()["token"] == 1
    assert not (bench.folder / "ran").exists()
    assert first.process.poll() is None


def holds_open(pid: int, file: Path) -> bool:
    with suppress(FileNotFoundError, ProcessLookupError):
        return str(file) in [str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir()]
    return False


def test_little_is_imported_before_there_is_a_question() -> None:
    argv = [*GUARDIAN[:-1], "-X", "importtime", GUARDIAN[-1]]
    ran = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    imported = {line.rpartition("|")[2].strip() for line in ran.stderr.splitlines()}
    assert "subprocess" in imported
    assert not imported & {"typing", "pathlib", "socket", "http.client", "ssl", "urllib.parse"}
