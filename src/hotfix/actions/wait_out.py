"""What cannot be fenced is waited out: an effect that another machine began on a unit that only this machine minds."""

from collections.abc import Iterable
from datetime import timedelta

from hotfix.actions.acting import holder_of
from hotfix.ports import Fence, Ports
from hotfix.record import moment
from hotfix.record.facts import Activating, Returning
from hotfix.record.hotfix import Hotfix
from hotfix.record.ship import Ship


def wait_out(
    ports: Ports, hotfix: Hotfix, ship: Ship, fences: Iterable[Fence], by: str, longest: float
) -> None:
    """Wait until whatever was begun elsewhere on such units is over: `longest` seconds is its hard time-out.

    Where this clone itself began it, its guardians were waited for already.
    """
    unfenced = {fence.unit for fence in fences if fence.here_only} & (ship.activating | ship.returning)
    if not unfenced or hotfix.holder in ("", holder_of(ports, by)):
        return
    begun = [
        moment.from_text(fact.at)
        for fact in hotfix.facts
        if isinstance(fact, Activating | Returning)
        and fact.ship == ship.plan.ship
        and unfenced & set(fact.units)
    ]
    left = (max(begun) - ports.clock.now()).total_seconds() + longest if begun else 0.0
    left = min(left, longest)  # another machine's clock may be ahead
    if left <= 0:
        return
    names = ", ".join(sorted(unfenced))
    ports.narrate(
        f"{names} cannot be fenced against another machine: waiting {moment.in_words(timedelta(seconds=left))}, until "
        f"what {hotfix.holder} began there is over"
    )
    ports.clock.sleep(left)
