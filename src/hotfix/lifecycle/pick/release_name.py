"""What the result of a pick is called."""

import re
from collections.abc import Iterable


def release_name(pattern: str, base_release: str, taken: Iterable[str]) -> str:
    """The result's name by the policy's pattern: the first ``n`` whose name is free.

    The base's own hotfix suffix is dropped, so that the hotfix of ``v2.14.0+hf.1`` is ``v2.14.0+hf.2``.
    """
    used = set(taken)
    base = _without_suffix(pattern, base_release) if base_release in used else base_release
    number = 1
    while (name := pattern.replace("{n}", str(number)).replace("{base}", base)) in used:
        number += 1
    return name


def _without_suffix(pattern: str, release: str) -> str:
    named = "".join(
        {"{base}": "(.+)", "{n}": "[0-9]+"}.get(part, re.escape(part))
        for part in re.split(r"(\{base\}|\{n\})", pattern)
    )
    match = re.fullmatch(named, release)
    return match[1] if match and match.groups() else release
