"""A ship runs, and somebody rolls it back from another process, or from another machine."""

import pytest

from faults.campaign import shares, show
from faults.scene import Scene


@pytest.mark.parametrize("first, strikes", shares("preemptions", 2))
def test_a_rollback_takes_the_ship_over_and_nothing_stale_follows(
    scene: Scene, first: int, strikes: int
) -> None:
    assert show(scene, "preemptions", strikes, first) == []
