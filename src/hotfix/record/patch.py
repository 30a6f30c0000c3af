"""The patch: exactly what people sign.

Bound to trees, not to a diff: ``git patch-id`` is blind to white space and position, so that
``delete(x)`` inside and outside an ``if`` share one id. The base tree and the result tree are not.
"""

import msgspec

from hotfix.record import canonical


class Patch(msgspec.Struct, frozen=True):
    """What would ship: this result onto this base, of this service, in this environment."""

    repository: str
    """The id of the first commit of the repository's record: the same in every clone, and in no other repository."""
    service: str
    environment: str
    base_commit: str
    base_tree: str
    result_tree: str

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON of all fields."""
        return canonical.sha256(canonical.encode(msgspec.to_builtins(self)))


def statement(purpose: str, patch: Patch, context: dict[str, str]) -> bytes:
    """The exact bytes a person signs: the purpose (``review``, ``reject``, ``authorize``), the patch, the context."""
    return canonical.encode(
        {"hotfix": purpose, "patch": msgspec.to_builtins(patch), "context": dict(context)}
    )
