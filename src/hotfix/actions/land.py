"""``hotfix land``: is the fix on trunk? It reports and never merges."""

import msgspec

from hotfix.actions.read_rules import now_text
from hotfix.actions.up_to_date import up_to_date
from hotfix.lifecycle import land as stage
from hotfix.ports import Append, Ports
from hotfix.record.facts import Landed
from hotfix.record.finding import Finding
from hotfix.record.hotfix import Hotfix


class Result(msgspec.Struct, frozen=True):
    """How the fixes stand with trunk."""

    hotfix: str
    trunk: str
    commit: str
    landed: bool
    how: str
    fixes: tuple[stage.Seen, ...]
    findings: tuple[Finding, ...]


def land(ports: Ports, id: str | None) -> Result:
    """Look for every fix on trunk's tip, and record it where all are there."""
    in_force, hotfix, _ = up_to_date(ports, id)
    seen = tuple(
        _see(ports, hotfix, fix, in_force.trunk.commit)
        for fix in (hotfix.pick.fact.fixes if hotfix.pick.fact else ())
    )
    how, findings = stage.judge(hotfix, seen, in_force.trunk.name)
    if how and stage.landed(hotfix) is None:
        fact = Landed(
            at=now_text(ports),
            by=in_force.by,
            trunk=in_force.trunk.name,
            commit=in_force.trunk.commit,
            how=how,
        )
        ports.ledger.append(lambda _: Append(hotfix.id, (fact,)), anchor=True)
    return Result(hotfix.id, in_force.trunk.name, in_force.trunk.commit, bool(how), how, seen, findings)


def _see(ports: Ports, hotfix: Hotfix, fix: str, trunk: str) -> stage.Seen:
    if ports.git.is_ancestor(fix, trunk):
        return stage.Seen(fix, "ancestor", fix)
    base = hotfix.patch.base_commit if hotfix.patch else fix
    picked = ports.git.find_pick_of(fix, trunk, base)
    return stage.Seen(fix, "trailer", picked) if picked else stage.Seen(fix, "missing")
