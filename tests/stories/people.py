"""People with a home, a key and a clone of their own, who type real commands."""

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import get_ident
from typing import Any

import hotfix
from nursery import Nursery

NAMESPACES = "git,hotfix-review@v1,hotfix-authorize@v1,hotfix-override@v1"
_SOURCES = str(Path(hotfix.__file__).resolve().parents[1])
_LONGEST = 60.0


DECIDED = (
    *("--severity", "SEV2"),
    *("--detected", "5m"),
    *("--impact", "x"),
    *("--not-flag", "x"),
    *("--not-return", "x"),
)
"""Everything that `start` asks, for stories that are about something else."""


@dataclass(frozen=True)
class Said:
    """What a command said, and its exit code."""

    code: int
    raw_out: bytes
    raw_err: bytes

    @property
    def out(self) -> str:
        """Standard output."""
        return self.raw_out.decode("utf-8", "backslashreplace")

    @property
    def err(self) -> str:
        """Standard error."""
        return self.raw_err.decode("utf-8", "backslashreplace")

    @property
    def all(self) -> str:
        """Both, the result first."""
        return self.out + self.err

    @property
    def json(self) -> Any:
        """The result as a program reads it."""
        return json.loads(self.raw_out)

    @property
    def codes(self) -> list[str]:
        """The codes of the findings of a refusal in ``--json`` mode."""
        return [finding["code"] for finding in self.json["error"]["findings"]]


@dataclass(frozen=True)
class Person:
    """Somebody of the team, or a stranger."""

    login: str
    home: Path

    @property
    def email(self) -> str:
        """Also their principal in the list of signers."""
        return f"{self.login}@shop.example"

    @property
    def clone(self) -> Path:
        """Where they work."""
        return self.home / "shop"

    @property
    def key(self) -> Path:
        """Their private key."""
        return self.home / "id_ed25519"

    @property
    def signer(self) -> str:
        """Their line in the list of signers."""
        return signer(self.email, self.key)

    @property
    def environment(self) -> dict[str, str]:
        """What their programs see: their own home, and nothing of whoever runs the tests."""
        return {
            "HOME": str(self.home),
            "TMPDIR": str(self.home / "tmp"),
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))),
            "PYTHONPATH": _SOURCES,
            "LANG": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
        }

    def move_in(self, *, with_key: bool = True) -> None:
        """Make their home, their key and their git configuration."""
        (self.home / "tmp").mkdir(parents=True)
        settings = (
            f"[user]\n\tname = {self.login.title()}\n\temail = {self.email}\n[init]\n\tdefaultBranch = main\n"
        )
        if with_key:
            make_key(self.key)
            settings += f'[gpg]\n\tformat = ssh\n[user]\n\tsigningkey = "{self.key}.pub"\n'
        (self.home / ".gitconfig").write_text(settings)

    def run(
        self,
        *argv: str | bytes,
        exits: int | None = 0,
        typed: bytes = b"",
        env: Mapping[str, str] | None = None,
    ) -> Said:
        """Type a command in the clone, and `typed` on its standard input; it must end with `exits` (None: any)."""
        done = subprocess.run(
            argv,
            cwd=self.clone,
            env={**self.environment, **(env or {})},
            input=typed,
            capture_output=True,
            timeout=_LONGEST,
            check=False,
        )
        return _checked(argv, Said(done.returncode, done.stdout, done.stderr), exits)

    def git(self, *words: str | bytes) -> str:
        """Run git in the clone; what it printed."""
        return self.run("git", *words).out.strip()

    def hotfix(
        self,
        *words: str | bytes,
        exits: int | None = 0,
        typed: str = "",
        env: Mapping[str, str] | None = None,
    ) -> Said:
        """Run hotfix in the clone: a process of its own, which need not import it first where its `env` is the usual one."""
        if env:
            return self.run(
                sys.executable, "-m", "hotfix", *words, exits=exits, typed=typed.encode(), env=env
            )
        return _checked(words, _forked(self, words, typed.encode()), exits)

    def commit(self, files: Mapping[str, str], message: str, author: str = "ada") -> str:
        """Commit `files` (None removes) on the current branch as written by `author`; the commit's id."""
        for name, text in files.items():
            path = self.clone / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "--", *files)
        self.git("commit", "-q", f"--author={author.title()} <{author}@shop.example>", "-m", message)
        return self.git("rev-parse", "HEAD")


def _checked(argv: Sequence[str | bytes], said: Said, exits: int | None) -> Said:
    assert "Traceback" not in said.all, said.all
    assert exits is None or said.code == exits, f"{argv!r} ended with {said.code}:\n{said.all}"
    return said


class _Forks:
    """Where a thread has its commands forked, one after the other, and the files that they read and write."""

    def __init__(self) -> None:
        self.nursery = Nursery(adopts=False)
        self._folder = tempfile.TemporaryDirectory(prefix="hotfix-forks-")
        self.typed, self.out = Path(self._folder.name) / "in", Path(self._folder.name) / "said.out"
        atexit.register(self._end)

    def _end(self) -> None:
        with self.nursery, self._folder:
            pass


_FORKS: defaultdict[int, _Forks] = defaultdict(_Forks)
"""By thread."""


def _forked(person: Person, words: Sequence[str | bytes], typed: bytes) -> Said:
    forks = _FORKS[get_ident()]
    forks.typed.write_bytes(typed)
    argv = tuple(os.fsdecode(word) for word in words)
    running = forks.nursery.start(argv, person.clone, person.environment, forks.out, forks.typed)
    code = forks.nursery.wait(running, _LONGEST)
    if code is None:
        forks.nursery.signal(running, signal.SIGKILL)
        raise subprocess.TimeoutExpired(argv, _LONGEST)
    return Said(code, forks.out.read_bytes(), forks.out.with_suffix(".err").read_bytes())


def make_key(file: Path) -> None:
    """An ed25519 key without a passphrase."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(file)], check=True)


def signer(principal: str, key: Path) -> str:
    """A line of the list of signers."""
    kind, body = key.with_name(key.name + ".pub").read_text().split()[:2]
    return f'{principal} namespaces="{NAMESPACES}" {kind} {body}\n'
