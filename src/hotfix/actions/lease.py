"""Holding an environment's lease while a ship is driven: taken, kept alive by heartbeats, let go."""

import threading
from collections.abc import Callable
from types import TracebackType

from hotfix.ports import Ports
from hotfix.questions.who_holds import Expired, Held, beat, freed, taken, who_holds
from hotfix.record.finding import Refused, refused
from hotfix.record.lease import Lease

_LOOK_SECONDS = 1.0
_MOST_TRIES = 3
_RAISING_SECONDS = 1.0
"""What the remote has to hear of a way back before it begins."""


class Holding:
    """The lease, held while the block runs. Heartbeats go on beside whatever the process does."""

    def __init__(self, ports: Ports, lease: Lease) -> None:
        self._ports = ports
        self._lease = lease
        self._heard = ports.clock.now()
        self._lost = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    @property
    def token(self) -> int:
        """Under which token this process acts."""
        return self._lease.token

    def lost(self) -> str:
        """Who has it by now; empty as far as anybody knows."""
        return self._lost

    def unheard(self) -> str:
        """Why nothing new may begin: for longer than a lease lasts, nobody could hear that this ship lives."""
        silent = (self._ports.clock.now() - self._heard).total_seconds()
        if silent > self._lease.ttl:
            return f"no heartbeat of this ship reached the remote for {silent:.0f} s, so another may have taken over"
        return ""

    def __enter__(self) -> "Holding":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go; where the remote does not hear of it, the lease ends by its own silence."""
        self._stop.set()
        self._thread.join()
        if self._lost:
            return
        try:
            self._ports.leases.swap(self._lease, freed(self._lease, self._ports.clock.now()))
        except Refused as no:
            self._ports.narrate(f"the lease ends in {self._lease.ttl:g} s: {no}")

    def _beat(self) -> None:
        # Twice as often as the rule of who holds it asks for: a push takes its time, too.
        while not self._stop.wait(self._lease.ttl / 6):
            now = self._ports.clock.now()
            wanted = beat(self._lease, now)
            try:
                stands = self._ports.leases.swap(self._lease, wanted)
                following = wanted if stands else self._still_ours()
            except Refused as no:
                if no.findings[0].code == "lease-set-back":
                    self._lost = str(no)
                    return
                continue
            if following is None:
                self._lost = f"another process took the lease of {self._lease.environment}"
                return
            self._lease, self._heard = following, now

    def _still_ours(self) -> Lease | None:
        """An earlier heartbeat may have landed though its answer was lost."""
        lease = self._ports.leases.read(self._lease.environment)
        ours = lease is not None and (lease.token, lease.holder) == (self._lease.token, self._lease.holder)
        return lease if ours else None


def take(
    ports: Ports,
    wanted: Lease,
    at_least: int,
    may_replace: Callable[[], bool],
) -> Holding:
    """Take the lease for `wanted` (environment, holder, hotfix, ship, ttl), with a token not below `at_least`.

    Raises Refused where somebody else holds it, unless `may_replace` says that the lease was overridden.
    """
    watched, last = 0.0, None
    while True:
        lease = ports.leases.read(wanted.environment)
        watched = watched if lease == last else 0.0
        last = lease
        holder = who_holds(lease, wanted.holder, ports.clock.now(), watched)
        if isinstance(holder, Held) and not may_replace():
            if holder.wait > wanted.ttl / 3 + _LOOK_SECONDS:
                raise refused(
                    "ship-lease",
                    holder.sentence,
                    f"wait for it, or take it back: hotfix rollback {holder.hotfix}; where it hangs: "
                    "hotfix override lease --because …",
                )
            if watched == 0.0:
                ports.narrate(holder.sentence)
            ports.clock.sleep(_LOOK_SECONDS)
            watched += _LOOK_SECONDS
            continue
        if isinstance(holder, Expired):
            ports.narrate(holder.sentence)
        following = _following(ports, lease, wanted, at_least)
        if ports.leases.swap(lease, following):
            return Holding(ports, following)


def raise_token(ports: Ports, wanted: Lease, token: int) -> None:
    """Tell the lease that a way back acts under `token`: the ship's next heartbeat then fails, wherever it runs.

    It helps, and nothing waits for it: the units refuse the older token by themselves.
    """
    try:
        for _ in range(_MOST_TRIES):  # a heartbeat may come in between
            lease = ports.leases.read(wanted.environment, within=_RAISING_SECONDS)
            following = _following(ports, lease, wanted, token)
            if ports.leases.swap(lease, following, within=_RAISING_SECONDS):
                return
    except (Refused, OSError, ValueError) as no:
        ports.narrate(f"the lease does not know of this way back yet: {no}")


def let_go(ports: Ports, wanted: Lease) -> None:
    """The way back is over: nobody has to wait until the lease that it took ends by its own silence."""
    try:
        lease = ports.leases.read(wanted.environment, within=_RAISING_SECONDS)
        if lease is not None and (lease.holder, lease.hotfix) == (wanted.holder, wanted.hotfix):
            ports.leases.swap(lease, freed(lease, ports.clock.now()), within=_RAISING_SECONDS)
    except (Refused, OSError) as no:
        ports.narrate(f"the lease ends in {wanted.ttl:g} s: {no}")


def _following(ports: Ports, lease: Lease | None, wanted: Lease, at_least: int) -> Lease:
    """The lease taken, above everything that this clone ever saw of it."""
    known = ports.leases.known(wanted.environment)
    return taken(
        lease,
        environment=wanted.environment,
        me=wanted.holder,
        hotfix=wanted.hotfix,
        ship=wanted.ship,
        now=ports.clock.now(),
        ttl=wanted.ttl,
        at_least=max(at_least, known.token + 1 if known else 1),
    )
