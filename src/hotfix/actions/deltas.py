"""What people made of a conflict, beside what the fix does to the same path: what nobody reviewed upstream."""

import msgspec

from hotfix.lifecycle.pick.resolution import BY_HAND
from hotfix.ports import Ports
from hotfix.record.facts import Picked
from hotfix.record.parts import Resolved


class Delta(msgspec.Struct, frozen=True):
    """One path that was resolved by hand."""

    path: str
    fix: str
    upstream: str
    """What the fix does to it, as a diff."""
    here: str
    """What the pick does to it, as a diff."""


def deltas(ports: Ports, picked: Picked) -> tuple[Delta, ...]:
    """Every path that was resolved by hand."""
    return tuple(_delta(ports, picked, one) for one in picked.resolved if one.how == BY_HAND)


def _delta(ports: Ports, picked: Picked, one: Resolved) -> Delta:
    number = picked.fixes.index(one.fix)
    source, made = ports.git.commit(one.fix), ports.git.commit(picked.commits[number])
    upstream = _diff(ports, source.parents[0], one.fix, one.path) if source.parents else ""
    return Delta(one.path, one.fix, upstream, _diff(ports, made.parents[0], made.id, one.path))


def _diff(ports: Ports, old: str, new: str, path: str) -> str:
    trees = (ports.git.commit(old).tree, ports.git.commit(new).tree)
    return ports.git.diff(*trees, [path]).decode("utf-8", "backslashreplace")
