"""Cut the power again and again, and tell as JSON lines how each run ended.

Run as ``unshare --mount --propagation private python -m powercut.drop FOLDER APPENDS SHIPS SEED [careless]``.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from powercut import kin
from powercut.appends import Appends, Told, careless
from powercut.ships import Ships


def main(folder: Path, appends: int, ships: int, seed: int) -> Iterator[Told]:
    """All the runs in `folder`, where nothing is."""
    for name in ("ram", "appends", "ships"):
        (folder / name).mkdir()
    # The images are in memory: a run must not wait for the disk of whoever runs it, and nothing stays behind.
    subprocess.run(["mount", "-t", "tmpfs", "none", str(folder / "ram")], check=True)
    for name in ("tmp", "appends", "ships"):
        (folder / "ram" / name).mkdir()
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder / "ram" / "tmp")
    kin.adopt()
    if appends:
        scene = Appends(folder / "appends", folder / "ram" / "appends")
        yield from (scene.run(seed + run) for run in range(appends))
    if ships:
        fleet = Ships(folder / "ships", folder / "ram" / "ships")
        yield from (fleet.run(seed + run) for run in range(ships))


if __name__ == "__main__":
    if sys.argv[5:]:
        careless()
    for told in main(Path(sys.argv[1]), *map(int, sys.argv[2:5])):
        sys.stdout.buffer.write(msgspec.json.encode(told) + b"\n")
        sys.stdout.flush()
