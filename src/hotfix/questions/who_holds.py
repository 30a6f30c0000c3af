"""Who ships to an environment right now, and what the next lease is."""

from datetime import datetime, timedelta

import msgspec

from hotfix.record import moment
from hotfix.record.lease import Lease


class Free(msgspec.Struct, frozen=True):
    """Nobody ships: never taken, or let go."""


class Mine(msgspec.Struct, frozen=True):
    """We hold it ourselves."""

    token: int


class Held(msgspec.Struct, frozen=True):
    """Somebody else ships."""

    who: str
    hotfix: str
    ship: int
    heard: float
    """Seconds since the last heartbeat, by our clock against the holder's: negative where theirs is ahead."""
    wait: float
    """Seconds of further silence after which it can be taken over."""
    sentence: str


class Expired(msgspec.Struct, frozen=True):
    """Somebody else shipped, and is not heard any more: it can be taken over."""

    who: str
    hotfix: str
    ship: int
    heard: float
    sentence: str


def who_holds(lease: Lease | None, me: str, now: datetime, watched: float) -> Free | Mine | Held | Expired:
    """Who holds `lease`, for `me`.

    `watched`: the seconds for which this process has itself seen the heartbeat stand still, from the answer
    that first showed it to the question that last did; 0 for one look.

    Two clocks must agree that it is over: the holder's moment is older than the ttl by ours, and we have seen
    a third of the ttl go by without a heartbeat; so a clock that is an hour ahead steals nothing from a holder
    who beats at least every third of the ttl. Or we have watched the whole ttl go by; so a holder whose clock
    is ahead does not keep it for ever.
    """
    if lease is None or not lease.holder:
        return Free()
    if lease.holder == me:
        return Mine(lease.token)
    heard = (now - moment.from_text(lease.at)).total_seconds()
    wait = min(max(lease.ttl - heard, lease.ttl / 3 - watched), lease.ttl - watched)
    what = f"{lease.holder} ships {lease.hotfix} to {lease.environment}, {_last_heard(heard)}"
    if wait <= 0:
        return Expired(lease.holder, lease.hotfix, lease.ship, heard, f"{what}; it can be taken over.")
    return Held(
        lease.holder,
        lease.hotfix,
        lease.ship,
        heard,
        wait,
        f"{what}; if none comes, it can be taken over in {moment.in_words(timedelta(seconds=wait))}.",
    )


def _last_heard(seconds: float) -> str:
    span = moment.in_words(timedelta(seconds=abs(seconds)))
    return (
        f"last heartbeat {span} ago"
        if seconds >= 0
        else f"last heartbeat by a clock that is {span} ahead of ours"
    )


def taken(
    lease: Lease | None,
    *,
    environment: str,
    me: str,
    hotfix: str,
    ship: int,
    now: datetime,
    ttl: float,
    at_least: int,
) -> Lease:
    """The lease of `me`, next after `lease`. Its token is above the one before, and not below `at_least`.

    `at_least` carries what is known from elsewhere: the highest token on record, at a unit's fence, or
    that this clone has seen, and one more. Raises ValueError where `me` is nobody.
    """
    if not me:
        raise ValueError("a lease is taken by somebody")
    before = lease.token if lease else 0
    token = max(before, at_least - 1) + 1
    return Lease(environment, token, me, hotfix, ship, 0, moment.to_text(now), ttl)


def beat(lease: Lease, now: datetime) -> Lease:
    """The same lease, one heartbeat later."""
    return msgspec.structs.replace(lease, beat=lease.beat + 1, at=moment.to_text(now))


def freed(lease: Lease, now: datetime) -> Lease:
    """The lease let go: it keeps its token, and tells what was shipped last."""
    return msgspec.structs.replace(beat(lease, now), holder="")
