"""Who drives a ship on this machine: one process at a time, and how the way back stops it."""

from typing import Protocol

from hotfix.ports.git import Lock


class Drivers(Protocol):
    """The processes of this person on this machine that ship, one per environment of a repository."""

    def hold(self, origin: str, environment: str) -> Lock:
        """Be the one that drives, while the block runs; freed by the system if the process dies.

        Raises :class:`Refused` (``ship-held``) where another living process is: it never waits.
        """

    def preempt(self, origin: str, environment: str, within: float) -> str:
        """End the process that drives, at most `within` seconds; a sentence about it, empty where there was none.

        Its effects under way are not ended: they have guardians of their own.
        """
