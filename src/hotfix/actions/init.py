"""``hotfix init``: a policy for this repository, from what can be found and at most four answers."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from hotfix.lifecycle.scope import POLICY_FILE
from hotfix.policy import schema
from hotfix.ports import Ports
from hotfix.record.finding import Refused, refused

QUESTIONS = {
    "runs": "What runs now? A URL, or a command that prints the release (a tag or a commit id)",
    "deploy": "How is a commit deployed? A command (it gets HOTFIX_FILES, HOTFIX_RELEASE, …), or FOLDER: RESTART COMMAND",
    "broken": "What is broken? A URL that should answer 200, or a command that should exit 0, and does not",
    "good": "What must stay good? A URL that answers 200, or a command that exits 0",
}
"""The four questions, in order."""


class Result(msgspec.Struct, frozen=True):
    """The policy that was written."""

    path: str
    profile: str
    text: str
    trunk: str
    next: str


def init(ports: Ports, given: dict[str, str], ask: Callable[[str], str]) -> Result:
    """Write ``hotfix.toml`` into the work tree; it counts once it is on trunk. Never overwrites one."""
    top = ports.git.top()
    if top is None:
        raise refused(
            "init-bare",
            "This is a bare repository; there is no work tree to write a policy into.",
            "run it in a clone",
        )
    file = top / POLICY_FILE
    if file.exists():
        raise refused("init-there", f"{POLICY_FILE} is there already.", "hotfix doctor")
    trunk = ports.git.trunk()
    answers = {name: given.get(name) or ask(question) for name, question in QUESTIONS.items()}
    solo = not ports.git.has_remote() and len(ports.git.authors(trunk.commit, 200)) == 1
    text = write(top.name, answers, ports.git.paths(trunk.commit), solo=solo)
    try:
        schema.parse(text.encode(), POLICY_FILE)
    except Refused as error:
        raise Refused(*error.findings) from None
    file.write_text(text)
    return Result(
        str(file),
        "solo" if solo else "team",
        text,
        trunk.name,
        f"git add {POLICY_FILE} && git commit -m 'Hotfix policy', then: hotfix doctor",
    )


def write(folder: str, answers: dict[str, str], paths: tuple[str, ...], *, solo: bool) -> str:
    """The policy's text. Raises Refused where an answer cannot be used."""
    lines = ["version = 1", f"service = {_quote(_service(folder))}"]
    lines += (
        ['profile = "solo"', "review = { peers = 0 }", "authorize = { seniors = 0 }"]
        if solo
        else [
            "",
            "[deciders]",
            "oncall = []",
            "seniors = []      # who may say go; each needs a line in .hotfix/allowed_signers",
        ]
    )
    lines += [
        "",
        *_test(paths),
        "",
        *_check("symptom", answers["broken"]),
        "",
        *_check("alive", answers["good"]),
    ]
    lines += [
        "",
        *_target(answers["runs"], answers["deploy"]),
        "",
        "[env.production]",
        'target = "app"',
        'goals = ["symptom"]',
        'guards = ["alive"]',
    ]
    lines += [
        f"window = {_quote('1m' if solo else '15m')}",
        f"units = {{ app = {_unit(answers['runs'], answers['deploy'])} }}",
    ]
    return "\n".join(lines) + "\n"


def _service(folder: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", folder).strip("-._") or "service"


def _test(paths: tuple[str, ...]) -> list[str]:
    if any(re.search(r"(^|/)test_[^/]*\.py$|_test\.py$", path) for path in paths):
        return ["[test]", 'runner = "pytest"']
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


def _target(runs: str, deploy: str) -> list[str]:
    observe = _quote(urlsplit(runs).path or "/") if _is_url(runs) else _words(runs)
    root, command = _folder_and_command(deploy)
    if root:
        return [
            "[target.app]",
            'kind = "release-dir"',
            f"observe = {observe}",
            f"restart = {_words(command)}",
        ]
    return ["[target.app]", 'kind = "command"', f"observe = {observe}", f"activate = {_words(command)}"]


def _unit(runs: str, deploy: str) -> str:
    values = {}
    if _is_url(runs):
        parts = urlsplit(runs)
        values["url"] = f"{parts.scheme}://{parts.netloc}"
    root, _ = _folder_and_command(deploy)
    if root:
        values["root"] = root
    return (
        "{ " + ", ".join(f"{key} = {_quote(value)}" for key, value in values.items()) + " }"
        if values
        else "{}"
    )


def _folder_and_command(deploy: str) -> tuple[str, str]:
    """``/srv/app: bin/restart`` names release directories and the restart; anything else is one command."""
    folder, colon, command = deploy.partition(": ")
    return (folder, command) if colon and Path(folder).is_absolute() else ("", deploy)


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
    return json.dumps(text, ensure_ascii=True)
