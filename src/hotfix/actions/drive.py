"""The loop of a ship: read the record, ask :func:`next_step`, write the intent, act, write the outcome; until done.

Everything that it knows is on record or asked of the units, so any process may take it up where another
left it: after a crash, fold, observe, ask again.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from hotfix.actions.effects import Hands
from hotfix.actions.find import find
from hotfix.actions.judge import votes
from hotfix.actions.notify import notify
from hotfix.actions.read_rules import read_signers
from hotfix.lifecycle import rollback, ship
from hotfix.policy.rules import Rules
from hotfix.ports import Append, Book, Ports
from hotfix.questions.next_step import End, PassWave, Sample, Step, next_step
from hotfix.record import moment
from hotfix.record.facts import (
    Activated,
    Activating,
    Ended,
    Fact,
    Observed,
    Returned,
    Returning,
    RollbackRequested,
    WavePassed,
)
from hotfix.record.finding import Refused
from hotfix.record.hotfix import Hotfix
from hotfix.record.parts import Effect
from hotfix.record.ship import Ship

_LONGEST_UNWRITTEN = 10.0
"""Seconds after which samples are written even where they decide nothing."""


def drive(ports: Ports, id: str, rules: Rules, by: str) -> Hotfix:
    """Bring the newest ship of hotfix `id` to its end, by the rules that were recorded with its plan."""
    return _Driver(ports, id, rules, by).run()


class _Overtaken(Exception):
    """The record moved on between the decision and its intent: decide again."""


class _Driver:
    def __init__(self, ports: Ports, id: str, rules: Rules, by: str) -> None:
        self._ports = ports
        self._id = id
        self._rules = rules
        self._by = by
        self._pending: list[Observed] = []
        self._told: dict[str, str] = {}
        self._floor = moment.from_text(_newest(self._hotfix()).plan.at)

    def run(self) -> Hotfix:
        hotfix = self._hotfix()
        current = _newest(hotfix)
        hands = Hands(self._ports, self._rules, current.plan)
        while True:
            hotfix = self._hotfix()
            current = _newest(hotfix)
            for observed in self._pending:
                current = current.apply(observed)
            self._floor = moment.from_text(hotfix.facts[-1].at)
            step = next_step(current, self._now())
            if step is None:
                return hotfix
            try:
                self._perform(current, step, hands)
            except _Overtaken:
                continue
            except (Refused, OSError) as error:
                self._come_back(current, error)

    def _perform(self, current: Ship, step: Step, hands: Hands) -> None:
        number = current.plan.ship
        match step:
            case ship.Activate(wave, units):
                self._sync()
                against = self._rejected_meanwhile(current)
                if against:
                    self._perform(current, ship.GoBack(against), hands)
                    return
                self._append_unless_overtaken(
                    current, Activating(at=self._at(), by=self._by, ship=number, wave=wave, units=units)
                )
                self._sync()
                self._say(f"wave {wave}: {', '.join(units)} → {current.plan.release}")
                effects, states = hands.activate(current, units)
                self._tell_failures(effects)
                self._append(
                    Activated(
                        at=self._at(), by=self._by, ship=number, wave=wave, effects=effects, states=states
                    )
                )
            case ship.Settle(units, wave):
                self._say(f"settling what was begun on {', '.join(units)}")
                states = hands.observe(units)
                self._append(
                    Activated(at=self._at(), by=self._by, ship=number, wave=wave, effects=(), states=states)
                )
            case ship.GoBack(because):
                self._say(f"going back: {because}")
                self._append(RollbackRequested(at=self._at(), by=self._by, ship=number, because=because))
            case rollback.Return(units):
                self._say(f"way back: {', '.join(units)}")
                self._append(Returning(at=self._at(), by=self._by, ship=number, units=units))
                effects, states = hands.bring_back(current, units)
                self._tell_failures(effects)
                self._append(
                    Returned(at=self._at(), by=self._by, ship=number, effects=effects, states=states)
                )
            case rollback.SettleReturn(units):
                states = hands.observe(units)
                self._append(Returned(at=self._at(), by=self._by, ship=number, effects=(), states=states))
            case PassWave(wave):
                self._say(f"wave {wave} is well")
                if wave == len(current.plan.waves):
                    watch = moment.in_words(timedelta(seconds=current.plan.window_seconds))
                    self._say(f"watching for {watch} more; the way back stays warm")
                self._append_unless_overtaken(
                    current, WavePassed(at=self._at(), by=self._by, ship=number, wave=wave)
                )
            case Sample():
                self._sample(current, step, hands)
            case End(outcome, because):
                self._end(current, outcome, because)

    def _tell_failures(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            if effect.exit != 0:
                self._say(f"{effect.unit}: the command ended with {effect.exit}: {effect.said}")

    def _append_unless_overtaken(self, current: Ship, fact: Fact) -> None:
        """Put a decision on record, unless somebody asked for the way back since it was made."""

        def decide(book: Book) -> Append:
            if _newest(find(book, self._id)).rollback != current.rollback:
                raise _Overtaken
            return Append(self._id, (*self._pending, fact))

        self._ports.ledger.append(decide, anchor=False)
        self._pending.clear()

    def _come_back(self, current: Ship, error: Refused | OSError) -> None:
        """A trouble in the middle is no reason to leave a mixed fleet: what was changed goes back first."""
        now = _newest(self._hotfix())
        if now.rollback is not None or now.ended is not None or not now.touched:
            raise error
        self._say(f"in trouble: {error}")
        because = f"the ship could not go on: {error}"
        self._append(RollbackRequested(at=self._at(), by=self._by, ship=current.plan.ship, because=because))

    def _rejected_meanwhile(self, current: Ship) -> str:
        """A reviewer who says no after the plan, in the order of the record, stops the ship before its next wave.

        Where nobody can tell whose no it is (trunk has lost its list), the ship goes on: its gates were judged.
        """
        hotfix = self._hotfix()
        since = hotfix.facts[hotfix.facts.index(current.plan) :]
        try:
            trunk = self._ports.git.trunk(self._rules.trunk)
            signers = read_signers(self._ports, trunk.commit, self._rules)
            said = votes(self._ports, hotfix, signers)
        except Refused as error:
            self._say(f"rejections cannot be read: {error}")
            return ""
        for vote in said:
            no = vote.fact.verdict == "reject" and vote.fact.patch == current.plan.patch
            if no and vote.person and vote.fact in since:
                return f"{vote.person} rejected the patch while it shipped: {vote.fact.because}"
        return ""

    def _sample(self, current: Ship, step: Sample, hands: Hands) -> None:
        if current.runs:
            self._ports.clock.sleep(current.plan.interval_seconds)
        states, samples = hands.sample(current, step.keys)
        self._pending.append(
            Observed(
                at=self._at(),
                by=self._by,
                ship=current.plan.ship,
                phase=step.phase,
                states=states,
                samples=samples,
            )
        )
        for sample in samples:
            key, news = f"{sample.check}@{sample.unit}", f"{sample.outcome}: {sample.said}"
            if self._told.get(key) != sample.outcome:
                self._say(f"{step.phase}: {sample.check} {sample.unit} {news}".replace("  ", " "))
            self._told[key] = sample.outcome
        if moment.between(self._pending[0].at, self._pending[-1].at).total_seconds() > _LONGEST_UNWRITTEN:
            self._append()

    def _end(self, current: Ship, outcome: str, because: str) -> None:
        self._say(f"{outcome.replace('_', ' ')}: {because}")
        ended = Ended(at=self._at(), by=self._by, ship=current.plan.ship, outcome=outcome, because=because)
        self._append_unless_overtaken(current, ended)
        told = notify(
            self._ports,
            self._rules,
            outcome,
            self._id,
            self._by,
            {"because": because, "release": current.plan.release, "environment": current.plan.environment},
        )
        if told:
            self._append(*told)
        try:
            self._sync()
        except Refused as error:
            self._say(f"the record of this end is in this clone only: {error}")

    def _append(self, *facts: Fact) -> None:
        """Add the samples so far and these facts. Durable here at once; the remote gets them with the next push."""
        everything = (*self._pending, *facts)
        self._ports.ledger.append(lambda _: Append(self._id, everything), anchor=False)
        self._pending.clear()

    def _sync(self) -> None:
        """Give the remote what it lacks. Away is told and borne; a record that was rewritten is a trouble (Refused)."""
        why = self._ports.ledger.push()
        if why:
            self._say(f"the record is not on the remote yet: {why}")

    def _hotfix(self) -> Hotfix:
        return find(self._ports.ledger.read(), self._id)

    def _now(self) -> datetime:
        """Never before the newest fact: a clock that jumps back must not stretch patience."""
        return max(self._ports.clock.now(), self._floor)

    def _at(self) -> str:
        return moment.to_text(self._now())

    def _say(self, text: str) -> None:
        self._ports.narrate(text)


def _newest(hotfix: Hotfix) -> Ship:
    if hotfix.ship is None:
        raise AssertionError(f"{hotfix.id} has no ship to drive")
    return hotfix.ship


class Outcome(msgspec.Struct, frozen=True):
    """How a ship ended."""

    hotfix: str
    ship: int
    release: str
    environment: str
    outcome: str
    because: str
    units: tuple[tuple[str, str], ...]
    waived: tuple[str, ...]
    anchored: bool


def outcome(ports: Ports, hotfix: Hotfix) -> Outcome:
    """The end of the newest ship, as people and programs are told."""
    current = _newest(hotfix)
    book = ports.ledger.read()
    ended = current.ended
    return Outcome(
        hotfix=hotfix.id,
        ship=current.plan.ship,
        release=current.plan.release,
        environment=current.plan.environment,
        outcome=ended.outcome if ended else "open",
        because=ended.because if ended else "",
        units=tuple(
            (unit.unit, _serves(current, unit.unit, unit.from_answer)) for unit in current.plan.units
        ),
        waived=current.plan.waived,
        anchored=book.anchored in (-1, book.next_seq - 1),
    )


def _serves(current: Ship, unit: str, former: str) -> str:
    state = current.states.get(unit)
    if state is None:
        return former
    return state.release if state.state == "serving" else state.state
