"""The light world, anew for each story."""

from pathlib import Path

import pytest

from stories.shelf import shelf_in
from stories.world import World


@pytest.fixture
def world(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Production runs v1.1.0, and the fix is on main."""
    shelf = shelf_in(tmp_path_factory.getbasetemp() / "worlds")
    shelf.use(tmp_path / "world")
    return World(shelf.here, shelf)
