"""The Bench port: scratch folders in memory where they fit, trees laid out in them, tests run in a sandbox."""

import os
import shutil
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hotfix.adapters import child, runner
from hotfix.adapters.laid_out import LaidOut, link_entries
from hotfix.adapters.runner import preset
from hotfix.adapters.runner.run import TestRunner
from hotfix.adapters.runner.sandbox import Room, Sandbox
from hotfix.adapters.scratch import MEMORY, Scratch, places, remove
from hotfix.policy import rules
from hotfix.ports import Git, Report
from hotfix.record.finding import refused

_COPIES = 4
"""How many times the base tree's size must be free in memory, besides what its tests write."""
_MARGIN = 2**30


class LocalBench:
    """On this machine."""

    def __init__(self, rule: rules.Test, git: Git, base: str) -> None:
        self._rule = rule
        self._git = git
        self._base = base
        self._preset = runner.KINDS[rule.runner](rule)
        self._top = git.top()
        missing = [path for path in rule.share or () if not self._has(path)]
        if missing:
            raise refused(
                "share-missing",
                f"There is no folder {missing[0]} in this clone that its trees could be given.",
                "make it there, or take it out of [test] share (--share)",
            )
        self._shared = [
            path for path in (self._preset.share if rule.share is None else rule.share) if self._has(path)
        ]
        see = [*self._preset.see, *(str(self._top / path) for path in self._shared if self._top)]
        self._program = _program(rule.run[0], self._top, self._shared)
        self._sandbox = Sandbox(rule, [*see, *([self._program] if self._program.startswith("/") else [])])
        self._runner = TestRunner(rule, self._preset, self._sandbox, self._program)
        self._lock = threading.Lock()
        self._building: dict[str, threading.Lock] = {}
        self._rooms = 0

    def __enter__(self) -> "LocalBench":
        """See the port. Whether there can be walls is asked while the first tree is laid out."""
        begun = time.monotonic()
        self._scratch = _scratch(self._git.size(self._base))
        self._trees = LaidOut(self._git, self._base, self._scratch.path)
        with ThreadPoolExecutor(max_workers=1) as beside:
            asked = beside.submit(lambda: self._sandbox.refuses or self._sandbox.walled)
            self._trees.prepare()
            asked.result()
        if self._sandbox.refuses:
            self._scratch.cleanup()
            raise refused(
                "sandbox-impossible",
                f"Nothing was run: {self._sandbox.refuses}.",
                "prove where the kernel allows user namespaces, or ask for less in [test] sandbox on trunk",
            )
        self._tidying = ThreadPoolExecutor(max_workers=1)
        self._prepared = time.monotonic() - begun
        return self

    def __exit__(self, *exc: object) -> None:
        """See the port."""
        self._tidying.shutdown()
        self._scratch.cleanup()

    def chosen(self, paths: Sequence[str]) -> tuple[str, ...]:
        """See the port."""
        return preset.chosen(self._preset, paths)

    def whole_suite(self, paths: Sequence[str]) -> tuple[str, ...]:
        """See the port."""
        return () if self._preset.finds_all else self.chosen(paths)

    def argv(self, files: Sequence[str]) -> tuple[str, ...]:
        """See the port."""
        room = Room(self._scratch.path / "asked", self._scratch.path / "cache-asked", walled=True)
        asked = self._preset.commands(room, tuple(files), ())
        return tuple(dict.fromkeys(word for command in asked for word in command.argv))

    def stop(self) -> None:
        """See the port."""
        self._sandbox.stop()

    def prepared(self) -> float:
        """See the port."""
        return self._prepared

    def singles(self) -> bool:
        """See the port."""
        return self._preset.singles

    def sandbox(self) -> str:
        """See the port."""
        return self._sandbox.words

    def fingerprint(self) -> str:
        """See the port."""
        room = self._room(self._base)
        try:
            self._trees.lay(self._base, room.tree)
            self._share(room.tree)
            return self._runner.fingerprint(room)
        finally:
            remove(room.folder)

    def run(
        self, tree: str, files: Sequence[str], only: Sequence[str] = (), limit: float | None = None
    ) -> Report:
        """See the port. What changed a file that it shares with others is run again, and so is what ran beside it."""
        while True:
            trees, linked = self._trees, self._trees.linked
            room = self._room(tree)
            try:
                built = self._built(trees, tree) if self._rule.build else ""
                if isinstance(built, Report):
                    return built
                if not built:
                    trees.lay(tree, room.tree)
                elif not trees.lay_built(built, room.tree):
                    continue
                self._share(room.tree)
                report = self._runner.run(room, files, only, self._rule.timeout if limit is None else limit)
            finally:
                # Nobody need wait for that.
                self._tidying.submit(remove, room.folder)
            if trees.mended() and trees.linked == linked:
                return report

    def _room(self, tree: str) -> Room:
        """A room in a folder whose name is as long as every other's."""
        with self._lock:
            self._rooms += 1
            number = self._rooms
        cache = self._scratch.path / f"cache-{tree}"
        return Room(self._scratch.path / f"run-{number:04d}", cache, self._sandbox.walled)

    def _built(self, trees: LaidOut, tree: str) -> str | Report:
        """The name of the master in which the policy's build step was run for this tree; or why that failed."""
        with self._lock:
            lock = self._building.setdefault(tree, threading.Lock())
        with lock:
            name = f"built-{tree}-{trees.linked}"
            if not trees.has(name):
                room = self._room(tree)
                trees.lay(tree, room.tree)
                self._share(room.tree)
                ended = self._runner.build(room)
                if ended.problem or ended.exit != 0:
                    said = ended.last_words() or "nothing"
                    why = ended.problem or f"exit code {ended.exit}; it said: {said}"
                    return Report(
                        (), ended.exit, ended.seconds, ended.output, f"`[test] build` failed: {why}."
                    )
                trees.add(name, room.tree)
        return name

    def _has(self, path: str) -> bool:
        return self._top is not None and (self._top / path).is_dir()

    def _share(self, tree: Path) -> None:
        for path in self._shared:
            if self._top is not None and not os.path.lexists(tree / path):
                link_entries(str(self._top / path), str(tree / path))


def _program(named: str, top: Path | None, shared: Sequence[str]) -> str:
    """The command's program: one that lies in the clone beside git, by its full path; a version manager's, as it resolves."""
    in_clone = top is not None and "/" in named and not named.startswith("/")
    if top is not None and in_clone and not any(named.startswith(f"{folder}/") for folder in shared):
        return str(top / named) if (top / named).is_file() else named
    found = shutil.which(named) or ""
    if top is None or Path(found).parent.name != "shims" or not named.startswith("python"):
        return named
    # A shim asks a home directory which interpreter it stands for; in the sandbox there is none.
    asked = child.run([found, "-c", "import sys; print(sys.executable)"], env={}, timeout=20.0, cwd=top)
    real = asked.stdout.decode("utf-8", "replace").strip()
    return real if asked.exit == 0 and real.startswith("/") else named


def _scratch(size: int) -> Scratch:
    """In memory where it fits and programs may be started there, else where temporary files lie."""
    troubles = []
    for place in dict.fromkeys((*_memory(size), *places())):
        try:
            return Scratch(Path(place), "proof")
        except OSError as error:
            troubles.append(str(error))
    raise refused(
        "bench-no-room",
        "There is no folder in which trees could be laid out.",
        "free some space, or name a folder: TMPDIR=DIR hotfix …",
        *troubles,
    )


def _memory(size: int) -> Sequence[str]:
    try:
        room = os.statvfs(MEMORY)
    except OSError:
        return ()
    fits = room.f_bavail * room.f_frsize > _COPIES * size + _MARGIN
    return (MEMORY,) if fits and not room.f_flag & os.ST_NOEXEC else ()
