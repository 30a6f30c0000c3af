"""Runs one command in a sandbox, and nothing of it is left when this is over. A script of its own, standard library only.

    python -I -S launcher.py < ORDER        (ORDER is marshalled, see `adapters/runner/sandbox.py`)

Where the kernel lets this person make namespaces, the command has a root of its own, with what the order lists and no
more, no network but its own loopback, and process numbers of its own, so that the kernel ends all of them with the
first. Elsewhere orphans come to this process, which ends them. Either way what it can use is bounded, and it dies with
the process that started this one. What became of it is told on the descriptor that the order names, in lines of
``name=value`` with zero bytes between. It starts as often as tests do: what is slow to import (json, socket) is not used.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import marshal
import os
import resource
import signal
import struct
import sys
import time

NEWNS, NEWIPC, NEWUTS, NEWUSER, NEWPID, NEWNET = (
    0x20000,
    0x8000000,
    0x4000000,
    0x10000000,
    0x20000000,
    0x40000000,
)
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = (
    1,
    2,
    4,
    8,
    32,
    4096,
    16384,
    1 << 18,
)
MNT_DETACH = 2
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = (
    1,
    4,
    24,
    36,
    38,
)
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41, "riscv64": 41, "ppc64le": 203, "s390x": 217}
KEPT_CAPABILITIES = frozenset({0, 1, 3, 4, 5, 6, 7, 10})
"""Of a root in its own namespace: chown, dac_override, fowner, fsetid, kill, setgid, setuid, net_bind_service."""
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
LOOK_EVERY = 0.1
NEVER_ENDED = -1000

libc = ctypes.CDLL(None, use_errno=True)

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing it takes longer than making a sandbox
    from typing import Any


class Unwalled(Exception):
    """The kernel does not let this person make the sandbox."""


def main() -> int:
    """Carry the order out; 0 once something was told."""
    order = marshal.loads(sys.stdin.buffer.read())
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    tell = order["tell"]
    fcntl.fcntl(tell, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
    _die_with(order["parent"])
    try:
        if order["walls"]:
            _leave_namespaces(order["network"])
    except (Unwalled, OSError) as error:
        if order["required"]:
            _tell(tell, started="no", why=str(error))
            return 0
        order["walls"], order["why"] = False, str(error)
    if order["walls"]:
        return _oversee(order)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGTERM, lambda *_: _end_all_and_leave())
    _run(order, walled=False)
    return 0


def _oversee(order: dict[str, Any]) -> int:
    """Wait outside for the first process of the sandbox: once it is reaped, every other one is gone."""
    me = os.getpid()
    first = os.fork()
    if first == 0:
        _die_with(me, known=False)
        try:
            _furnish(order)
        except (Unwalled, OSError) as error:
            _tell(order["tell"], started="no", why=f"{error}")
            os._exit(0)
        libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
        _run(order, walled=True)
        os._exit(0)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(first, signal.SIGKILL))
    while True:
        try:
            os.waitpid(first, 0)
            return 0
        except InterruptedError:
            continue


# -- the walls ------------------------------------------------------------------------------------


def _leave_namespaces(network: str) -> None:
    if not hasattr(libc, "unshare") or os.uname().machine not in PIVOT_ROOT:
        raise Unwalled("this system has no namespaces that could hold a test back")
    user, group = os.getuid(), os.getgid()
    own_network = NEWNET if network == "loopback" else 0
    _call("unshare", NEWUSER | NEWNS | NEWIPC | NEWUTS | NEWPID | own_network)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{user} {user} 1")
    _write("/proc/self/gid_map", f"{group} {group} 1")
    if own_network:
        _loopback_up()


def _loopback_up() -> None:
    any_socket = libc.socket(2, 2, 0)  # AF_INET, SOCK_DGRAM
    request = struct.pack("16sH14x", b"lo", 0x1)  # IFF_UP
    fcntl.ioctl(any_socket, 0x8914, request)  # SIOCSIFFLAGS
    os.close(any_socket)


def _furnish(order: dict[str, Any]) -> None:
    """A root with what the order lists, and nothing else."""
    root = order["root"]
    _mount("none", "/", "", MS_REC | MS_PRIVATE)
    _mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=64m")
    for source, shown in order["own"]:
        _show(source, root + shown, read_only=False)
    _devices(root)
    for path in order["see"]:
        _show(path, root + path, read_only=True)
    for path in order["hide"]:
        if os.path.isdir(root + path):
            _mount("tmpfs", root + path, "tmpfs", MS_NOSUID | MS_NODEV | MS_RDONLY, "mode=755,size=4k")
        else:
            _show("/dev/null", root + path, read_only=False)
    _processes(root)
    for folder in order["folders"]:
        os.makedirs(root + folder, exist_ok=True)
    for link, target in order["links"]:
        if not os.path.lexists(root + link):
            os.symlink(target, root + link)
    old = root + "/.old"
    os.mkdir(old)
    if libc.syscall(PIVOT_ROOT[os.uname().machine], root.encode(), old.encode()) != 0:
        raise OSError(ctypes.get_errno(), "pivot_root")
    os.chdir("/")
    _call("umount2", b"/.old", MNT_DETACH)
    os.rmdir("/.old")
    _mount("none", "/", "", MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV)


def _show(source: str, target: str, read_only: bool) -> None:
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if not os.path.lexists(target):
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o600))
    _mount(source, target, "", MS_BIND | MS_REC)
    if read_only and not _read_only_with_all_below(target):
        # A mount that came from outside keeps what it was restricted to there.
        kept = os.statvfs(target).f_flag & (MS_NOSUID | MS_NODEV | MS_NOEXEC)
        _mount("none", target, "", MS_REMOUNT | MS_BIND | MS_RDONLY | kept)


def _read_only_with_all_below(target: str) -> bool:
    """What is mounted below a place too; false where the kernel is too old for that."""
    only_reading = struct.pack("QQQQ", 1, 0, 0, 0)  # struct mount_attr: MOUNT_ATTR_RDONLY
    done = libc.syscall(
        442, -100, os.fsencode(target), 0x8000, only_reading, len(only_reading)
    )  # mount_setattr
    return bool(done == 0)


def _devices(root: str) -> None:
    os.makedirs(root + "/dev/shm")
    for name in DEVICES:
        if os.path.exists("/dev/" + name):
            _show("/dev/" + name, f"{root}/dev/{name}", read_only=False)
    _mount("tmpfs", root + "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777,size=512m")
    os.mkdir(root + "/dev/pts")
    if _tried(
        "devpts", root + "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620"
    ):
        os.symlink("pts/ptmx", root + "/dev/ptmx")
    for link, target in (
        ("fd", "self/fd"),
        ("stdin", "self/fd/0"),
        ("stdout", "self/fd/1"),
        ("stderr", "self/fd/2"),
    ):
        os.symlink("/proc/" + target, f"{root}/dev/{link}")


def _processes(root: str) -> None:
    """The sandbox's own processes; where the kernel hides parts of /proc from this person, all, which it may not read."""
    os.mkdir(root + "/proc")
    if not _tried("proc", root + "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC):
        _mount("/proc", root + "/proc", "", MS_BIND | MS_REC)


# -- the command ----------------------------------------------------------------------------------


def _run(order: dict[str, Any], walled: bool) -> None:
    tell = order["tell"]
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    leader = os.fork()
    if leader == 0:
        _become(order, walled)
    _tell(tell, started="yes", walled="yes" if walled else "no", why=order.get("why", ""))
    exit, problem = NEVER_ENDED, ""
    while exit == NEVER_ENDED and not problem:
        exit = _reap(leader)
        if exit == NEVER_ENDED:
            problem = _too_much(order)
            signal.sigtimedwait({signal.SIGCHLD}, LOOK_EVERY)
    tried = _refused_by_network() if walled and order["network"] == "loopback" else 0
    if not walled:
        _end_all()
    _tell(tell, exit=exit, problem=problem, tried_network=tried)


def _become(order: dict[str, Any], walled: bool) -> None:
    """The command itself. A name that cannot be started is told by exit code 127, as shells do."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    os.setsid()
    if walled:
        # What stays a root here may read what root owns, and may not take the walls down.
        for capability in range(64):
            if capability not in KEPT_CAPABILITIES:
                libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (order["file"], order["file"]))
    try:
        _write("/proc/self/oom_score_adj", "1000")
    except OSError:
        pass
    try:
        os.chdir(order["cwd"])
        os.execvpe(order["argv"][0], order["argv"], order["env"])
    except OSError as error:
        os.write(2, f"{order['argv'][0]} could not be started: {os.strerror(error.errno or 0)}\n".encode())
        os._exit(127 if error.errno == errno.ENOENT else 126)


def _reap(leader: int) -> int:
    """Take leave of every process that ended; the leader's exit code, negative for a signal, once it did."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return NEVER_ENDED
        if pid == 0:
            return NEVER_ENDED
        if pid == leader:
            return os.waitstatus_to_exitcode(status)


def _too_much(order: dict[str, Any]) -> str:
    running = _descendants()
    if len(running) > order["processes"]:
        return f"it started more than {order['processes']} processes at once, and was ended"
    if sum(map(_memory, running)) > order["memory"]:
        return f"it used more than {order['memory'] >> 20} MiB of memory, and was ended"
    return ""


def _descendants() -> list[int]:
    found, ask = [], [_own_number()]
    while ask:
        pid = ask.pop()
        try:
            for thread in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{thread}/children", "rb") as file:
                    children = list(map(int, file.read().split()))
                found += children
                ask += children
        except OSError:
            continue
    return found


def _own_number() -> int:
    """As /proc counts, which may be that of the world outside."""
    return int(os.readlink("/proc/self"))


def _memory(pid: int) -> int:
    """Bytes that are this process's alone: what it shares with files is not counted."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            _size, resident, shared, *_ = file.read().split()
    except OSError:
        return 0
    return max(0, int(resident) - int(shared)) * resource.getpagesize()


def _end_all() -> None:
    """Kill until nobody is left: who was orphaned comes to this process."""
    while running := _descendants():
        for pid in running:
            try:
                os.kill(pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.005)


def _end_all_and_leave() -> None:
    _end_all()
    os._exit(0)


def _refused_by_network() -> int:
    """How often an address was asked for to which this network has no way."""
    refused = 0
    try:
        with open("/proc/self/net/snmp", "rb") as file:
            names, values = (line.split() for line in file.read().splitlines() if line.startswith(b"Ip:"))
        refused += int(dict(zip(names, values))[b"OutNoRoutes"])
        with open("/proc/self/net/snmp6", "rb") as file:
            refused += int(dict(line.split() for line in file.read().splitlines())[b"Ip6OutNoRoutes"])
    except (OSError, KeyError, ValueError):
        pass
    return refused


# -- the system -----------------------------------------------------------------------------------


def _die_with(parent: int, known: bool = True) -> None:
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if known and os.getppid() != parent:
        os._exit(0)


def _mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    done = libc.mount(
        source.encode(),
        os.fsencode(target),
        kind.encode() or None,
        ctypes.c_ulong(flags),
        options.encode() or None,
    )
    if done != 0:
        raise OSError(ctypes.get_errno(), f"mount {source} on {target}: {os.strerror(ctypes.get_errno())}")


def _tried(source: str, target: str, kind: str, flags: int, options: str = "") -> bool:
    try:
        _mount(source, target, kind, flags, options)
    except OSError:
        return False
    return True


def _call(name: str, *arguments: object) -> None:
    if getattr(libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise Unwalled(f"the kernel does not let this person make a sandbox ({name}: {os.strerror(number)})")


def _write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)


def _tell(descriptor: int, **said: object) -> None:
    words = (f"{name}={value}".replace("\0", " ").replace("\n", " ") for name, value in said.items())
    os.write(descriptor, os.fsencode("\0".join(words)) + b"\n")


if __name__ == "__main__":
    sys.exit(main())
