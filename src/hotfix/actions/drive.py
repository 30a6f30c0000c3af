"""The loop of a ship: read the record, ask :func:`next_step`, write the intent, act, write the outcome; until done.

Everything that it knows is on record or asked of the units, so any process may take it up where another
left it: after a crash, fold, observe, ask again.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from hotfix.actions.acting import Acting
from hotfix.actions.effects import Hands
from hotfix.actions.find import find
from hotfix.actions.notify import notify
from hotfix.actions.turn_round import turn_round
from hotfix.actions.wait_out import wait_out
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
    Planned,
    Returned,
    Returning,
    RollbackRequested,
    WavePassed,
)
from hotfix.record.finding import Finding, Refused
from hotfix.record.hotfix import Hotfix
from hotfix.record.parts import Effect
from hotfix.record.ship import Ship

_FETCH_SECONDS = 10.0
_HEARING_SECONDS = 3.0
_LONGEST_UNWRITTEN = 10.0
"""Seconds after which samples are written even where they decide nothing."""


class Overtaken(Refused):
    """Somebody with a newer token drives this ship: this process ends, and touches nothing more."""

    def __init__(self, hotfix: str, because: str) -> None:
        super().__init__(
            Finding(
                "ship-overtaken",
                f"{because[:1].upper()}{because[1:]}.",
                f"what became of it: hotfix status {hotfix} --fetch",
            )
        )


def drive(ports: Ports, id: str, number: int, rules: Rules, acting: Acting) -> Hotfix:
    """Bring ship `number` of hotfix `id` to its end, by the rules that were recorded with its plan.

    Raises :class:`Overtaken` where somebody else took it over meanwhile.
    """
    return _Driver(ports, id, number, rules, acting).run()


class _DecideAgain(Exception):
    """The record moved on between the decision and its intent."""


class _Driver:
    def __init__(self, ports: Ports, id: str, number: int, rules: Rules, acting: Acting) -> None:
        self._ports = ports
        self._id = id
        self._number = number
        self._rules = rules
        self._acting = acting
        self._by = acting.by
        self._pending: list[Observed] = []
        self._told: dict[str, str] = {}
        self._ended: Ended | None = None
        self._asked_at: datetime | None = None
        self._floor = moment.from_text(self._ship(self._hotfix()).plan.at)

    def run(self) -> Hotfix:
        plan = self._ship(self._hotfix()).plan
        hands = Hands(self._ports, self._rules, plan, self._acting.token, self._acting.holder)
        if self._acting.takes_up:
            self._fence(hands, plan)
        while True:
            hotfix = self._hotfix()
            current = self._ship(hotfix)
            if current.token > self._acting.token:
                raise Overtaken(self._id, f"somebody acts on it with token {current.token} by now")
            if lost := self._acting.lost():
                raise Overtaken(self._id, lost)
            for observed in self._pending:
                current = current.apply(observed)
            self._floor = moment.from_text(hotfix.facts[-1].at)
            step = next_step(current, self._now())
            if step is None and current.ended != self._ended:
                raise Overtaken(
                    self._id, "somebody else put its end on record; ask the units: hotfix rollback"
                )
            if step is None:
                return hotfix
            try:
                self._perform(current, step, hands)
            except _DecideAgain:
                continue
            except Overtaken:
                raise
            except (Refused, OSError) as error:
                self._come_back(current, error)

    def _fence(self, hands: Hands, plan: Planned) -> None:
        """Nobody asks in order to settle before older effects are over and shut out."""
        fences = hands.fence([unit.unit for unit in plan.units], self._acting.grace)
        for fence in fences:
            if not fence.raised and fence.token >= self._acting.token:
                raise Overtaken(
                    self._id, f"unit {fence.unit} obeys token {fence.token} by now, which somebody else took"
                )
            if not fence.raised:
                self._say(f"{fence.unit} cannot be fenced: {fence.said}")
        hotfix = self._hotfix()
        wait_out(self._ports, hotfix, self._ship(hotfix), fences, self._by, self._acting.grace)

    def _perform(self, current: Ship, step: Step, hands: Hands) -> None:
        number = current.plan.ship
        match step:
            case ship.Activate(wave, units):
                self._sync()
                against = self._stop(current)
                if against:
                    self._perform(current, ship.GoBack(against), hands)
                    return
                self._append_unless_overtaken(
                    current, Activating(at=self._at(), by=self._by, ship=number, wave=wave, units=units)
                )
                self._sync()
                if self._ship(self._hotfix()).rollback != current.rollback:
                    raise _DecideAgain
                self._say(f"wave {wave}: {', '.join(units)} → {current.plan.release}")
                effects, states = hands.activate(current, units)
                self._refuse_stale(effects)
                self._tell_failures(effects)
                self._append(
                    Activated(
                        at=self._at(), by=self._by, ship=number, wave=wave, effects=effects, states=states
                    )
                )
            case ship.Settle(units, wave):
                self._say(f"settling what was begun on {', '.join(units)}")
                states = hands.settled(units)
                self._append(
                    Activated(at=self._at(), by=self._by, ship=number, wave=wave, effects=(), states=states)
                )
            case ship.GoBack(because):
                self._say(f"going back: {because}")
                self._go_back(current, because, hands)
            case rollback.Return(units):
                self._return(current, units, hands)
            case rollback.SettleReturn(units):
                states = hands.observe(units)
                self._append(Returned(at=self._at(), by=self._by, ship=number, effects=(), states=states))
            case PassWave(wave):
                self._say(f"wave {wave} is well")
                if wave == len(current.plan.waves):
                    watch = moment.in_words(timedelta(seconds=current.window_seconds))
                    self._say(f"watching for {watch} more; the way back stays warm")
                self._append_unless_overtaken(
                    current, WavePassed(at=self._at(), by=self._by, ship=number, wave=wave)
                )
            case Sample():
                self._sample(current, step, hands)
            case End(outcome, because):
                self._end(current, outcome, because)

    def _go_back(self, current: Ship, because: str, hands: Hands) -> None:
        """Turn round. The first intent goes on record together with the reason: every append is time without service."""
        wanted = self._request(because)
        current = current.apply(wanted)
        match next_step(current, self._now()):
            case rollback.Return(units):
                self._return(current, units, hands, wanted)
            case _:
                self._append(wanted)

    def _return(self, current: Ship, units: tuple[str, ...], hands: Hands, *why: RollbackRequested) -> None:
        number = current.plan.ship
        self._say(f"way back: {', '.join(units)}")
        self._append(*why, Returning(at=self._at(), by=self._by, ship=number, units=units))
        effects, states = hands.bring_back(current, units)
        self._refuse_stale(effects)
        self._tell_failures(effects)
        self._append(Returned(at=self._at(), by=self._by, ship=number, effects=effects, states=states))

    def _request(self, because: str) -> RollbackRequested:
        return RollbackRequested(
            at=self._at(), by=self._by, ship=self._number, because=because, token=self._acting.token
        )

    def _refuse_stale(self, effects: Iterable[Effect]) -> None:
        """A unit that obeys somebody newer is theirs, and so is the ship: what was made of the others they will see."""
        for effect in effects:
            if effect.verdict == "stale":
                raise Overtaken(self._id, f"unit {effect.unit} did not obey: {effect.said}")

    def _tell_failures(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            if effect.verdict == "done" and effect.exit != 0:
                self._say(f"{effect.unit}: the command ended with {effect.exit}: {effect.said}")
            elif effect.verdict not in ("done", "found"):
                self._say(f"{effect.unit}: {effect.verdict}, not touched: {effect.said}")

    def _append_unless_overtaken(self, current: Ship, fact: Fact) -> None:
        """Put a decision on record, unless somebody asked for the way back since it was made."""

        def decide(book: Book) -> Append:
            now = self._ship(find(book, self._id))
            if (now.rollback, now.token) != (current.rollback, current.token):
                raise _DecideAgain
            return Append(self._id, (*self._pending, fact))

        self._ports.ledger.append(decide, anchor=False)
        self._pending.clear()

    def _come_back(self, current: Ship, error: Refused | OSError) -> None:
        """A trouble in the middle is no reason to leave a mixed fleet: what was changed goes back first."""
        now = self._ship(self._hotfix())
        if now.rollback is not None or now.ended is not None or not now.touched:
            raise error
        self._say(f"in trouble: {error}")
        self._append(self._request(f"the ship could not go on: {error}"))

    def _stop(self, current: Ship) -> str:
        """Why the ship must turn round before its next wave: asked of what the remote says now."""
        if unheard := self._acting.unheard():
            return unheard
        away = self._ports.git.fetch(within=_FETCH_SECONDS)
        if away:
            self._say(f"going by what this clone knows: {away}")
        return turn_round(self._ports, self._hotfix(), current, self._rules, self._now())

    def _sample(self, current: Ship, step: Sample, hands: Hands) -> None:
        if current.runs:
            self._ports.clock.sleep(self._until_next(current.plan.interval_seconds))
        self._asked_at = self._ports.clock.now()
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
            key = f"{current.rollback is None} {sample.check}@{sample.unit}"
            news = f"{sample.outcome}: {sample.said}"
            if self._told.get(key) != sample.outcome:
                self._say(f"{step.phase}: {sample.check} {sample.unit} {news}".replace("  ", " "))
            self._told[key] = sample.outcome
        if moment.between(self._pending[0].at, self._pending[-1].at).total_seconds() > _LONGEST_UNWRITTEN:
            self._append()
            # What others ask for, an extension or the way back, is heard here; their silence holds nothing up.
            self._ports.ledger.refresh(within=_HEARING_SECONDS)

    def _until_next(self, interval: float) -> float:
        """Seconds until the next sample is due: from the beginning of one to that of the next is one interval."""
        if self._asked_at is None:
            return interval
        since = (self._ports.clock.now() - self._asked_at).total_seconds()
        return min(interval, max(0.0, interval - since))

    def _end(self, current: Ship, outcome: str, because: str) -> None:
        self._say(f"{outcome.replace('_', ' ')}: {because}")
        ended = Ended(at=self._at(), by=self._by, ship=current.plan.ship, outcome=outcome, because=because)
        self._append_unless_overtaken(current, ended)
        self._ended = ended
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
            # Whoever has just come back must not be held up by a remote that hangs: a push would wait much longer.
            away = self._ports.ledger.refresh(within=_FETCH_SECONDS)
            if away:
                self._say(f"the record is not on the remote yet: {away}")
            else:
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

    def _ship(self, hotfix: Hotfix) -> Ship:
        return hotfix.ship_number(self._number)

    def _hotfix(self) -> Hotfix:
        return find(self._ports.ledger.read(), self._id)

    def _now(self) -> datetime:
        """Never before the newest fact: a clock that jumps back must not stretch patience."""
        return max(self._ports.clock.now(), self._floor)

    def _at(self) -> str:
        return moment.to_text(self._now())

    def _say(self, text: str) -> None:
        self._ports.narrate(text)
