"""Which ships of a hotfix are ships: anybody who may push can write a plan, and not every plan is somebody's."""

import msgspec

from hotfix.actions.rules_of_ship import ForeignPlan, rules_of_ship
from hotfix.ports import Ports
from hotfix.record.hotfix import Hotfix


def trusted(ports: Ports, hotfix: Hotfix) -> Hotfix:
    """The hotfix with those ships alone whose plans can be trusted; the others are named, and hide none of them.

    Raises Refused where it cannot be told now: a trouble must not make anybody overlook a ship.
    """
    ships = []
    for ship in hotfix.ships:
        try:
            rules_of_ship(ports, hotfix, ship)
        except ForeignPlan as error:
            ports.narrate(f"not counted: {error}")
        else:
            ships.append(ship)
    return msgspec.structs.replace(hotfix, ships=tuple(ships))
