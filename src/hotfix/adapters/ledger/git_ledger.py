"""The Ledger port on a branch: one append = one commit = one compare-and-swap, here and on the remote."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from hotfix.adapters.git import durable, names, objects
from hotfix.adapters.git.lock import FileLock
from hotfix.adapters.git.process import PATIENCE, GitFailed, GitProcess
from hotfix.adapters.git.remote import Remote
from hotfix.adapters.ledger import afar, files, history, refusals
from hotfix.adapters.ledger.files import Line
from hotfix.ports import Append, Book, CommitSignature, Outline, Verification
from hotfix.record import chain, kind, page
from hotfix.record.chain import Entry
from hotfix.record.facts import Fact
from hotfix.record.finding import Finding, Refused, refused
from hotfix.record.hotfix import fold

ANCHORED = "refs/hotfix/record/anchored"
"""The newest head of the record that this clone has seen on the remote."""
SEEN = "refs/hotfix/record/seen"
"""The newest head of the record that this clone has had itself."""

_MOST_TRIES = 1000
_LOCK_PATIENCE = 30.0
"""Seconds to wait for another process of this clone; it may be waiting for the remote."""
_LOCK_OF_GIT = r"Unable to create '(.+?\.lock)': File exists"


class GitLedger:
    """The record on ``refs/heads/<branch>``."""

    def __init__(
        self,
        git: GitProcess,
        remote: Remote,
        branch: str,
        committer: Callable[[], bytes],
        sign: Callable[[bytes], bytes],
        split: Callable[[bytes], tuple[bytes, str]],
    ) -> None:
        self._git = git
        self._remote = remote
        self._ref = f"refs/heads/{branch}"
        self._tracking = f"refs/remotes/{remote.name}/{branch}" if remote else self._ref
        self._committer = committer
        self._sign = sign
        self._split = split
        self._lines: dict[tuple[str, str], list[Line]] = {}

    # -- reading --

    def origin(self) -> str:
        """See the port."""
        head = self._head(self._refs())
        if not head:
            raise refused("record-empty", "There is no record in this clone yet.", "hotfix start")
        return afar.origin(self._git, head)

    def read(self) -> Book:
        """See the port."""
        refs = self._refs()
        return self._book(self._head(refs), refs.get(ANCHORED, ""))

    def outline(self) -> Outline:
        """See the port."""
        refs = self._refs()
        head = self._head(refs)
        level = not self._remote or refs.get(ANCHORED, "") == head
        return Outline(head, afar.folders(self._git, head), level, bool(self._remote))

    def entries_of(self, head: str, hotfixes: Collection[str]) -> dict[str, tuple[Entry, ...]]:
        """See the port."""
        return afar.entries_of(self._git, head, hotfixes)

    def evidence(self, hotfix: str, name: str) -> bytes | None:
        """See the port."""
        head = self._head(self._refs())
        (content,) = objects.read(self._git, [f"{head}:{hotfix}/evidence/{name}"]) if head else (None,)
        return content

    def _refs(self) -> dict[str, str]:
        """Our refs; a fresh clone has the record only as the remote's branch, and what is there is anchored."""
        refs = names.refs_below(self._git, self._ref, self._tracking, ANCHORED, SEEN)
        if self._ref not in refs and ANCHORED not in refs and self._tracking in refs:
            refs[ANCHORED] = refs[self._tracking]
        return refs

    def _head(self, refs: Mapping[str, str]) -> str:
        return refs.get(self._ref) or refs.get(ANCHORED, "")

    def _adopt(self) -> None:
        """Give a fresh clone its own branch before anything is added to it."""
        refs = self._refs()
        if (head := self._head(refs)) and self._ref not in refs:
            now = names.refs_below(self._git, ANCHORED, SEEN)
            self._check_seen(now | {self._ref: head})
            self._move(
                {
                    self._ref: (head, ""),
                    ANCHORED: (head, now.get(ANCHORED, "")),
                    SEEN: (head, now.get(SEEN, "")),
                }
            )

    def _book(self, head: str, anchored: str) -> Book:
        lines = self._read(head)
        if not self._remote:
            upto = -1
        elif anchored == head:
            upto = lines[-1].entry.seq if lines else 0
        else:
            upto = max((line.entry.seq for line in self._read(anchored)), default=0)
        return Book(head, tuple(line.entry for line in lines), upto)

    def _read(self, head: str) -> list[Line]:
        if not head:
            return []
        listed = files.record_files(self._git, head)
        unread = [file for file in listed if file not in self._lines]
        fresh: dict[tuple[str, str], list[Line]] = {file: [] for file in unread}
        by_path = {path: (path, blob) for path, blob in unread}
        for path, raw in files.raw_lines(self._git, unread):
            fresh[by_path[path]].append(files.parse(path, raw))
        self._lines |= fresh
        return [line for file in listed for line in self._lines[file]]

    # -- the remote --

    def refresh(self, *, within: float = PATIENCE) -> str:
        """See the port."""
        if not self._remote:
            return ""
        with self._lock():
            self._adopt()
            return self._refresh(within)

    def _refresh(self, within: float = PATIENCE) -> str:
        """Take over what the remote has; own unpushed facts go on top of it."""
        refs = self._refs()
        try:
            fetched = self._remote.fetch({f"{self._ref}*": "refs/fetched/record*"}, refs, within)
        except GitFailed as failure:
            return f"{self._remote.name} cannot be reached: {failure.stderr}"
        theirs = fetched.get("refs/fetched/record", "")
        anchored, ours = refs.get(ANCHORED, ""), refs.get(self._ref, "")
        if anchored and not (theirs and self._contains(theirs, anchored)):
            raise self._rewritten(anchored, theirs)
        if not theirs:
            return ""
        if theirs != anchored:
            durable.sync_objects(self._git, theirs, [anchored])
        ahead = not ours or self._contains(theirs, ours)
        self._check_seen(refs | {self._ref: theirs if ahead else ours})
        self._move({ANCHORED: (theirs, anchored)})
        if ahead:
            self._move({self._ref: (theirs, ours), SEEN: (theirs, refs.get(SEEN, ""))})
        elif not self._contains(ours, theirs):
            self._replay(ours, theirs, refs.get(SEEN, ""))
        return ""

    def _rewritten(self, anchored: str, theirs: str) -> Refused:
        last = max((line.entry.seq for line in self._read(anchored)), default=0)
        now = f"its head is {theirs[:12]}, which does not contain that" if theirs else "the branch is gone"
        return refused(
            "record-rewritten",
            f"The record on {self._remote.name} was rewritten: this clone saw it up to "
            f"seq {last} ({anchored[:12]}), and now {now}.",
            f"find out who did it and push the true one back: git push {self._remote.name} {anchored[:12]}:{self._ref}",
        )

    def _check_seen(self, refs: Mapping[str, str]) -> None:
        """Nothing is written on top of a record from which something is gone."""
        lost = self._lost(refs)
        if lost:
            raise Refused(lost)

    def _lost(self, refs: Mapping[str, str]) -> Finding | None:
        head, seen = self._head(refs), refs.get(SEEN, "")
        if not seen or (head and self._contains(head, seen)):
            return None
        return Finding(
            "record-rewritten",
            f"{self._ref} no longer contains {seen[:12]}, which this clone has had.",
            f"git update-ref {self._ref} {seen}",
        )

    def push(self, *, within: float = PATIENCE) -> str:
        """See the port."""
        if not self._remote:
            return ""
        with self._lock():
            why = self._refresh(within)
            refs = self._refs()
            head = refs.get(self._ref, "")
            if why or not head or head == refs.get(ANCHORED):
                return why
            return self._push(head, refs.get(ANCHORED, ""), {}, within)

    def _push(self, head: str, anchored: str, moves: Mapping[str, tuple[str, str]], within: float) -> str:
        try:
            self._remote.push({self._ref: (head, anchored)}, plain=True, within=within)
        except GitFailed as failure:
            return f"{self._remote.name} did not take the record: {failure.stderr}"
        self._move({ANCHORED: (head, anchored), **moves})
        return ""

    # -- writing --

    def append(self, decide: Callable[[Book], Append], *, anchor: bool) -> Book:
        """See the port."""
        with self._lock():
            self._adopt()
            for _ in range(_MOST_TRIES):
                if anchor:
                    why = self._refresh() if self._remote else ""
                    if why:
                        raise refusals.offline(why)
                refs = self._refs()
                self._check_seen(refs)
                head, anchored = refs.get(self._ref, ""), refs.get(ANCHORED, "")
                commit = self._commit(self._book(head, anchored), decide)
                moves = {self._ref: (commit, head), SEEN: (commit, refs.get(SEEN, ""))}
                if not anchor or not self._remote:
                    self._move(moves)
                    return self.read()
                if self._anchor(commit, anchored, moves):
                    return self.read()
        raise refused("record-busy", f"Somebody else was faster {_MOST_TRIES} times in a row.", "try again")

    def _anchor(self, commit: str, anchored: str, moves: Mapping[str, tuple[str, str]]) -> bool:
        """Push our commit, and only then take it over here; False where somebody was faster.

        Whoever dies in between leaves no facts behind that were not judged on the head that they would get.
        """
        why = self._push(commit, anchored, moves, PATIENCE)
        if not why:
            return True
        unreachable = self._refresh()
        if unreachable:
            raise refusals.offline(unreachable)
        refs = self._refs()
        now = refs.get(ANCHORED, "")
        if now and self._contains(now, commit):
            return True
        if now == anchored:
            raise refused(
                "record-push", f"{why}.", "may you push to that branch? see the remote's protection rules"
            )
        return False

    def _commit(self, book: Book, decide: Callable[[Book], Append]) -> str:
        draft = decide(book)
        lines = self._read(book.head)
        previous = chain.digest(lines[-1].raw) if lines else chain.GENESIS
        sealed = _seal(draft.hotfix, draft.facts, book.next_seq, previous)
        content = {files.record_path(draft.hotfix, book.next_seq): b"".join(line + b"\n" for line in sealed)}
        content |= {f"{draft.hotfix}/evidence/{name}": body for name, body in draft.evidence.items()}
        self._check_new(book.head, draft)
        earlier = [line.entry.fact for line in lines if line.entry.hotfix == draft.hotfix]
        added = [chain.read(line).fact for line in sealed]
        content[f"{draft.hotfix}/README.md"] = page.render(fold(draft.hotfix, [*earlier, *added])).encode()
        kinds = ", ".join(dict.fromkeys(kind.kind_of(fact) for fact in added))
        return self._write(book.head, content, f"{draft.hotfix}: {draft.why or kinds}")

    def _check_new(self, head: str, draft: Append) -> None:
        """Evidence is never written over: an earlier fact speaks of it."""
        taken = self._taken(head, draft.hotfix, draft.evidence)
        if taken:
            raise refused(
                "record-evidence-twice",
                f"The record of {draft.hotfix} already has other evidence called {', '.join(taken)}: "
                "somebody was faster.",
                "run the command again",
            )

    def _taken(self, head: str, hotfix: str, evidence: Mapping[str, bytes]) -> list[str]:
        """Names under which `head` has something else."""
        named = list(evidence) if head else []
        there = objects.read(self._git, [f"{head}:{hotfix}/evidence/{name}" for name in named])
        return [name for name, old in zip(named, there, strict=True) if old not in (None, evidence[name])]

    def _write(self, head: str, content: Mapping[str, bytes], message: str) -> str:
        if not head:
            content = {"README.md": files.ABOUT.encode(), **content}
        tree = files.tree_with(self._git, head, content)
        committer = self._committer()
        raw = objects.commit_bytes(
            tree, [head] if head else [], committer, committer, message.encode() + b"\n"
        )
        commit = objects.write_commit(self._git, self._sign(raw), keep=True)
        durable.sync_objects(self._git, commit, [head])
        return commit

    def _replay(self, ours: str, theirs: str, seen: str) -> None:
        """Facts that were written while the remote was away go on top of what the others wrote; none is lost."""
        head = theirs
        for commit in self._git.store("rev-list", "--reverse", ours, f"^{theirs}").decode().split():
            head = self._replay_one(commit, head)
        self._move({self._ref: (head, ours), SEEN: (head, seen)})

    def _replay_one(self, commit: str, head: str) -> str:
        draft = history.draft_of(self._git, commit)
        for name in self._taken(head, draft.hotfix, draft.evidence):
            body = draft.evidence.pop(name)
            draft.evidence[f"{name}.{chain.digest(body)[:12]}"] = body
        return self._commit(self._book(head, ""), lambda _: draft)

    # -- verification --

    def verify(self) -> Verification:
        """See the port."""
        refs = self._refs()
        head, lost = self._head(refs), self._lost(refs)
        findings = [lost] if lost else []
        if not head:
            return Verification(0, 0, 0 if self._remote else -1, tuple(findings))
        lines = files.raw_lines(self._git, files.record_files(self._git, head))
        findings += chain.verify((path.partition("/")[0], raw) for path, raw in lines)
        findings += history.edits(self._git, head)
        commits = int(self._git.store("rev-list", "--count", head))
        anchored = self._anchored_seq(refs.get(ANCHORED, ""), head)
        return Verification(len(lines), commits, anchored, tuple(findings))

    def signature_of(self, seq: int) -> CommitSignature | None:
        """See the port."""
        head = self._head(self._refs())
        line = next((line for line in self._read(head) if line.entry.seq == seq), None)
        if line is None:
            return None
        added = ("--diff-filter=A", "--format=%H", head, "--", f":(literal){line.file}")
        return next(self._signed(self._git.store("log", "--no-mailmap", *added).decode().split()), None)

    def signatures(self) -> Iterable[CommitSignature]:
        """See the port."""
        head = self._head(self._refs())
        return self._signed(self._git.store("rev-list", "--reverse", head).decode().split() if head else [])

    def _signed(self, ids: Sequence[str]) -> Iterator[CommitSignature]:
        for id, raw in zip(ids, objects.read(self._git, ids), strict=True):
            payload, signature = self._split(raw or b"")
            yield CommitSignature(id, payload, signature, history.people_of(self._git, id))

    def _anchored_seq(self, anchored: str, head: str) -> int:
        if not self._remote:
            return -1
        if not anchored or not self._contains(head, anchored):
            return 0
        names_of_files = files.record_files(self._git, anchored)
        return len(files.raw_lines(self._git, names_of_files))

    # -- refs --

    def _contains(self, commit: str, ancestor: str) -> bool:
        if commit == ancestor:
            return True
        try:
            self._git.store("merge-base", "--is-ancestor", ancestor, commit)
        except GitFailed:
            return False
        return True

    def _move(self, moves: Mapping[str, tuple[str, str]]) -> None:
        """Move refs, all or none, each from what it is known to be. An empty `new` removes the ref."""
        zero = "0" * (64 if self._git.layout.object_format == "sha256" else 40)
        lines = [
            f"update {ref}\0{new or zero}\0{old or zero}\0" for ref, (new, old) in moves.items() if new != old
        ]
        if not lines:
            return
        words = ("-z", "--no-deref", "--create-reflog", "-m", "hotfix record", "--stdin")
        try:
            self._git.refs("update-ref", *words, input="".join(lines).encode())
        except GitFailed as failure:
            locked = re.search(_LOCK_OF_GIT, failure.stderr)
            if locked:
                ours = durable.locks_in_the_way(self._git, self._ref, ANCHORED, SEEN)
                raise refusals.locked(sorted({locked[1], *ours})) from None
            raise refused(
                "record-moved", f"The record branch moved under our feet: {failure.stderr}.", "try again"
            ) from None
        durable.sync_refs(self._git, moves)

    def _lock(self) -> FileLock:
        return FileLock(self._git.layout.common_dir / "hotfix" / "record.lock", _LOCK_PATIENCE)


def _seal(hotfix: str, facts: Iterable[Fact], seq: int, previous: str) -> list[bytes]:
    sealed = []
    for fact in facts:
        line = chain.seal(seq, previous, hotfix, fact)
        sealed.append(line)
        seq, previous = seq + 1, chain.digest(line)
    return sealed
