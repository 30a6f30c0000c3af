"""docs/cli.md says what the commands say of themselves."""

import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def words(text: str) -> list[str]:
    """How click wraps and pads differs between its versions; what it says does not."""
    return text.split()


def test_the_reference_is_what_the_commands_say():
    made = runpy.run_path(str(ROOT / "docs" / "make_cli.py"))["text"]()
    written = (ROOT / "docs" / "cli.md").read_text("utf-8")
    assert words(written) == words(made), "run: python docs/make_cli.py"
