"""Cherry-pick in memory: no work tree, no index, no ref; the user's repository is only read.

A three-way merge of trees with a chosen base is what cherry-pick is. ``merge-tree --write-tree`` takes
the base from history, so three synthetic commits give it exactly that history: base tree = the fix's
first parent, ours = the release, theirs = the fix. It works on git 2.38, on shallow clones, for merge
commits and for root commits alike, and needs no driver, attribute or configuration.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime

from hotfix.adapters.git import objects
from hotfix.adapters.git.process import GitFailed, GitProcess
from hotfix.ports import Commit, Conflict, Empty, Picked, PickOutcome
from hotfix.record import lossless

_FROM = b"(cherry picked from commit "
_TRAILER = rb"[A-Za-z0-9-]+[ \t]*:|[ \t]+\S|" + re.escape(_FROM)
_NOBODY = b"hotfix <hotfix@invalid> 0 +0000"


def cherry_pick(
    git: GitProcess, fixes: Sequence[str], onto: str, committer: bytes, sign: Callable[[bytes], bytes]
) -> PickOutcome:
    """Each of `fixes`, in order, onto `onto`. Everything is written to the scratch store only."""
    tip = onto
    tree = objects.tree_of(git, onto)
    base_tree = tree
    commits: list[str] = []
    named: set[str] = set()
    for fix in fixes:
        source = objects.commit(git, fix)
        before = objects.tree_of(git, source.parents[0]) if source.parents else objects.empty_tree(git)
        named |= {change.path for change in objects.changes(git, before, source.tree)}
        merged = _merge(git, before, tree, source.tree)
        if isinstance(merged, tuple):
            return Conflict(fix, merged)
        if merged == tree:
            return Empty(fix)
        tree = merged
        tip = objects.write_commit(git, sign(_picked_bytes(source, tree, tip, committer)), keep=False)
        commits.append(tip)
    changed = {change.path for change in objects.changes(git, base_tree, tree)}
    return Picked(tuple(commits), tree, tuple(sorted(changed - named)))


def _merge(git: GitProcess, before: str, ours: str, theirs: str) -> str | tuple[str, ...]:
    """The merged tree, or the paths in conflict."""
    root = _synthetic(git, before, ())
    left, right = _synthetic(git, ours, (root,)), _synthetic(git, theirs, (root,))
    try:
        out = git.store("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", left, right)
    except GitFailed as failure:
        if failure.exit != 1:
            raise
        paths = failure.stdout.split(b"\0")[1:]
        return tuple(dict.fromkeys(lossless.to_text(path) for path in paths if path))
    return out.split(b"\0", 1)[0].decode().strip()


def _synthetic(git: GitProcess, tree: str, parents: tuple[str, ...]) -> str:
    return objects.write_commit(
        git, objects.commit_bytes(tree, parents, _NOBODY, _NOBODY, b"synthetic\n"), keep=False
    )


def _picked_bytes(source: Commit, tree: str, parent: str, committer: bytes) -> bytes:
    """The pick: the author and the words of the fix, and where it came from (as ``git cherry-pick -x`` says it)."""
    message = source.message.rstrip(b"\n")
    trailer = _FROM + source.id.encode() + b")\n"
    gap = b"\n" if _ends_in_trailers(message) else b"\n\n"
    return objects.commit_bytes(
        tree, (parent,), source.author, committer, message + gap + trailer, source.encoding
    )


def _ends_in_trailers(message: bytes) -> bool:
    """Whether the last paragraph is one of trailers, as git judges it, so that ours joins it and does not cut it off."""
    _, blank, last = message.rpartition(b"\n\n")
    lines = last.split(b"\n")
    trailers = sum(re.match(_TRAILER, line) is not None for line in lines)
    made_by_git = any(line.startswith((_FROM, b"Signed-off-by: ")) for line in lines)
    others = len(lines) - trailers
    return bool(blank) and (others == 0 or (made_by_git and trailers * 3 >= others))


def committer_line(identity: str, at: datetime) -> bytes:
    """A committer line: the person as git names them, the moment, and UTC."""
    return f"{identity} {int(at.timestamp())} +0000".encode()
