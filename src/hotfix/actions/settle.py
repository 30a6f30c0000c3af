"""Conflicts that a rule resolves: changelogs keep both sides' lines where somebody said so, made files are made anew."""

import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from hotfix.lifecycle.pick import resolution
from hotfix.lifecycle.pick.outlook import ConflictAt, conflicts_at
from hotfix.policy.rules import Rules
from hotfix.ports import Ports
from hotfix.ports.picking import Attempt, Picking, Tried
from hotfix.record import lossless
from hotfix.record.finding import refused
from hotfix.record.parts import Resolved


def settle(ports: Ports, asked: Attempt, rules: Rules, *, union: bool) -> tuple[Attempt, Tried]:
    """The attempt with every resolution that rules give, fix after fix, and how far it comes by them.

    With `union`, changelogs that both sides changed keep both sides' lines. Nothing else is ever decided here.
    """
    while True:
        (tried,) = ports.picking.attempt([asked])
        conflicts = stopped_at(tried, rules)
        if not conflicts:
            return asked, tried
        fix, ours = asked.fixes[len(tried.trees)], standing(ports.picking, asked, tried)
        found = by_union(ports.picking, fix, ours, conflicts) if union else ()
        found = found or _by_command(ports, fix, ours, tried, conflicts, rules)
        if not found:
            return asked, tried
        asked = Attempt(asked.fixes, asked.onto, (*asked.resolved, *found))


def stopped_at(tried: Tried, rules: Rules) -> tuple[ConflictAt, ...]:
    """The paths in conflict, with their classes."""
    return conflicts_at([(clash.path, clash.kind) for clash in tried.clashes], rules)


def standing(picking: Picking, asked: Attempt, tried: Tried) -> str:
    """The tree onto which the next fix did not go."""
    if tried.trees:
        return tried.trees[-1]
    (base,) = picking.commits([asked.onto])
    return base.tree if base else asked.onto


def by_union(picking: Picking, fix: str, ours: str, conflicts: Sequence[ConflictAt]) -> tuple[Resolved, ...]:
    """Both sides' lines of every changelog in conflict that both changed."""
    paths = resolution.for_union(conflicts)
    if not paths:
        return ()
    (tried,) = picking.attempt([Attempt((fix,), ours, union=paths)])
    tree = tried.trees[-1] if tried.clean else tried.conflicted
    if not tree or any(clash.path in paths for clash in tried.clashes):
        return ()
    return tuple(Resolved(fix, path, picking.blob(tree, path), resolution.UNION) for path in paths)


def _by_command(
    ports: Ports, fix: str, ours: str, tried: Tried, conflicts: Sequence[ConflictAt], rules: Rules
) -> tuple[Resolved, ...]:
    """What the policy's commands make of the paths, in the tree with the rest of the fix; nothing where they do not make all."""
    commands = resolution.for_regeneration(conflicts, rules)
    if not commands:
        return ()
    before = {one.path: ports.picking.blob(ours, one.path) for one in conflicts}
    production = ports.production(rules)
    with tempfile.TemporaryDirectory(prefix="hotfix-regenerate-") as scratch:
        folder = Path(scratch) / "tree"
        ports.git.export(ports.picking.with_blobs(tried.conflicted, before), folder)
        for command in commands:
            ports.narrate(f"pick: {', '.join(before)} in conflict; made anew by {' '.join(command.run)}")
            production.regenerate(command, folder)
        made = read_back(ports.picking, fix, folder, before, resolution.REGENERATED)
    unmade = [one.path for one in made if not one.blob]
    if unmade:
        raise refused(
            "regenerate-nothing",
            f"The policy's command did not make {', '.join(unmade)}.",
            "mend the policy's [[regenerate]], or resolve by hand: hotfix pick FIX --resolve",
        )
    return made


def read_back(
    picking: Picking,
    fix: str,
    folder: Path,
    paths: Iterable[str],
    how: str,
    check: Callable[[str, bytes], None] = lambda path, content: None,
) -> tuple[Resolved, ...]:
    """The paths as they are in the folder now; those that are gone are taken away. Raises Refused at a link."""
    found = []
    for path in paths:
        place = in_folder(folder, path)
        blob = ""
        if place.exists():
            content = place.read_bytes()
            check(path, content)
            blob = picking.keep_content(content)
        found.append(Resolved(fix, path, blob, how))
    return tuple(found)


def in_folder(folder: Path, path: str) -> Path:
    """Where the path lies, reached through no link: what it points at was never in the tree."""
    place = folder
    for part in os.fsdecode(lossless.to_bytes(path)).split("/"):
        place = place / part
        if place.is_symlink():
            raise refused(
                "pick-link",
                f"{path} is, or lies behind, a symbolic link; what it points at is not taken.",
                "write the file itself; a link in conflict is resolved on a branch: hotfix pick --authored",
            )
    return place
