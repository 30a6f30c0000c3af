"""Proves real fixes of other people's repositories, and says what became of each and how long it took.

    python benchmarks/prove/run.py CORPUS [--only REPO] [--core] [--bare] [--suite all|changed] > results.jsonl

CORPUS is a JSON list of fixes with clones and environments in which their tests run; `fixes.json` beside this file says
which they were, and README.md how the environments were made and what was found. `--bare` also runs the same changed
test files once on a checkout of the result, without any of this, right before the proof.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--core", action="store_true")
    parser.add_argument("--bare", action="store_true")
    parser.add_argument("--suite", default="changed")
    parser.add_argument("--timeout", default="120s")
    arguments = parser.parse_args()
    for entry in json.loads(arguments.corpus.read_text()):
        if arguments.only not in entry["repo"] or (arguments.core and not entry.get("core")):
            continue
        row = {name: entry[name] for name in ("repo", "fix", "language", "runner", "subject")}
        if arguments.bare:
            row["bare"] = bare(entry)
        row |= prove(entry, arguments.suite, arguments.timeout)
        print(json.dumps(row), flush=True)


def bare(entry: dict) -> float:
    """Seconds of the changed test files, once, on a fresh checkout of the fix."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        tree = Path(folder) / "tree"
        archive = [
            "git",
            "-C",
            entry["clone"],
            "worktree",
            "add",
            "--detach",
            "--quiet",
            str(tree),
            entry["fix"],
        ]
        subprocess.run(archive, check=True)
        try:
            for shared in entry["share"]:
                (tree / shared).symlink_to(Path(entry["clone"]) / shared)
            env = {**os.environ, **entry["env"]}
            argv = [*entry["run"], *arguments_of(entry)]
            begun = time.monotonic()
            subprocess.run(argv, cwd=tree, env=env, capture_output=True, timeout=300, check=False)
            return round(time.monotonic() - begun, 3)
        finally:
            remove = ["git", "-C", entry["clone"], "worktree", "remove", "--force", str(tree)]
            subprocess.run(remove, check=True)


def arguments_of(entry: dict) -> list[str]:
    """Go is told packages, the others files."""
    if entry["runner"] == "go":
        return sorted({f"./{Path(test).parent}" for test in entry["tests"]})
    if entry["runner"] == "minitest":
        return ["-e", "ARGV.each { |file| require './' + file }", *entry["tests"]]
    return entry["tests"]


def prove(entry: dict, suite: str, timeout: str) -> dict:
    """What ``hotfix prove`` says."""
    run = [word for word in entry["run"] if word != "-count=1"]
    argv = [sys.executable, "-m", "hotfix", "-C", entry["clone"], "prove", "--json"]
    argv += ["--base", entry["base"], "--fix", entry["fix"], "--runner", entry["runner"]]
    argv += ["--run", " ".join(f"'{word}'" for word in run), "--suite", suite, "--timeout", timeout]
    argv += [word for name, value in entry["env"].items() for word in ("--env", f"{name}={value}")]
    argv += [word for shared in entry["share"] for word in ("--share", shared)]
    begun = time.monotonic()
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    seconds = round(time.monotonic() - begun, 3)
    try:
        told = json.loads(done.stdout)
    except json.JSONDecodeError:
        return {"verdict": "(none)", "reason": done.stderr[-400:], "wall": seconds}
    if "error" in told:
        return {"verdict": "(refused)", "reason": told["error"]["findings"][0]["sentence"], "wall": seconds}
    names = (
        "verdict",
        "reason",
        "minimal",
        "unproven",
        "unasked",
        "hunks",
        "seconds",
        "fail_to_pass",
        "broke",
    )
    return {name: told[name] for name in names} | {"wall": seconds, "tests": len(told["tests"])}


if __name__ == "__main__":
    main()
