"""By which rules a ship is driven, and taken back: those of the commit that its plan names, read from git.

The record says which commit that is; what the rules *say* is never taken from the record, because whoever
may push facts could then have commands run by whoever ships.
"""

from pathlib import Path

import msgspec

from hotfix.lifecycle.scope import POLICY_FILE
from hotfix.policy import schema
from hotfix.policy.rules import Rules, from_plain
from hotfix.ports import Ports
from hotfix.record.facts import RulesRead
from hotfix.record.finding import Refused, refused
from hotfix.record.hotfix import Hotfix


def rules_of_ship(ports: Ports, hotfix: Hotfix, ship: int) -> Rules:
    """The rules that ship number `ship` was planned by. Works offline, and whatever trunk says today.

    Raises Refused where they are not what trunk once said.
    """
    fact = hotfix.rules_of(ship)
    if fact is None:
        raise refused(
            "ship-no-rules", f"The record has no rules for ship {ship} of {hotfix.id}.", "hotfix log --verify"
        )
    if not ports.git.has_remote():
        return from_plain(fact.rules)  # nobody else can write this record
    remembered = _card(ports, hotfix, ship)
    if remembered.is_file():
        return msgspec.json.decode(remembered.read_bytes(), type=Rules)
    raw = ports.git.file_at(fact.commit, POLICY_FILE) if _was_trunk(ports, fact) else None
    if raw is None:
        raise refused(
            "ship-foreign-rules",
            f"The rules of ship {ship} are said to be those of {fact.commit[:12]}, which was never on trunk here.",
            "find out who wrote that; put the units back by hand: git show hotfix-record:"
            + f"{hotfix.id}/README.md names the base",
        )
    return schema.parse(raw, f"{POLICY_FILE} of {fact.commit[:12]}")


def remember(ports: Ports, hotfix: Hotfix, ship: int, rules: Rules) -> None:
    """Keep the rules of a ship of this clone's own, so that its way back needs neither trunk nor anybody's word."""
    card = _card(ports, hotfix, ship)
    card.parent.mkdir(exist_ok=True)
    card.write_bytes(msgspec.json.encode(rules))


def _card(ports: Ports, hotfix: Hotfix, ship: int) -> Path:
    return ports.git.state_dir() / "ships" / f"{hotfix.id}-{ship}.json"


def _was_trunk(ports: Ports, fact: RulesRead) -> bool:
    try:
        return ports.git.is_ancestor(fact.commit, ports.git.trunk(fact.trunk).commit)
    except Refused:
        return False
