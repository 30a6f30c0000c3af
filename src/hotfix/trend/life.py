"""A hotfix as the trend needs it: moments, sizes and counts, flat, with nothing in it that a figure does not use."""

from collections.abc import Iterable

import msgspec

PURPOSE_RETURN = "return"


class Went(msgspec.Struct, frozen=True):
    """One ship that was to stay in production and changed a unit of it."""

    ship: int
    release: str
    commit: str
    purpose: str
    """``hotfix`` or ``return``."""
    begun: str
    """The first effect."""
    ended: str = ""
    outcome: str = ""
    """``validated``, ``rolled_back`` or ``halted``; empty while it is under way."""
    validated: str = ""
    """When it was first validated, whatever came of it afterwards."""
    bad_signal: str = ""
    """The first check that did not pass, before the way back was asked for."""
    asked_back: str = ""
    waived: tuple[str, ...] = ()


class Worked(msgspec.Struct, frozen=True):
    """From when until when somebody acted on it, before production was well."""

    person: str
    first: str
    last: str


class Owed(msgspec.Struct, frozen=True):
    """One action."""

    action: str
    title: str
    type: str
    owner: str
    added: str
    due: str
    done: str = ""
    accepted_until: str = ""
    checked: bool = False
    """Whether the evidence on which it was closed was looked at."""


class Life(msgspec.Struct, frozen=True):
    """One hotfix. Moments are as facts carry them; empty where it has not come to that, or nobody knows."""

    id: str
    title: str = ""
    environment: str = ""
    severity: str = ""
    follows: str = ""
    introduced: str = ""
    detected: str = ""
    started: str = ""
    picked: str = ""
    proven: str = ""
    reviewed: str = ""
    authorized: str = ""
    fixes: tuple[str, ...] = ()
    """The commits on trunk that the newest pick is of."""
    committed: str = ""
    """When the last of them was made; asked of git, and not on record."""
    ships: tuple[Went, ...] = ()
    rehearsed: str = ""
    """The newest rehearsal of the way back that went well."""
    origin_release: str = ""
    """The release that brought the defect, as a person confirmed it."""
    lines: int = -1
    """Of production code; below 0 where nothing was measured."""
    files: int = -1
    paths: tuple[str, ...] = ()
    people: tuple[Worked, ...] = ()
    overridden: tuple[str, ...] = ()
    """Gates whose override a ship used."""
    owed_since: str = ""
    """Since when the fix is in production and not on trunk."""
    actions: tuple[Owed, ...] = ()

    @property
    def shipped(self) -> str:
        """The first step in production."""
        return self.ships[0].begun if self.ships else ""

    @property
    def validated(self) -> str:
        """When production was first well again with it, and stayed so; empty where it did not."""
        last = self.ships[-1] if self.ships else None
        return last.validated if last is not None and last.outcome == "validated" else ""

    @property
    def is_hotfix(self) -> bool:
        """Whether a fix was shipped; a mere return to the release before is none."""
        return any(ship.purpose != PURPOSE_RETURN for ship in self.ships)


def begun(lives: Iterable[Life]) -> str:
    """When the record began: the first start of a hotfix; empty where none has begun."""
    return min((life.started for life in lives if life.started), default="")
