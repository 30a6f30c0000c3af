"""The record, read with plain git and plain JSON: what judges the product must not be the product."""

import json
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REF = "refs/heads/hotfix-record"
REHEARSED = "rehearsed"
Fact = dict[str, Any]


@dataclass
class Voyage:
    """One ship as its facts tell it, up to some moment."""

    plan: Fact
    activating: set[str] = field(default_factory=set)
    returning: set[str] = field(default_factory=set)
    tokens: set[int] = field(default_factory=set)
    outcome: str = ""
    going_back: bool = False

    def intends(self, unit: str, release: str) -> bool:
        """Whether the unit is to be made to serve the release, and nobody said how that went."""
        former = {one["unit"]: one["from_answer"] for one in self.plan["units"]}
        forward = unit in self.activating and release == self.plan["release"]
        return forward or (unit in self.returning and release == former.get(unit))


@dataclass
class Story:
    """What a record says."""

    voyages: list[Voyage] = field(default_factory=list)
    serves: dict[str, str] = field(default_factory=dict)
    """What each unit was last seen to serve; a unit that nobody asked is not in it."""

    def tell(self, facts: Iterable[Fact]) -> "Story":
        """The story with these facts told too."""
        for fact in facts:
            self._tell(fact, str(fact["kind"]).partition("/")[0])
        return self

    def _tell(self, fact: Fact, kind: str) -> None:
        if kind == "planned":
            self.voyages.append(Voyage(fact, tokens={fact["token"]}))
        for state in () if self._comes_late(fact, kind) else fact.get("states", ()):
            self.serves[state["unit"]] = state["release"] if state["state"] == "serving" else state["state"]
        if kind == "lease_taken" and self.voyages and not self.voyages[-1].outcome:
            self.voyages[-1].tokens.add(fact["token"])
        if "ship" in fact and kind != "planned":
            self._tell_of(self.voyages[fact["ship"] - 1], fact, kind)

    def _comes_late(self, fact: Fact, kind: str) -> bool:
        """Whether somebody who hung tells what they had seen before the ship went back, or ended, without them."""
        if "ship" not in fact or kind == "planned":
            return False
        voyage = self.voyages[fact["ship"] - 1]
        forward = kind == "activated" or not fact.get("phase", "way back").startswith("way back")
        return bool(voyage.outcome) or (voyage.going_back and forward)

    def _tell_of(self, voyage: Voyage, fact: Fact, kind: str) -> None:
        units = {state["unit"] for state in fact.get("states", ())} or set(fact.get("units", ()))
        if kind == "activating":
            voyage.activating |= units
        elif kind == "activated":
            voyage.activating -= units
        elif kind == "returning":
            voyage.returning |= units
        elif kind == "returned":
            voyage.returning -= units
        elif voyage.outcome == "rehearsed":
            return  # there and back again: nothing is left to take back
        elif kind == "rollback_requested" and not (voyage.outcome and fact["token"] < max(voyage.tokens)):
            voyage.tokens.add(fact["token"])
            voyage.going_back, voyage.outcome = True, ""
        elif (
            kind == "ended"
            and not voyage.outcome
            and not (voyage.going_back and fact["outcome"] == "validated")
        ):
            voyage.outcome = fact["outcome"]

    @property
    def outcome(self) -> str:
        """How the newest ship ended; empty where it is open, or where there is none."""
        return self.voyages[-1].outcome if self.voyages else ""

    @property
    def is_ashore(self) -> bool:
        """Whether no ship of the fix ever began, and no rehearsal is under way."""
        return not self.voyages or self.outcome == REHEARSED


class Books:
    """The records of one trial, in any of its repositories."""

    def __init__(self) -> None:
        self._files: dict[str, list[Fact]] = {}

    def head(self, repository: Path) -> str:
        """The repository's record branch; empty where it has none."""
        return _git(repository, "for-each-ref", "--format=%(objectname)", REF).strip()

    def heads(self, repository: Path) -> list[tuple[str, str]]:
        """Every move of the branch, as (from, to)."""
        log = _directory(repository) / "logs" / REF
        lines = log.read_text().splitlines() if log.exists() else []
        return [(line.split()[0], line.split()[1]) for line in lines]

    def commits(self, repository: Path, head: str) -> set[str]:
        """All commits of the record at `head`."""
        return set(_git(repository, "rev-list", head).split()) if head else set()

    def facts(self, repository: Path, commit: str) -> list[Fact]:
        """Every fact of the record at `commit`, in its order."""
        listed = _git(repository, "ls-tree", "-r", "--full-tree", commit).splitlines() if commit else []
        files = []
        for line in listed:
            meta, path = line.split("\t")
            if "/record/" in path:
                files.append((int(Path(path).stem), meta.split()[2]))
        self._read(repository, [blob for _, blob in files if blob not in self._files])
        return [fact for _, blob in sorted(files) for fact in self._files[blob]]

    def added(self, repository: Path, commit: str) -> list[Fact]:
        """The facts that one append brought."""
        before = {
            told(fact)
            for fact in self.facts(repository, _git(repository, "rev-parse", f"{commit}~1").strip())
        }
        return [fact for fact in self.facts(repository, commit) if told(fact) not in before]

    def _read(self, repository: Path, blobs: list[str]) -> None:
        asked = "".join(f"{blob}\n" for blob in blobs).encode()
        raw, at = (_run(repository, "cat-file", "--batch", text=asked) if blobs else b""), 0
        for blob in blobs:
            begin = raw.index(b"\n", at) + 1
            end = begin + int(raw[at:begin].split()[2])
            self._files[blob] = [json.loads(line)["fact"] for line in raw[begin:end].splitlines()]
            at = end + 1


def told(fact: Fact) -> str:
    """The fact as text: the same wherever it stands."""
    return json.dumps(fact, sort_keys=True)


def _directory(repository: Path) -> Path:
    inside = repository / ".git"
    return inside if inside.is_dir() else repository


def _git(repository: Path, *words: str) -> str:
    return _run(repository, *words).decode()


def _run(repository: Path, *words: str, text: bytes = b"") -> bytes:
    argv = ["git", "--git-dir", str(_directory(repository)), *words]
    return subprocess.run(argv, input=text, capture_output=True, check=True).stdout
