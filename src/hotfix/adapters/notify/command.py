"""Hands events to the team's own command, which knows the pager and the chat."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from hotfix.adapters import child

_SECONDS = 10.0


class CommandNotifier:
    """Runs `argv` in `cwd` once per event, with ``{"event", "hotfix", "detail"}`` as JSON on stdin."""

    def __init__(self, argv: Sequence[str], cwd: Path | None = None) -> None:
        self._argv = tuple(argv)
        self._cwd = cwd

    def tell(self, event: str, hotfix: str, detail: Mapping[str, object]) -> str:
        """Hand the event over within ten seconds: empty when the command ended with 0, else the reason."""
        try:
            notice = msgspec.json.encode({"event": event, "hotfix": hotfix, "detail": dict(detail)})
        except (TypeError, ValueError) as error:
            return f"the notice of {event} cannot be written as JSON: {error}"
        done = child.run(self._argv, env={}, timeout=_SECONDS, cwd=self._cwd, stdin=notice)
        if done.timed_out:
            return f"the notifier was killed after {_SECONDS:g} s"
        if done.exit != 0:
            return f"the notifier ended with {done.exit}: {done.last_line()}".rstrip(": ")
        return ""


class Silent:
    """Stands where no notifier is configured, and says so on every event."""

    def tell(self, event: str, hotfix: str, detail: Mapping[str, object]) -> str:
        """The reason why nobody was told."""
        return "no notifier is configured"
