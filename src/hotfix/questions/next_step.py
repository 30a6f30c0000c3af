"""``observe → record → fold → next_step``: the one decision of the ship loop, replayable from the record."""

from datetime import datetime

import msgspec

from hotfix.lifecycle import rollback, ship, validate
from hotfix.lifecycle.rehearse import PURPOSE, STAND_IN
from hotfix.record.ship import Ship
from hotfix.record.words import count

AS_REHEARSED = "there and back again, as a rehearsal goes"
"""Why a rehearsal goes back where all is well."""


class Sample(msgspec.Struct, frozen=True):
    """Ask exactly these ``check@unit``; `phase` says what for."""

    keys: tuple[str, ...]
    phase: str


class PassWave(msgspec.Struct, frozen=True):
    """The wave is well: go on to the next."""

    wave: int


class End(msgspec.Struct, frozen=True):
    """The ship is over."""

    outcome: str
    because: str


Step = (
    ship.Activate
    | ship.Settle
    | ship.GoBack
    | rollback.Return
    | rollback.SettleReturn
    | Sample
    | PassWave
    | End
)


def next_step(of: Ship, now: datetime) -> Step | None:
    """What to do next about the ship; None where it has ended.

    `now` must not lie before the newest fact of the ship: a clock that jumped back would stretch patience.
    """
    if of.ended is not None:
        return None
    return _way_back(of, now) if of.rollback is not None else _forward(of, now)


def _forward(of: Ship, now: datetime) -> Step:
    move = ship.next_move(of)
    match move:
        case ship.Halt(because):
            return End("halted", because)
        case None:
            return _validate(of, now)
        case _:
            return move


def _validate(of: Ship, now: datetime) -> Step:
    waves = len(of.plan.waves)
    window = of.waves_passed == waves
    shipping_last = of.waves_passed >= waves - 1
    wanted = validate.keys(of.plan, of.touched, everything_shipped=shipping_last)
    verdict = validate.judge(of, wanted, now, settling=not window)
    seconds, patience = validate.watched(of, wanted), of.plan.patience_seconds
    match verdict:
        case validate.Red(because):
            return ship.GoBack(because)
        case validate.Undecided(missing) if window and seconds > of.window_seconds + patience:
            return ship.GoBack(f"patience after the window ended, and not green: {', '.join(missing)}")
        case validate.Green() if not window:
            return ship.GoBack(AS_REHEARSED) if of.plan.purpose == PURPOSE else PassWave(of.waves_passed + 1)
        case validate.Green() if seconds >= of.window_seconds:
            return End(
                "standing_in" if of.plan.purpose == STAND_IN else "validated",
                f"every check green on {count(len(of.touched), 'unit')}, through the observation window",
            )
        case _:
            return Sample(wanted, "observation window" if window else of.phase)


def _way_back(of: Ship, now: datetime) -> Step:
    because = of.rollback.because if of.rollback else ""
    move = rollback.next_move(of)
    match move:
        case rollback.Stuck(why):
            return End("halted", why)
        case rollback.AllBack() if not of.touched:
            return End("rolled_back", f"no unit had been changed ({because})")
        case rollback.AllBack():
            return _validate_return(of, because, now)
        case _:
            return move


def _validate_return(of: Ship, because: str, now: datetime) -> Step:
    wanted = validate.keys(of.plan, of.touched, everything_shipped=False, goals=False)
    match validate.judge(of, wanted, now, settling=True):
        case validate.Green():
            as_planned = of.plan.purpose == PURPOSE and because == AS_REHEARSED
            return End("rehearsed" if as_planned else "rolled_back", because)
        case validate.Red(why):
            return End("halted", f"every unit serves its former release, but {why}")
        case _:
            return Sample(wanted, "way back")
