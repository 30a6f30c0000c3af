"""The Picking port on stock git: reads a repository, and writes to a scratch store only."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from hotfix.adapters.git import ancestry, history, names, objects, trees
from hotfix.adapters.git.attempts import Attempts
from hotfix.adapters.git.process import GitFailed, GitProcess
from hotfix.adapters.git.remote import remote_name
from hotfix.ports.git import Change, Commit
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
            found = names.refs_below(self._git, prefix)
            lines = [Line(ref.removeprefix(prefix), commit) for ref, commit in found.items()]
            fitting = [line for line in lines if line.name != "HEAD" and fnmatchcase(line.name, pattern)]
            if fitting:
                return tuple(sorted(fitting, key=_by_number, reverse=True))
        return ()

    def tags(self, pattern: str, newest: int) -> tuple[Line, ...]:
        """See the port."""
        listed = self._git.refs("for-each-ref", "--sort=-creatordate", "--format=%(refname)", "refs/tags/")
        refs = [ref for ref in names.lines(listed) if fnmatchcase(ref.removeprefix("refs/tags/"), pattern)]
        commits = names.refs_below(self._git, *refs[:newest]) if refs else {}
        return tuple(Line(ref.removeprefix("refs/tags/"), commits[ref]) for ref in refs[:newest])

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
        entries = trees.entries(self._git, commit)
        raw = lossless.to_bytes(path)
        blob = next((id for _, id, name in entries if name == raw), "")
        return tuple(lossless.to_text(name) for _, id, name in entries if blob and id == blob and name != raw)

    def in_order(self, commits: Sequence[str], older: str, newer: str) -> tuple[str, ...]:
        """See the port."""
        wanted = set(commits)
        line = ancestry.along(self._git, older, newer) if wanted else ()
        return tuple(commit for commit in line if commit in wanted)

    def blob(self, tree: str, path: str) -> str:
        """See the port."""
        return trees.blobs_at(self._git, tree, [path]).get(path, ("", ""))[1]

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
        return history.blame(self._git, commit, path, regions)

    def first_tag_with(self, commit: str) -> tuple[str, str]:
        """See the port."""
        wanted = ("--sort=creatordate", "--count=1", f"--contains={commit}")
        raw = self._git.refs(
            "for-each-ref", *wanted, "--format=%(refname:strip=2)%00%(creatordate:unix)", "refs/tags/"
        )
        name, _, seconds = raw.decode("utf-8", "surrogateescape").rstrip("\n").partition("\0")
        return (name, moment.to_text(datetime.fromtimestamp(int(seconds), UTC))) if seconds else ("", "")

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
