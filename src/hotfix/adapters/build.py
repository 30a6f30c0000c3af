"""The policy's build: its own command in a clean tree, with no credentials; what it made gets a digest."""

import hashlib
import os
from pathlib import Path

from hotfix.adapters.in_tree import run_in_tree
from hotfix.policy.rules import Build
from hotfix.ports import BuildResult
from hotfix.record.finding import refused


def build(rule: Build, tree: Path) -> BuildResult:
    """Run the command in `tree` and digest the folder `output`. Raises Refused where it fails or made nothing."""
    done = run_in_tree("build", rule.run, rule.timeout, tree, "mend it, then pick again")
    made = tree / rule.output
    if not made.is_dir() or not any(made.iterdir()):
        raise refused(
            "build-empty", f"The build made nothing in {rule.output!r}.", "mend build.output on trunk"
        )
    return BuildResult(made, f"sha256:{_digest(made)}", rule.run, round(done.seconds, 3))


def _digest(folder: Path) -> str:
    """SHA-256 over every path, its mode and its content, in the order of the paths' bytes."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*"), key=lambda path: os.fsencode(path.relative_to(folder))):
        if path.is_dir() and not path.is_symlink():
            continue
        content = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
        kind = "link" if path.is_symlink() else "run" if path.stat().st_mode & 0o100 else "file"
        name = os.fsencode(path.relative_to(folder))
        total.update(b"%d %s %s %d\0" % (len(name), name, kind.encode(), len(content)))
        total.update(content)
    return total.hexdigest()
