"""A check that asks over HTTP and judges the answer."""

import msgspec

from hotfix.adapters.ask import Answer, Silence
from hotfix.adapters.check import question
from hotfix.adapters.check.sample import sample
from hotfix.policy.rules import Check as Rule
from hotfix.policy.rules import Unit
from hotfix.record.parts import Sample

Verdict = tuple[str, str]
"""An outcome and what to say of it."""


class HttpCheck:
    """Judges status, `release`, `header`, `body` and `latency`, in this order; the first "no" is the answer.

    Nothing listening there fails. No answer in time, and an answer that is not HTTP, are errors.
    """

    def __init__(self, rule: Rule) -> None:
        self._rule = rule

    def run(self, name: str, unit: Unit | None, expected_release: str) -> Sample:
        """Ask once, for at most the rule's `timeout`; the value is the seconds that the answer took."""
        try:
            answer = question.put(self._rule, unit, self._rule.method)
        except Silence as silence:
            return sample(name, unit, "fail" if silence.refused else "error", str(silence))
        outcome, said = _judge(self._rule, answer, expected_release)
        return sample(name, unit, outcome, said, round(answer.seconds, 3))


def _judge(rule: Rule, answer: Answer, expected: str) -> Verdict:
    if answer.status != rule.status:
        return "fail", f"status {answer.status}, not {rule.status}"
    no = _release(rule, answer, expected) or _header(rule, answer)
    if no is not None:
        return no
    if rule.body and rule.body.encode() not in answer.body:
        return "fail", f"the body does not have {rule.body!r}"
    if rule.latency and answer.seconds > rule.latency:
        return "fail", f"it took {answer.seconds:.3f} s, more than {rule.latency:g} s"
    return "pass", f"status {answer.status} in {answer.seconds:.3f} s"


def _release(rule: Rule, answer: Answer, expected: str) -> Verdict | None:
    """The unit must say the expected release; without that, the old build might be what is judged."""
    if not rule.release:
        return None
    if not expected:
        return "inconclusive", "no release is expected, so that none can be compared"
    said = [name for name in (_field(answer.body), answer.headers.get("X-Release", "").strip()) if name]
    if not said:
        return "inconclusive", "the answer names no release, neither as JSON `release` nor as X-Release"
    other = [name for name in said if name != expected]
    return ("fail", f"it serves {other[0]}, not {expected}") if other else None


def _field(body: bytes) -> str:
    try:
        table = msgspec.json.decode(body, type=dict[str, object])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return ""
    value = table.get("release")
    return value if isinstance(value, str) else ""


def _header(rule: Rule, answer: Answer) -> Verdict | None:
    if not rule.header:
        return None
    name, _, wanted = (part.strip() for part in rule.header.partition(":"))
    found = [value.strip() for value in answer.headers.getlist(name)]
    if wanted in found:
        return None
    return (
        "fail",
        f"the header {name} is {', '.join(found)!r}, not {wanted!r}" if found else f"no header {name}",
    )
