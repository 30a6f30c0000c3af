"""The demo of the README, told from end to end: real HTTP processes, one fix that heals and one that breaks."""

import subprocess
import sys
from pathlib import Path

import pytest

DEMO = Path(__file__).parents[2] / "examples" / "shop" / "demo.py"


@pytest.mark.parametrize(("words", "end"), [([], "Five clocks"), (["--bad"], "ship exited 10, as it should")])
def test_the_demo_goes_as_told(words: list[str], end: str) -> None:
    done = subprocess.run(
        [sys.executable, str(DEMO), *words], capture_output=True, text=True, timeout=180, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert end in done.stdout
    assert "✗" not in [line.strip()[:1] for line in done.stdout.splitlines() if line.startswith("   ")]
    assert "Nothing is left running." in done.stdout
