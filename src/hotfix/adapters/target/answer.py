"""What a unit says of itself, over HTTP or through the team's command, and how much of it is believed.

Only the running process knows what it serves. Anything that is not plainly the name of a release is
``unknown``, never a guess.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from hotfix.adapters import child
from hotfix.adapters.ask import Silence, ask
from hotfix.adapters.target import placeholders
from hotfix.policy.rules import Argv, Unit
from hotfix.record.parts import UnitState

LONGEST = 200
"""Characters that the name of a release may have."""
DOWN = 3
"""The exit with which an `observe` command says that nothing runs (as ``systemctl is-active`` does)."""

MOST = 64 * 1024
"""The most bytes that an answer may have: it names a release and little else."""


def over_http(unit: Unit, path: str, field: str, timeout: float) -> UnitState:
    """GET the unit's `url` + `path`: the `field` of a JSON object, else all of the text."""
    if not unit.url:
        return UnitState(unit.name, "unknown", said=f"unit {unit.name} has no url, so it cannot be asked")
    try:
        answer = ask(unit.url.rstrip("/") + path, "GET", timeout=timeout, most=MOST)
    except Silence as silence:
        return UnitState(unit.name, "down" if silence.refused else "unknown", said=str(silence))
    if not 200 <= answer.status < 300:
        return UnitState(unit.name, "unknown", said=f"it answered with status {answer.status}")
    try:
        text = _text(answer.body, field)
    except _Unreadable as error:
        return UnitState(unit.name, "unknown", said=str(error))
    return _named(unit, text)


def by_command(
    unit: Unit, argv: Argv, timeout: float, cwd: Path | None, pass_env: Sequence[str] = ()
) -> UnitState:
    """Run the team's command: exit 0 with the release on stdout, exit 3 for down, anything else unknown."""
    values = placeholders.of_unit(unit)
    env = placeholders.environment(values)
    done = child.run(placeholders.fill(argv, values), env=env, timeout=timeout, cwd=cwd, pass_env=pass_env)
    if done.timed_out:
        return UnitState(unit.name, "unknown", said=f"no answer within {timeout:g} s")
    said = done.last_line()[:LONGEST]
    if done.exit == DOWN:
        return UnitState(unit.name, "down", said=said)
    if done.exit != 0:
        return UnitState(unit.name, "unknown", said=f"the observe command ended with {done.exit}: {said}")
    try:
        return _named(unit, done.stdout.decode("utf-8").strip())
    except UnicodeDecodeError:
        return UnitState(unit.name, "unknown", said="the observe command's answer is not UTF-8")


class _Unreadable(Exception):
    """The body names no release."""


def _text(body: bytes, field: str) -> str:
    try:
        table = msgspec.json.decode(body, type=dict[str, object])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        table = None
    if table is not None:
        value = table.get(field)
        if not isinstance(value, str):
            raise _Unreadable(f"its JSON answer has no text in the field {field!r}")
        return value
    try:
        return body.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise _Unreadable("its answer is not UTF-8") from None


def _named(unit: Unit, text: str) -> UnitState:
    if not text:
        return UnitState(unit.name, "unknown", said="its answer is empty")
    if len(text) > LONGEST or not text.isprintable():
        return UnitState(unit.name, "unknown", said="its answer is not one short line of text")
    return UnitState(unit.name, "serving", text)
