"""How commits stand to each other in history."""

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


def merge_base(git: GitProcess, one: str, other: str) -> str:
    """The newest commit that both have; empty where there is none, or several."""
    try:
        found = git.store("merge-base", "--all", one, other).decode().split()
    except GitFailed as failure:
        if failure.exit != 1:
            raise
        return ""
    return found[0] if len(found) == 1 else ""


def along(git: GitProcess, older: str, newer: str) -> tuple[str, ...]:
    """The commits along the first parents of `newer` that `older` lacks, oldest first."""
    return tuple(git.store("rev-list", "--first-parent", "--reverse", newer, f"^{older}").decode().split())


def merge_of(git: GitProcess, commit: str, trunk: str) -> str:
    """The merge along the first parents of `trunk` that brought `commit`; empty where no merge did."""
    after = set(git.store("rev-list", "--ancestry-path", trunk, f"^{commit}").decode().split())
    first = next((one for one in along(git, commit, trunk) if one in after), "")
    (found,) = objects.commits(git, [first]) if first else [None]
    brought = found is not None and len(found.parents) > 1 and not is_in(git, commit, found.parents[0])
    return first if brought else ""
