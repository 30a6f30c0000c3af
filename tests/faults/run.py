"""The trials at any size: ``PYTHONPATH=tests python -m faults.run --kills 1000 --seed 1``."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from faults.campaign import KINDS, Figures, carry_out
from faults.scene import Scene, scene_in


def main() -> int:
    """Run what was asked for; 1 where any trial shows a fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    for kind in KINDS:
        parser.add_argument(
            f"--{kind}", type=int, default=0, metavar="N", help="how many times to hit a process so"
        )
    parser.add_argument("--seed", type=int, default=1, help="the first seed; the others follow it")
    parser.add_argument(
        "--folder", type=Path, default=None, help="where the worlds lie (default: a new temporary folder)"
    )
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="hotfix-faults-", dir=asked.folder))
    failed = False
    with scene_in(folder) as scene:
        for kind in KINDS:
            if strikes := getattr(asked, kind):
                failed |= _run(scene, kind, strikes, asked.seed)
    return int(failed)


def _run(scene: Scene, kind: str, strikes: int, first: int) -> bool:
    figures, begun = Figures(), time.monotonic()
    print(f"{kind}: {strikes}, from seed {first}", flush=True)
    for report in carry_out(scene, kind, strikes, first):
        figures.count(report)
        if report.faults:
            print(report, flush=True)
        if figures.trials % 10 == 0:
            print(f"{time.monotonic() - begun:6.0f} s  {figures}", flush=True)
    print(f"{kind} in {time.monotonic() - begun:.0f} s: {figures}", flush=True)
    return bool(figures.failed)


if __name__ == "__main__":
    sys.exit(main())
