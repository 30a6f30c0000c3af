"""The Leases port in memory, for tests of verbs; kept honest by the same contract as the real one."""

from threading import Lock

from hotfix.record import lease as leases
from hotfix.record.finding import refused
from hotfix.record.lease import Lease


class FakeTruth:
    """Where the leases of several clones meet: it can be away, and anybody can put anything there."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.away = ""
        self.lock = Lock()


class FakeLeases:
    """One clone's view of a truth that it may share with others."""

    def __init__(self, truth: FakeTruth | None = None) -> None:
        self._truth = truth or FakeTruth()
        self._known: dict[str, Lease] = {}

    def read(self, environment: str, *, within: float = 10.0) -> Lease | None:
        """See the port."""
        _check(environment)
        if self._truth.away:
            raise refused("lease-offline", f"{self._truth.away}.", "try again later")
        raw = self._truth.blobs.get(environment)
        if raw is None:
            return None
        try:
            lease = leases.decode(raw, environment)
        except ValueError as error:
            raise refused("lease-unreadable", f"refs/hotfix/lease/{environment}: {error}.", "look") from None
        self._remember(lease)
        return lease

    def known(self, environment: str) -> Lease | None:
        """See the port."""
        _check(environment)
        return self._known.get(environment)

    def swap(self, old: Lease | None, new: Lease, *, within: float = 10.0) -> bool:
        """See the port."""
        wrong = leases.wrong_step(old, new)
        if wrong:
            raise ValueError(wrong)
        leases.decode(leases.encode(new), new.environment)
        with self._truth.lock:
            seen = self._known.get(new.environment)
            if self.read(new.environment, within=within) != old:
                return False
            if seen and leases.reuses_token(seen, new):
                raise refused("lease-set-back", f"Token {seen.token} was taken already.", "try again")
            self._truth.blobs[new.environment] = leases.encode(new)
        self._remember(new)
        return True

    def _remember(self, lease: Lease) -> None:
        seen = self._known.get(lease.environment)
        if seen is None or (lease.token, lease.beat) > (seen.token, seen.beat):
            self._known[lease.environment] = lease


def _check(environment: str) -> None:
    if not leases.is_environment(environment):
        raise ValueError(f"{environment!r} is not the name of an environment")
