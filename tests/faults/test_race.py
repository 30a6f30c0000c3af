"""Two orchestrators from two clones ship to one environment at once."""

import pytest

from faults.campaign import shares, show
from faults.scene import Scene


@pytest.mark.parametrize("first, strikes", shares("races", 2))
def test_of_two_exactly_one_ships(scene: Scene, first: int, strikes: int) -> None:
    assert show(scene, "races", strikes, first) == []
