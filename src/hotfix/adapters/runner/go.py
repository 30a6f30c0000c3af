"""Go's own runner, read from its event stream: one package per process."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from threading import Lock

import msgspec

from hotfix.adapters.runner import preset
from hotfix.adapters.runner.preset import Command, Preset, Reading
from hotfix.adapters.runner.sandbox import Ended, Room
from hotfix.policy import rules
from hotfix.ports import TestCase

_DECLARED = re.compile(r"^func ((?:Test|Example|Fuzz)\w*)\(", re.MULTILINE)
_OUTCOMES = {"pass": "passed", "fail": "failed", "skip": "skipped"}
_MOST_ENTRIES = 100_000
"""Of a build cache that is linked: above it, linking takes longer than building."""
_SEEDING = Lock()
"""Runs of one proof begin at the same time."""
_LINE = re.compile(r"^\s+[\w.-]+\.go:\d+: ?", re.MULTILINE)


def _own_cache() -> list[Path]:
    """Where this person's go keeps what it built, all of it known by its content."""
    named = os.environ.get("GOCACHE") or ""
    kept = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(named if named.startswith("/") else f"{kept}/go-build")
    return [folder] if folder.is_dir() else []


def _modules() -> str:
    """Where this person's go keeps modules."""
    path = os.environ.get("GOPATH", "").partition(os.pathsep)[0] or str(Path.home() / "go")
    return os.environ.get("GOMODCACHE") or f"{path}/pkg/mod"


def _seeded(cache: Path) -> Path:
    """A cache of the proof's own that begins with links into this person's: what is there is read, and never written."""
    with _SEEDING:
        if not cache.exists():
            cache.mkdir()
            for own in _own_cache():
                parts = [part for part in own.iterdir() if len(part.name) == 2]
                entries = [entry for part in parts for entry in part.iterdir()]
                for entry in entries if len(entries) <= _MOST_ENTRIES else ():
                    (cache / entry.parent.name).mkdir(exist_ok=True)
                    (cache / entry.parent.name / entry.name).symlink_to(entry)
    return cache


class Event(msgspec.Struct, frozen=True, rename="pascal"):
    """A line of ``go test -json``."""

    action: str
    test: str = ""
    output: str = ""


class Go(Preset):
    """``go test``, or whatever `[test] run` says in its place."""

    singles = True

    def __init__(self, rule: rules.Test) -> None:
        super().__init__(rule)
        self.see = (_modules(), "/usr/local/go", *map(str, _own_cache()))
        self.version = (rule.run[0], "version")

    def env(self, room: Room) -> Mapping[str, str]:
        """Modules come from this person's cache, read only; what is built is kept for the proof."""
        return {
            "GOCACHE": room.inside(_seeded(room.shared_cache / "go-build")),
            "GOMODCACHE": _modules(),
            "GOPROXY": "off",
            "GOTOOLCHAIN": "local",
            "GONOSUMDB": "*",
        }

    def chosen(self, paths: Sequence[str]) -> tuple[str, ...]:
        """See the base."""
        return tuple(path for path in paths if path.endswith("_test.go"))

    def commands(self, room: Room, files: Sequence[str], only: Sequence[str]) -> Sequence[Command]:
        """One package at a time; of the changed files only the functions that they declare."""
        if not files:
            return [Command((*self._rule.run, "-json", "-count=1", "./..."), (), report=preset.OUTPUT)]
        found = []
        for folder in dict.fromkeys(str(PurePosixPath(file).parent) for file in files):
            own = tuple(file for file in files if str(PurePosixPath(file).parent) == folder)
            names = [name for file in own for name in _declared(room, file)]
            wanted = [
                test.split("::")[1].partition("/")[0] for test in only if test.partition("::")[0] in own
            ]
            chosen = "|".join(wanted or names)
            pattern = (f"-run=^({chosen})$",) if chosen else ()
            found.append(
                Command((*self._rule.run, "-json", "-count=1", *pattern, f"./{folder}"), own, preset.OUTPUT)
            )
        return found

    def read(self, room: Room, command: Command, ended: Ended, raw: bytes) -> Reading:
        """See the base. What cannot be compiled has no test: its files could not be loaded."""
        files = command.files or tuple(
            str(path.relative_to(room.tree)) for path in sorted(room.tree.rglob("*_test.go"))
        )
        homes = {name: file for file in reversed(files) for name in _declared(room, file)}
        cases = preset.worst([case for case in _cases(raw, homes, room) if case.id])
        return preset.judged("go test", command, ended, cases)


def _declared(room: Room, file: str) -> list[str]:
    try:
        return _DECLARED.findall(preset.file_of(room.tree / file).decode("utf-8", "replace"))
    except preset.Unreadable:
        return []


def _cases(raw: bytes, homes: Mapping[str, str], room: Room) -> Iterator[TestCase]:
    said: dict[str, list[str]] = {}
    for event in _events(raw):
        if not event.test:
            continue
        if event.action == "output":
            said.setdefault(event.test, []).append(event.output)
        elif event.action in _OUTCOMES:
            text = preset.hide("".join(said.get(event.test, ())), room.hidden)
            lines = [
                line for line in text.splitlines() if not re.match(r"\s*(=== |--- )", line) and line.strip()
            ]
            message = _LINE.sub("", lines[0]) if lines and event.action == "fail" else ""
            file = homes.get(event.test.partition("/")[0], "")
            if file:
                yield TestCase(
                    f"{file}::{event.test}", _OUTCOMES[event.action], message.strip()[: preset.MESSAGE_LIMIT]
                )


def _events(raw: bytes) -> Iterator[Event]:
    """The events; what a compiler says between them is no event."""
    for line in raw.splitlines():
        if line.startswith(b"{"):
            try:
                yield msgspec.json.decode(line, type=Event)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise preset.Unreadable(f"a line of it is not an event of go test ({error})") from error
