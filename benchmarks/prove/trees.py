"""How long the trees of a proof take, in a repository of thousands of files.

    python benchmarks/prove/trees.py REPOSITORY [--fixes N]

For each of the newest N single-parent commits: the base is laid out once (as ``git worktree add`` would check it out), then
the base with the tests and the result. Prints the median seconds of the first tree and of each further one, beside
``git worktree add`` of the same commit and ``cp -al`` of the first tree.
"""

import argparse
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from hotfix import wiring
from hotfix.actions.three_trees import split
from hotfix.adapters.laid_out import LaidOut
from hotfix.policy.rules import Rules


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("repository", type=Path)
    parser.add_argument("--fixes", type=int, default=10)
    arguments = parser.parse_args()
    git = ["git", "-C", str(arguments.repository)]
    log = subprocess.run(
        [*git, "log", "--no-merges", f"--max-count={arguments.fixes}", "--format=%H %P"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    first, further, objects, worktree, linked, files = [], [], [], [], [], 0
    for line in log.stdout.splitlines():
        fix, base = line.split()
        world = wiring.open_proving(arguments.repository, lambda said: None)
        begun = time.monotonic()
        commits = world.git.commit(base), world.git.commit(fix)
        trees = split(world, commits[0].tree, commits[1].tree, Rules(service=""))
        objects.append(time.monotonic() - begun)
        with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
            place = Path(folder)
            laid = LaidOut(world.git, trees.base, place)
            begun = time.monotonic()
            laid.prepare()
            first.append(time.monotonic() - begun)
            for number, tree in enumerate((trees.base_with_tests, trees.result, trees.base)):
                begun = time.monotonic()
                laid.lay(tree, place / str(number))
                further.append(time.monotonic() - begun)
            files = sum(path.is_file() for path in (place / "0").rglob("*"))
            begun = time.monotonic()
            subprocess.run(["cp", "-al", str(place / "2"), str(place / "cp")], check=True)
            linked.append(time.monotonic() - begun)
            begun = time.monotonic()
            subprocess.run(
                [*git, "worktree", "add", "--detach", "--quiet", str(place / "w"), base], check=True
            )
            worktree.append(time.monotonic() - begun)
            subprocess.run([*git, "worktree", "remove", "--force", str(place / "w")], check=True)
    for name, seconds in (
        ("tree objects of BT", objects),
        ("first tree", first),
        ("each further tree", further),
        ("cp -al", linked),
        ("git worktree add", worktree),
    ):
        print(f"{name:20} median {statistics.median(seconds):.3f} s, worst {max(seconds):.3f} s")
    print(f"{files} files")


if __name__ == "__main__":
    main()
