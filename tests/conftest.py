"""The walls around every test: no home directory, no git configuration of a person, nothing outside loopback.

The environment is what child processes see; the audit hook is what this process cannot get past, not
even through code that expands ``~`` by asking the system's list of users. :mod:`test_walls` tries both.
"""

import ipaddress
import os
import pwd
import shutil
import sys
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

NO_SKIPS = "HOTFIX_NO_SKIPS" in os.environ
"""In CI everything that a test needs is installed: one that is skipped there is a failure."""

MEMORY, ROOM = Path("/dev/shm"), 4 * 2**30
"""Where the tests' folders lie, if there are so many bytes for them."""

settings.register_profile("hotfix", deadline=None, database=None, print_blob=True)
settings.load_profile("hotfix")


def _homes() -> frozenset[Path]:
    """Where the person running this lives: by the environment and by the system's list of users."""
    listed = [account.pw_dir for account in pwd.getpwall() if account.pw_uid == os.getuid()]
    return frozenset(Path(home).resolve() for home in (os.environ.get("HOME", ""), *listed) if home) - {
        Path("/")
    }


HOMES = _homes()

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES_PATHS = {
    "os.mkdir": (0,),
    "os.rmdir": (0,),
    "os.remove": (0,),
    "os.truncate": (0,),
    "os.chmod": (0,),
    "os.rename": (0, 1),
    "os.link": (1,),
    "os.symlink": (1,),
}


class Trespass(AssertionError):
    """A test reached for something that belongs to the person running it, or for the world outside."""


@pytest.fixture(scope="session", autouse=True)
def isolated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home of its own for this session, and git as on a machine where nobody configured anything."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith(("GIT_", "SSH_", "HOTFIX_", "XDG_")):
                patch.delenv(name)
        patch.setenv("HOME", str(home))
        for name in ("CONFIG", "CACHE", "DATA", "STATE", "RUNTIME"):
            directory = home / f"xdg-{name.lower()}"
            directory.mkdir(mode=0o700)
            patch.setenv(f"XDG_{name}_{'DIR' if name == 'RUNTIME' else 'HOME'}", str(directory))
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("GIT_ALLOW_PROTOCOL", "file")
        patch.setenv("GIT_TERMINAL_PROMPT", "0")
        yield home


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: "pytest.CallInfo[None]"
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """See NO_SKIPS."""
    report = yield
    if NO_SKIPS and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, where nothing may be skipped: {report.longrepr}"
    return report


def _stay_in_memory() -> None:
    """Half of a run is disks that sync; what survives a power cut is tried on disks that the test makes."""
    if not MEMORY.is_dir() or not os.access(MEMORY, os.W_OK):
        return
    runs = not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC
    if runs and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_configure(config: pytest.Config) -> None:
    """Put the walls up before the first test module is imported."""
    _stay_in_memory()
    allowed = (config.rootpath.resolve(), Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve())
    # A temporary directory inside the home directory may be written; a home directory inside it may not.
    temporary = Path(tempfile.gettempdir()).resolve()
    allowed += (temporary,) if HOMES.intersection(temporary.parents) else ()
    sys.addaudithook(lambda event, args: _watch(event, args, allowed))


def _watch(event: str, args: tuple[object, ...], allowed: tuple[Path, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        if isinstance(
            args[1], tuple
        ):  # a Unix socket has a path for an address, and never leaves the machine
            _refuse_outside_loopback(args[1][0])
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        _refuse_outside_loopback(args[0] or "localhost")
    elif event == "open" and isinstance(args[2], int) and args[2] & _WRITING:
        _refuse_at_home(args[0], allowed)
    elif event in _CHANGES_PATHS:
        for position in _CHANGES_PATHS[event]:
            _refuse_at_home(args[position], allowed)


def _refuse_outside_loopback(host: object) -> None:
    name = os.fsdecode(host) if isinstance(host, str | bytes) else repr(host)
    try:
        inside = name == "localhost" or ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise Trespass(f"a test reached for {name}: tests talk to servers of their own, on loopback")


def _refuse_at_home(path: object, allowed: tuple[Path, ...]) -> None:
    if not isinstance(path, str | bytes | os.PathLike):
        return
    where = Path(os.path.realpath(os.fsdecode(path)))
    around = {where, *where.parents}
    if HOMES & around and not around.intersection(allowed):
        raise Trespass(f"a test tried to change {where}, in the home directory of the person running it")
