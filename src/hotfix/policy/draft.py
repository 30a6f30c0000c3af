"""A first ``hotfix.toml``, drawn from four answers and from what can be found in the repository."""

import json
import re
import shlex
from urllib.parse import urlsplit

import msgspec

from hotfix.record.finding import refused

_NOBODY_YET = "somebody.senior@example.com"


class Found(msgspec.Struct, frozen=True):
    """What the repository tells by itself."""

    folder: str
    """The name of the work tree's folder: a fair guess at the service's."""
    runner: str
    """How its tests are run; empty where nothing tells."""
    solo: bool
    me: str
    others: tuple[str, ...]
    """E-mails of other authors, newest first."""


class Answers(msgspec.Struct, frozen=True):
    """What only people know."""

    runs: str
    deploy: str
    broken: str
    good: str


def draft(found: Found, answers: Answers) -> str:
    """The policy's text. Raises Refused where an answer cannot be used."""
    parts = [
        ["version = 1", f"service = {_quote(_service(found.folder))}", *_people(found)],
        _test(found.runner),
        _check("symptom", answers.broken),
        _check("alive", answers.good),
        _target(answers),
        _environment(answers, window="1m" if found.solo else "15m"),
    ]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _people(found: Found) -> list[str]:
    if found.solo:
        return ['profile = "solo"      # one person: no peer, no senior, unsigned, and shown so everywhere']
    seniors = found.others[:3] or (_NOBODY_YET,)
    return [
        "",
        "[deciders]          # a guess: look at it; each needs a line in .hotfix/allowed_signers",
        f"oncall = [{', '.join(_quote(person) for person in (found.me, *found.others[:3]))}]",
        f"seniors = [{', '.join(_quote(person) for person in seniors)}]",
    ]


def _service(folder: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", folder).strip("-._")[:63] or "service"


def _test(runner: str) -> list[str]:
    if runner:
        return ["[test]", f'runner = "{runner}"']
    return [
        "[test]",
        'runner = "script"',
        'run = ["sh", "tests/regression.sh"]   # red on the base, green with the fix',
        'files = ["tests/regression.sh"]',
    ]


def _check(name: str, answer: str) -> list[str]:
    if _is_url(answer):
        return [f"[check.{name}]", 'kind = "http"', f"url = {_quote(answer)}"]
    return [f"[check.{name}]", 'kind = "command"', f"run = {_words(answer)}"]


def _target(answers: Answers) -> list[str]:
    observe = _quote(urlsplit(answers.runs).path or "/") if _is_url(answers.runs) else _words(answers.runs)
    root, command = _folder_and_command(answers.deploy)
    kind, verb = ("release-dir", "restart") if root else ("command", "activate")
    return ["[target.app]", f'kind = "{kind}"', f"observe = {observe}", f"{verb} = {_words(command)}"]


def _environment(answers: Answers, *, window: str) -> list[str]:
    values = {}
    if _is_url(answers.runs):
        parts = urlsplit(answers.runs)
        values["url"] = f"{parts.scheme}://{parts.netloc}"
    root, _ = _folder_and_command(answers.deploy)
    if root:
        values["root"] = root
    unit = (
        "{ " + ", ".join(f"{key} = {_quote(value)}" for key, value in values.items()) + " }"
        if values
        else "{}"
    )
    return [
        "[env.production]",
        'target = "app"',
        'goals = ["symptom"]',
        'guards = ["alive"]',
        f'window = "{window}"',
        f"units = {{ app = {unit} }}",
    ]


def _folder_and_command(deploy: str) -> tuple[str, str]:
    """``/srv/app: bin/restart`` names release folders and the restart; anything else is one command."""
    folder, colon, command = deploy.partition(": ")
    return (folder, command) if colon and folder.startswith("/") else ("", deploy)


def _is_url(answer: str) -> bool:
    return answer.startswith(("http://", "https://"))


def _words(answer: str) -> str:
    try:
        words = shlex.split(answer)
    except ValueError as error:
        raise refused(
            "init-answer", f"{answer!r} cannot be read as a command: {error}.", "quote it as for a shell"
        ) from None
    if not words:
        raise refused("init-answer", "One of the four answers is empty.", "hotfix init --help")
    return "[" + ", ".join(_quote(word) for word in words) + "]"


def _quote(text: str) -> str:
    """A TOML basic string; JSON's escapes are a part of TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
