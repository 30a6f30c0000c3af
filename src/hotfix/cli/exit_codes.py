"""What the exit code says (docs/cli.md)."""

from enum import IntEnum

from hotfix.record.finding import Kind


class ExitCode(IntEnum):
    """Every exit code of the command line."""

    DONE = 0
    REFUSED = 1
    """Refused, or failed as designed: the findings say why and what to do."""
    USAGE = 2
    BUG = 3
    """A fault of this program; nothing was decided on it."""
    WAITING = 8
    """Waiting on somebody."""
    ROLLED_BACK = 10
    """A ship that went back by itself."""
    HALTED = 11
    """A human is needed."""
    INTERRUPTED = 130
    TERMINATED = 143


OF_KIND = {
    Kind.REFUSED: ExitCode.REFUSED,
    Kind.USAGE: ExitCode.USAGE,
    Kind.WAITING: ExitCode.WAITING,
    Kind.HALTED: ExitCode.HALTED,
}
OF_OUTCOME = {
    "validated": ExitCode.DONE,
    "rehearsed": ExitCode.DONE,
    "standing_in": ExitCode.DONE,
    "rolled_back": ExitCode.ROLLED_BACK,
    "halted": ExitCode.HALTED,
}
"""Of how a ship ended. A `rollback` that succeeded is done."""
