"""What to type next: one command, read off the record."""

from collections.abc import Sequence

from hotfix.lifecycle import land
from hotfix.lifecycle.gate import Gate
from hotfix.questions.looked_back import Owed
from hotfix.record.hotfix import Hotfix


def next_command(hotfix: Hotfix, gates: tuple[Gate, ...], owed: Sequence[Owed] = ()) -> str:
    """The next command for `hotfix`; empty where its life is over. `owed` are reviews of overrides."""
    ship = hotfix.ship
    if hotfix.after.closed:
        return ""
    if hotfix.open_ship and hotfix.open_ship.plan.purpose == "return" and not hotfix.open_ship.rollback:
        return f"hotfix rollback {hotfix.id} --release {hotfix.open_ship.plan.release} (goes on where it was left)"
    if hotfix.open_ship:
        back = f"hotfix rollback {hotfix.id}"
        return (
            back
            if hotfix.open_ship.rollback
            else f"hotfix ship {hotfix.id} (goes on where it was left), or {back}"
        )
    if ship and ship.ended and ship.ended.outcome == "halted":
        return f"hotfix rollback {hotfix.id}"
    if hotfix.is_live:
        return _after(hotfix, owed)
    if hotfix.shipped is not None and hotfix.shipped.plan.purpose == "return":
        return f"hotfix postmortem {hotfix.id}"
    if hotfix.pick.fact is None:
        return f"hotfix pick FIX --hotfix {hotfix.id}"
    if ship and ship.ended and hotfix.patch and ship.plan.patch == hotfix.patch.digest:
        return f"hotfix pick MENDED-FIX --hotfix {hotfix.id}"
    blocked = [gate for gate in gates if gate.state in ("closed", "waiting")]
    shut = [
        finding.next
        for gate in blocked
        if gate.state == "closed"
        for finding in gate.findings
        if finding.next
    ]
    return shut[0] if shut else f"hotfix ship {hotfix.id}"


def _after(hotfix: Hotfix, owed: Sequence[Owed]) -> str:
    if land.landed(hotfix) is None:
        return f"hotfix land {hotfix.id}"
    if hotfix.after.postmortem is None or hotfix.after.postmortem.empty_boxes:
        return f"hotfix postmortem {hotfix.id}"
    if owed:
        return f'hotfix override --review {hotfix.id} {owed[0].gate} --because "WHAT YOU THINK OF IT"'
    return f"hotfix close {hotfix.id}"
