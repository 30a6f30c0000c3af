"""Cherry-pick in memory: no work tree, no index, no ref; the user's repository is only read."""

import re
from collections.abc import Callable, Sequence

from hotfix.adapters.git import objects
from hotfix.adapters.git.attempts import Attempts
from hotfix.adapters.git.process import GitProcess
from hotfix.ports.git import Commit, Conflict, Empty, Picked, PickOutcome
from hotfix.ports.picking import Attempt
from hotfix.record.finding import refused
from hotfix.record.parts import Resolved

_FROM = b"(cherry picked from commit "
_TRAILER = rb"[A-Za-z0-9-]+[ \t]*:|[ \t]+\S|" + re.escape(_FROM)


def cherry_pick(
    git: GitProcess,
    fixes: Sequence[str],
    onto: str,
    resolved: Sequence[Resolved],
    committer: bytes,
    sign: Callable[[bytes], bytes],
) -> PickOutcome:
    """Each of `fixes`, in order, onto `onto`. Everything is written to the scratch store only."""
    objects.commit(git, onto)  # which tells what to do where it is not here
    attempts = Attempts(git)
    attempt = Attempt(tuple(fixes), onto, tuple(resolved))
    (tried,) = attempts.attempt([attempt])
    if tried.unreadable:
        raise refused(
            "git-missing-object",
            f"The pick cannot be tried: {tried.unreadable}.",
            "git fetch (in a shallow clone: git fetch --unshallow), then try again",
        )
    if not tried.clean:
        stopped = fixes[len(tried.trees)]
        return Empty(stopped) if tried.empty else Conflict(stopped, tried.clashes)
    sources = attempts.commits((*fixes, onto))
    tip = onto
    commits: list[str] = []
    for fix, tree in zip(fixes, tried.trees, strict=True):
        raw = _picked_bytes(sources[fix], tree, tip, committer)
        tip = objects.write_commit(git, sign(raw), keep=False)
        commits.append(tip)
    (strays,) = attempts.strays([(attempt, tried.trees[-1])])
    undo = _undo(git, attempts, commits, sources[onto], committer)
    tip = objects.write_commit(git, sign(undo), keep=False)
    return Picked(tuple(commits), tried.trees[-1], strays, tip)


def _undo(
    git: GitProcess, attempts: Attempts, commits: Sequence[str], base: Commit, committer: bytes
) -> bytes:
    """The commit that takes every pick back, newest first. Raises Refused where that does not give the base tree."""
    tree = attempts.revert(commits)
    if tree != base.tree:
        raise refused(
            "pick-undo",
            f"Taking the pick back does not give the tree of {base.id[:12]} again, so there would be no way back in git.",
            "report this: hotfix --version, git --version, and what was picked onto what",
        )
    named = b"".join(b"This reverts commit %s.\n" % commit.encode() for commit in reversed(commits))
    words = b"Take the hotfix back\n\n" + named + b"\nThe tree is that of %s.\n" % base.id.encode()
    return objects.commit_bytes(tree, (commits[-1],), committer, committer, words)


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
