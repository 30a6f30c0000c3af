"""What git's own history of the record branch tells: facts are only ever added."""

from hotfix.adapters.git.process import GitProcess
from hotfix.record.finding import Finding


def edits(git: GitProcess, head: str) -> list[Finding]:
    """Commits that are no append: those that change or remove what was on record, and merges."""
    findings = [_edit(block) for block in _changing(git, head)]
    if git.store("rev-list", "--merges", head).strip():
        findings.append(
            Finding(
                "record-merged", "The record branch holds a merge; appends are linear.", "git log --merges"
            )
        )
    return findings


def _changing(git: GitProcess, head: str) -> list[list[str]]:
    """(commit, path…) of every commit that changes or removes something; git quotes a path that holds a line end."""
    raw = git.store(
        *("log", "--no-mailmap", "--no-renames", "--diff-filter=MDT", "--name-only", "--format=%x00%h", head),
        *("--", ":(glob)*/record/*", ":(glob)*/evidence/**"),
    )
    blocks = raw.decode("utf-8", "replace").split("\0")[1:]
    return [[line for line in block.split("\n") if line] for block in blocks]


def _edit(block: list[str]) -> Finding:
    commit, *paths = block
    what = ", ".join(_called(path) for path in paths)
    return Finding(
        "record-edited",
        f"Commit {commit} changes what was on record ({what}).",
        f"git show {commit}",
        tuple(paths),
    )


def _called(path: str) -> str:
    """A file of facts by the number of its first, anything else by its path."""
    folder, _, name = path.rpartition("/")
    number = name.removesuffix(".jsonl")
    return f"from seq {int(number)}" if folder.endswith("/record") and number.isdecimal() else path
