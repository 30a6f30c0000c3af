"""What the facts of a ship add up to: the plan, what is known of each unit, and what is still open."""

import msgspec

from hotfix.record.any_fact import AnyFact
from hotfix.record.facts import (
    Activated,
    Activating,
    Ended,
    LeaseTaken,
    Observed,
    Planned,
    Returned,
    Returning,
    RollbackRequested,
    WavePassed,
    WindowExtended,
)
from hotfix.record.parts import Sample, UnitPlan, UnitState

OfShip = (
    Activating
    | Activated
    | Observed
    | WavePassed
    | RollbackRequested
    | Returning
    | Returned
    | WindowExtended
    | Ended
)
"""The facts that name the ship they speak of."""


ENDS = ("validated", "rolled_back", "halted", "rehearsed", "standing_in")
"""How a ship may end."""

LONGEST_EXTENSION = 86400.0
"""Seconds by which an observation window is extended at most, in all."""

_HIGHEST_TOKEN = 10**12


def believable(token: int) -> int:
    """A token from the record; 0 where it is so high that nobody's could rise above it: then nobody honest took it."""
    return token if 0 <= token <= _HIGHEST_TOKEN else 0


class Ship(msgspec.Struct, frozen=True):
    """One ship of one patch to one environment."""

    plan: Planned
    token: int = 0
    """The highest that anybody took to act on this ship; units refuse a lower one."""
    extended_seconds: float = 0.0
    waves_passed: int = 0
    activating: frozenset[str] = frozenset()
    """Units with an intent to ship and no outcome yet."""
    activated: frozenset[str] = frozenset()
    """Units whose newest outcome is the new release's."""
    attempts: dict[str, int] = {}
    rollback: RollbackRequested | None = None
    returning: frozenset[str] = frozenset()
    returned: frozenset[str] = frozenset()
    return_attempts: dict[str, int] = {}
    states: dict[str, UnitState] = {}
    runs: dict[str, tuple[tuple[str, Sample], ...]] = {}
    """Samples since the last change of phase, by ``check@unit``: (moment, sample), oldest first."""
    phase: str = "wave 1"
    phase_since: str = ""
    ended: Ended | None = None
    before: Ended | None = None
    """How it had ended before the way back was asked for; None where it was still under way then."""

    @property
    def window_seconds(self) -> float:
        """How long the guards go on after the last wave, with every extension."""
        return self.plan.window_seconds + self.extended_seconds

    @property
    def touched(self) -> tuple[str, ...]:
        """Units that were, or may have been, changed; in the order of the plan."""
        return tuple(unit.unit for unit in self.plan.units if self._is_touched(unit.unit))

    def _is_touched(self, unit: str) -> bool:
        """By an intent on record, or because it serves the new release: the intent may be in another clone."""
        state = self.states.get(unit)
        return (
            self.attempts.get(unit, 0) > 0
            or unit in self.returned
            or (state is not None and self.serves_new(state))
        )

    def serves_new(self, state: UnitState) -> bool:
        """Whether this is the ship's release, by its name or its full commit id."""
        return state.state == "serving" and state.release in (self.plan.release, self.plan.commit)

    @staticmethod
    def serves_former(unit: UnitPlan, state: UnitState) -> bool:
        """Whether this is what the unit served before, as it called it itself, by its name or its commit id."""
        former = (unit.from_answer, unit.from_release, unit.from_commit)
        return state.state == "serving" and state.release in former

    def foreign(self, unit: UnitPlan, state: UnitState) -> bool:
        """Whether the unit serves what neither this ship nor its past put there."""
        return state.state == "serving" and not self.serves_new(state) and not self.serves_former(unit, state)

    def apply(self, fact: AnyFact) -> "Ship":
        """This ship with one more fact; what speaks of another ship, or of none, leaves it as it is."""
        if isinstance(fact, OfShip) and fact.ship != self.plan.ship:
            return self
        if self._comes_late(fact):
            return self._late(fact)
        match fact:
            case Activating():
                return self._activating(fact)
            case Activated():
                return self._activated(fact)
            case Observed():
                return self._observed(fact)
            case WavePassed():
                return self._enter(f"wave {fact.wave + 1}", fact.at, waves_passed=fact.wave)
            case RollbackRequested():
                return self._roll_back(fact)
            case Returning():
                return msgspec.structs.replace(
                    self,
                    returning=self.returning | set(fact.units),
                    return_attempts=_counted(self.return_attempts, fact.units),
                )
            case Returned():
                return self._returned(fact)
            case _:
                return self._of_its_life(fact)

    def _comes_late(self, fact: AnyFact) -> bool:
        """Whether it tells of a time before the way back, or before the end: its clone pushed it only afterwards."""
        if self._is_there_and_back():
            return isinstance(fact, OfShip)  # nothing is left to take back, and the rehearsal was made
        match fact:
            case Activated() | WavePassed():
                return self.rollback is not None or self.ended is not None
            case Observed():
                return self.ended is not None or (self.rollback is not None and fact.at < self.phase_since)
            case Returning() | Returned() | Ended():
                return self.ended is not None
            case RollbackRequested():
                # By a shipper that was overtaken: whoever took over has brought it to its end since.
                return self.ended is not None and 0 < fact.token < self.token
            case _:
                return False

    def _is_there_and_back(self) -> bool:
        over = self.ended is not None and self.ended.outcome == "rehearsed"
        seen = [(unit, self.states.get(unit.unit)) for unit in self.plan.units]
        return over and all(state is not None and self.serves_former(unit, state) for unit, state in seen)

    def _late(self, fact: AnyFact) -> "Ship":
        """What was done counts; what units served then says nothing of what they serve now."""
        match fact:
            case Observed():
                return msgspec.structs.replace(self._observed(fact), states=self.states)
            case Activated():
                done = {state.unit for state in fact.states}
                return msgspec.structs.replace(
                    self, activating=self.activating - done, activated=self.activated | done
                )
            case Returned():
                done = {state.unit for state in fact.states}
                return msgspec.structs.replace(
                    self, returning=self.returning - done, returned=self.returned | done
                )
            case _:
                return self

    def _of_its_life(self, fact: AnyFact) -> "Ship":
        match fact:
            case LeaseTaken() if self.ended is None and fact.environment == self.plan.environment:
                # Another process took this ship up where it was left.
                return msgspec.structs.replace(self, token=max(self.token, believable(fact.token)))
            case WindowExtended() if fact.seconds > 0:
                longer = min(self.extended_seconds + fact.seconds, LONGEST_EXTENSION)
                return msgspec.structs.replace(self, extended_seconds=longer)
            case Ended(outcome="validated") if self.rollback is not None:
                return self  # written by somebody who had not seen the request yet: going back stands
            case Ended() if fact.outcome in ENDS:
                return msgspec.structs.replace(self, ended=fact)
            case _:
                return self

    def _roll_back(self, fact: RollbackRequested) -> "Ship":
        """Go back; a ship that had ended is open again, and its units may be tried anew."""
        token = max(self.token, believable(fact.token))
        if self.rollback is not None and self.ended is None:
            # Whoever takes over may try anew what was tried in vain.
            anew = token > self.token
            return msgspec.structs.replace(
                self, token=token, return_attempts={} if anew else self.return_attempts
            )
        return self._enter(
            "way back",
            fact.at,
            token=token,
            rollback=fact,
            before=self.ended,
            ended=None,
            returned=frozenset(),
            return_attempts={},
        )

    def _activating(self, fact: Activating) -> "Ship":
        return msgspec.structs.replace(
            self,
            activating=self.activating | set(fact.units),
            attempts=_counted(self.attempts, fact.units),
        )

    def _activated(self, fact: Activated) -> "Ship":
        done = {state.unit for state in fact.states}
        return self._enter(
            self.phase,
            fact.at,
            activating=self.activating - done,
            activated=self.activated | done,
            states=self.states | {state.unit: state for state in fact.states},
        )

    def _returned(self, fact: Returned) -> "Ship":
        done = {state.unit for state in fact.states}
        return self._enter(
            self.phase,
            fact.at,
            returning=self.returning - done,
            returned=self.returned | done,
            states=self.states | {state.unit: state for state in fact.states},
        )

    def _observed(self, fact: Observed) -> "Ship":
        runs = dict(self.runs)
        for sample in fact.samples:
            key = f"{sample.check}@{sample.unit}"
            runs[key] = (*runs.get(key, ()), (fact.at, sample))
        return msgspec.structs.replace(
            self, runs=runs, states=self.states | {state.unit: state for state in fact.states}
        )

    def _enter(self, phase: str, at: str, **changes: object) -> "Ship":
        """A new phase, or a change in it: samples of before say nothing of what serves now."""
        return msgspec.structs.replace(self, phase=phase, phase_since=at, runs={}, **changes)


def _counted(counts: dict[str, int], units: tuple[str, ...]) -> dict[str, int]:
    return counts | {unit: counts.get(unit, 0) + 1 for unit in units}
