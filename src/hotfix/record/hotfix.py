"""A hotfix: what its facts add up to. ``Hotfix = fold(facts)``; nothing of it is stored anywhere."""

from collections.abc import Iterable

import msgspec

from hotfix.record import moment
from hotfix.record.actions import Actions
from hotfix.record.any_fact import AnyFact
from hotfix.record.chain import Entry
from hotfix.record.facts import LeaseTaken, Notified, Planned, RollbackRequested, RulesRead
from hotfix.record.patch import Patch
from hotfix.record.ship import Ship, believable
from hotfix.record.stages import After, Authorize, Overrides, Pick, Prove, Review, Scope, Start

STAYING = ("hotfix", "return")
"""Purposes of ships that are to stay in production."""

_WIDEST_GAP = 1000
"""A number far above the newest would leave none for those that come after it."""


class Hotfix(msgspec.Struct, frozen=True):
    """One defect's expedited fix, from start to close."""

    id: str
    start: Start = Start()
    pick: Pick = Pick()
    scope: Scope = Scope()
    prove: Prove = Prove()
    review: Review = Review()
    authorize: Authorize = Authorize()
    overrides: Overrides = Overrides()
    ships: tuple[Ship, ...] = ()
    after: After = After()
    actions: Actions = Actions()
    facts: tuple[AnyFact, ...] = ()
    token: int = 0
    holder: str = ""
    """Who took the newest lease, and in which clone."""
    undelivered: tuple[Notified, ...] = ()

    @property
    def patch(self) -> Patch | None:
        """What is being judged now: the newest pick's patch."""
        return self.pick.fact.patch if self.pick.fact else None

    @property
    def ship(self) -> Ship | None:
        """The newest ship that was to stay in production; rehearsals are none."""
        return next((ship for ship in reversed(self.ships) if ship.plan.purpose in STAYING), None)

    @property
    def open_ship(self) -> Ship | None:
        """The newest ship that has not ended, whatever it is for."""
        return next((ship for ship in reversed(self.ships) if ship.ended is None), None)

    @property
    def shipped(self) -> Ship | None:
        """The newest ship that ended validated, where none after it was rolled back or halted."""
        return self.ship if self.ship and self.ship.ended and self.ship.ended.outcome == "validated" else None

    @property
    def to_take_back(self) -> Ship | None:
        """What a rollback is about: an open ship, one that halted, else the newest that was to stay."""
        newest = self.ships[-1] if self.ships else None
        halted = newest is not None and newest.ended is not None and newest.ended.outcome == "halted"
        return self.open_ship or (newest if halted else self.ship)

    @property
    def is_live(self) -> bool:
        """Whether what was validated is today's patch, and not that of an earlier pick."""
        return (
            self.shipped is not None
            and self.patch is not None
            and self.shipped.plan.patch == self.patch.digest
        )

    @property
    def next_ship(self) -> int:
        """The number of the next ship. There are gaps where a card stands in for a record that lacks the ships before."""
        return self.ships[-1].plan.ship + 1 if self.ships else 1

    def ship_number(self, number: int) -> Ship:
        """The ship of that number. Raises LookupError where there is none."""
        for ship in self.ships:
            if ship.plan.ship == number:
                return ship
        raise LookupError(f"{self.id} has no ship {number}")

    def rules_of(self, ship: int) -> RulesRead | None:
        """Which rules were read last when `ship` was planned: what a way back goes by, whatever trunk says today."""
        rules: RulesRead | None = None
        for fact in self.facts:
            if isinstance(fact, RulesRead):
                rules = fact
            if isinstance(fact, Planned) and fact.ship == ship:
                break
        return rules

    def apply(self, fact: AnyFact) -> "Hotfix":
        """This hotfix with one more fact."""
        stages = msgspec.structs.replace(
            self,
            start=self.start.apply(fact),
            pick=self.pick.apply(fact),
            scope=self.scope.apply(fact),
            prove=self.prove.apply(fact),
            review=self.review.apply(fact),
            authorize=self.authorize.apply(fact),
            overrides=self.overrides.apply(fact),
            after=self.after.apply(fact),
            actions=self.actions.apply(fact),
            facts=(*self.facts, fact),
        )
        match fact:
            case Planned() if not 0 <= fact.ship - self.next_ship < _WIDEST_GAP:
                return stages  # numbers only go up: this is no plan of ours
            case Planned():
                return msgspec.structs.replace(
                    stages, ships=(*self.ships, Ship(fact, fact.token, phase_since=fact.at))
                )
            case LeaseTaken():
                return msgspec.structs.replace(
                    stages,
                    token=max(self.token, believable(fact.token)),
                    holder=fact.holder,
                    ships=tuple(ship.apply(fact) for ship in self.ships),
                )
            case RollbackRequested():
                return msgspec.structs.replace(
                    stages,
                    token=max(self.token, believable(fact.token)),
                    ships=tuple(ship.apply(fact) for ship in self.ships),
                )
            case Notified() if not fact.delivered:
                return msgspec.structs.replace(stages, undelivered=(*self.undelivered, fact))
            case _:
                return msgspec.structs.replace(stages, ships=tuple(ship.apply(fact) for ship in self.ships))


def fold(hotfix: str, facts: Iterable[AnyFact]) -> Hotfix:
    """The hotfix that `facts`, in order, add up to."""
    result = Hotfix(hotfix)
    for fact in facts:
        if moment.is_moment(fact.at):  # when it was is what half of the rules ask of a fact
            result = result.apply(fact)
    return result


def fold_all(entries: Iterable[Entry]) -> dict[str, Hotfix]:
    """Every hotfix of the record, in the order of its start."""
    facts: dict[str, list[AnyFact]] = {}
    for entry in entries:
        facts.setdefault(entry.hotfix, []).append(entry.fact)
    return {hotfix: fold(hotfix, its_facts) for hotfix, its_facts in facts.items()}
