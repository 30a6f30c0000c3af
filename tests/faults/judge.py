"""What must hold after every trial, whatever was done to the processes; each fault is a sentence."""

import json
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from faults.books import Books, Story, told
from faults.fleet import BASE, FIXED, FOREIGN, Effect
from faults.scene import Scene, Seat

ENDS = ("validated", "rolled_back", "halted")


class Judge:
    """Looks at a scene in which nothing runs any more."""

    def __init__(self, scene: Scene, seat: Seat, planted: dict[str, float]) -> None:
        """`seat`: whose command ended last; `planted`: units that serve something foreign, since when."""
        self._scene = scene
        self._seat = seat
        self._planted = planted
        self._books = Books()
        self._clones = [one.clone for one in (scene.desk, scene.laptop)]
        self._serves = scene.fleet.serves()

    def faults(self) -> Iterator[str]:
        """Everything that is wrong."""
        facts = self._books.facts(self._seat.clone, self._books.head(self._seat.clone))
        story = Story().tell(facts)
        yield from self._end(story)
        yield from self._agreement(story)
        for unit in self._serves:
            effects = self._scene.fleet.effects(unit)
            yield from self._intents(effects)
            yield from order_of_tokens(effects)
            yield from self._hands_off(unit, effects)
        yield from self._kept()

    def outcome(self) -> str:
        """How the newest ship ended, by the record of whoever ended last."""
        return Story().tell(self._books.facts(self._seat.clone, self._books.head(self._seat.clone))).outcome

    def _end(self, story: Story) -> Iterator[str]:
        outcome = story.outcome
        if outcome not in ENDS and not (story.is_ashore and self._planted):
            yield f"the newest ship ended {outcome!r}"
        if outcome == "halted" and FOREIGN not in self._serves.values():
            yield "it halted, and no unit serves anything foreign"
        if outcome == "validated" and set(self._serves.values()) != {FIXED}:
            yield f"it is validated, and the units serve {self._serves}"
        mixed = {release for unit, release in self._serves.items() if unit not in self._planted} != {BASE}
        if (outcome == "rolled_back" or story.is_ashore) and mixed:
            yield f"it is {outcome}, and the units serve {self._serves}"

    def _agreement(self, story: Story) -> Iterator[str]:
        for unit, serves in self._serves.items():
            if unit in self._planted:
                if serves != FOREIGN:
                    yield f"{unit} served something foreign, and now serves {serves}"
                if story.serves.get(unit, BASE) not in (FOREIGN, BASE, FIXED):
                    yield f"{unit} serves {serves}, and the record says {story.serves[unit]}"
            elif serves != story.serves.get(unit, BASE):
                yield f"{unit} serves {serves}, and the record says {story.serves.get(unit, BASE)}"

    def _intents(self, effects: Sequence[Effect]) -> Iterator[str]:
        for effect in effects:
            if not any(
                self._intended(effect, clone, head)
                for clone, head in zip(self._clones, effect.heads, strict=True)
            ):
                yield f"{effect.unit} was changed to {effect.release} with token {effect.token}, and no record held that intent"

    def _intended(self, effect: Effect, clone: Path, head: str) -> bool:
        if head == "-":
            return False
        story = Story().tell(self._books.facts(clone, head))
        return any(
            voyage.intends(effect.unit, effect.release) and effect.token in voyage.tokens
            for voyage in story.voyages
        )

    def _hands_off(self, unit: str, effects: Sequence[Effect]) -> Iterator[str]:
        since = self._planted.get(unit)
        if since is not None and any(effect.began > since for effect in effects):
            yield f"{unit} was changed after somebody else had changed it"

    def _kept(self) -> Iterator[str]:
        """No record has lost what any process saw as its head."""
        places = [*self._clones, self._scene.remote]
        for place in places:
            head = self._books.head(place)
            here = self._books.commits(place, head)
            facts = {told(fact) for fact in self._books.facts(place, head)}
            moves = self._books.heads(place)
            for at, (before, after) in enumerate(moves):
                # Others were faster on the remote: an append that nobody was told of, taken off at once.
                dropped = (after, before) in moves[at + 1 : at + 2]
                if after in here or dropped:
                    continue
                lost = [fact["kind"] for fact in self._books.added(place, after) if told(fact) not in facts]
                if lost:
                    yield f"{place.name} lost {', '.join(lost)} of {after[:12]}"


def order_of_tokens(effects: Sequence[Effect]) -> Iterator[str]:
    """On one unit tokens never go down, and no two effects are under way at once."""
    for before, after in pairwise(effects):
        if after.token < before.token:
            yield f"{after.unit} obeyed token {after.token} after token {before.token}"
        if before.ended is not None and before.ended > after.began:
            yield f"{after.unit} was changed by two at once, with tokens {before.token} and {after.token}"


def broken_record(said: str) -> list[str]:
    """What ``hotfix log --verify --json`` found."""
    return [finding["sentence"] for finding in json.loads(said)["findings"]]
