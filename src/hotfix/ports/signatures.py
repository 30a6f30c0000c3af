"""What is asked about people: whose key this is, and whether a signature counts."""

from typing import Protocol

import msgspec


class Signers(msgspec.Struct, frozen=True):
    """Whose signatures count today: the files on trunk's tip."""

    allowed: bytes
    revoked: bytes = b""


class Verified(msgspec.Struct, frozen=True):
    """The signature is good, today, and this person made it."""

    person: str
    key: str


class Unverified(msgspec.Struct, frozen=True):
    """The signature does not count, and why."""

    why: str


class Signatures(Protocol):
    """SSH signatures, as git itself makes them."""

    def key(self) -> str:
        """Fingerprint of the key this person signs with; empty where there is none."""

    def public_key(self) -> str:
        """The public key, as a list of signers has it (``ssh-ed25519 AAAA…``); empty where there is none."""

    def person(self, signers: Signers) -> str:
        """Who this key belongs to, by trunk's list; empty where it names nobody."""

    def people(self, signers: Signers) -> tuple[str, ...]:
        """Everybody on the list, by every principal that they have."""

    def canonical(self, signers: Signers, name: str) -> str:
        """The name that :meth:`person` gives the one whom the list knows by `name` too; `name` itself where none is."""

    def sign(self, namespace: str, message: bytes) -> str:
        """An armoured SSH signature."""

    def verify(
        self, signers: Signers, namespace: str, message: bytes, signature: str
    ) -> Verified | Unverified:
        """Whether the signature counts today. Never raises for a bad signature, never says yes on an error."""
