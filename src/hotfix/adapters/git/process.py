"""The one place that starts git.

Three ways to start it, by what each needs to be told and must not be told (docs/adr/0003):

``refs``       reads and moves refs of the user's repository. Nothing that its configuration can name runs:
               these commands start no filter, driver, pager or editor, and hooks are switched off.
``store``      works on objects. Its git directory is a scratch one of ours, so the repository's
               configuration, attributes, replace refs, grafts and hooks do not exist for it.
``transport``  talks to the remote from the same scratch directory, with the person's own (global)
               configuration and keys, and never with the repository's.
"""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from hotfix.adapters.scratch import MEMORY, Scratch, places
from hotfix.record.finding import Finding, Refused, refused

_PROGRAM = "git"
FLOOR = (2, 38)
"""``merge-tree --write-tree`` is of git 2.38."""

_KEPT = ("PATH", "HOME", "TMPDIR", "USER", "LOGNAME", "SYSTEMROOT", "XDG_CONFIG_HOME")
_KEPT_FOR_TRANSPORT = (
    *("SSH_AUTH_SOCK", "SSH_ASKPASS", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_ASKPASS", "GIT_CONFIG_GLOBAL"),
    *("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"),
)
_PROTOCOLS = "file:git:http:https:ssh"
_ROOM = 1 << 30
"""Bytes that memory must have free for a big repository's scratch directory."""

PATIENCE = 60.0
"""Seconds that the remote has for one answer: a ship must not hang on it between two waves."""

_NEUTRAL = (
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.attributesFile=/dev/null"),
    *("-c", "core.fsync=all"),
    *("-c", "core.fsyncMethod=fsync"),
    *("-c", "gc.auto=0"),
    *("-c", "maintenance.auto=false"),
    *("-c", "log.mailmap=false"),
    *("-c", "advice.detachedHead=false"),
)

_THROWN_AWAY = ("core.fsync=none", "core.looseCompression=0")
"""The scratch store ends with the process: nothing in it is worth a sync, or the work of packing it small."""


LITERAL = {"GIT_LITERAL_PATHSPECS": "1"}
"""For commands that are given paths: a path that begins with ``:`` or has a ``*`` is only a path."""


class GitFailed(Refused):
    """git ended with a non-zero code. Where the caller does not know what that means, the person is told what git said."""

    def __init__(self, argv: Sequence[str], exit: int, stdout: bytes, stderr: bytes) -> None:
        self.exit = exit
        self.stdout = stdout
        lines = stderr.decode("utf-8", "backslashreplace").splitlines()
        self.stderr = "; ".join(line.strip() for line in lines if line.strip())
        said = self.stderr or f"exit {exit}"
        super().__init__(
            Finding("git-failed", f"git {argv[0] if argv else ''} failed: {said}.", "hotfix doctor")
        )


class Layout:
    """Where the user's repository keeps what we need."""

    def __init__(
        self, git_dir: Path, common_dir: Path, top: Path, objects: Path, object_format: str, shallow: bool
    ) -> None:
        self.git_dir = git_dir
        self.common_dir = common_dir
        self.top = top
        """The work tree's top folder; of a bare repository, the repository itself."""
        self.objects = objects
        self.object_format = object_format
        self.shallow = shallow


class GitProcess:
    """Starts git on one repository, and owns the scratch directory of this process."""

    def __init__(self, start: Path, *, many: bool = False) -> None:
        """Work on the repository that `start` lies in; with `many`, prepared for many objects in the scratch store."""
        self._program, self.version = _checked_program()
        self.layout = self._discover(start)
        self._scratch = _scratch_directory(self.layout, [*_memory()] if many else [])
        self.scratch = self._scratch.path

    def refs(self, *argv: str, input: bytes = b"") -> bytes:
        """Run a command about refs on the user's repository. Raises :class:`GitFailed`."""
        return self._run((*_NEUTRAL, f"--git-dir={self.layout.git_dir}", *argv), self._environment(), input)

    def store(
        self,
        *argv: str,
        input: bytes = b"",
        keep: bool = False,
        env: Mapping[str, str] | None = None,
        config: Sequence[str] = (),
    ) -> bytes:
        """Run a command about objects. What it writes lands in the scratch store, or with `keep` in the repository's.

        `config` are settings, ``key=value``, for this one command.
        """
        environment = self._environment() | self._scratch_environment(keep) | dict(env or {})
        settings = [*(() if keep else _THROWN_AWAY), *config]
        extra = [word for setting in settings for word in ("-c", setting)]
        return self._run((*_NEUTRAL, *extra, *argv), environment, input, about=argv)

    def transport(self, *argv: str, input: bytes = b"", within: float = PATIENCE) -> bytes:
        """Run a command that talks to the remote. What it fetches lands in the repository's store."""
        own = {name: os.environ[name] for name in _KEPT_FOR_TRANSPORT if name in os.environ}
        environment = self._scratch_environment(keep=True)
        for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "XDG_CONFIG_HOME"):
            environment.pop(name, None)
        environment |= self._environment() | own
        environment["GIT_ALLOW_PROTOCOL"] = os.environ.get("GIT_ALLOW_PROTOCOL", _PROTOCOLS)
        return self._run((*_NEUTRAL, *argv), environment, input, within)

    def know_refs(self, refs: Mapping[str, str]) -> None:
        """Tell the scratch directory which commits are here, so that a fetch brings only what is missing."""
        lines = [f"{commit} {ref}\n" for ref, commit in sorted(refs.items())]
        (self.scratch / "packed-refs").write_text("# pack-refs with: sorted\n" + "".join(lines))

    def forget_fetched(self) -> None:
        """Drop the scratch refs of an earlier fetch, so that what the remote removed is not taken for there."""
        from shutil import rmtree

        rmtree(self.scratch / "refs" / "fetched", ignore_errors=True)

    def forget_objects(self) -> None:
        """Drop every object of the scratch store."""
        from shutil import rmtree

        for folder in (self.scratch / "objects").iterdir():
            if len(folder.name) == 2:
                rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Remove the scratch directory."""
        self._scratch.cleanup()

    def _run(
        self,
        argv: Sequence[str],
        environment: Mapping[str, str],
        input: bytes,
        timeout: float | None = None,
        about: Sequence[str] = (),
    ) -> bytes:
        command = about or [word for word in argv[len(_NEUTRAL) :] if not word.startswith("--git-dir")]
        try:
            done = subprocess.run(
                [self._program, *argv],
                input=input,
                capture_output=True,
                env=dict(environment),
                cwd=self.layout.top,
                check=False,
                timeout=timeout,
            )
        except subprocess.TimeoutExpired:
            raise GitFailed(command, 1, b"", b"no answer within %d s" % (timeout or 0)) from None
        if done.returncode != 0:
            raise GitFailed(command, done.returncode, done.stdout, done.stderr)
        return done.stdout

    def _environment(self) -> dict[str, str]:
        return _clean_environment()

    def _scratch_environment(self, keep: bool) -> dict[str, str]:
        environment = {
            "GIT_DIR": str(self.scratch),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_ATTR_NOSYSTEM": "1",
            "HOME": str(self.scratch),
            "XDG_CONFIG_HOME": str(self.scratch),
        }
        if keep:
            environment["GIT_OBJECT_DIRECTORY"] = str(self.layout.objects)
        if self.layout.shallow:
            environment["GIT_SHALLOW_FILE"] = str(self.layout.common_dir / "shallow")
        return environment

    def _discover(self, start: Path) -> Layout:
        question = (
            "rev-parse",
            "--path-format=absolute",
            "--git-dir",
            "--git-common-dir",
            "--git-path",
            "objects",
        )
        facts = ("--show-object-format", "--is-shallow-repository", "--is-inside-work-tree", "--show-cdup")
        done = subprocess.run(
            [self._program, *_NEUTRAL, *question, *facts],
            capture_output=True,
            env=_clean_environment(),
            cwd=start,
            check=False,
        )
        if done.returncode != 0:
            why = done.stderr.decode("utf-8", "backslashreplace").strip().removeprefix("fatal: ")
            raise refused(
                "git-no-repository",
                f"There is no git repository to work on here: {why}.",
                "cd into a clone, or say -C DIR",
            )
        git_dir, common, objects, object_format, shallow, inside, *up = (
            os.fsdecode(line) for line in done.stdout.split(b"\n")
        )
        top = (start / up[0]).resolve() if inside == "true" else Path(git_dir)
        return Layout(Path(git_dir), Path(common), top, Path(objects), object_format, shallow == "true")


def _clean_environment() -> dict[str, str]:
    """An allow list: no ``GIT_*`` of the caller (a hook's GIT_DIR, a test's GIT_INDEX_FILE) reaches our git."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    if "GIT_CONFIG_GLOBAL" in os.environ:
        kept["GIT_CONFIG_GLOBAL"] = os.environ["GIT_CONFIG_GLOBAL"]
    return kept | {
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_PAGER": "cat",
        "GIT_ADVICE": "0",
        "GIT_PROTOCOL_FROM_USER": "0",
        # Only `transport` talks to anybody. Elsewhere a missing object stays missing: a partial clone would
        # fetch it with the program that the repository's configuration names.
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",
    }


def _memory() -> Iterator[str]:
    """Where files cost no disk, if it has room for a big repository's: a container's has not."""
    with suppress(OSError):
        room = os.statvfs(MEMORY)
        if room.f_bavail * room.f_frsize > _ROOM:
            yield MEMORY


def _scratch_directory(layout: Layout, rather: Sequence[str]) -> Scratch:
    """A directory that is laid out, in the first place with room for it: a rollback starts with a full disk too."""
    troubles = []
    for place in (*rather, *places()):
        try:
            scratch = Scratch(Path(place), "git")
        except OSError as error:
            troubles.append(str(error))
            continue
        try:
            _lay_out(scratch.path, layout)
        except OSError as error:
            troubles.append(str(error))
            scratch.cleanup()
        else:
            return scratch
    raise refused(
        "git-no-scratch",
        "There is no folder with room for the few files that git needs beside the repository.",
        "free some space in one of them, or name another: TMPDIR=DIR hotfix …",
        *troubles,
    )


def _lay_out(scratch: Path, layout: Layout) -> None:
    """A git directory with nothing in it but a way to the repository's objects."""
    (scratch / "objects" / "info").mkdir(parents=True)
    (scratch / "objects" / "pack").mkdir()
    (scratch / "refs").mkdir()
    (scratch / "HEAD").write_text("ref: refs/heads/nothing\n")
    sha256 = layout.object_format == "sha256"
    extension = f"[extensions]\n\tobjectFormat = {layout.object_format}\n" if sha256 else ""
    version = 1 if sha256 else 0
    (scratch / "config").write_text(
        f"[core]\n\trepositoryFormatVersion = {version}\n\tbare = true\n{extension}"
    )
    (scratch / "objects" / "info" / "alternates").write_bytes(os.fsencode(layout.objects) + b"\n")


def _checked_program() -> tuple[str, tuple[int, int]]:
    """git's name and version, once it has shown that it is there and new enough."""
    floor = f"{FLOOR[0]}.{FLOOR[1]}"
    try:
        done = subprocess.run(
            [_PROGRAM, "--version"], capture_output=True, text=True, check=False, env=_clean_environment()
        )
    except FileNotFoundError:
        raise refused(
            "git-absent", "git is not installed, or not on PATH.", f"install git {floor} or newer"
        ) from None
    match = re.search(r"(\d+)\.(\d+)", done.stdout)
    version = (int(match.group(1)), int(match.group(2))) if match else (0, 0)
    if version < FLOOR:
        raise refused(
            "git-too-old",
            f"{done.stdout.strip() or _PROGRAM} is too old: picking in memory needs git {floor}.",
            f"install git {floor} or newer",
        )
    return _PROGRAM, version
