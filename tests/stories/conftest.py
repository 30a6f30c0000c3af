"""The light world, anew for each story."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from stories.shelf import shelf_in
from stories.world import World


@pytest.fixture
def world(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Production runs v1.1.0, and the fix is on main."""
    shelf = shelf_in(tmp_path_factory.getbasetemp() / "worlds")
    shelf.use(tmp_path / "world")
    yield World(shelf.here, shelf)
    _end_reminders(shelf.here.resolve())


def _end_reminders(folder: Path) -> None:
    """A halt is told for a day; a story is over sooner."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            ours = folder in (process / "cwd").resolve().parents
            if ours and b"\0remind\0" in (process / "cmdline").read_bytes():
                os.kill(int(process.name), signal.SIGKILL)
