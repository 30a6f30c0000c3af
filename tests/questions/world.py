"""A production of a few units in memory, and the loop that ships to it: performs each step and appends facts.

Everything that may go wrong goes wrong at random: an effect leaves a unit new, former, half, down, silent
or with somebody else's release; checks turn red; somebody deploys in between; the process dies between
intent and outcome, or forgets the samples that it had not written; a person asks for the way back.
"""

import random
from collections import Counter
from datetime import timedelta

import msgspec

from hotfix.lifecycle import rollback, ship
from hotfix.lifecycle.validate import SERVING
from hotfix.questions.next_step import End, PassWave, Sample, Step, next_step
from hotfix.record import facts, moment
from hotfix.record.any_fact import AnyFact
from hotfix.record.hotfix import fold
from hotfix.record.ship import Ship
from lifecycle.facts_of import ANN, FOREIGN, FORMER, NEW, START, planned, with_

LOST = ("half", "down", "unknown")
MOST_STEPS = 150
"""More than any ship of this size may need: two waves, a window of 20 s, a sample a second."""


class Temper(msgspec.Struct, frozen=True):
    """How likely each mishap is, from 0 (never) to 1 (always)."""

    effect_fails: float = 0.0
    check_fails: float = 0.0
    goal_stays_red: float = 0.0
    strangers: float = 0.0
    crashes: float = 0.0
    people_ask_back: float = 0.0


class World:
    """Two waves of one and two units; a goal of the service, a guard of each unit."""

    def __init__(self, seed: int, temper: Temper, purpose: str = "hotfix") -> None:
        """With another `purpose` the plan is a rehearsal's: the first unit alone, and no window."""
        self.chance = random.Random(seed)
        self.temper = temper
        self.now = START
        names = ("shop-1", "shop-2", "shop-3")
        self.units = dict.fromkeys(names, FORMER)
        """What each unit serves, or how it is lost."""
        plan = planned(
            units=tuple(facts.UnitPlan(name, FORMER, "b" * 40, FORMER) for name in names),
            waves=(names[:1], names[1:]),
        )
        if purpose != "hotfix":
            alone = {"units": plan.units[:1], "waves": plan.waves[:1], "goals": (), "window_seconds": 0.0}
            plan = with_(plan, purpose=purpose, **alone)
        self.record: list[AnyFact] = [plan]
        self.pending: list[facts.Observed] = []
        self.steps: list[Step] = []
        self.crashed = 0

    # -- the loop ---------------------------------------------------------------------------------

    def ship(self) -> Ship:
        """What the record and the samples in memory add up to."""
        return fold("HF-7", [*self.record, *self.pending]).ships[-1]

    def drive(self) -> str:
        """Steps until the ship has ended; the outcome."""
        for _ in range(MOST_STEPS):
            self._mischief()
            state = self.ship()
            step = next_step(state, self.now)
            if step is None:
                return state.ended.outcome if state.ended else ""
            self.steps.append(step)
            self._perform(state, step)
        raise AssertionError(f"still going after {MOST_STEPS} steps: {self.steps[-5:]}")

    def _perform(self, state: Ship, step: Step) -> None:
        match step:
            case ship.Activate(wave, units):
                self._append(facts.Activating, wave=wave, units=units)
                self._effects(state, units, NEW)
                if not self._crash():
                    self._append(facts.Activated, wave=wave, effects=(), states=self._observe(units))
            case ship.Settle(units, wave):
                self._append(facts.Activated, wave=wave, effects=(), states=self._observe(units))
            case ship.GoBack(because):
                self._append(facts.RollbackRequested, because=because)
            case rollback.Return(units):
                self._append(facts.Returning, units=units)
                self._effects(state, units, FORMER)
                if not self._crash():
                    self._append(facts.Returned, effects=(), states=self._observe(units))
            case rollback.SettleReturn(units):
                self._append(facts.Returned, effects=(), states=self._observe(units))
            case PassWave(wave):
                self._append(facts.WavePassed, wave=wave)
            case Sample(keys, phase):
                self._sample(state, keys, phase)
            case End(outcome, because):
                self._append(facts.Ended, outcome=outcome, because=because)

    def _append(self, kind: type[facts.Fact], **fields: object) -> None:
        self.now += timedelta(milliseconds=50)
        fact = kind(at=moment.to_text(self.now), by=ANN, ship=1, **fields)
        self.record += [*self.pending, fact]
        self.pending = []

    # -- what units and checks do -----------------------------------------------------------------

    def _effects(self, state: Ship, units: tuple[str, ...], wanted: str) -> None:
        self._somebody_interferes()
        for unit in units:
            on_record = self.ship()
            assert unit in (on_record.activating if wanted == NEW else on_record.returning), (
                "no intent on record"
            )
            if self.units[unit] in (wanted, FOREIGN) or self._happens(self.temper.crashes / 4):
                continue
            self.now += timedelta(seconds=1)
            others = [other for other in (NEW, FORMER, *LOST) if other != wanted]
            self.units[unit] = (
                self.chance.choice(others) if self._happens(self.temper.effect_fails) else wanted
            )

    def _observe(self, units: tuple[str, ...]) -> tuple[facts.UnitState, ...]:
        return tuple(
            facts.UnitState(unit, self.units[unit], "", "no answer")
            if self.units[unit] in LOST
            else facts.UnitState(unit, "serving", self.units[unit])
            for unit in units
        )

    def _sample(self, state: Ship, keys: tuple[str, ...], phase: str) -> None:
        self.now += timedelta(seconds=1)
        self._somebody_interferes()
        states = self._observe(tuple(key.partition("@")[2] for key in keys if key.startswith(f"{SERVING}@")))
        samples = tuple(self._answer(state, *key.split("@")) for key in keys)
        self.pending.append(
            facts.Observed(
                at=moment.to_text(self.now), by=ANN, ship=1, phase=phase, states=states, samples=samples
            )
        )

    def _answer(self, state: Ship, check: str, unit: str) -> facts.Sample:
        if check == SERVING:
            right = self.units[unit] == (FORMER if state.rollback else NEW)
            outcome = "pass" if right else "inconclusive" if self.units[unit] == "unknown" else "fail"
        elif check == "mail":
            outcome = "fail" if self._happens(self.temper.goal_stays_red) else "pass"
        else:
            bad = self.chance.choice(("fail", "error", "inconclusive"))
            outcome = bad if self._happens(self.temper.check_fails) else "pass"
        return facts.Sample(check, unit, outcome, "it said so")

    # -- what goes wrong --------------------------------------------------------------------------

    def _mischief(self) -> None:
        if self._happens(self.temper.crashes / 20):
            self._die()
        if self._happens(self.temper.people_ask_back / 20) and self.ship().ended is None:
            self._append(facts.RollbackRequested, because="a person asked for it")

    def _somebody_interferes(self) -> None:
        """Between two looks; what happens after the last one nobody can know."""
        if self._happens(self.temper.strangers / 10):
            self.units[self.chance.choice(list(self.units))] = self.chance.choice((FOREIGN, "down"))

    def _crash(self) -> bool:
        dies = self._happens(self.temper.crashes)
        if dies:
            self._die()
        return dies

    def _die(self) -> None:
        """Samples that were not written are lost, and somebody takes the ship up later."""
        self.crashed += 1
        self.pending = []
        self.now += timedelta(seconds=self.chance.choice((0, 5, 600, 36_000)))

    def _happens(self, likely: float) -> bool:
        return self.chance.random() < likely


def tries(record: list[AnyFact], kind: type[facts.Activating | facts.Returning]) -> Counter[str]:
    """How often each unit was about to be changed; on the way back, since it was last asked for."""
    counted: Counter[str] = Counter()
    ended = True
    for fact in record:
        if isinstance(fact, kind):
            counted.update(fact.units)
        elif isinstance(fact, facts.Ended):
            ended = True
        elif isinstance(fact, facts.RollbackRequested) and kind is facts.Returning and ended:
            counted.clear()
            ended = False
    return counted
