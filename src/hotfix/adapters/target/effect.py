"""What an effect left behind, as the record keeps it."""

import hashlib

from hotfix.adapters.child import NOTHING_RAN, Finished
from hotfix.record.parts import Effect

_TOLD = 400


def of_command(unit: str, done: Finished, seconds: float) -> Effect:
    """The effect of a command that ran; `seconds` include the waiting for the unit to serve."""
    digest = hashlib.sha256(done.stdout + done.stderr).hexdigest()
    said = done.tail(_TOLD)
    if done.timed_out:
        said = f"killed after {done.seconds:.1f} s; {said}".rstrip("; ")
    return Effect(unit, done.exit, round(seconds, 3), digest, said)


def nothing_done(unit: str, why: str) -> Effect:
    """The effect could not even begin, and nothing was changed."""
    return Effect(unit, NOTHING_RAN, 0.0, hashlib.sha256(b"").hexdigest(), why)
