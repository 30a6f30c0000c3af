"""The one shape of "no": what, why, on what evidence, and what to do next."""

from enum import StrEnum

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """Something that keeps a gate shut, or that a person must know before going on."""

    code: str
    """Stable, for machines: ``scope-too-many-lines``."""
    sentence: str
    """For people: one sentence that says what is wrong and why it matters."""
    next: str = ""
    """The exact command, or the act, that cures it."""
    evidence: tuple[str, ...] = ()


class Kind(StrEnum):
    """Why a command did not do what was asked; each has its exit code in ``cli/exit_codes.py``."""

    REFUSED = "refused"
    USAGE = "usage"
    WAITING = "waiting"
    HALTED = "halted"


class Refused(Exception):
    """Raised anywhere, handled once, in the command line: the command did not do what was asked."""

    def __init__(self, *findings: Finding, kind: Kind = Kind.REFUSED) -> None:
        super().__init__("; ".join(finding.sentence for finding in findings))
        self.findings = findings
        self.kind = kind


def refused(code: str, sentence: str, next: str = "", *evidence: str, kind: Kind = Kind.REFUSED) -> Refused:
    """A :class:`Refused` with one finding."""
    return Refused(Finding(code, sentence, next, evidence), kind=kind)
