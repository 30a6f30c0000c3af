"""The light world, built anew for each story."""

from pathlib import Path

import pytest

from stories.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Production runs v1.1.0, and the fix is on main."""
    return World(tmp_path)
