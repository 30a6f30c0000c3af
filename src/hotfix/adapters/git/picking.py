"""The Picking port on stock git: reads a repository, and writes to a scratch store only."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from hotfix.adapters.git import ancestry, history, names, objects, trees
from hotfix.adapters.git.attempts import Attempts
from hotfix.adapters.git.process import GitFailed, GitProcess
from hotfix.adapters.git.remote import remote_name
from hotfix.ports.git import SUBMODULE, Change, Commit
from hotfix.ports.picking import Attempt, Blamed, Line, Mention, Touched, Tried
from hotfix.record import lossless, moment
from hotfix.record.finding import refused

_MOST_IN_A_RANGE = 200


class GitPicking:
    """A repository, bare or not, that is only read."""

    def __init__(self, git: GitProcess) -> None:
        self._git = git
        self._remote = remote_name(git)
        self._attempts = Attempts(git)
        self._named_like_ids: frozenset[str] | None = None

    # -- names --

    def resolve(self, name: str) -> str:
        """See the port."""
        return names.resolve(self._git, name, self._remote)

    def is_plain_id(self, name: str) -> bool:
        """See the port."""
        if self._named_like_ids is None:
            refs = names.lines(self._git.refs("for-each-ref", "--format=%(refname)"))
            ends = (ref.rpartition("/")[2] for ref in refs)
            self._named_like_ids = frozenset(end for end in ends if objects.is_full_id(end))
        return objects.is_full_id(name) and name not in self._named_like_ids

    def commits_in(self, name: str) -> tuple[str, ...]:
        """See the port."""
        older, dots, newer = name.partition("..")
        if not dots:
            return (self.resolve(name),)
        if newer.startswith(".") or not older or not newer:
            raise refused("git-range", f"{name!r} is no range of commits.", "say OLDER..NEWER")
        ids = ancestry.along(self._git, self.resolve(older), self.resolve(newer))
        if not ids or len(ids) > _MOST_IN_A_RANGE:
            raise refused(
                "git-range",
                f"There are {len(ids)} commits in {name}; a hotfix has a few.",
                f"git log --first-parent {name}",
            )
        return ids

    def branches(self, pattern: str) -> tuple[Line, ...]:
        """See the port."""
        for prefix in (*([f"refs/remotes/{self._remote}/"] if self._remote else []), "refs/heads/"):
            refs = [ref for ref in names.refs_below(self._git, prefix) if not ref.endswith("/HEAD")]
            fitting = [ref for ref in refs if fnmatchcase(ref.removeprefix(prefix), pattern)]
            if fitting:
                return tuple(sorted(self._lines(fitting, prefix), key=_by_number, reverse=True))
        return ()

    def tags(self, pattern: str, newest: int) -> tuple[Line, ...]:
        """See the port."""
        listed = self._git.refs("for-each-ref", "--sort=-creatordate", "--format=%(refname)", "refs/tags/")
        refs = [ref for ref in names.lines(listed) if fnmatchcase(ref.removeprefix("refs/tags/"), pattern)]
        return tuple(self._lines(refs, "refs/tags/")[:newest])

    def _lines(self, refs: Sequence[str], prefix: str) -> list[Line]:
        """The refs that are of commits, tags of tags too; of a tree or a blob nothing can be picked onto."""
        commits = names.commits_of(self._git, refs)
        return [
            Line(lossless.to_text(ref.removeprefix(prefix).encode("utf-8", "surrogateescape")), commits[ref])
            for ref in refs
            if ref in commits
        ]

    # -- objects --

    def commits(self, ids: Sequence[str]) -> tuple[Commit | None, ...]:
        """See the port."""
        found = self._attempts.commits(ids)
        return tuple(found.get(id) for id in ids)

    def attempt(self, attempts: Sequence[Attempt]) -> tuple[Tried, ...]:
        """See the port."""
        return tuple(self._attempts.attempt(attempts))

    def strays(self, results: Sequence[tuple[Attempt, str]]) -> tuple[tuple[str, ...], ...]:
        """See the port."""
        return tuple(self._attempts.strays(results))

    def changes(self, trees: Sequence[tuple[str, str]]) -> tuple[tuple[Change, ...] | None, ...]:
        """See the port."""
        try:
            return tuple(objects.changes(self._git, trees))
        except GitFailed:
            if len(trees) == 1:
                return (None,)
            return tuple(one for pair in trees for one in self.changes([pair]))

    # -- history --

    def history(self, path: str, older: str, newer: str) -> tuple[Touched, ...]:
        """See the port."""
        return history.touched(self._git, path, older, newer)

    def touching(self, paths: Sequence[str], older: str, newer: str, most: int) -> tuple[str, ...]:
        """See the port."""
        return history.touching(self._git, paths, older, newer, most)

    def hunks(self, path: str, old_tree: str, new_tree: str) -> tuple[tuple[int, int, int, int], ...]:
        """See the port."""
        return history.hunks(self._git, path, old_tree, new_tree)

    def twins(self, commit: str, path: str) -> tuple[str, ...]:
        """See the port."""
        blob = self.blob(commit, path)
        return tuple(other for other in self.paths_with(commit, blob) if blob and other != path)

    def in_order(self, commits: Sequence[str], older: str, newer: str) -> tuple[str, ...]:
        """See the port."""
        wanted = set(commits)
        line = ancestry.along(self._git, older, newer) if wanted else ()
        return tuple(commit for commit in line if commit in wanted)

    def blob(self, tree: str, path: str) -> str:
        """See the port."""
        mode, id = trees.modes_at(self._git, tree, [path]).get(path, ("", ""))
        return "" if mode == SUBMODULE else id

    def mode(self, tree: str, path: str) -> str:
        """See the port."""
        return trees.modes_at(self._git, tree, [path]).get(path, ("", ""))[0]

    def as_one(self, older: str, newer: str) -> str:
        """See the port."""
        return self._attempts.as_one(older, newer)

    def paths_with(self, commit: str, blob: str) -> tuple[str, ...]:
        """See the port."""
        return tuple(lossless.to_text(name) for _, id, name in trees.entries(self._git, commit) if id == blob)

    def with_blobs(self, tree: str, blobs: Mapping[str, str]) -> str:
        """See the port."""
        return trees.put(self._git, tree or objects.empty_tree(self._git), blobs)

    def content(self, blob: str) -> bytes:
        """See the port."""
        (content,) = objects.read(self._git, [blob], kind="blob")
        if content is None:
            raise refused("git-missing-object", f"The file {blob[:12]} is not in this clone.", "git fetch")
        return content

    def keep_content(self, content: bytes) -> str:
        """See the port."""
        return objects.write_blob(self._git, content, keep=False)

    def paths(self, commit: str) -> tuple[str, ...]:
        """See the port."""
        return self._attempts.paths(commit)

    def blame(self, commit: str, path: str, regions: Sequence[tuple[int, int]]) -> tuple[Blamed, ...]:
        """See the port."""
        found = history.blame(self._git, commit, path, regions)
        ends = {line.commit for line in found if not line.known}
        known = self._attempts.commits(ends)
        # git calls a root commit a boundary too: there the line does begin.
        roots = {id for id in ends if id in known and not known[id].parents}
        return tuple(Blamed(line.number, line.commit, line.known or line.commit in roots) for line in found)

    def first_tag_with(self, commit: str) -> tuple[str, str]:
        """See the port."""
        wanted = ("--sort=creatordate", "--count=1", f"--contains={commit}")
        raw = self._git.refs(
            "for-each-ref", *wanted, "--format=%(refname:strip=2)%00%(creatordate:unix)", "refs/tags/"
        )
        name, _, seconds = raw.rstrip(b"\n").partition(b"\0")
        return lossless.to_text(name), _moment(seconds)

    def merge_base(self, one: str, other: str) -> str:
        """See the port."""
        return ancestry.merge_base(self._git, one, other)

    def along(self, older: str, newer: str) -> tuple[str, ...]:
        """See the port."""
        return ancestry.along(self._git, older, newer) if older else ()

    def merge_of(self, commit: str, trunk: str) -> str:
        """See the port."""
        return ancestry.merge_of(self._git, commit, trunk)

    def is_in(self, commit: str, onto: str) -> bool:
        """See the port."""
        return ancestry.is_in(self._git, commit, onto)

    def mentions(self, commit: str, within: str) -> tuple[Mention, ...]:
        """See the port."""
        return history.mentions(self._git, commit, within)

    def trunk(self) -> str:
        """See the port."""
        remote = [f"refs/remotes/{self._remote}/{name}" for name in ("HEAD", "main", "master")]
        found = names.refs_below(self._git, *remote) if self._remote else {}
        if found:
            return next(found[ref] for ref in remote if ref in found)
        try:
            return self._git.refs("rev-parse", "--verify", "--quiet", "HEAD^{commit}").decode().strip()
        except GitFailed:
            return ""

    def forget(self) -> None:
        """See the port."""
        self._git.forget_objects()
        self._attempts.forget()


def _by_number(line: Line) -> list[tuple[int, str]]:
    """So that 10.x comes after 9.x."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"([0-9]+)", line.name)]


def _moment(seconds: bytes) -> str:
    """The moment, as the record writes one; empty where nobody can have meant it."""
    try:
        return moment.to_text(datetime.fromtimestamp(int(seconds or b"x"), UTC))
    except (ValueError, OverflowError, OSError):
        return ""
