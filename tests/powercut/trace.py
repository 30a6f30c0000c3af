"""What a program and its children asked of the system, by strace; and what of it is on the disk at each moment."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

CALLS = "fsync,fdatasync,openat,rename,renameat,renameat2,link,linkat,mkdir,mkdirat,write,pwrite64,execve"
_LINE = re.compile(r"(?P<pid>\d+)\s+(?P<at>[\d.]+) (?P<rest>.*)")
_BEGUN = " <unfinished ...>"
_RESUMED = re.compile(r"<\.\.\. \w+ resumed>")
_CALL = re.compile(r"(?P<name>\w+)\((?P<words>.*)\)\s+= (?P<result>-?\d+)(?:<(?P<opened>.*)>)?.*")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
_OF_DESCRIPTOR = re.compile(r"\d+<([^>]*)>")


@dataclass(frozen=True)
class Call:
    """One call that went through."""

    pid: int
    name: str
    words: str
    opened: str
    began: int
    """Place in the trace; what began after it came later."""

    @property
    def texts(self) -> list[str]:
        """Its arguments that are text: paths, the words of a command, what was written."""
        return [text.replace('\\"', '"') for text in _TEXT.findall(self.words)]

    @property
    def file(self) -> str:
        """What its descriptor leads to."""
        found = _OF_DESCRIPTOR.match(self.words)
        return found[1] if found else ""


def calls(text: str) -> list[Call]:
    """The calls that went through, in the order in which they ended."""
    begun: dict[str, tuple[int, str]] = {}
    found = []
    for number, line in enumerate(text.splitlines()):
        told = _LINE.fullmatch(line)
        if not told:
            continue
        pid, rest, began = told["pid"], told["rest"], number
        if rest.endswith(_BEGUN):
            begun[pid] = (number, rest.removesuffix(_BEGUN))
            continue
        if resumed := _RESUMED.match(rest):
            began, first = begun.pop(pid)
            rest = first + rest[resumed.end() :]
        call = _CALL.fullmatch(rest)
        if call and int(call["result"]) >= 0:
            found.append(Call(int(pid), call["name"], call["words"], call["opened"] or "", began))
    return found


class Disk:
    """Which of the files that were written, and of the names that were given, a power cut would take away."""

    def __init__(self) -> None:
        self.contents: set[str] = set()
        self.names: set[str] = set()

    def hear(self, call: Call) -> None:
        """Take note of one call more."""
        if call.name in ("write", "pwrite64"):
            self.contents.add(call.file)
        elif call.name in ("fsync", "fdatasync"):
            self.contents.discard(call.file)
            self.names = {name for name in self.names if str(Path(name).parent) != call.file}
        elif call.name.startswith(("rename", "link")):
            old, new = call.texts
            if old in self.contents:
                self.contents.add(new)
            else:
                self.contents.discard(new)
            if call.name.startswith("rename"):
                self.contents.discard(old)
                self.names.discard(old)
            self.names.add(new)
        elif call.name.startswith("mkdir") or "O_CREAT" in call.words:
            self.names.add(call.opened or call.texts[0])

    def would_lose(self, files: Iterable[str]) -> list[str]:
        """Which of the files are not on the disk, or not under their names, or in a folder that is not."""
        lost = []
        for file in files:
            if file in self.contents:
                lost.append(f"{file}: what was written")
            above = {file, *map(str, Path(file).parents)} & self.names
            lost += [f"{file}: the name {name}" for name in sorted(above)]
        return lost

    def without_name(self, ending: str) -> list[str]:
        """Files that end so and whose names are not on the disk."""
        return [f"{name}: its name" for name in sorted(self.names) if name.endswith(ending)]


@dataclass(frozen=True)
class Effect:
    """A moment in which the team's command began, and what a power cut would have taken away then."""

    unit: str
    lost: list[str]
    moved: int
    """How often the record had moved until then."""
    fence: str
    """What its guardian had synced into the unit's guard file; empty where nothing."""
    spooled: str
    """What was synced into a spool last."""


def effects(heard: Iterable[Call], command: str, ref: str, watched: Iterable[str]) -> list[Effect]:
    """Every beginning of `command`; `watched` are files that have to be on the disk then, as far as they were written."""
    disk, found, moved = Disk(), list[Effect](), 0
    written, synced = dict[tuple[int, str], str](), dict[str, str]()
    for call in heard:
        disk.hear(call)
        if call.name == "pwrite64":
            written[call.pid, call.file] = " ".join(call.texts)
        elif call.name == "fsync" and (call.pid, call.file) in written:
            synced[call.file] = written[call.pid, call.file]
        elif call.name.startswith("rename") and call.texts[1] == ref:
            moved += 1
        elif call.name == "execve" and command in call.texts:
            unit = call.texts[call.texts.index(command) + 1]
            # What the guard file gets later, the command's pid, need not survive: no process survives either.
            lost = [*disk.would_lose(watched), *disk.without_name(f"/{unit}/.hotfix/guard")]
            fences = [text for file, text in synced.items() if f"/{unit}/.hotfix/guard" in file]
            spools = [text for file, text in synced.items() if file.endswith(".spool")]
            found.append(Effect(unit, lost, moved, "".join(fences), "".join(spools[-1:])))
    return found
