"""How values reach the team's commands: as whole words of the argv and as environment, never inside a word.

A value that fills a whole element of an argv list cannot become two words, an operator of a shell or
a part of a script. So ``{release}`` may be an element, and ``--release={release}`` is refused.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from hotfix.policy.rules import Argv, Unit
from hotfix.ports import Order
from hotfix.record.finding import refused

OF_UNIT = frozenset({"unit", "root", "url", "host"})
"""What a command that asks a unit may be told."""
OF_ORDER = OF_UNIT | {"release", "commit", "artifact", "files"}
"""What a command that changes a unit may be told."""

# ${NAME} belongs to a script of the operator, {{…}} to a template of another tool.
_PLACEHOLDER = re.compile(r"(?<![${])\{([A-Za-z_]+)\}(?!\})")


def require(argv: Sequence[str], allowed: frozenset[str], key: str) -> None:
    """Raise :class:`Refused` where `argv` (the policy's `key`) is empty or has a placeholder it may not."""
    if not argv:
        raise refused(
            "target-command-missing",
            f"The target's `{key}` is empty, so there is nothing to run.",
            f"write `{key}` in hotfix.toml as a list of words",
        )
    for word in argv:
        for name in _PLACEHOLDER.findall(word):
            _require_name(word, name, allowed, key)
            _require_whole(word, name, key)


def _require_name(word: str, name: str, allowed: frozenset[str], key: str) -> None:
    if name not in allowed:
        raise refused(
            "target-placeholder-unknown",
            f"The target's `{key}` has {{{name}}} in the word {word!r}, which means nothing there.",
            f"use one of {' '.join(sorted(f'{{{known}}}' for known in allowed))}",
        )


def _require_whole(word: str, name: str, key: str) -> None:
    if word != f"{{{name}}}":
        raise refused(
            "target-placeholder-inside-word",
            f"The target's `{key}` has the word {word!r}: a placeholder must be a whole word, "
            "so that no value can become part of an option or of a script.",
            f"make {{{name}}} a word of its own, or read {_variable(name)} from the environment",
        )


def fill(argv: Sequence[str], values: Mapping[str, str]) -> Argv:
    """`argv` with every word that is a placeholder replaced by its value."""
    return tuple(values[word[1:-1]] if _PLACEHOLDER.fullmatch(word) else word for word in argv)


def of_unit(unit: Unit) -> dict[str, str]:
    """The values that name the unit."""
    return {"unit": unit.name, "root": unit.root, "url": unit.url, "host": unit.host}


def of_order(order: Order, files: Path | None) -> dict[str, str]:
    """The values of an order; `files` is the folder with the release's files, where there is one."""
    release = order.release
    return {
        **of_unit(order.unit),
        "release": release.name,
        "commit": release.commit,
        "artifact": release.artifact,
        "files": str(files) if files is not None else "",
    }


def environment(values: Mapping[str, str]) -> dict[str, str]:
    """The same values as ``HOTFIX_*``; the unit's own parts are ``HOTFIX_UNIT_*``."""
    return {_variable(name): value for name, value in values.items()}


def order_environment(order: Order, files: Path | None) -> dict[str, str]:
    """What a command that changes a unit finds in its environment."""
    return {
        **environment(of_order(order, files)),
        "HOTFIX_EXPECT_CURRENT": order.expected,
        "HOTFIX_TOKEN": str(order.token),
        "HOTFIX_KEY": order.key,
    }


def _variable(name: str) -> str:
    part = name if name == "unit" or name not in OF_UNIT else f"unit_{name}"
    return f"HOTFIX_{part.upper()}"
