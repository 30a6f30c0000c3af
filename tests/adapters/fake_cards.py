"""The Cards port in memory, for tests of verbs; kept honest by the same contract as the real one."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import msgspec

from hotfix.policy.rules import Environment, Rules, Unit
from hotfix.ports.cards import Card, Spool, parts_of
from hotfix.record.facts import Planned
from hotfix.record.finding import refused
from hotfix.record.parts import UnitPlan


class FakePlace:
    """A folder: what it holds, and whether it takes anything."""

    def __init__(self) -> None:
        self.cards: dict[str, Card] = {}
        self.lines: dict[str, list[bytes]] = {}
        self.settled: list[Spool] = []
        self.fails = ""
        """``before``: nothing is written. ``after``: it is, and yet said to have failed."""


class FakeCards:
    """Some places, the best first."""

    newest = 10
    """Cards of one record that are kept."""

    def __init__(self, narrate: Callable[[str], None] = lambda _: None, places: int = 2) -> None:
        self.places = [FakePlace() for _ in range(places)]

    def keep(self, card: Card, roots: Iterable[str] = ()) -> tuple[str, ...]:
        """See the port."""
        kept = [place for place in self.places if not place.fails][:2]
        if not kept:
            raise refused("card-nowhere", "No folder takes the rollback card.", "make one")
        for place in kept:
            place.cards[card.name] = card
        for old in self.find(None, card.origin)[self.newest :]:
            self.drop(old)
        return tuple(self._called(place, card.name) for place in kept)

    def find(self, hotfix: str | None, origin: str, roots: Iterable[str] = ()) -> tuple[Card, ...]:
        """See the port."""
        every = {card.name: card for place in reversed(self.places) for card in place.cards.values()}
        wanted = [
            card
            for card in every.values()
            if card.hotfix == (hotfix or card.hotfix) and card.origin == (origin or card.origin)
        ]
        return tuple(sorted(wanted, key=lambda card: (card.plan.at, card.plan.ship), reverse=True))

    def spool(self, card: Card, line: bytes) -> str:
        """See the port."""
        for place in self.places:
            if place.fails != "before":
                place.lines.setdefault(card.name, []).append(line)
            if not place.fails:
                return self._called(place, card.name)
        raise refused("spool-nowhere", "No folder takes it.", "free some space")

    def spooled(self, origin: str, roots: Iterable[str] = ()) -> tuple[Spool, ...]:
        """See the port."""
        names = sorted({name for place in self.places for name, lines in place.lines.items() if lines})
        return tuple(
            spool
            for spool, parts in ((self._spool(name), parts_of(name)) for name in names)
            if parts and (not origin or origin.startswith(parts.origin))
        )

    @contextmanager
    def hold(self, spool: Spool) -> Iterator[Spool]:
        """See the port."""
        yield self._spool(spool.name)

    def settle(self, spool: Spool) -> None:
        """See the port."""
        for place in self.places:
            if place.lines.pop(spool.name, []):
                place.settled.append(spool)

    def put_aside(self, spool: Spool) -> tuple[str, ...]:
        """See the port."""
        places = [place for place in self.places if place.lines.pop(spool.name, [])]
        return tuple(f"{self._called(place, spool.name)}.never-began" for place in places)

    def drop(self, card: Card, roots: Iterable[str] = ()) -> None:
        """See the port."""
        for place in self.places:
            if not place.lines.get(card.name):
                place.cards.pop(card.name, None)

    def _spool(self, name: str) -> Spool:
        parts = parts_of(name)
        assert parts is not None, name
        lines = list(dict.fromkeys(line for place in self.places for line in place.lines.get(name, [])))
        lines.sort(key=lambda line: msgspec.json.decode(line)["n"])
        files = tuple(self._called(place, name) for place in self.places if place.lines.get(name))
        return Spool(name, parts.hotfix, parts.ship, parts.plan, tuple(lines), files)

    def _called(self, place: FakePlace, name: str) -> str:
        return f"/place-{self.places.index(place) + 1}/{name}"


ORIGIN = "a1b2c3d4e5f6" + "0" * 28


def card_of(
    hotfix: str = "HF-1", ship: int = 1, origin: str = ORIGIN, minute: int = 0, root: str = ""
) -> Card:
    """The card of a ship of one unit."""
    rules = Rules(
        service="shop",
        trunk="main",
        environments={
            "production": Environment(target="app", units=(Unit("shop-1", root=root),), waves=(("shop-1",),))
        },
    )
    plan = Planned(
        at=f"2026-11-22T02:{minute:02d}:00.000Z",
        by="Olga",
        ship=ship,
        patch="d" * 64,
        environment="production",
        token=4,
        release="v2.14.0+hf.1",
        commit="2" * 40,
        artifact="",
        units=(UnitPlan("shop-1", "v2.14.0", "b" * 40, "v2.14.0"),),
        waves=(("shop-1",),),
        goals=(),
        guards=(),
        unit_checks=(),
        baseline=(),
        window_seconds=900.0,
        patience_seconds=60.0,
        interval_seconds=2.0,
        failures=2,
        waived=(),
    )
    return Card(origin, hotfix, plan, rules)
