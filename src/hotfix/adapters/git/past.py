"""The History port: one listing of tags, one of commits, and the changes of the few commits that matter."""

from collections.abc import Iterator, Mapping, Sequence

from hotfix.adapters.git import objects
from hotfix.adapters.git.process import GitFailed, GitProcess
from hotfix.ports import Commit
from hotfix.ports.history import Changed, Detail
from hotfix.record import lossless
from hotfix.trend.mining.graph import Logged
from hotfix.trend.mining.production import Tag

_LINE = (
    "%(refname:strip=2)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)%00"
    "%(creatordate:unix)%00%(contents:subject)"
)
_LATE = 30 * 86400.0
"""Seconds after its commit at which a tag says nothing of when that was released: somebody tagged the past."""


class GitHistory:
    """The past of one repository."""

    def __init__(self, git: GitProcess) -> None:
        self._git = git

    def tags(self) -> tuple[Tag, ...]:
        """See the port."""
        raw = self._git.refs("for-each-ref", "--format", _LINE, "refs/tags")
        found = [tag for line in raw.split(b"\n") if line and (tag := self._tag(line))]
        made = self.made([tag.commit for tag in found])
        return tuple(
            Tag(tag.name, tag.id, tag.commit, _when(tag.at, made.get(tag.commit, tag.at)), tag.said)
            for tag in found
        )

    def _tag(self, line: bytes) -> Tag | None:
        """The tag; None where it names something else than a commit."""
        name, kind, id, inner_kind, inner, at, said = line.split(b"\0", 6)
        if kind == b"commit":
            return Tag(lossless.to_text(name), id.decode(), id.decode(), _seconds(at))
        commit = inner.decode() if inner_kind == b"commit" else ""
        if inner_kind == b"tag":  # a tag of a tag, which git of this age takes apart only once
            commit = self._peeled(id.decode())
        if not commit:
            return None
        return Tag(lossless.to_text(name), id.decode(), commit, _seconds(at), lossless.to_text(said))

    def _peeled(self, id: str) -> str:
        try:
            return self._git.store("rev-parse", "--verify", "--quiet", f"{id}^{{commit}}").decode().strip()
        except GitFailed:
            return ""

    def made(self, commits: Sequence[str]) -> dict[str, float]:
        """See the port."""
        if not commits:
            return {}
        asked = list(dict.fromkeys(commits))
        missing = objects.missing(self._git, asked)
        here = "".join(f"{commit}\n" for commit in asked if commit not in missing).encode()
        raw = (
            self._git.store("log", "--no-walk=unsorted", "--stdin", "--format=%H %ct", input=here)
            if here
            else b""
        )
        pairs = (line.partition(b" ") for line in raw.splitlines())
        return {id.decode(): _seconds(at) for id, _, at in pairs}

    def _common(self, commits: Sequence[str]) -> list[str]:
        """The newest commits that all of these have in their history."""
        asked = list(dict.fromkeys(commits))
        if not asked:
            return []
        try:
            return self._git.store("merge-base", "--octopus", "--all", *asked).decode().split()
        except GitFailed:
            return []  # they have nothing in common

    def changed(self, tip: str, since: float) -> Iterator[tuple[str, ...]]:
        """See the port."""
        limits = ("--no-merges", f"--max-age={max(int(since), 0)}")
        ids = self._git.store("rev-list", *limits, tip)
        plain = ("-r", "-z", "--root", "--name-only", "--no-renames", "--no-ext-diff", "--no-textconv")
        raw = self._git.store("diff-tree", "--stdin", *plain, input=ids) if ids else b""
        commits = set(ids.split())
        paths: list[str] = []
        for field in raw.split(b"\0"):
            if field in commits:
                yield tuple(paths)
                paths = []
            elif field:
                paths.append(lossless.to_text(field))
        yield tuple(paths)

    def newest(self) -> float:
        """See the port."""
        asked = ("for-each-ref", "--sort=-creatordate", "--count=1", "--format=%(creatordate:unix)")
        return _seconds(self._git.refs(*asked, "refs/heads", "refs/remotes", "refs/tags").strip())

    def is_shallow(self) -> bool:
        """See the port."""
        return self._git.layout.shallow

    def log(self, tips: Sequence[str], without: Sequence[str]) -> list[Logged]:
        """See the port."""
        if not tips:
            return []
        asked = "".join(f"{tip}\n" for tip in tips) + "".join(f"^{one}\n" for one in self._common(without))
        wanted = ("log", "--date-order", "--format=%H%x00%P%x00%ct%x00%s", "--stdin")
        raw = self._git.store(*wanted, input=asked.encode())
        return [_logged(line) for line in raw.split(b"\n") if line]

    def details(self, commits: Sequence[str]) -> Mapping[str, Detail]:
        """See the port."""
        found = [one for one in objects.commits(self._git, list(dict.fromkeys(commits))) if one is not None]
        ids = {one.id for one in found}
        parents = dict.fromkeys(one.parents[0] for one in found if one.parents)
        before = objects.commits(self._git, [id for id in parents if id not in ids])
        trees = self._trees([*found, *before])
        known = [one for one in found if one.id in trees and trees.keys() >= set(one.parents[:1])]
        nothing = objects.empty_tree(self._git)
        pairs = [(trees[one.parents[0]] if one.parents else nothing, one.tree) for one in known]
        changes = self._changes(pairs)
        if changes is None:
            return {}
        return {
            one.id: Detail(lossless.to_text(one.message), its)
            for one, its in zip(known, changes, strict=True)
        }

    def differences(self, pairs: Sequence[tuple[str, str]]) -> Sequence[tuple[Changed, ...] | None]:
        """See the port."""
        trees = self._trees(
            objects.commits(self._git, list(dict.fromkeys(id for pair in pairs for id in pair)))
        )
        known = [pair for pair in pairs if pair[0] in trees and pair[1] in trees]
        changes = self._changes([(trees[older], trees[newer]) for older, newer in known])
        found = dict(zip(known, changes, strict=True)) if changes is not None else {}
        return [found.get(pair) for pair in pairs]

    def _trees(self, commits: Sequence[Commit | None]) -> dict[str, str]:
        """By commit, its tree; of those whose tree is in this clone."""
        trees = {one.id: one.tree for one in commits if one is not None}
        absent = objects.missing(self._git, list(dict.fromkeys(trees.values())))
        return {id: tree for id, tree in trees.items() if tree not in absent}

    def _changes(self, pairs: Sequence[tuple[str, str]]) -> list[tuple[Changed, ...]] | None:
        """What differs in each pair; lines only where every blob is in this clone, which a partial one lacks.

        None where it lacks a folder, so that nothing can be told of what differs.
        """
        try:
            different = objects.differences(self._git, pairs)
        except GitFailed:
            return None
        blobs = {blob for every in different for one in every for blob in (one.old_blob, one.new_blob)}
        missing = objects.missing(self._git, [blob for blob in blobs if blob.strip("0")])
        whole = [
            place
            for place, every in enumerate(different)
            if not any(one.old_blob in missing or one.new_blob in missing for one in every)
        ]
        counted = dict(zip(whole, objects.changes(self._git, [pairs[place] for place in whole]), strict=True))
        return [
            tuple(Changed(one.path, one.added + one.removed) for one in counted[place])
            if place in counted
            else tuple(Changed(lossless.to_text(one.path), None) for one in every)
            for place, every in enumerate(different)
        ]


def _seconds(raw: bytes) -> float:
    """The moment; of a commit whose own line cannot be read, the beginning of all."""
    return float(raw) if raw.isdigit() else 0.0


def _when(tagged: float, made: float) -> float:
    return made if tagged > made + _LATE else tagged


def _logged(line: bytes) -> Logged:
    id, parents, at, subject = line.split(b"\0", 3)
    return Logged(id.decode(), tuple(parents.decode().split()), lossless.to_text(subject), _seconds(at))
