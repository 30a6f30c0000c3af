"""The Git port on stock git."""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path

from hotfix.adapters.git import ancestry, durable, names, objects, trees
from hotfix.adapters.git.lock import FileLock
from hotfix.adapters.git.process import PATIENCE, GitFailed, GitProcess
from hotfix.adapters.git.remote import Remote
from hotfix.ports import Change, Commit, PickOutcome, Trunk
from hotfix.record import canonical, lossless
from hotfix.record.finding import refused
from hotfix.record.parts import Resolved

_OUR_MEMORY = "refs/hotfix/record/"
"""What this clone has seen of the record: the evidence against a remote that was rewritten, so never the remote's to say."""
_ZERO = {"sha1": "0" * 40, "sha256": "0" * 64}


_MOST_LOOKED_BACK = 20_000
"""Commits in which the release before is looked for."""


class Repository:
    """The user's repository."""

    def __init__(self, git: GitProcess, remote: Remote, sign_commit: Callable[[bytes], bytes]) -> None:
        self._git = git
        self._remote = remote
        self._sign = sign_commit

    # -- names --

    def trunk(self, configured: str = "") -> Trunk:
        """See the port."""
        prefix = f"refs/remotes/{self._remote.name}/" if self._remote else "refs/heads/"
        name = configured or self._default_trunk(prefix)
        there = names.refs_below(self._git, prefix + name) if names.may_be_ref(name) else {}
        commit = there.get(prefix + name)
        if commit is None:
            raise refused(
                "git-no-trunk",
                f"There is no {prefix + name!r} in this clone.",
                f"git fetch {self._remote.name}".strip(),
            )
        return Trunk(name, prefix + name, commit)

    def _default_trunk(self, prefix: str) -> str:
        if self._remote:
            head = self._symbolic(f"{prefix}HEAD")
            if head.startswith(prefix):
                return head.removeprefix(prefix)
        there = [
            name for name in ("main", "master") if prefix + name in names.refs_below(self._git, prefix + name)
        ]
        if len(there) == 1:
            return there[0]
        stated = self._config("hotfix.trunk")
        if stated:
            return stated
        found = "both main and master" if there else "neither main nor master"
        raise refused(
            "git-no-trunk",
            f"It is not clear which branch is the main line: there is {found}.",
            "git config hotfix.trunk NAME",
        )

    def resolve(self, name: str) -> str:
        """See the port."""
        return names.resolve(self._git, name, self._remote.name)

    def ref(self, name: str) -> str | None:
        """See the port."""
        return names.refs_below(self._git, name).get(name)

    def tips(self, branch: str) -> tuple[str, ...]:
        """See the port."""
        places = [f"refs/heads/{branch}"] + (
            [f"refs/remotes/{self._remote.name}/{branch}"] if self._remote else []
        )
        found = names.refs_below(self._git, *places)
        return tuple(dict.fromkeys(found[place] for place in places if place in found))

    def tag_commit(self, name: str) -> str | None:
        """See the port."""
        ref = f"refs/tags/{name}"
        return None if not names.can_be_ref(name) else names.refs_below(self._git, ref).get(ref)

    def tags_of(self, commit: str) -> tuple[str, ...]:
        """See the port."""
        raw = self._git.refs(
            "for-each-ref", f"--points-at={commit}", "--format=%(refname:strip=2)", "refs/tags/"
        )
        return tuple(names.lines(raw))

    def release_before(self, commit: str) -> tuple[str, str] | None:
        """See the port. Looks through the newest commits only: a release further back is none to return to in a hurry."""
        tagged: dict[str, str] = {}
        for ref, target in sorted(names.refs_below(self._git, "refs/tags/").items()):
            tagged.setdefault(target, ref.removeprefix("refs/tags/"))
        history = self._git.store("rev-list", "--date-order", f"--max-count={_MOST_LOOKED_BACK}", commit)
        for id in history.decode().split():
            if id != commit and id in tagged:
                return tagged[id], id
        return None

    # -- reading --

    def commit(self, id: str) -> Commit:
        """See the port."""
        return objects.commit(self._git, id)

    def file_at(self, commit: str, path: str) -> bytes | None:
        """See the port."""
        if not _is_plain_path(path):
            return None
        (content,) = objects.read(self._git, [f"{commit}:{path}"], kind="blob")
        return content

    def blob_at(self, commit: str, path: str) -> str:
        """See the port."""
        if not _is_plain_path(path):
            return ""
        question = f"{commit}:{path}\n".encode()
        said = self._git.store("cat-file", "--batch-check=%(objecttype) %(objectname)", input=question)
        kind, _, id = said.strip().partition(b" ")
        return id.decode() if kind == b"blob" else ""

    def blob_in(self, tree: str, path: str) -> str:
        """See the port."""
        return trees.modes_at(self._git, tree, [path]).get(path, ("", ""))[1]

    def paths(self, commit: str) -> tuple[str, ...]:
        """See the port."""
        raw = self._git.store("ls-tree", "-r", "-z", "--name-only", "--full-tree", commit)
        return tuple(lossless.to_text(path) for path in raw.split(b"\0") if path)

    def authors(self, commit: str, limit: int) -> tuple[str, ...]:
        """See the port."""
        raw = self._git.store("log", "--no-mailmap", f"--max-count={limit}", "--format=%ae", commit)
        return tuple(dict.fromkeys(lossless.to_text(line) for line in raw.split(b"\n") if line))

    def top(self) -> Path | None:
        """See the port."""
        layout = self._git.layout
        return None if layout.top == layout.git_dir else layout.top

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        """See the port."""
        return objects.is_full_id(ancestor) and ancestry.is_in(self._git, ancestor, descendant)

    def count_between(self, older: str, newer: str) -> int:
        """See the port."""
        return int(self._git.store("rev-list", "--count", newer, f"^{older}"))

    def subjects_between(self, older: str, newer: str, limit: int) -> tuple[tuple[str, str], ...]:
        """See the port."""
        raw = self._git.store(
            "log", "-z", "--no-mailmap", f"--max-count={limit}", "--format=%H%n%s", newer, f"^{older}"
        )
        pairs = (item.split(b"\n", 1) for item in raw.split(b"\0") if item)
        return tuple((id.decode(), lossless.to_text(subject)) for id, subject in pairs)

    def changes(self, old_tree: str, new_tree: str) -> tuple[Change, ...]:
        """See the port."""
        return objects.changes(self._git, [(old_tree, new_tree)])[0]

    def diff(self, old_tree: str, new_tree: str, paths: Sequence[str] = ()) -> bytes:
        """See the port."""
        return objects.diff(self._git, old_tree, new_tree, paths)

    def export(self, tree: str, directory: Path) -> None:
        """See the port."""
        trees.export(self._git, tree, directory)

    def contents(self, tree: str, paths: Sequence[str]) -> tuple[bytes | None, ...]:
        """See the port."""
        return trees.contents(self._git, tree, paths)

    def size(self, tree: str) -> int:
        """See the port."""
        return trees.size(self._git, tree)

    def write(self, tree: str, paths: Sequence[str], directory: Path) -> None:
        """See the port."""
        trees.write(self._git, tree, paths, directory)

    # -- making --

    def with_contents(self, tree: str, contents: Mapping[str, bytes | None]) -> str:
        """See the port."""
        return trees.with_contents(self._git, tree, contents)

    def pick(
        self, fixes: Sequence[str], onto: str, at: datetime, resolved: Sequence[Resolved] = ()
    ) -> PickOutcome:
        """See the port."""
        from hotfix.adapters.git import cherry_pick  # few verbs pick; every one starts

        committer = objects.committer_line(self.identity(), at)
        return cherry_pick.cherry_pick(self._git, fixes, onto, resolved, committer, self._sign)

    def graft(self, base_tree: str, donor_tree: str, paths: Sequence[str]) -> str:
        """See the port."""
        return trees.graft(self._git, base_tree, donor_tree, paths)

    def commits_since(self, base: str, tip: str) -> tuple[str, ...]:
        """See the port."""
        if base == tip or not self.is_ancestor(base, tip):
            return ()
        raw = self._git.store("rev-list", "--reverse", "--topo-order", "--parents", tip, f"^{base}")
        rows = [line.split() for line in raw.decode().splitlines()]
        return tuple(row[0] for row in rows) if all(len(row) == 2 for row in rows) else ()

    def keep(self, result: str, base: str) -> None:
        """See the port."""
        pack = self._git.store(
            "pack-objects", "--revs", "--stdout", "--quiet", input=f"{result}\n^{base}\n".encode()
        )
        self._git.store("unpack-objects", "-q", input=pack, keep=True)
        durable.sync_objects(self._git, result, [base])

    def point(self, ref: str, new: str, old: str | None) -> None:
        """See the port."""
        expected = old or _ZERO[self._git.layout.object_format]
        try:
            self._git.refs("update-ref", "-m", "hotfix", "--no-deref", ref, new, expected)
            durable.sync_refs(self._git, [ref])
        except GitFailed as failure:
            raise refused(
                "git-ref-moved",
                f"{ref} could not be moved: {failure.stderr}.",
                "look what it points at, then try again",
            ) from None

    # -- the remote --

    def remote_url(self) -> str:
        """See the port."""
        return self._remote.url

    def pull_request(self, number: int) -> str | None:
        """See the port."""
        try:
            return self._remote.request(number)
        except GitFailed as failure:
            raise refused(
                "git-remote-away", f"{self._remote.name} cannot be reached: {failure.stderr}.", "try again"
            ) from None

    def has_remote(self) -> bool:
        """See the port."""
        return bool(self._remote)

    def publish(self, refs: Mapping[str, tuple[str, str | None]]) -> None:
        """See the port."""
        if not self._remote:
            return
        try:
            self._remote.push(refs)
        except GitFailed as failure:
            raise refused(
                "git-push",
                f"{self._remote.name} did not take {', '.join(refs)}: {failure.stderr}.",
                "git fetch, look who moved it, then try again",
            ) from None

    def fetch(self, *, within: float = PATIENCE) -> str:
        """See the port."""
        if not self._remote:
            return ""
        known = names.refs_below(self._git, "refs/")
        tracking = f"refs/remotes/{self._remote.name}/"
        wanted = {
            f"refs/heads/{self.trunk().name}": "refs/fetched/heads/trunk",
            "refs/heads/hotfix/*": "refs/fetched/heads/hotfix/*",
            "refs/tags/*": "refs/fetched/tags/*",
            "refs/hotfix/HF-*": "refs/fetched/hotfix/HF-*",  # the pins; leases are asked for by themselves
        }
        try:
            fetched = self._remote.fetch(wanted, known, within)
        except GitFailed as failure:
            return f"{self._remote.name} cannot be reached: {failure.stderr}"
        moves: dict[str, str] = {}
        for name, id in fetched.items():
            if name == "refs/fetched/heads/trunk":
                moves[tracking + self.trunk().name] = id
            elif name.startswith("refs/fetched/heads/"):
                moves[tracking + name.removeprefix("refs/fetched/heads/")] = id
            else:
                moves["refs/" + name.removeprefix("refs/fetched/")] = id
        self._take_over(moves, known)
        return ""

    def _take_over(self, moves: Mapping[str, str], known: Mapping[str, str]) -> None:
        """Move our copies of the remote's refs; a tag that is here already keeps its meaning.

        A hotfix branch that is gone there is gone here as the remote's branch; the pins are never removed.
        """
        lines = []
        for name, id in moves.items():
            if (name.startswith("refs/tags/") and name in known) or name.startswith(_OUR_MEMORY):
                continue
            if known.get(name) != id:
                lines.append(f"update {name}\0{id}\0\0")
        branches = f"refs/remotes/{self._remote.name}/hotfix/"
        lines += [f"delete {name}\0\0" for name in known if name.startswith(branches) and name not in moves]
        if lines:
            self._git.refs(
                "update-ref",
                "-z",
                "--no-deref",
                "--stdin",
                input="".join(lines).encode("utf-8", "surrogateescape"),
            )

    # -- this clone --

    def state_dir(self) -> Path:
        """See the port."""
        folder = self._git.layout.common_dir / "hotfix"
        folder.mkdir(exist_ok=True)
        return folder

    def clone_id(self) -> str:
        """See the port. Where it lies is part of it: whoever copies a clone, or a whole machine, copies what is in it."""
        file = self.state_dir() / "clone-id"
        if not file.exists():
            own = file.with_name(f"clone-id.{os.getpid()}")
            own.write_text(os.urandom(6).hex())
            own.replace(file)
        place = (file.read_text().strip(), os.uname().nodename, str(file.resolve()))
        return canonical.sha256("\0".join(place).encode())[:12]

    def lock(self, name: str) -> FileLock:
        """See the port."""
        return FileLock(self.state_dir() / f"{name}.lock")

    def identity(self) -> str:
        """See the port."""
        return self._identity

    @cached_property
    def _identity(self) -> str:
        """Asked once: every append names its author, and nobody becomes somebody else in between."""
        name = os.environ.get("GIT_COMMITTER_NAME") or self._config("user.name")
        email = os.environ.get("GIT_COMMITTER_EMAIL") or self._config("user.email")
        if not name or not email:
            raise refused(
                "git-no-identity",
                "git does not know who you are.",
                'git config --global user.name "You"; git config --global user.email you@example.com',
            )
        return f"{_plain(name)} <{_plain(email)}>"

    def signing_key(self) -> str:
        """The person's SSH signing key as git is told of it, or HOTFIX_SIGNING_KEY; empty where there is none."""
        stated = os.environ.get("HOTFIX_SIGNING_KEY", "")
        return stated or (self._config("user.signingkey") if self._config("gpg.format") == "ssh" else "")

    def _config(self, key: str) -> str:
        try:
            return self._git.refs("config", "--get", key).decode("utf-8", "surrogateescape").rstrip("\n")
        except GitFailed:
            return ""

    def _symbolic(self, ref: str) -> str:
        try:
            return self._git.refs("symbolic-ref", "--quiet", ref).decode("utf-8", "surrogateescape").strip()
        except GitFailed:
            return ""


def _is_plain_path(path: str) -> bool:
    """Whether this can be a path inside a tree."""
    return "\n" not in path and not any(part in ("", ".", "..") for part in path.split("/"))


def _plain(text: str) -> str:
    """As git itself writes an identity: none of its delimiters, one line; and what is no UTF-8 visibly so, for JSON's sake."""
    readable = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join(character for character in readable if character not in "<>\n\0").strip()
