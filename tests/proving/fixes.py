"""A fix in a real repository, and the proof of it by the product itself, with no set-up."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

from hotfix import wiring
from hotfix.actions.prove_anywhere import prove_anywhere
from hotfix.actions.told_proof import Told

PYTEST = (sys.executable, "-m", "pytest")
"""The bare name `python3` may be another interpreter than the one that has pytest."""
WHO = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false")

Files = Mapping[str, str | None]
"""Text by path; None removes the file."""

SHOP = {"shop.py": "def total(cart):\n    return 0\n"}
FIXED = {"shop.py": "def total(cart):\n    return sum(cart)\n"}
TEST = {"test_shop.py": "from shop import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n"}


def git(where: Path, *argv: str) -> str:
    done = subprocess.run(["git", *WHO, *argv], cwd=where, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def repository(where: Path, base: Files, *fixes: Files) -> list[str]:
    """A repository with a commit for the base and one for each further step; their ids."""
    where.mkdir(parents=True, exist_ok=True)
    git(where, "init", "--quiet", "--initial-branch=main")
    (where / ".git" / "info" / "exclude").write_text("node_modules\n")
    ids = []
    for files in (base, *fixes):
        for name, text in files.items():
            path = where / name
            if text is None:
                git(where, "rm", "--quiet", name)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text))
        git(where, "add", "--all")
        git(where, "commit", "--quiet", "--allow-empty", "-m", "A step")
        ids.append(git(where, "rev-parse", "HEAD"))
    return ids


def proof_of(where: Path, base: Files, fix: Files, **given: Any) -> Told:
    """What proving the step from `base` to `fix` shows."""
    first, second = repository(where, base, fix)
    return proven(where, first, second, **given)


def proven(where: Path, base: str, fix: str, **given: Any) -> Told:
    chosen = {"runner": "pytest", "repeats": 2, "suite": "changed", "timeout": 60.0} | given
    if chosen["runner"] == "pytest":
        chosen = {"run": PYTEST} | chosen
    said: list[str] = []
    return prove_anywhere(wiring.open_proving(where, said.append), base, (fix,), chosen)


def row(told: Told, test: str) -> tuple[str, str, str]:
    """The outcomes of one test in the three trees."""
    (found,) = [each for each in told.tests if each.id.endswith(test)]
    return found.B, found.BT, found.BTF
