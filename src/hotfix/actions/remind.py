"""``hotfix remind``: while a ship is halted and nobody acts, the notifier hears of it again and again."""

import msgspec

from hotfix.actions.find import find
from hotfix.actions.notify import notify
from hotfix.actions.rules_of_ship import rules_of_ship
from hotfix.ports import Append, Ports
from hotfix.questions.by_hand import by_hand
from hotfix.record.finding import Refused
from hotfix.record.hotfix import Hotfix

MOST = 288
"""Notices; at the usual five minutes, a day of them."""
_LOOK_SECONDS = 5.0
_PATIENCE_SECONDS = 5.0


class Reminded(msgspec.Struct, frozen=True):
    """How many notices it took."""

    hotfix: str
    told: int


def remind(ports: Ports, id: str | None) -> Reminded:
    """Tell the notifier every `remind` of the policy until somebody acted."""
    hotfix = find(ports.ledger.read(), id)
    told = 0
    while told < MOST and _waits(ports, hotfix):
        told += 1
        hotfix = _tell(ports, hotfix, told)
    return Reminded(hotfix.id, told)


def _waits(ports: Ports, hotfix: Hotfix) -> bool:
    """Let the time until the next notice go by; False as soon as the ship is not halted any more."""
    ship = hotfix.to_take_back
    if ship is None:
        return False
    rules = rules_of_ship(ports, hotfix, ship)
    waited = 0.0
    while rules.notify and _still_halted(ports, hotfix):
        if waited >= rules.remind:
            return True
        step = min(_LOOK_SECONDS, rules.remind)
        ports.clock.sleep(step)
        waited += step
    return False


def _still_halted(ports: Ports, hotfix: Hotfix) -> bool:
    """Whether it is the very halt that this began with: a colleague may have acted from another clone."""
    try:
        ports.ledger.refresh(within=_PATIENCE_SECONDS)
    except Refused as error:
        ports.narrate(str(error))
    now = find(ports.ledger.read(), hotfix.id)
    was, ship = hotfix.to_take_back, now.to_take_back
    same = was is not None and ship is not None and was.ended == ship.ended
    return same and bool(by_hand(now))


def _tell(ports: Ports, hotfix: Hotfix, number: int) -> Hotfix:
    ship = hotfix.to_take_back
    if ship is None or ship.ended is None:
        return hotfix
    rules = rules_of_ship(ports, hotfix, ship)
    by = ports.git.identity().partition("<")[2].rstrip(">")
    detail = {
        "because": ship.ended.because,
        "release": ship.plan.release,
        "environment": ship.plan.environment,
        "reminder": number,
        "units": {unit.unit: unit.do for unit in by_hand(hotfix) if unit.do},
    }
    told = notify(ports, rules, "halted", hotfix.id, by, detail)
    if told:
        ports.ledger.append(lambda _: Append(hotfix.id, told), anchor=False)
    return find(ports.ledger.read(), hotfix.id)
