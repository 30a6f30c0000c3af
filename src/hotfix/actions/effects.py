"""Effects on units and questions to them: what the ship loop does with its hands, wave by wave, in parallel."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import msgspec

from hotfix.actions.build import files_of
from hotfix.lifecycle.validate import SERVING
from hotfix.policy.rules import Rules, Unit
from hotfix.ports import Fence, Order, Ports, Release, Target
from hotfix.record.canonical import sha256
from hotfix.record.facts import Planned
from hotfix.record.finding import Refused
from hotfix.record.parts import Effect, Sample, UnitPlan, UnitState
from hotfix.record.ship import Ship

_AT_ONCE = 8
WAY_BACK_GRACE = 3.0
"""Seconds that a way back leaves to an effect of the ship before it ends that."""
_UNTOUCHED = sha256(b"")

In = TypeVar("In")
Out = TypeVar("Out")


class Hands:
    """Reaches the units of one plan, for the process `holder`, under its `token`."""

    def __init__(self, ports: Ports, rules: Rules, plan: Planned, token: int, holder: str) -> None:
        self._ports = ports
        self._rules = rules
        self._production = ports.production(rules)
        self._target: Target = self._production.target(plan.environment)
        self._checks = rules.checks
        self._plan = plan
        self._token = token
        self._holder = holder
        self._units = {unit.name: unit for unit in rules.environments[plan.environment].units}
        self._plans = {unit.unit: unit for unit in plan.units}

    def observe(self, units: Iterable[str]) -> tuple[UnitState, ...]:
        """What each unit says of itself."""
        return _each(lambda unit: self._target.observe(self._units[unit]), units)

    def settled(self, units: Iterable[str]) -> tuple[UnitState, ...]:
        """The same, once each had the time that it has to start."""
        return _each(lambda unit: self._target.settled(self._units[unit]), units)

    def fence(self, units: Iterable[str], grace: float) -> tuple[Fence, ...]:
        """Shut out everybody with a lower token, and wait for what they began; see the port."""
        return _each(
            lambda unit: self._target.fence(self._units[unit], self._token, self._holder, grace), units
        )

    def prepare(self) -> None:
        """Put the new release's files beside what serves, on every unit.

        A release of before is taken as the team's own tooling left it there; of a new one nobody but us may have put
        the files there.
        """
        new, of_before = self._new(), self._plan.purpose in ("return", "base")
        lacking = [
            unit for unit in self._plans if not of_before or self._target.needs_files(self._units[unit], new)
        ]
        files = files_of(self._ports, self._rules, new) if lacking else None
        _each(
            lambda unit: self._target.prepare(
                self._order(self._plans[unit], new, None), files if unit in lacking else None
            ),
            self._plans,
        )

    def activate(self, ship: Ship, units: Sequence[str]) -> tuple[tuple[Effect, ...], tuple[UnitState, ...]]:
        """Change units to the new release, save those that serve it already or serve what is not ours to replace."""
        pairs = _each(lambda unit: self._change(ship, self._plans[unit], self._new(), forward=True), units)
        return tuple(effect for effect, _ in pairs), tuple(state for _, state in pairs)

    def bring_back(
        self, ship: Ship, units: Sequence[str]
    ) -> tuple[tuple[Effect, ...], tuple[UnitState, ...]]:
        """Put units back to what each served before, with the same care."""
        pairs = _each(
            lambda unit: self._change(ship, self._plans[unit], former(self._plans[unit]), forward=False),
            units,
        )
        return tuple(effect for effect, _ in pairs), tuple(state for _, state in pairs)

    def sample(self, ship: Ship, keys: Sequence[str]) -> tuple[tuple[UnitState, ...], tuple[Sample, ...]]:
        """Ask ``check@unit`` keys; ``serving`` is answered by observing the unit."""
        split = [key.partition("@") for key in keys]
        states = self.observe([unit for name, _, unit in split if name == SERVING])
        asked = _each(
            lambda pair: self._ask(ship, *pair), [(name, unit) for name, _, unit in split if name != SERVING]
        )
        return states, (*(self._as_sample(ship, state) for state in states), *asked)

    def _change(
        self, ship: Ship, plan: UnitPlan, release: Release, *, forward: bool
    ) -> tuple[Effect, UnitState]:
        unit = self._units[plan.unit]
        before = self._target.observe(unit)
        if ship.foreign(plan, before):
            said = "not touched: it serves what is not ours to replace"
            return Effect(plan.unit, 0, 0.0, _UNTOUCHED, said, "foreign"), before
        order = self._order(plan, release, before)
        if not forward:
            ours = (*(order.replaces or ()), self._plan.release, self._plan.commit)
            order = msgspec.structs.replace(order, replaces=ours, blind=True, grace=WAY_BACK_GRACE)
        there = ship.serves_new(before) if forward else ship.serves_former(plan, before)
        if not there and self._target.needs_files(unit, release):
            self._prepare_again(order)
        return self._target.activate(order), self._target.observe(unit)

    def _prepare_again(self, order: Order) -> None:
        """Files that are not where the target needs them: another process prepared, or it is the release of before.

        Where they cannot be had the effect is tried all the same: the unit itself then says how that went.
        """
        try:
            self._target.prepare(order, files_of(self._ports, self._rules, order.release))
        except (Refused, OSError) as error:
            self._ports.narrate(
                f"{order.unit.name}: the files of {order.release.name} cannot be had: {error}"
            )

    def _order(self, plan: UnitPlan, release: Release, now: UnitState | None) -> Order:
        """`now` is what the unit was just seen to serve: what it must still serve when the effect begins."""
        words = f"{self._plan.ship}\0{self._plan.token}\0{plan.unit}\0{release.name}"
        key = sha256(words.encode())[:32]
        expected = plan.from_answer if now is None else now.release if now.state == "serving" else ""
        return Order(
            unit=self._units[plan.unit],
            release=release,
            expected=expected,
            token=self._token,
            key=key,
            holder=self._holder,
            replaces=(plan.from_answer, plan.from_release, plan.from_commit),
            grace=self._rules.targets[self._rules.environments[self._plan.environment].target].timeout,
        )

    def _new(self) -> Release:
        return Release(self._plan.release, self._plan.commit, self._plan.artifact)

    def _ask(self, ship: Ship, name: str, unit: str) -> Sample:
        check = self._production.check(name, self._checks[name])
        expected = self._plan.release
        if ship.rollback is not None:
            expected = self._plans[unit].from_answer if unit else self._plan.units[0].from_answer
        return check.run(name, self._units.get(unit), expected)

    def _as_sample(self, ship: Ship, state: UnitState) -> Sample:
        plan = self._plans[state.unit]
        well = ship.serves_former(plan, state) if ship.rollback is not None else ship.serves_new(state)
        outcome = "pass" if well else "inconclusive" if state.state == "unknown" else "fail"
        said = f"serves {state.release}" if state.state == "serving" else f"{state.state}: {state.said}"
        return Sample(SERVING, state.unit, outcome, said)


def former(plan: UnitPlan) -> Release:
    """The release that a unit goes back to, under the name that the unit itself gave it."""
    return Release(plan.from_answer, plan.from_commit, "")


def baseline(ports: Ports, rules: Rules, environment: str, running: Mapping[str, str]) -> tuple[Sample, ...]:
    """The first answer of every goal and guard, on every unit, before anything is changed.

    `running` is what each unit says it serves, for checks that compare; only these units are asked.
    """
    anything = next(iter(running.values()), "")
    production, env = ports.production(rules), rules.environments[environment]

    def ask(pair: tuple[str, Unit | None]) -> Sample:
        name, unit = pair
        expected = running.get(unit.name, "") if unit else anything
        return production.check(name, rules.checks[name]).run(name, unit, expected)

    pairs: list[tuple[str, Unit | None]] = []
    for name in dict.fromkeys((*env.goals, *env.guards)):
        units = [unit for unit in env.units if unit.name in running]
        pairs += [(name, unit) for unit in units] if rules.checks[name].per_unit else [(name, None)]
    return _each(ask, pairs)


def _each(act: Callable[[In], Out], items: Iterable[In]) -> tuple[Out, ...]:
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        return tuple(pool.map(act, list(items)))
