"""An effect that could not begin, as the record keeps it."""

import hashlib

from hotfix.adapters.child import NOTHING_RAN
from hotfix.record.parts import Effect


def nothing_done(unit: str, why: str) -> Effect:
    """The effect could not even begin, and nothing was changed."""
    return Effect(unit, NOTHING_RAN, 0.0, hashlib.sha256(b"").hexdigest(), why, "failed")
