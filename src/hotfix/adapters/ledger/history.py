"""What git's own history of the record branch tells: what each commit added, and that none did anything else."""

from hotfix.adapters.git import objects
from hotfix.adapters.git.process import GitProcess
from hotfix.adapters.ledger import files
from hotfix.ports import Append
from hotfix.record.finding import Finding, Refused


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


def draft_of(git: GitProcess, commit: str) -> Append:
    """The append that `commit` was, to be made again on top of another one."""
    added = _added(git, commit)
    records = [(path, blob) for path, blob in added if "/record/" in path]
    beside = [(path, blob) for path, blob in added if "/evidence/" in path]
    found = [files.parse(path, raw) for path, raw in files.raw_lines(git, records)]
    contents = objects.read(git, [blob for _, blob in beside])
    evidence = {
        path.partition("/evidence/")[2]: body or b"" for (path, _), body in zip(beside, contents, strict=True)
    }
    hotfix = found[0].hotfix if found else ""
    facts = tuple(line.entry.fact for line in found)
    return Append(hotfix, facts, evidence, "written while the remote was away")


def people_of(git: GitProcess, commit: str) -> tuple[str, ...]:
    """Whom the facts that `commit` added name as their authors, each once."""
    records = [(path, blob) for path, blob in _added(git, commit) if "/record/" in path]
    people = []
    for path, raw in files.raw_lines(git, records):
        try:
            people.append(files.parse(path, raw).entry.fact.by)
        except Refused:
            continue
    return tuple(dict.fromkeys(people))


def _added(git: GitProcess, commit: str) -> list[tuple[str, str]]:
    """(path, blob) of every file that `commit` added."""
    stored = objects.commit(git, commit)
    before = objects.tree_of(git, stored.parents[0]) if stored.parents else objects.empty_tree(git)
    (changes,) = objects.changes(git, [(before, stored.tree)])
    return [(change.path, change.new_blob) for change in changes if change.old_mode == "000000"]
