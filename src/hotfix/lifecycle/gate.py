"""What a gate answers: open, closed (why, and the next command) or waiting (on whom)."""

from typing import Literal

import msgspec

from hotfix.record.finding import Finding

State = Literal["open", "closed", "waiting", "owed"]


class Gate(msgspec.Struct, frozen=True):
    """One gate's answer, by today's rules."""

    name: str
    state: State
    findings: tuple[Finding, ...] = ()
    waiting_on: tuple[str, ...] = ()
    """People, by their principal, or roles where anybody of a role will do."""
    note: str = ""
    """What an open gate rests on; what a person should know all the same."""
    waived: str = ""
    """What discipline was not applied, in the words shown everywhere: ``NO PEER · UNSIGNED``."""


def opened(name: str, note: str = "", *, waived: str = "") -> Gate:
    """The gate is open, resting on `note`."""
    return Gate(name, "open", note=note, waived=waived)


def closed(name: str, *findings: Finding) -> Gate:
    """The gate is shut, with what cures it."""
    return Gate(name, "closed", findings=findings)


def owed(name: str, *findings: Finding) -> Gate:
    """The gate is shut, and the ship opens it by itself."""
    return Gate(name, "owed", findings=findings)


def waiting(name: str, on: tuple[str, ...], *findings: Finding) -> Gate:
    """The gate is shut until somebody acts."""
    return Gate(name, "waiting", findings=findings, waiting_on=on)
