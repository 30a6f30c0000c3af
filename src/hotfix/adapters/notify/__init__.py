"""How people are told."""

from hotfix.adapters.notify.command import CommandNotifier, Silent

__all__ = ["CommandNotifier", "Silent"]
