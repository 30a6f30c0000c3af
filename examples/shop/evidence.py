"""What the demo looks at to believe nobody: the running files, the trees of git, the record on the remote."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

from examples.shop.world import BEFORE, LIVE, World

MARKER = ".hotfix-release"
"""The one file that hotfix adds to a release's folder."""
UNRELEASED = ("shop/wishlists.py", "shop/giftcards.py")

Blobs = dict[str, str]
Fact = dict[str, object]


def blobs(world: World, commit: str) -> Blobs:
    """Path to blob id of everything in the commit."""
    listing = world.git(world.olga, "ls-tree", "-r", "--format=%(objectname) %(path)", commit)
    return {path: blob for blob, path in (line.split(" ", 1) for line in listing.splitlines())}


def blobs_on_disk(folder: Path) -> Blobs:
    """The same for a folder, hashed as git does."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != MARKER)
    return {path.relative_to(folder).as_posix(): _blob(path.read_bytes()) for path in files}


def base_and_fix(world: World) -> Blobs:
    """What a hotfix must be: the live release, with the files that the fix changes as the fix has them."""
    changed = world.git(world.olga, "diff", "--name-only", f"{world.fix}^", world.fix).splitlines()
    fixed = blobs(world, world.fix)
    return blobs(world, LIVE) | {path: fixed[path] for path in changed}


def facts(world: World) -> list[Fact]:
    """Every fact of the record, as it lies on the remote, read with nothing but git."""
    tree = (f"--git-dir={world.repository.remote}", "ls-tree", "-r", "--name-only", "hotfix-record")
    files = [path for path in world.git(world.olga, *tree).splitlines() if path.endswith(".jsonl")]
    show = (f"--git-dir={world.repository.remote}", "show")
    lines = [
        line for path in files for line in world.git(world.olga, *show, f"hotfix-record:{path}").splitlines()
    ]
    entries = sorted((json.loads(line) for line in lines), key=lambda entry: entry["seq"])
    return [entry["fact"] for entry in entries]


def last(world: World, kind: str) -> Fact:
    """The newest fact of its kind; empty where there is none."""
    found = [fact for fact in facts(world) if str(fact["kind"]).startswith(kind + "/")]
    return found[-1] if found else {}


def introduced(world: World) -> datetime:
    """When the line that no longer fits was orphaned: the commit that gave cart states another type."""
    return _committed(world, "-S", "class CartState", f"{BEFORE}..{LIVE}")


def impact(world: World) -> datetime:
    """When people began to miss their e-mails: the release of v2.14.0."""
    seconds = world.git(world.olga, "for-each-ref", "--format=%(taggerdate:unix)", f"refs/tags/{LIVE}")
    return datetime.fromtimestamp(int(seconds), UTC)


def _committed(world: World, *words: str) -> datetime:
    return datetime.fromtimestamp(int(world.git(world.olga, "log", "-1", "--format=%ct", *words)), UTC)


def _blob(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
