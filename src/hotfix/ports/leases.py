"""What is asked of the lease: who ships to an environment right now."""

from typing import Protocol

from hotfix.record.lease import Lease


class Leases(Protocol):
    """One lease for each environment, changed by compare-and-swap and in no other way.

    With a remote, the remote's word is the truth; without one, this clone's. Where the truth holds something
    that is no lease, every method that meets it raises :class:`hotfix.record.finding.Refused`
    (``lease-unreadable``): what cannot be read is never free. An environment that cannot be one is a ValueError.
    """

    def read(self, environment: str, *, within: float = 10.0) -> Lease | None:
        """The truth; None where nobody ever took it.

        The remote has `within` seconds. Raises Refused (``lease-offline``) where it does not answer.
        """

    def known(self, environment: str) -> Lease | None:
        """The newest lease that this clone has seen. Never asks the remote, so it may long be over."""

    def swap(self, old: Lease | None, new: Lease, *, within: float = 10.0) -> bool:
        """Put `new` in the place of `old`. True: `new` stands. False: somebody else was faster.

        The remote has `within` seconds for each answer; an answer that was lost is made good by reading again.
        Raises Refused, and then `new` must not be assumed to stand:

        ``lease-offline``   the remote cannot be reached; `new` may come to stand all the same: read before the next swap;
        ``lease-push``      the truth is still `old`, and nobody lets us change it;
        ``lease-set-back``  this clone has seen a higher token than the truth tells of: take one above ``known()``.

        Raises ValueError where `new` can never follow `old` (:func:`hotfix.record.lease.wrong_step`).
        """
