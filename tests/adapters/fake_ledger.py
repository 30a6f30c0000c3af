"""The Ledger port in memory, for tests of verbs; kept honest by the same contract as the real one."""

from collections.abc import Callable, Collection, Iterable

from hotfix.ports import Append, Book, CommitSignature, Outline, Verification
from hotfix.record import chain
from hotfix.record.chain import Entry
from hotfix.record.facts import Fact
from hotfix.record.finding import refused


class FakeRemote:
    """What a remote does to a record: it has one, and it can be away."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, bytes]] = []
        self.away = ""
        self.says_no = ""


class FakeLedger:
    """A record as lines of canonical JSON; with a `remote`, several of them share it."""

    def __init__(self, remote: FakeRemote | None = None) -> None:
        self._remote = remote
        self._lines: list[tuple[str, bytes]] = []
        self._evidence: dict[tuple[str, str], bytes] = {}
        self._people: list[tuple[str, ...]] = []
        self._pushed = 0

    def origin(self) -> str:
        """See the port."""
        if not self._lines:
            raise refused("record-empty", "There is no record in this clone yet.", "hotfix start")
        return chain.digest(self._lines[0][1])

    def read(self) -> Book:
        """See the port."""
        head = chain.digest(self._lines[-1][1]) if self._lines else ""
        return Book(head, tuple(chain.read(line) for _, line in self._lines), self._anchored())

    def outline(self) -> Outline:
        """See the port."""
        book = self.read()
        folders: dict[str, str] = {}
        for hotfix, line in self._lines:
            folders[hotfix] = chain.digest(folders.get(hotfix, "").encode() + line)
        level = self._remote is None or self._pushed == len(self._lines)
        return Outline(book.head, folders, level, self._remote is not None)

    def entries_of(self, head: str, hotfixes: Collection[str]) -> dict[str, tuple[Entry, ...]]:
        """See the port."""
        return {
            hotfix: tuple(chain.read(line) for its, line in self._lines if its == hotfix)
            for hotfix in hotfixes
        }

    def _anchored(self) -> int:
        return -1 if self._remote is None else self._pushed

    def refresh(self, *, within: float = 60.0) -> str:
        """See the port."""
        if self._remote is None or self._remote.away:
            return self._remote.away if self._remote else ""
        own = self._lines[self._pushed :]
        if self._remote.lines[: self._pushed] != self._lines[: self._pushed]:
            raise refused(
                "record-rewritten", f"The record was rewritten after seq {self._pushed}.", "find out"
            )
        self._lines = list(self._remote.lines)
        self._pushed = len(self._lines)
        for hotfix, line in own:
            self._add(hotfix, [chain.read(line).fact])
        return ""

    def push(self, *, within: float = 60.0) -> str:
        """See the port."""
        if self._remote is None:
            return ""
        why = self.refresh()
        if why or self._pushed == len(self._lines):
            return why
        if self._remote.says_no:
            return self._remote.says_no
        self._remote.lines = list(self._lines)
        self._pushed = len(self._lines)
        return ""

    def append(self, decide: Callable[[Book], Append], *, anchor: bool) -> Book:
        """See the port."""
        if anchor:
            self._reach()
        while True:
            before = list(self._remote.lines) if self._remote else []
            draft = decide(self.read())
            if not (anchor and self._remote and self._remote.lines != before):
                break
            self._reach()
        if anchor and self._remote and self._remote.says_no:
            raise refused("record-push", f"{self._remote.says_no}.", "may you push to that branch?")
        self._add(draft.hotfix, draft.facts)
        self._people.append(tuple(dict.fromkeys(fact.by for fact in draft.facts)))
        self._evidence |= {(draft.hotfix, name): body for name, body in draft.evidence.items()}
        if anchor:
            self.push()
        return self.read()

    def _reach(self) -> None:
        why = self.refresh()
        if why:
            raise refused(
                "record-offline", f"This counts only once it is on the remote, and {why}.", "try again later"
            )

    def _add(self, hotfix: str, facts: Iterable[Fact]) -> None:
        for fact in facts:
            previous = chain.digest(self._lines[-1][1]) if self._lines else chain.GENESIS
            self._lines.append((hotfix, chain.seal(len(self._lines) + 1, previous, hotfix, fact)))

    def evidence(self, hotfix: str, name: str) -> bytes | None:
        """See the port."""
        return self._evidence.get((hotfix, name))

    def verify(self) -> Verification:
        """See the port."""
        count = len(self._lines)
        return Verification(count, len(self._people), self._anchored(), tuple(chain.verify(self._lines)))

    def signature_of(self, seq: int) -> CommitSignature | None:
        """See the port: nothing of the fake is signed."""
        known = any(entry.seq == seq for entry in self.read().entries)
        return CommitSignature(f"{seq:040x}", b"", "", ()) if known else None

    def signatures(self) -> Iterable[CommitSignature]:
        """See the port."""
        return [
            CommitSignature(f"{number:040x}", b"", "", people) for number, people in enumerate(self._people)
        ]
