"""The lease: who ships to an environment right now.

It lives beside the record and not in it: a heartbeat is no fact. What makes it safe is the token, which
the units compare, and not the time: a clock may be wrong.
"""

import re
from typing import Annotated

import msgspec
from msgspec import Meta

from hotfix.record import canonical, moment

LARGEST = 4096
"""Bytes that a lease may have. Whoever may push can push anything."""

_HIGHEST = 10**15
_ENVIRONMENT = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}\Z"
_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}\.[0-9]{3}Z\Z"

Count = Annotated[int, Meta(ge=0, le=_HIGHEST)]


class Lease(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who ships, what, and when that was last heard."""

    environment: Annotated[str, Meta(pattern=_ENVIRONMENT)]
    token: Annotated[int, Meta(ge=1, le=_HIGHEST)]
    """Higher whenever somebody takes the lease, and never lower: a unit refuses whoever comes with less than it has seen."""
    holder: str
    """Person and clone id; empty: nobody, it was let go. Two processes of one name are one holder."""
    hotfix: str
    ship: Count
    beat: Count
    """Heartbeats since it was taken."""
    at: Annotated[str, Meta(pattern=_MOMENT)]
    """The moment of the newest heartbeat, by the holder's clock."""
    ttl: Annotated[float, Meta(gt=0, le=86400)]
    """Seconds without a heartbeat after which it counts as expired."""


def is_environment(name: str) -> bool:
    """Whether an environment may be called `name`, as policy has it."""
    return re.search(_ENVIRONMENT, name) is not None


def encode(lease: Lease) -> bytes:
    """The lease as canonical JSON: one lease, one blob, one id. Raises ValueError where it has none."""
    return canonical.encode(msgspec.to_builtins(lease))


def decode(raw: bytes, environment: str) -> Lease:
    """The lease that :func:`encode` wrote for `environment`. Raises ValueError that says why these bytes are none."""
    if len(raw) > LARGEST:
        raise ValueError(f"it has {len(raw)} bytes, and a lease has at most {LARGEST}")
    lease = msgspec.json.decode(raw, type=Lease)
    if lease.environment != environment:
        raise ValueError(f"it is the lease of {lease.environment}")
    moment.from_text(lease.at)  # the pattern lets a 31 February through
    if encode(lease) != raw:
        raise ValueError("it is not canonical JSON")
    return lease


def reuses_token(seen: Lease, new: Lease) -> bool:
    """Whether `new` comes with a token below one that was `seen`, or with that very token for somebody else."""
    return new.token < seen.token or (new.token == seen.token and new.holder not in ("", seen.holder))


def wrong_step(old: Lease | None, new: Lease) -> str:
    """Why `new` must never follow `old`; empty where it may.

    Token and heartbeat only ever go up, so that no lease ever follows itself, not even after others.
    """
    if old is None:
        return ""
    if new.environment != old.environment:
        return f"the lease of {new.environment} cannot follow that of {old.environment}"
    if reuses_token(old, new):
        return f"{new.holder or 'nobody'} with token {new.token} cannot follow {old.holder or 'nobody'} with {old.token}"
    if new.token == old.token and new.beat <= old.beat:
        return f"heartbeat {new.beat} cannot follow {old.beat}"
    return ""
