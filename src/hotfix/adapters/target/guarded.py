"""Effects under a guardian: the process that holds a unit's lock, and outlives whoever asked for the effect."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from hotfix.adapters import child
from hotfix.adapters.places import own_places
from hotfix.adapters.target import guardian, placeholders
from hotfix.adapters.target.answer import MOST
from hotfix.policy.rules import Target as Rule
from hotfix.policy.rules import Unit
from hotfix.ports import Fence, Order
from hotfix.record.parts import Effect

_ASKING_SECONDS = 5.0
_TOLD = 400
_PASSED = ("PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""What a guardian itself is given of the environment: enough to ask a unit over HTTPS as this process would."""
_MARGIN = 10.0
"""Seconds that a guardian has for everything but waiting and its command."""

Json = dict[str, object]


class Answer(msgspec.Struct, frozen=True):
    """What a guardian says at its end."""

    verdict: str
    fence: int = 0
    exit: int | None = None
    seconds: float = 0.0
    timed_out: bool = False
    said: str = ""


class Guard:
    """Starts guardians for the units of one target."""

    def __init__(self, rule: Rule, cwd: Path | None) -> None:
        self._rule = rule
        self._cwd = cwd

    def fence(self, unit: Unit, token: int, holder: str, grace: float) -> Fence:
        """Raise the unit's fence to `token`; see the port."""
        asked: Json = {
            **self._who(unit, token, holder, grace),
            "observe": None,
            "done": [],
            "from": [],
            "blind": True,
            "link": None,
            "argv": [],
            "env": {},
            "cwd": None,
            "timeout": 0.0,
            "most": 0,
        }
        answer, _ = self._ask(asked, 3 * max(grace, 1.0))
        raised = answer.verdict == "raised"
        return Fence(unit.name, raised, answer.fence, answer.said, here_only=not _is_here(unit))

    def act(self, order: Order, argv: Sequence[str], env: dict[str, str], link: Json | None = None) -> Effect:
        """Run `argv` for `order` (after moving the symlink `link`), where the unit's fence and its answer allow it."""
        started = time.monotonic()
        asked: Json = {
            **self._who(order.unit, order.token, order.holder, order.grace),
            "observe": None if order.replaces is None else self._question(order.unit),
            "done": [] if order.replaces is None else [order.release.name, order.release.commit],
            "from": list(order.replaces or ()),
            "blind": order.blind,
            "link": link,
            "argv": list(argv),
            "env": child.environment(env, self._rule.pass_env),
            "cwd": str(self._cwd) if self._cwd else None,
            "timeout": self._rule.timeout,
            "most": child.KEPT,
        }
        # A command of the same token may have to be waited for before ours begins.
        longest = 2 * (self._rule.timeout + _ASKING_SECONDS) + 3 * max(order.grace, 1.0)
        answer, output = self._ask(asked, longest)
        return self._effect(order.unit.name, answer, output, time.monotonic() - started)

    def _who(self, unit: Unit, token: int, holder: str, grace: float) -> Json:
        return {"guards": guards_of(unit), "token": token, "holder": holder, "grace": grace}

    def _question(self, unit: Unit) -> Json:
        """How the guardian asks the unit, once more, under the lock."""
        rule = self._rule
        if isinstance(rule.observe, str):
            url = unit.url.rstrip("/") + rule.observe if unit.url else ""
            timeout = min(_ASKING_SECONDS, rule.timeout)
            return {"url": url, "field": rule.field, "timeout": timeout, "most": MOST}
        values = placeholders.of_unit(unit)
        env = child.environment(placeholders.environment(values), rule.pass_env)
        return {
            "argv": list(placeholders.fill(rule.observe, values)),
            "env": env,
            "cwd": str(self._cwd) if self._cwd else None,
            "timeout": rule.timeout,
        }

    def _ask(self, asked: Json, within: float) -> tuple[Answer, bytes]:
        """Run one guardian to its end. It is never killed from here: it has bounds of its own."""
        with child.Spool() as output:
            try:
                # Not a with block: leaving one waits for the guardian without a bound.
                process = subprocess.Popen(
                    [sys.executable, "-I", "-S", guardian.__file__],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=output.fileno(),
                    start_new_session=True,
                    env={name: os.environ[name] for name in _PASSED if name in os.environ},
                )
            except OSError as error:
                return Answer("failed", said=f"no guardian could be started: {error}"), b""
            try:
                said, _ = process.communicate(msgspec.json.encode(asked), timeout=within + _MARGIN)
            except subprocess.TimeoutExpired:
                said = b""
            finally:
                for pipe in (process.stdin, process.stdout):
                    if pipe is not None:
                        with suppress(OSError):
                            pipe.close()
            return _read(said), child.without_secrets(output.kept(), self._rule.pass_env)

    def _effect(self, unit: str, answer: Answer, output: bytes, seconds: float) -> Effect:
        said = output.decode("utf-8", "backslashreplace").strip()[-_TOLD:]
        if answer.timed_out:
            said = f"killed after {answer.seconds:.1f} s; {said}".rstrip("; ")
        if answer.verdict != "done":
            said = answer.said
        return Effect(
            unit,
            child.NOTHING_RAN if answer.exit is None else answer.exit,
            round(seconds, 3),
            hashlib.sha256(output).hexdigest(),
            said,
            answer.verdict,
        )


def guards_of(unit: Unit) -> list[str]:
    """Where the unit's lock and fence may lie: in its own folder where that is here, else with this person on this machine."""
    if _is_here(unit):
        return [str(Path(unit.root) / ".hotfix" / "guard")]
    name = hashlib.sha256(msgspec.json.encode(unit)).hexdigest()[:32]
    return [str(place / "units" / name) for place in own_places()]


def _is_here(unit: Unit) -> bool:
    """Whether the unit itself lies on this machine, so that everybody who changes it finds the same lock."""
    return bool(unit.root) and not unit.host and Path(unit.root).is_dir()


def _read(said: bytes) -> Answer:
    try:
        return msgspec.json.decode(said, type=Answer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Answer("failed", said="the guardian ended without an answer: ask the unit what it serves")
