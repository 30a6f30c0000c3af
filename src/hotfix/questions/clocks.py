"""The five clocks: introduced, impact, detected, shipped, validated; each from the record, or stated, or empty."""

import msgspec

from hotfix.record import moment
from hotfix.record.facts import Activating, Ended, OriginConfirmed, Planned
from hotfix.record.hotfix import STAYING, Hotfix

NAMES = ("introduced", "impact", "detected", "shipped", "validated")


class Clocks(msgspec.Struct, frozen=True):
    """Five moments; empty where nobody knows, or where it has not come to that."""

    introduced: str
    """When what brought it went live, by its confirmed origin; else as stated at the start."""
    impact: str
    detected: str
    shipped: str
    """The first intent to change a unit, of the newest ship."""
    validated: str

    def known(self) -> tuple[tuple[str, str], ...]:
        """(name, moment) of those that are known, in order of life."""
        pairs = zip(
            NAMES, (self.introduced, self.impact, self.detected, self.shipped, self.validated), strict=True
        )
        return tuple((name, at) for name, at in pairs if at)


def clocks(hotfix: Hotfix) -> Clocks:
    """The clocks of `hotfix`, from its facts alone."""
    started = hotfix.start.fact
    live_since = shipped = validated = ""
    number = 0
    for fact in hotfix.facts:
        match fact:
            case OriginConfirmed():
                live_since = moment.known(fact.live_since)
            case Planned() if fact.purpose in STAYING:
                shipped = validated = ""
                number = fact.ship
            case Activating() if not shipped and fact.ship == number:
                shipped = fact.at
            case Ended(outcome="validated") if fact.ship == number:
                validated = fact.at
            case Ended() if fact.ship == number:
                validated = ""
    return Clocks(
        introduced=live_since or (moment.known(started.introduced_at) if started else ""),
        impact=moment.known(started.impact_since) if started else "",
        detected=moment.known(started.detected_at) if started else "",
        shipped=shipped,
        validated=validated,
    )
