"""One scene for each test process: preparing it takes longer than a trial."""

from collections.abc import Iterator

import pytest

from faults.scene import Scene, scene_in


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A hotfix that may ship, and nothing left running afterwards."""
    with scene_in(tmp_path_factory.mktemp("faults")) as prepared:
        yield prepared
