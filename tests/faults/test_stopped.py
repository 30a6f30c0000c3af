"""A ship hangs for longer than its lease, is taken over, and then goes on as if nothing had been."""

import pytest

from faults.campaign import shares, show
from faults.scene import Scene


@pytest.mark.parametrize("first, strikes", shares("stops", 2))
def test_whoever_hung_for_longer_than_the_lease_changes_nothing_any_more(
    scene: Scene, first: int, strikes: int
) -> None:
    assert show(scene, "stops", strikes, first) == []
