"""The artifact: built once per patch, bound to it, and kept where a ship finds it."""

import re
import shutil
import tempfile
from pathlib import Path

from hotfix.actions.read_rules import InForce, now_text
from hotfix.policy.rules import Rules
from hotfix.ports import Ports, Release
from hotfix.record.facts import Built, Picked
from hotfix.record.finding import refused
from hotfix.record.hotfix import Hotfix

_BUILT = re.compile(r"sha256:[0-9a-f]{64}")


def build(ports: Ports, picked: Picked, in_force: InForce) -> tuple[Built, ...]:
    """Run the policy's build on the result tree; nothing where the policy has none."""
    if in_force.rules.build is None:
        return ()
    ports.narrate(f"build: {' '.join(in_force.rules.build.run)}")
    digest, argv, seconds = _make(ports, in_force.rules, picked.patch.result_tree)
    return (
        Built(
            at=now_text(ports),
            by=in_force.by,
            patch=picked.patch.digest,
            artifact=digest,
            argv=argv,
            seconds=seconds,
        ),
    )


def release_of(hotfix: Hotfix, rules: Rules) -> Release:
    """The release that the newest pick is, with the artifact that was bound to it; where nobody builds, the tree.

    Raises Refused where the record names an artifact that is none.
    """
    picked, built = hotfix.pick.fact, hotfix.pick.built if rules.build else None
    if picked is None:
        raise refused(
            "build-no-patch", "There is nothing to ship yet.", f"hotfix pick FIX --hotfix {hotfix.id}"
        )
    artifact = built.artifact if built else f"tree:{picked.patch.result_tree}"
    if built and not _BUILT.fullmatch(artifact):
        raise refused("build-no-artifact", f"{artifact!r} is the name of no artifact.", "hotfix log --verify")
    return Release(picked.release, picked.result_commit, artifact)


def files_of(ports: Ports, rules: Rules, release: Release) -> Path | None:
    """The folder with the release's files, made again where this clone does not have it.

    None where nobody can know them: a release of before, in a team that builds, whose artifact is not on record.
    Raises Refused where building again gives something else than what was bound to the patch.
    """
    if not release.artifact and rules.build is not None:
        return None
    tree = ports.git.commit(release.commit).tree
    artifact = release.artifact or f"tree:{tree}"
    if artifact != f"tree:{tree}" and not _BUILT.fullmatch(artifact):
        raise refused(
            "build-other-tree",
            f"{release.name} is commit {release.commit[:12]}, whose files are not {artifact!r}.",
            "hotfix log --verify; somebody wrote that on the record",
        )
    folder = _folder(ports, artifact)
    if folder.exists():
        return folder
    if artifact.startswith("tree:"):
        staging = Path(tempfile.mkdtemp(prefix="making-", dir=folder.parent))
        ports.git.export(tree, staging)
        _name(staging, folder)
        return folder
    digest, _, _ = _make(ports, rules, tree)
    if digest != artifact:
        raise refused(
            "build-not-reproducible",
            f"Building {release.name} here gives {digest}, and {artifact} is what was bound to the patch.",
            "ship from the clone that picked it, or make the build reproducible",
        )
    return folder


def _make(ports: Ports, rules: Rules, tree: str) -> tuple[str, tuple[str, ...], float]:
    """Build from a clean tree and keep what it made under its digest."""
    with tempfile.TemporaryDirectory(prefix="hotfix-build-") as scratch:
        source = Path(scratch) / "tree"
        ports.git.export(tree, source)
        made = ports.production(rules).build(source)
        folder = _folder(ports, made.digest)
        if not folder.exists():
            staging = Path(tempfile.mkdtemp(prefix="making-", dir=folder.parent))
            shutil.copytree(made.files, staging, symlinks=True, dirs_exist_ok=True)
            _name(staging, folder)
    return made.digest, made.argv, made.seconds


def _name(staging: Path, folder: Path) -> None:
    """Give finished files their name. Where another unit's thread was faster, its files are the very same."""
    staging.chmod(0o755)
    try:
        staging.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
        shutil.rmtree(staging)


def _folder(ports: Ports, artifact: str) -> Path:
    store = ports.git.state_dir() / "artifacts"
    store.mkdir(exist_ok=True)
    return store / artifact.replace(":", "-")
