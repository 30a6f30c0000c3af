"""Whether one commit is in the history of another."""

from hotfix.adapters.git import objects
from hotfix.adapters.git.process import GitFailed, GitProcess


def is_in(git: GitProcess, commit: str, onto: str) -> bool:
    """Whether `commit`, a full id, is in the history of `onto`; what this clone does not know is not."""
    try:
        git.store("merge-base", "--is-ancestor", commit, onto)
    except GitFailed as failure:
        if failure.exit == 1 or objects.read(git, [commit], kind="commit") == [None]:
            return False
        raise
    return True
