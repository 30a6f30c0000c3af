"""Forecasts against real cherry-picks, on real backports of a real repository.

    python benchmarks/pick/compare.py REPOSITORY [--picks 150] [--fresh 50] [--lines 'stable-*'] [--seed 1]

Backports are found by their own trailer, "(cherry picked from commit …)", on the branches that fit `--lines`. Each is
replayed on the parent that the maintainers had, by `hotfix forecast --stdin` and by `git cherry-pick` (`-m 1` for a
merge) in a work tree: the outcome, the result tree and the paths in conflict must be the same. Then CPU seconds, own and
of all children, are compared: a work tree that is there (switch and pick) and one made for each pick. Another git is
measured by putting it first on PATH. Writes only below a temporary folder.
"""

import argparse
import json
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

TRAILER = re.compile(rb"\(cherry picked from commit ([0-9a-f]{40,64})\)")
CHUNK = 50
OURS = """
import resource, sys
from hotfix.cli.main import run
code = run(["-C", sys.argv[1], "forecast", "--stdin", *sys.argv[2:]])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
sys.exit(int(code))
"""


@dataclass(frozen=True)
class Backport:
    """What the maintainers did: `fix` onto `onto` became `shipped`, a tree."""

    fix: str
    onto: str
    shipped: str
    merge: bool


@dataclass
class Pick:
    """How a pick ended."""

    outcome: str
    tree: str = ""
    conflicts: frozenset[str] = frozenset()
    prerequisites: list[list[str]] | None = None


@dataclass
class Cost:
    """CPU and wall-clock seconds of each pick."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)


def git(
    folder: Path, *argv: str, check: bool = True, input: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    env = clean | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
    return subprocess.run(
        ["git", *argv],
        cwd=folder,
        input=input,
        capture_output=True,
        check=check,
        env=env | {"GIT_EDITOR": "true"},
    )


def backports(repository: Path, lines: str) -> list[Backport]:
    """Every commit of the lines with exactly one trailer, whose source is here."""
    refs = (
        git(repository, "for-each-ref", "--format=%(refname)", "refs/heads", "refs/remotes")
        .stdout.decode()
        .split()
    )
    fitting = [ref for ref in refs if fnmatchcase(ref.split("/", 2)[2], lines)]
    raw = git(
        repository, "log", "-z", "--format=%H %T %P%n%B", "--grep=cherry picked from commit", *fitting
    ).stdout
    found = []
    for item in raw.split(b"\0")[:-1]:
        head, _, message = item.partition(b"\n")
        _, tree, *parents = head.decode().split()
        sources = set(TRAILER.findall(message))
        if len(sources) == 1 and parents:
            found.append((sources.pop().decode(), parents[0], tree))
    ids = "".join(f"{fix}\n" for fix, _, _ in found).encode()
    said = git(repository, "cat-file", "--batch-check", input=ids).stdout.splitlines()
    here = [one for one, line in zip(found, said, strict=True) if line.split()[1] == b"commit"]
    raw = git(
        repository,
        "rev-list",
        "--no-walk=unsorted",
        "--parents",
        "--stdin",
        input="".join(f"{fix}\n" for fix, _, _ in here).encode(),
    ).stdout
    parents = {words[0]: len(words) - 1 for line in raw.decode().splitlines() if (words := line.split())}
    return [Backport(fix, onto, tree, parents[fix] > 1) for fix, onto, tree in here if parents.get(fix)]


class WorkTree:
    """A repository with a work tree that borrows the objects of the real one."""

    def __init__(self, repository: Path, folder: Path) -> None:
        self.folder = folder
        git(folder.parent, "init", "--quiet", str(folder))
        objects = (
            git(repository, "rev-parse", "--path-format=absolute", "--git-path", "objects")
            .stdout.decode()
            .strip()
        )
        (folder / ".git/objects/info/alternates").write_text(objects + "\n")
        for key, value in (
            ("user.name", "A"),
            ("user.email", "a@example.com"),
            ("gc.auto", "0"),
            ("core.hooksPath", os.devnull),
        ):
            git(folder, "config", key, value)

    def existing(self, one: Backport) -> Pick:
        git(self.folder, "checkout", "--quiet", "--force", "--detach", one.onto)
        return self._pick(self.folder, one)

    def fresh(self, one: Backport) -> Pick:
        place = self.folder.parent / "fresh"
        git(self.folder, "worktree", "add", "--quiet", "--detach", str(place), one.onto)
        try:
            return self._pick(place, one)
        finally:
            git(self.folder, "worktree", "remove", "--force", str(place))

    def tidy(self) -> None:
        """What no tool would have to pay for."""
        git(self.folder, "cherry-pick", "--quit", check=False)
        git(self.folder, "reset", "--quiet", "--hard", check=False)
        git(self.folder, "clean", "-ffdxq")

    @staticmethod
    def _pick(place: Path, one: Backport) -> Pick:
        done = git(place, "cherry-pick", *(["-m", "1"] if one.merge else []), one.fix, check=False)
        if done.returncode == 0:
            return Pick("clean", git(place, "rev-parse", "HEAD^{tree}").stdout.decode().strip())
        unmerged = git(place, "diff", "--name-only", "--diff-filter=U", "-z").stdout.split(b"\0")[:-1]
        if unmerged:
            return Pick("conflict", conflicts=frozenset(map(os.fsdecode, unmerged)))
        return Pick(
            "empty" if b"now empty" in done.stderr + done.stdout else "failed: " + os.fsdecode(done.stderr)
        )


def measured(cost: Cost, do, *argv):
    before, started = _children(), time.perf_counter()
    result = do(*argv)
    cost.cpu.append(_children() - before)
    cost.wall.append(time.perf_counter() - started)
    return result


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def forecast(repository: Path, some: list[Backport], *options: str) -> tuple[list[Pick], float, float, int]:
    """The outlooks, CPU seconds, wall seconds and own peak memory (KiB) of one `hotfix forecast --stdin`."""
    lines = "".join(f"{one.fix} {one.onto}\n" for one in some).encode()
    before, started = _children(), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", OURS, str(repository), *options], input=lines, capture_output=True, check=False
    )
    cpu, wall = _children() - before, time.perf_counter() - started
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == len(some), done.stderr.decode()
    picks = [
        Pick(
            row["outcome"],
            row["tree"],
            frozenset(one["path"] for one in row["conflicts"]),
            row["prerequisites"],
        )
        for row in rows
    ]
    return picks, cpu, wall, int(done.stderr.split()[-1])


def main() -> None:
    options = arguments()
    repository: Path = options.repository
    version = git(repository, "version").stdout.decode().split()[2]
    found = backports(repository, options.lines)
    random.Random(options.seed).shuffle(found)
    some = found[: options.picks]
    files = len(git(repository, "ls-tree", "-r", "--name-only", some[0].onto).stdout.splitlines())
    name = repository.resolve().parent.name if repository.name in ("repo", ".git") else repository.name
    print(f"{name}: {len(found)} backports, {len(some)} replayed, {files} files; git {version}", flush=True)

    ours, *_ = forecast(repository, some)
    with tempfile.TemporaryDirectory(prefix="hotfix-bench-") as folder:
        tree = WorkTree(repository, Path(folder) / "tree")
        real, existing = replayed(tree, some)
        fresh = Cost()
        for one in some[: options.fresh]:
            measured(fresh, tree.fresh, one)
    compare(some, ours, real)
    if len(some) >= CHUNK:
        costs(repository, some, found[: options.stream], existing, fresh)
    prerequisites(
        repository, [one for one, mine in zip(some, ours, strict=True) if mine.outcome == "conflict"]
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repository", type=Path)
    parser.add_argument("--picks", type=int, default=150, help="backports replayed in both ways")
    parser.add_argument("--fresh", type=int, default=50, help="of them, in a work tree made for each")
    parser.add_argument("--stream", type=int, default=1000, help="pairs given to one --stdin, for its cost")
    parser.add_argument("--lines", default="*", help="glob of the branches that have the backports")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def replayed(tree: WorkTree, some: list[Backport]) -> tuple[list[Pick], Cost]:
    """Each backport in a work tree that is there."""
    existing = Cost()
    real = []
    for number, one in enumerate(some, start=1):
        real.append(measured(existing, tree.existing, one))
        tree.tidy()
        if number % 25 == 0:
            print(f"  {number} picked in the work tree", file=sys.stderr, flush=True)
    return real, existing


def compare(some: list[Backport], ours: list[Pick], real: list[Pick]) -> None:
    """Say where the outcome, the tree or the paths in conflict differ."""
    different = 0
    for one, mine, theirs in zip(some, ours, real, strict=True):
        if (mine.outcome, mine.tree, mine.conflicts) != (theirs.outcome, theirs.tree, theirs.conflicts):
            different += 1
            print(f"  DIFFERENT {one}\n    ours {mine}\n    git  {theirs}")
    merges = sum(one.merge for one in some)
    outcomes = {
        name: sum(mine.outcome == name for mine in ours) for name in ("clean", "conflict", "empty", "unknown")
    }
    shipped = sum(mine.tree == one.shipped for mine, one in zip(ours, some, strict=True))
    print(
        f"same outcome, tree and conflicting paths as git cherry-pick: {len(some) - different} of {len(some)} "
        f"({merges} merges)"
    )
    print(f"outcomes: {outcomes}; the tree is what was shipped: {shipped} of {len(some)}")


def costs(
    repository: Path, some: list[Backport], stream: list[Backport], existing: Cost, fresh: Cost
) -> None:
    """CPU and memory, side by side."""
    batch = Cost()
    for start in range(0, len(some) - CHUNK + 1, CHUNK):
        _, cpu, wall, _ = forecast(repository, some[start : start + CHUNK])
        batch.cpu.append(cpu / CHUNK)
        batch.wall.append(wall / CHUNK)
    _, cpu, wall, peak = forecast(repository, stream)
    per = statistics.median(batch.cpu)
    print("CPU ms a pick, median (wall ms)")
    print(f"  git cherry-pick, fresh work tree     {_told(fresh)}")
    print(f"  git cherry-pick, existing work tree  {_told(existing)}")
    print(f"  hotfix forecast --stdin, {CHUNK} at once  {_told(batch)}")
    print(
        f"  hotfix forecast --stdin, {len(stream)} in one stream: "
        f"{cpu / len(stream) * 1000:.2f} ({wall / len(stream) * 1000:.2f}) on average"
    )
    print(
        f"  ratio, {CHUNK} at once: {statistics.median(fresh.cpu) / per:.0f}x fresh, "
        f"{statistics.median(existing.cpu) / per:.0f}x existing"
    )
    print(f"peak memory of our own: {peak / 1024:.0f} MiB")


def prerequisites(repository: Path, conflicts: list[Backport]) -> None:
    """For how many conflicts a proven set is found, and what looking costs."""
    if not conflicts:
        return
    before, started = _children(), time.perf_counter()
    picks, *_ = forecast(repository, conflicts, "--explain")
    cpu, wall = _children() - before, time.perf_counter() - started
    sizes = [len(pick.prerequisites[0]) for pick in picks if pick.prerequisites]
    told = ", ".join(f"{sizes.count(size)} with {size}" for size in sorted(set(sizes)))
    print(
        f"proven prerequisites for {len(sizes)} of {len(conflicts)} conflicts ({told or 'none'}); "
        f"{cpu / len(conflicts):.1f} s CPU ({wall / len(conflicts):.1f} s) each"
    )


def _told(cost: Cost) -> str:
    return f"{statistics.median(cost.cpu) * 1000:.1f} ({statistics.median(cost.wall) * 1000:.1f}), n={len(cost.cpu)}"


if __name__ == "__main__":
    main()
