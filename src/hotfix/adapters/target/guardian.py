"""The guardian: one effect on one unit, under the unit's lock, by a process that outlives the shipper.

Run as ``[sys.executable, "-I", "-S", guardian.__file__]`` in a session of its own: stdin brings an order, stdout
takes the answer as one line, stderr what the command says.

Order (a JSON object; what has a default here may be missing)::

    guards   places of the unit's guard file: the first that is there, else the first that can be made
    token    who acts, as a number that only ever rises;  holder: the same in words, about 200 bytes
    grace    seconds for an older effect to end by itself, and as many for its guardian to let go (5)
    observe  {url, field, timeout, most} or {argv, env, cwd, timeout}: how the unit is asked (null: not)
    done     what the unit may serve already, and nothing is done ([]);  from: what may be replaced ([])
    blind    whether to act without a readable answer (false)
    link     {path, to}: a symlink to swap first (null)
    argv     the command ([]), with env as its whole environment ({}), in cwd (null), killed after timeout
             seconds (60); most is how many bytes of what it says are kept (1 MiB)

Answer: verdict, fence (token on file: -1 is none), exit (negative: a signal), seconds, timed_out, said::

    done   the command ran, whatever its exit      found   the unit serves one of `done` already
    moved  the unit gives no readable answer       foreign the unit serves what may not be replaced
    stale  the fence is higher, or another's       locked  another effect does not end
    raised the fence, and nothing else was to do   failed  as `said` tells

A service left behind in time is never killed. A command outlives the kill -9 of its guardian: the next one ends it.
"""

# ruff: noqa: PTH103, PTH105, PTH108, PTH110, PTH116, PTH118, PTH120, PTH123, PTH211
# This runs for every effect: importing pathlib or typing would take longer than most of what it does.
from __future__ import annotations

import fcntl
import json
import os
import signal
import stat
import subprocess
import sys
import time
from contextlib import closing, suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SIZE = 512  # bytes of a guard file, always: one sector, so that a write replaces all of it or nothing
LONGEST = 200  # characters that the name of a release may have, as in answer.py
_BLANK = {"token": -1, "holder": "", "since": 0.0, "deadline": 0.0}
_BLANK |= {"guardian": 0, "guardian_born": "", "pid": 0, "born": ""}
# Each default is on the safe side: what is not told may not be replaced.
_ORDER: dict[str, object] = {
    "guards": [], "token": -1, "holder": "", "grace": 5.0, "observe": None, "done": [], "from": [],
    "blind": False, "link": None, "argv": [], "env": {}, "cwd": None, "timeout": 60.0, "most": 1 << 20,
}  # fmt: skip

_told_to_end: list[int] = []


class _Over(Exception):
    """The order ends here. Its arguments are the verdict and a sentence."""


def main() -> int:
    """Read the order from stdin, write the answer to stdout; 1 where it could not be written whole."""
    # Only noted. What waits looks at it, so that nothing is left half done.
    signal.signal(signal.SIGTERM, lambda number, _frame: _told_to_end.append(number))
    try:
        order = json.loads(sys.stdin.buffer.read(), parse_float=_finite, parse_constant=_finite)
    except (OSError, ValueError, RecursionError) as error:
        order = str(error)
    line = json.dumps(answer(order)).encode() + b"\n"
    with suppress(OSError):
        # In one piece: whoever finds a line finds a whole answer.
        return int(os.write(1, line) != len(line))
    return 1


def answer(order: object) -> dict[str, Any]:
    """Carry out `order` and answer it, both as above. What goes wrong is in the answer."""
    given = {"verdict": "failed", "fence": -1, "exit": None, "seconds": 0.0, "timed_out": False, "said": ""}
    guard = -1
    try:
        checked = _checked(order)
        guard = _open(checked["guards"])
        _take(guard, checked)
        given |= _obey(guard, checked)
    except _Over as over:
        given["verdict"], given["said"] = over.args
    # KeyError, TypeError: an order with parts that are missing or of another kind.
    except (OSError, ValueError, KeyError, TypeError, OverflowError, subprocess.SubprocessError) as error:
        given["said"] = f"the order could not be carried out: {type(error).__name__}: {error}"
    if guard >= 0:
        with suppress(OSError, _Over):
            given["fence"] = _read(guard)["token"]
        os.close(guard)  # lets go of the lock: no child has this descriptor
    return given


def _checked(order: object) -> dict[str, Any]:
    full = {**_ORDER, **order} if isinstance(order, dict) else {}
    full |= {key: float(full[key]) for key in ("grace", "timeout") if type(full.get(key)) is int}
    # Each is of the kind of its default, where it has one; an unknown key, a misspelt `from`, is wrong too.
    wrong = full.keys() ^ _ORDER.keys()
    wrong |= {key for key in full if _ORDER.get(key) is not None and type(full[key]) is not type(_ORDER[key])}
    if wrong or full["token"] < 0 or not full["holder"]:
        raise _Over("failed", f"no order has such {', '.join(sorted(wrong)) or 'token or holder'}")
    return full


def _obey(guard: int, order: dict[str, Any]) -> dict[str, Any]:
    now, asked = time.monotonic(), order["observe"]
    mine = {**_BLANK, "token": order["token"], "holder": order["holder"]}
    # Named from here on, so that a higher token can end this guardian even where it was stopped.
    mark = {**mine, "guardian": os.getpid(), "guardian_born": _born(os.getpid()), "since": now}
    mark["deadline"] = now + order["timeout"] + (asked["timeout"] if asked else 0.0)
    # The fence comes before any question: from here on nobody with a lower token changes the unit. It is
    # on the disk before the unit is touched, because it has to survive a loss of power.
    _write(guard, mark)
    os.fsync(guard)
    try:
        if not order["argv"] and not order["link"]:
            return {"verdict": "raised", "said": f"the fence is {order['token']} now"}
        if asked:
            _compare(guard, mark, order)
        if _told_to_end:
            raise _Over("failed", "the guardian was told to end before it changed anything")
        if order["link"]:
            _swap(**order["link"])
        ran = _run(guard, mark, order, (2, 2)) if order["argv"] else {"said": "the link was swapped"}
        return {"verdict": "done", **ran}
    finally:
        # What could not be killed stays named, for the next guardian to find.
        left = _read(guard)
        if not _lives(left["pid"], left["born"]):
            _write(guard, mine)


def _open(candidates: list[str]) -> int:
    why: dict[str, OSError] = {}
    # All that are there come before any that could be made, so that everyone ends at the same file.
    for make, path in [(make, path) for make in (False, True) for path in candidates]:
        try:
            if make:
                _make(path)
            if not stat.S_ISREG(os.lstat(path).st_mode):
                raise OSError("it is not a regular file")
        except OSError as error:
            why[path] = error
            continue
        # Not through a symlink: it may lead to what is not ours to write. One that is there and cannot be
        # opened is an error, no reason to try the next: someone else may hold it.
        return os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    raise _Over("failed", f"no guard file can be opened or made: {why}")


def _make(path: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    new = f"{path}.{os.getpid()}.{time.monotonic_ns()}"
    file = os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)  # as the umask of a team has it
    try:
        # All the room it will ever need, taken now: a full disk must not keep a rollback from its fence.
        _write(file, _BLANK)
        os.fsync(file)
        # It appears whole, and never in place of one that someone else made just now.
        with suppress(FileExistsError):
            os.link(new, path)
    finally:
        os.close(file)
        os.unlink(new)
    _sync(os.path.dirname(path))


def _sync(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY)  # a name is durable only when its folder is
    os.fsync(descriptor)
    os.close(descriptor)


def _read(guard: int) -> dict[str, Any]:
    # Twice the same: who has no lock may read while another writes.
    while (text := os.pread(guard, SIZE, 0)) != os.pread(guard, SIZE, 0):
        pass
    with suppress(ValueError):
        if isinstance(record := json.loads(text), dict) and record.keys() == _BLANK.keys():
            return record
    raise _Over("failed", "the guard file holds what no guardian wrote: look at it, and move it away")


def _write(guard: int, record: dict[str, Any]) -> None:
    text = json.dumps(record, separators=(",", ":")).encode().ljust(SIZE - 1) + b"\n"
    if len(text) != SIZE:
        raise ValueError(f"the guard file has no room for {record['token']} and {record['holder']}")
    # In place and of the same length, which needs no free space.
    if os.pwrite(guard, text, 0) != SIZE:
        raise OSError("the guard file could not be written whole")


def _take(guard: int, order: dict[str, Any]) -> None:
    """Wait until the unit is ours and nothing runs there, and end what an older order has running."""
    started = since = time.monotonic()
    grace, seen, held = order["grace"], 0, False
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)  # taken again where it is ours: no harm
            held = True
        now, there = time.monotonic(), _read(guard)
        older = there["token"] < order["token"]
        # True without the lock as well, because tokens only rise: such an order need not wait for its no.
        if not older and (there["token"], there["holder"]) != (order["token"], order["holder"]):
            raise _Over("stale", f"{there['holder']} has the unit, with token {there['token']}")
        # With the lock too: the command of a guardian that was killed with -9 still runs.
        if held and not _lives(there["pid"], there["born"]):
            if os.fstat(guard).st_nlink:
                return
            raise _Over("failed", "the guard file was removed while the lock was waited for: try again")
        if _told_to_end:
            raise _Over("failed", "the guardian was told to end before it changed anything")
        if there["guardian"] != seen:
            seen, since = there["guardian"], now
        # An older effect has the grace, and one of our own its own time. One without a name just began.
        due = there["deadline"] if seen and not older else (started if seen else since) + grace
        late = now - max(due, since)
        with suppress(ProcessLookupError, PermissionError):  # one of another user is waited for, and named
            if now >= due and (older or held) and _lives(there["pid"], there["born"]):
                os.killpg(there["pid"], signal.SIGKILL)
            # A guardian that was stopped keeps its lock, though its command is dead.
            if late >= grace and older and not held and _lives(seen, there["guardian_born"]):
                os.kill(seen, signal.SIGKILL)
        if late >= grace + max(grace, 1.0):  # death takes a moment, even where there is no grace
            who = f"guardian {seen}, command {there['pid']}, token {there['token']} of {there['holder']}"
            raise _Over("locked", f"{who}: holds the unit since {now - (there['since'] or since):.0f} s")
        time.sleep(0.02)


def _born(pid: int) -> str:
    """When the process began, which with its pid names it for ever; "" where it has ended."""
    if not os.path.exists("/proc/self/stat"):
        # As on macOS, where ps knows.
        ps = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], stdout=subprocess.PIPE, check=False)
        return ps.stdout.decode().strip()
    own, up = f"/proc/{pid}/stat", "/proc/sys/kernel/random/boot_id"
    with suppress(FileNotFoundError, ProcessLookupError), open(own, "rb") as life, open(up, "rb") as boot:
        # After the name, which may hold anything, come the state and, as the 20th, the start. A zombie has
        # ended: what lives on of its group is a service that was left behind.
        fields = life.read().rpartition(b")")[2].split()
        return "" if fields[0] in b"ZX" else f"{fields[19].decode()}-{boot.read(8).decode()}"
    return ""


def _lives(pid: int, born: str) -> bool:
    # Never by the number alone: it may be another process by now, or one in another container.
    return born != "" and _born(pid) == born


def _swap(path: str, to: str) -> None:
    folder, name = os.path.split(path)
    os.stat(os.path.join(folder, to))  # a link that leads nowhere is never what was meant
    new = os.path.join(folder, f".hotfix-{name}")
    with suppress(FileNotFoundError):
        os.unlink(new)  # left by a crash: nobody else makes it, because the lock is ours
    os.symlink(to, new)
    os.replace(new, path)  # in one step, so that there is always a link
    _sync(folder)


def _trim(what: dict[str, Any]) -> None:
    # While it runs, because a command that talks without end would fill the disk.
    with suppress(OSError):
        said = os.fstat(2)
        if stat.S_ISREG(said.st_mode) and said.st_size > what.get("most", said.st_size):
            os.ftruncate(2, what["most"])


def _run(guard: int, mark: dict[str, Any], what: dict[str, Any], out: tuple[int, int]) -> dict[str, Any]:
    """Run the argv of `what`, named on the guard file from before it begins until after it ended."""
    started = now = time.monotonic()
    deadline, killed, pause = started + what["timeout"], False, 0.001

    def name() -> None:
        # In the child, when it leads a group of its own and before it becomes the command. So no command
        # begins before its pid is on file, whoever is killed when; and as the child has the lock's
        # descriptor until it becomes the command, nobody takes the lock without finding that pid.
        _write(guard, {**mark, "pid": os.getpid(), "born": _born(os.getpid()), "deadline": deadline})

    process = subprocess.Popen(
        what["argv"], stdin=subprocess.DEVNULL, stdout=out[0], stderr=out[1], env=what["env"], cwd=what["cwd"],
        close_fds=True, start_new_session=True, preexec_fn=name,
    )  # fmt: skip
    while not _ended(process) and now < deadline + 5:
        _trim(what)
        now = time.monotonic()
        if _told_to_end:
            deadline = min(deadline, now)
        if now >= deadline:
            killed = True
            # It is not reaped, so that its number still means this group and no other.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        # Short commands are seen to end at once, and long ones cost little to wait for.
        time.sleep(pause)
        pause = min(2 * pause, 0.05)
    _trim(what)
    code, how = -signal.SIGKILL, "cannot be killed, and may still change the unit"
    if _ended(process):
        _write(guard, mark)  # first named no more, then reaped: a number on file is nobody else's
        code, how = process.wait(), "was killed" if killed else "ended"
    seconds, timed_out = round(time.monotonic() - started, 3), killed and not _told_to_end
    said = f"the command {how} ({'the guardian was told to end' if _told_to_end else f'exit {code}'}, {seconds} s)"
    return {"exit": code, "seconds": seconds, "timed_out": timed_out, "said": said}


def _ended(process: subprocess.Popen[bytes]) -> bool:
    if not hasattr(os, "waitid"):  # an older Python on macOS reaps at once; the birth on file still tells
        return process.poll() is not None
    # WNOWAIT leaves it a zombie, so that its number cannot become another's.
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _compare(guard: int, mark: dict[str, Any], order: dict[str, Any]) -> None:
    asked = order["observe"]
    # What is believed, and what is not, is as in answer.py: another guess would fight with the shipper's.
    try:
        serves = _over_http(asked) if "url" in asked else _by_command(guard, mark, asked)
        if not serves or len(serves) > LONGEST or not serves.isprintable():
            raise ValueError("its answer is not one short line of text")
    except (OSError, ValueError) as error:
        if order["blind"]:
            return
        raise _Over("moved", f"the unit does not say what it serves: {error}") from None
    if serves in order["done"]:
        if order["link"]:  # what it starts next time has to be this too: an earlier restart may have failed
            _swap(**order["link"])
        raise _Over("found", f"the unit serves {serves} already")
    if serves not in order["from"]:
        raise _Over("foreign", f"the unit serves {serves}, which is not what was to be replaced")


def _by_command(guard: int, mark: dict[str, Any], asked: dict[str, Any]) -> str:
    # A pipe needs no room on a disk that may be full, and has more of it than the longest name takes.
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    try:
        ran = _run(guard, mark, asked, (writer, subprocess.DEVNULL))
        if ran["exit"] != 0 or ran["timed_out"]:
            raise ValueError(ran["said"])
        return os.read(reader, 1 << 16).decode().strip()
    finally:
        os.close(reader)
        os.close(writer)


def _over_http(asked: dict[str, Any]) -> str:
    # Imported only here, because it takes as long as all the rest.
    import http.client
    from urllib.parse import quote, urlsplit

    def late(_number: int, _frame: object) -> None:
        raise TimeoutError(f"no answer within {asked['timeout']:g} s")

    where = urlsplit(asked["url"])
    if where.scheme not in ("http", "https") or not where.hostname:
        raise ValueError(f"{asked['url']!r} is not an http or https address")
    path = quote(where.path or "/", safe="/:@!$&'()*+,;=%~") + ("?" if where.query else "")
    kind = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
    # A socket's own time-out starts again with every byte. The alarm's does not.
    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, asked["timeout"])
    try:
        with closing(kind(where.hostname, where.port, timeout=asked["timeout"])) as connection:
            connection.request("GET", path + quote(where.query, safe="/:@!$&'()*+,;=%~?"))
            response = connection.getresponse()
            body = response.read(asked["most"] + 1)
    except http.client.HTTPException as error:
        raise ValueError(f"it answered no HTTP: {type(error).__name__} {error}") from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    if response.length or len(body) > asked["most"] or not 200 <= response.status < 300:
        raise ValueError(f"it answered with status {response.status} and {len(body)} bytes")
    return _text(body.decode(), asked["field"])


def _text(body: str, field: str) -> str:
    try:
        table = json.loads(body, parse_float=_finite, parse_constant=_finite)
        json.dumps(table, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        table = None
    if isinstance(table, dict) and not isinstance(table.get(field), str):
        raise ValueError(f"its JSON answer has no text in the field {field!r}")
    return str(table[field]) if isinstance(table, dict) else body.strip()


def _finite(number: str) -> float:
    if (value := float(number)) - value != 0:
        raise ValueError("JSON has no such number")
    return value


if __name__ == "__main__":
    sys.exit(main())
