"""Commands of ours that go on when the terminal closes: in a session of their own, their output in a file."""

import os
import subprocess
import sys
from pathlib import Path


def start(directory: Path, argv: list[str], log: Path) -> "subprocess.Popen[bytes]":
    """Start ``hotfix -C directory argv…`` detached; what it says goes to the end of `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output, Path(os.devnull).open("rb") as nothing:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "hotfix", "-C", str(directory), *argv],
            stdin=nothing,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
