"""Waiting for what other processes do in their own time."""

import time
from collections.abc import Callable


def eventually(true: Callable[[], bool]) -> bool:
    """Whether it becomes true while a patient person would wait."""
    deadline = time.monotonic() + 30
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
