"""The shipper is killed with -9 at seeded random moments, and what it had begun is not."""

import pytest

from faults.campaign import shares, show
from faults.scene import Scene


@pytest.mark.parametrize("first, strikes", shares("kills", 4))
def test_a_ship_or_a_rollback_that_is_killed_leaves_nothing_that_the_next_command_does_not_end(
    scene: Scene, first: int, strikes: int
) -> None:
    assert show(scene, "kills", strikes, first) == []
