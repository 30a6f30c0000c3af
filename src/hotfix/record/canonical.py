"""One way to write a value as bytes, and one way to name bytes: RFC 8785 and SHA-256.

Both libraries are imported when they are first used: `hotfix status` of an empty record needs neither, and
they are a good part of what it would load.
"""

from collections.abc import Mapping
from typing import Any

import msgspec


def encode(value: Mapping[str, Any]) -> bytes:
    """The canonical JSON of `value` (RFC 8785): the same bytes for the same value, everywhere.

    Raises ``rfc8785.CanonicalizationError`` where it has none (not a number, a lone surrogate).
    """
    import rfc8785

    return rfc8785.dumps(dict(value))


def is_canonical(raw: bytes) -> bool:
    """Whether `raw` is JSON in its canonical form."""
    import rfc8785

    try:
        return rfc8785.dumps(msgspec.json.decode(raw)) == raw
    except (msgspec.MsgspecError, rfc8785.CanonicalizationError, UnicodeDecodeError, RecursionError):
        return False  # fields that no fact has may hold what has no canonical form


def sha256(raw: bytes) -> str:
    """The SHA-256 of `raw`, in hexadecimal."""
    import hashlib

    return hashlib.sha256(raw).hexdigest()
