"""A hotfix: what its facts add up to. ``Hotfix = fold(facts)``; nothing of it is stored anywhere."""

from collections.abc import Iterable

import msgspec

from hotfix.record.chain import Entry
from hotfix.record.facts import AnyFact, LeaseTaken, Notified, Planned, RollbackRequested, RulesRead
from hotfix.record.patch import Patch
from hotfix.record.ship import Ship
from hotfix.record.stages import After, Authorize, Pick, Prove, Review, Scope, Start


class Hotfix(msgspec.Struct, frozen=True):
    """One defect's expedited fix, from start to close."""

    id: str
    start: Start = Start()
    pick: Pick = Pick()
    scope: Scope = Scope()
    prove: Prove = Prove()
    review: Review = Review()
    authorize: Authorize = Authorize()
    ships: tuple[Ship, ...] = ()
    after: After = After()
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
        """The newest ship."""
        return self.ships[-1] if self.ships else None

    @property
    def open_ship(self) -> Ship | None:
        """The ship that has not ended."""
        return self.ship if self.ship and self.ship.ended is None else None

    @property
    def shipped(self) -> Ship | None:
        """The newest ship that ended validated, where none after it was rolled back or halted."""
        return self.ship if self.ship and self.ship.ended and self.ship.ended.outcome == "validated" else None

    @property
    def is_live(self) -> bool:
        """Whether what was validated is today's patch, and not that of an earlier pick."""
        return (
            self.shipped is not None
            and self.patch is not None
            and self.shipped.plan.patch == self.patch.digest
        )

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
            after=self.after.apply(fact),
            facts=(*self.facts, fact),
        )
        match fact:
            case Planned():
                return msgspec.structs.replace(
                    stages, ships=(*self.ships, Ship(fact, fact.token, phase_since=fact.at))
                )
            case LeaseTaken():
                return msgspec.structs.replace(
                    stages,
                    token=max(self.token, fact.token),
                    holder=fact.holder,
                    ships=tuple(ship.apply(fact) for ship in self.ships),
                )
            case RollbackRequested():
                return msgspec.structs.replace(
                    stages,
                    token=max(self.token, fact.token),
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
        result = result.apply(fact)
    return result


def fold_all(entries: Iterable[Entry]) -> dict[str, Hotfix]:
    """Every hotfix of the record, in the order of its start."""
    facts: dict[str, list[AnyFact]] = {}
    for entry in entries:
        facts.setdefault(entry.hotfix, []).append(entry.fact)
    return {hotfix: fold(hotfix, its_facts) for hotfix, its_facts in facts.items()}
