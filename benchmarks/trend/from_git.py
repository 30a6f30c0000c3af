"""What mining costs: python benchmarks/trend/from_git.py REPOSITORY

The CPU time, with all of git's, of `hotfix trend --from-git` over all tags of a copy of the repository, first and second run,
beside one plain `git log --numstat` over the same tags.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BAR, SECOND_BAR = 3.0, 2.0
"""Times the plain log, and seconds."""
MONTHS = "600"


def cpu_seconds(argv: list[str], folder: Path) -> float:
    """User and system time of one run and of everything it started."""
    child = subprocess.Popen(argv, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{' '.join(argv)} ended with {child.returncode}")
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print the three times, and their ratio."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repository", type=Path)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "copy.git"
        shutil.copytree(wanted.repository, folder)
        shutil.rmtree(folder / "hotfix", ignore_errors=True)
        mine = [sys.executable, "-m", "hotfix", "trend", "--from-git", "--months", MONTHS, "--json"]
        first, second = cpu_seconds(mine, folder), cpu_seconds(mine, folder)
        plain = cpu_seconds(["git", "log", "--numstat", "--tags"], folder)
        count = ["git", "rev-list", "--count", "--tags"]
        commits = subprocess.run(count, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()
        tags = len(
            subprocess.run(
                ["git", "tag"], cwd=folder, capture_output=True, text=True, check=True
            ).stdout.split()
        )
    print(f"{tags} tags, {commits} commits")
    print(
        f"first {first:.2f} s, second {second:.2f} s (bar {SECOND_BAR} s), git log --numstat {plain:.2f} s CPU"
    )
    print(f"first run: {first / plain:.2f} times the plain log (bar {BAR})")
    sys.exit(0 if first <= BAR * plain and second <= SECOND_BAR else 1)


if __name__ == "__main__":
    main()
