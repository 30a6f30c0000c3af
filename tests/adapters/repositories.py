"""Real repositories for tests, built object by object: any name, mode, author or encoding that git can store."""

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from hotfix.adapters.git.process import GitProcess
from hotfix.adapters.git.remote import Remote
from hotfix.adapters.git.repository import Repository
from hotfix.adapters.ledger.git_ledger import GitLedger
from hotfix.adapters.signatures.ssh_keygen import split_commit

FILE, PROGRAM, LINK, SUBMODULE = "100644", "100755", "120000", "160000"
AUTHOR = b"Ada Author <ada@example.com> 1700000000 +0100"
COMMITTER = b"Olga On-Call <olga@example.com> 1764000000 +0000"
Content = bytes | tuple[str, bytes] | None
"""A file's bytes, (mode, bytes), or None to remove it. A submodule's bytes are its commit id."""


class Real(NamedTuple):
    """How a real cherry-pick ended."""

    outcome: str
    tree: str = ""
    paths: frozenset[bytes] = frozenset()


class Clone:
    """A repository that a test builds and asks with git itself."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._index = path.parent / f"{path.name}.test-index"

    def raw(self, *argv: str, input: bytes = b"", env: Mapping[str, str] | None = None) -> bytes:
        """What git says; the test fails where git does."""
        done = subprocess.run(
            ["git", *argv],
            input=input,
            capture_output=True,
            cwd=self.path,
            env=os.environ | dict(env or {}),
            check=False,
        )
        assert done.returncode == 0, f"git {' '.join(argv)}: {os.fsdecode(done.stderr)}"
        return done.stdout

    def git(self, *argv: str, input: bytes = b"") -> str:
        """What git says, as text without the last newline."""
        return os.fsdecode(self.raw(*argv, input=input)).rstrip("\n")

    def fails(self, *argv: str) -> bool:
        """Whether git refuses."""
        return subprocess.run(["git", *argv], cwd=self.path, capture_output=True, check=False).returncode != 0

    def blob(self, content: bytes) -> str:
        """Store a blob."""
        return self.git("hash-object", "-w", "--stdin", input=content)

    def tree(self, files: Mapping[bytes, Content], base: str = "") -> str:
        """The tree `base` (empty: none) with `files` put in or taken out."""
        index = {"GIT_INDEX_FILE": str(self._index)}
        self.raw("read-tree", *([base] if base else ["--empty"]), env=index)
        lines = []
        for path, content in sorted(files.items(), key=lambda item: (item[1] is not None, item[0])):
            mode, body = content if isinstance(content, tuple) else (FILE, content)
            entry = (
                "0 " + "0" * 40
                if body is None
                else f"{mode} {body.decode() if mode == SUBMODULE else self.blob(body)}"
            )
            lines.append(entry.encode() + b"\t" + path + b"\0")
        self.raw("update-index", "-z", "--index-info", input=b"".join(lines), env=index)
        return os.fsdecode(self.raw("write-tree", env=index)).strip()

    def commit(
        self,
        files: Mapping[bytes, Content],
        onto: str = "",
        *,
        also: Sequence[str] = (),
        message: bytes = b"a change\n",
        author: bytes = AUTHOR,
        headers: bytes = b"",
        branch: str = "",
    ) -> str:
        """A commit of `files` on `onto` (empty: a root), with further parents `also`; its id. Moves `branch`."""
        parents = "".join(f"parent {parent}\n" for parent in [onto, *also] if parent)
        head = f"tree {self.tree(files, onto)}\n{parents}".encode()
        raw = head + b"author " + author + b"\ncommitter " + author + b"\n" + headers + b"\n" + message
        id = self.git("hash-object", "-t", "commit", "-w", "--stdin", input=raw)
        if branch:
            self.git("update-ref", f"refs/heads/{branch}", id)
        return id

    def tree_of(self, commit: str) -> str:
        """The tree id of a commit."""
        return self.git("rev-parse", f"{commit}^{{tree}}")

    def message(self, commit: str) -> bytes:
        """The words of a commit, as stored."""
        return self.raw("cat-file", "commit", commit).partition(b"\n\n")[2]

    def header(self, commit: str, name: str) -> list[bytes]:
        """The lines of a commit's head that begin with `name`."""
        head = self.raw("cat-file", "commit", commit).partition(b"\n\n")[0]
        start = name.encode() + b" "
        return [line.removeprefix(start) for line in head.split(b"\n") if line.startswith(start)]

    def cherry_pick(self, onto: str, *fixes: str, mainline: bool = False) -> str:
        """What ``git cherry-pick -x`` makes of it, in a work tree of its own: the last commit."""
        folder = self.path.parent / f"{self.path.name}.worktree"
        self.git("worktree", "add", "--quiet", "--detach", str(folder), onto)
        there = Clone(folder)
        try:
            there.git("cherry-pick", "-x", *(["-m", "1"] if mainline else []), *fixes)
            return there.git("rev-parse", "HEAD")
        finally:
            self.git("worktree", "remove", "--force", str(folder))

    def picked_for_real(self, onto: str, *fixes: str, mainline: bool = False) -> "Real":
        """How ``git cherry-pick`` ends, in a work tree of its own that stands on `onto`."""
        folder = self.path.parent / f"{self.path.name}.worktree"
        self.git("worktree", "add", "--quiet", "--detach", str(folder), onto)
        there = Clone(folder)
        try:
            done = subprocess.run(
                ["git", "cherry-pick", *(["-m", "1"] if mainline else []), *fixes],
                cwd=folder,
                capture_output=True,
                check=False,
                env=os.environ | {"LC_ALL": "C"},
            )
            if done.returncode == 0:
                return Real("clean", there.tree_of("HEAD"))
            paths = there.raw("diff", "--name-only", "--diff-filter=U", "-z").split(b"\0")[:-1]
            if paths:
                return Real("conflict", paths=frozenset(paths))
            assert b"empty" in done.stdout + done.stderr, done.stderr
            return Real("empty")
        finally:
            self.git("worktree", "remove", "--force", str(folder))

    def everything(self) -> dict[str, bytes]:
        """Every file of the repository and its work tree, by path: whatever is written shows here."""
        found = {}
        for folder, _, names in os.walk(self.path):
            for name in names:
                file = Path(folder) / name
                found[str(file)] = os.fsencode(file.readlink()) if file.is_symlink() else file.read_bytes()
        return found


def create(path: Path, *options: str, branch: str = "main") -> Clone:
    """An empty repository with a person in its configuration."""
    subprocess.run(
        ["git", "init", "--quiet", f"--initial-branch={branch}", *options, str(path)],
        check=True,
        capture_output=True,
    )
    return named(Clone(path))


def clone(source: Path, path: Path, *options: str) -> Clone:
    """A clone, over git's own transport."""
    subprocess.run(
        ["git", "clone", "--quiet", *options, source.as_uri(), str(path)], check=True, capture_output=True
    )
    return named(Clone(path))


def named(repository: Clone) -> Clone:
    """The same repository, after somebody said who they are."""
    repository.git("config", "user.name", "Olga On-Call")
    repository.git("config", "user.email", "olga@example.com")
    return repository


def unsigned(raw: bytes) -> bytes:
    """Signs nothing."""
    return raw


@contextmanager
def opened(path: Path, sign: Callable[[bytes], bytes] = unsigned) -> Iterator[Repository]:
    """The Git port on the repository at `path`."""
    git = GitProcess(path)
    try:
        yield Repository(git, Remote(git), sign)
    finally:
        git.close()


@contextmanager
def record(path: Path, sign: Callable[[bytes], bytes] = unsigned) -> Iterator[GitLedger]:
    """The Ledger port on the repository at `path`."""
    git = GitProcess(path)
    try:
        yield GitLedger(git, Remote(git), "hotfix-record", lambda: COMMITTER, sign, split_commit)
    finally:
        git.close()
