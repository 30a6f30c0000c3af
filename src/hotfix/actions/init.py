"""``hotfix init``: a policy for this repository, from what can be found and at most four answers."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from hotfix.policy import schema
from hotfix.policy.draft import Answers, Found, draft
from hotfix.policy.path_kind import POLICY_FILE
from hotfix.policy.rules import Rules
from hotfix.policy.test_runner import recognised
from hotfix.ports import Ports
from hotfix.record.finding import refused

QUESTIONS = {
    "runs": "What runs now? A URL, or a command that prints the release (a tag or a commit id)",
    "deploy": "How is a commit deployed? A command (it gets HOTFIX_FILES, HOTFIX_RELEASE, …), or FOLDER: RESTART COMMAND",
    "broken": "What is broken? A URL that should answer 200, or a command that should exit 0, and does not",
    "good": "What must stay good? A URL that answers 200, or a command that exits 0",
}
"""The four questions, in order."""

_RECENT = 200
"""How many commits are asked for their authors."""


class Result(msgspec.Struct, frozen=True):
    """The policy that was written."""

    files: tuple[str, ...]
    profile: str
    text: str
    trunk: str
    next: str


def init(ports: Ports, given: dict[str, str], ask: Callable[[str], str]) -> Result:
    """Write ``hotfix.toml`` into the work tree; it counts once it is on trunk. Never overwrites one.

    A team also gets a first list of signers, with the key of who runs this, where there is none.
    """
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
    found = _look(ports, top, trunk.commit)
    answers = Answers(**{name: given.get(name) or ask(question) for name, question in QUESTIONS.items()})
    text = draft(found, answers)
    rules = schema.parse(text.encode(), POLICY_FILE)
    file.write_text(text)
    written = [POLICY_FILE]
    if not rules.solo and _write_signers(ports, top, rules, found.me):
        written.append(rules.signers)
    push = f" && git push, until it is on {trunk.name}" if ports.git.has_remote() else ""
    then = "" if rules.solo else "look at [deciders] and add your colleagues' keys; "
    return Result(
        tuple(written),
        rules.profile,
        text,
        trunk.name,
        f"{then}git add {' '.join(written)} && git commit -m 'Hotfix policy'{push}, then: hotfix doctor",
    )


def _look(ports: Ports, top: Path, tip: str) -> Found:
    me = ports.git.identity().partition("<")[2].rstrip(">")
    authors = ports.git.authors(tip, _RECENT)

    def read(path: str) -> str:
        return (ports.git.file_at(tip, path) or b"").decode("utf-8", "replace")

    return Found(
        folder=top.name,
        runner=recognised(ports.git.paths(tip), read),
        solo=not ports.git.has_remote() and len(authors) <= 1,
        me=me,
        others=tuple(author for author in authors if author != me),
    )


def _write_signers(ports: Ports, top: Path, rules: Rules, me: str) -> bool:
    """A list with one line, the person's own; where there is no key, or a list already, nothing is written."""
    file, key = top / rules.signers, ports.signatures.public_key()
    if file.exists() or not key:
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{me} {key}\n")
    return True
