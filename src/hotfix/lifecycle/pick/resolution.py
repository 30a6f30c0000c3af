"""What may be done about a conflict, by the class of its paths. No side is ever taken by itself."""

from collections.abc import Sequence

from hotfix.lifecycle.pick.outlook import ConflictAt
from hotfix.policy.rules import Regenerate, Rules

UNION, REGENERATED, BY_HAND = "union", "regenerated", "by hand"
_KEEPS_BOTH = frozenset({"contents", "add/add"})
_MADE = frozenset({"lock", "generated"})
_MARKERS = (b"<<<<<<< ", b"||||||| ", b">>>>>>> ")
"""Not ``=======``, which underlines a title; it never stands without the others."""


def for_union(conflicts: Sequence[ConflictAt]) -> tuple[str, ...]:
    """The paths where both sides' lines can be kept: changelogs that both changed."""
    return tuple(one.path for one in conflicts if one.path_class == "changelog" and one.kind in _KEEPS_BOTH)


def union_is_enough(conflicts: Sequence[ConflictAt]) -> bool:
    """Whether nothing else is in conflict."""
    return bool(conflicts) and len(for_union(conflicts)) == len(conflicts)


def for_regeneration(conflicts: Sequence[ConflictAt], rules: Rules) -> tuple[Regenerate, ...]:
    """The policy's commands that make all of the paths anew, each once: all are lock or generated files; else none."""
    commands: dict[Regenerate, None] = {}
    for one in conflicts:
        command = next((rule for rule in rules.regenerate if rule.makes(one.path)), None)
        if one.path_class not in _MADE or command is None:
            return ()
        commands[command] = None
    return tuple(commands)


def for_people(conflicts: Sequence[ConflictAt], rules: Rules) -> tuple[ConflictAt, ...]:
    """What only a person can resolve: all but the files that a command of the policy makes once the rest is there."""
    return tuple(one for one in conflicts if not for_regeneration([one], rules))


def only_unimportant(conflicts: Sequence[ConflictAt]) -> str:
    """What sort of files are all that conflict: ``changelogs``, ``generated files``; empty where there are others."""
    classes = {one.path_class for one in conflicts}
    if classes == {"changelog"}:
        return "changelogs"
    return "generated files" if classes and classes <= _MADE else ""


def labelled(content: bytes) -> bytes:
    """The same with markers that say whose side is whose; git's name commits that nobody has."""
    lines = content.split(b"\n")
    return b"\n".join(_labelled(line) for line in lines)


def _labelled(line: bytes) -> bytes:
    sides = {_MARKERS[0]: b"the release", _MARKERS[2]: b"the fix"}
    return next((mark + side for mark, side in sides.items() if line.startswith(mark)), line)


def has_markers(content: bytes) -> bool:
    """Whether a conflict marker is left at the start of a line."""
    return any(line.startswith(_MARKERS) for line in content.split(b"\n"))
