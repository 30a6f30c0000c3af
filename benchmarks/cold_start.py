"""How long `hotfix status` takes to be ready, as a ratio to importing its two libraries alone.

    python benchmarks/cold_start.py [--runs 25]

Both are measured in turn in one run, so that a busy machine slows both; the least CPU time of each is
compared, which is what is left when the noise is taken away. The whole of `hotfix status`, git included, is
shown beside it: git starts a dozen processes for it, and their time is not Python's.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

BAR = 1.5
READY = "import hotfix.cli.main, hotfix.cli.status, hotfix.wiring"
REFERENCE = "import click, msgspec"


def cpu_seconds(argv: list[str], cwd: Path) -> float:
    """User and system time of one run and of what it started."""
    compiled = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    quiet = subprocess.DEVNULL
    child = subprocess.Popen(argv, cwd=cwd, env=compiled, stdout=quiet, stderr=quiet)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{' '.join(argv)} ended with {child.returncode}")
    return used.ru_utime + used.ru_stime


def a_repository(folder: Path) -> Path:
    """An empty commit is all that `status` needs."""
    identity = ["-c", "user.name=Bench", "-c", "user.email=bench@example.com"]
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", folder], check=True)
    subprocess.run(
        ["git", *identity, "commit", "--quiet", "--allow-empty", "-m", "first"], cwd=folder, check=True
    )
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=25)
    runs = parser.parse_args().runs
    commands = {
        "reference": [sys.executable, "-c", REFERENCE],
        "ready": [sys.executable, "-c", READY],
        "hotfix --help": [sys.executable, "-m", "hotfix", "--help"],
        "hotfix status": [sys.executable, "-m", "hotfix", "status"],
    }
    with tempfile.TemporaryDirectory() as scratch:
        folder = a_repository(Path(scratch))
        least = {name: float("inf") for name in commands}
        for argv in commands.values():
            cpu_seconds(argv, folder)  # compiles, as any second start finds it
        for _ in range(runs):
            for name, argv in commands.items():
                least[name] = min(least[name], cpu_seconds(argv, folder))
    for name, seconds in least.items():
        print(f"{name:<15} {seconds * 1000:7.1f} ms CPU   {seconds / least['reference']:.2f}x")
    ratio = least["ready"] / least["reference"]
    print(f"ready to work: {ratio:.2f}x the reference (bar: {BAR}x)")
    sys.exit(0 if ratio <= BAR else 1)


if __name__ == "__main__":
    main()
