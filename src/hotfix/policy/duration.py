"""Durations as people write them: a number and a unit, ``90s``, ``25m``, ``2h``, ``7d``."""

import re
from datetime import timedelta

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def seconds(text: str) -> float:
    """The duration in seconds. Raises ValueError where the unit is missing or unknown."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a duration: write a number and a unit, such as 90s, 25m, 2h or 7d")
    return float(match.group(1)) * _SECONDS[match.group(2)]


def span(text: str) -> timedelta:
    """The duration as a timedelta."""
    return timedelta(seconds=seconds(text))
