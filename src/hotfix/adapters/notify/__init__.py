"""How people are told."""

from collections.abc import Sequence
from pathlib import Path

from hotfix.adapters.notify.command import CommandNotifier, Silent
from hotfix.ports import Notifier

__all__ = ["CommandNotifier", "Silent", "make"]


def make(argv: Sequence[str], cwd: Path | None = None) -> Notifier:
    """The notifier that runs `argv` in `cwd`; without a command, the one that says nobody was told."""
    return CommandNotifier(argv, cwd) if argv else Silent()
