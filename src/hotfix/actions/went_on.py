"""How a pick ended: the clean pick, or a clear answer why there is none, with what would make it one."""

from collections.abc import Sequence

from hotfix.actions.explain import explain
from hotfix.actions.forecast import Asked, forecast
from hotfix.lifecycle.pick.outlook import Outlook
from hotfix.lifecycle.pick.resolution import for_union, only_unimportant, union_is_enough
from hotfix.policy.rules import Rules
from hotfix.ports import Conflict, Empty, Picked, PickOutcome, Ports
from hotfix.ports.picking import Line
from hotfix.record.finding import Refused, refused
from hotfix.record.parts import UnitRelease
from hotfix.record.words import count

_PATIENCE = 20.0
"""Seconds for which prerequisites are looked for: somebody waits, and a prerequisite saves them an hour."""


def clean_pick(
    ports: Ports,
    outcome: PickOutcome,
    fixes: Sequence[str],
    base: UnitRelease,
    rules: Rules,
    hotfix: str,
    *,
    union: bool,
) -> Picked:
    """The clean pick. Raises Refused where it conflicts, changes nothing, or is there already."""
    match outcome:
        case Picked():
            return outcome
        case Conflict(fix) | Empty(fix) if ports.git.is_ancestor(fix, base.commit):
            raise refused(
                "pick-already-there",
                f"{fix[:12]} is already in {base.release}: production runs it, and the defect is live all the same.",
                "look for another cause; this commit is not the fix",
            )
        case Conflict():
            raise _conflict(ports, fixes, base, rules, hotfix, union=union)
        case Empty(fix):
            raise refused(
                "pick-empty",
                f"{base.release} already has what {fix[:12]} changes, by another commit: nothing would ship.",
                "look for another cause; this change is not the fix",
            )


def _conflict(
    ports: Ports, fixes: Sequence[str], base: UnitRelease, rules: Rules, hotfix: str, *, union: bool
) -> Refused:
    (row,) = forecast(
        ports.picking, ports.clock, [Asked(tuple(fixes), Line(base.release, base.commit))], rules
    )
    row = explain(ports.picking, ports.clock, row, _PATIENCE, ports.narrate, union=union)
    evidence = [f"{one.path}: {one.kind}, {one.path_class}" for one in row.conflicts]
    return refused(
        "pick-conflict",
        f"{row.stopped_at[:12]} does not go onto {base.release} by itself: "
        f"{count(len(row.conflicts), 'path')} in conflict.",
        _next(row, base, hotfix),
        *evidence,
        *(_way(row, number) for number in range(len(row.proven))),
        *_offers(row),
    )


def _way(row: Outlook, number: int) -> str:
    way = row.proven[number]
    size = (
        f": +{way.size.added} −{way.size.removed} in {count(way.size.files, 'file')} in all"
        if way.size
        else ""
    )
    return f"pick {', '.join(first[:12] for first in way.first)} first, and it goes on{size}"


def _offers(row: Outlook) -> list[str]:
    """Said where nothing but changelogs, or made files, is in the way."""
    if union_is_enough(row.conflicts):
        return ["only changelogs conflict: --union-changelog keeps both sides' lines"]
    if only_unimportant(row.conflicts) == "generated files":
        return ["only made files conflict: a [[regenerate]] in the policy says how they are made anew"]
    changelogs = for_union(row.conflicts)
    return [f"{', '.join(changelogs)}: --union-changelog keeps both sides' lines"] if changelogs else []


def _next(row: Outlook, base: UnitRelease, hotfix: str) -> str:
    fixes = " ".join(fix[:12] for fix in row.fixes)
    own = (
        f"resolve it by hand: hotfix pick {fixes} --resolve --hotfix {hotfix}; or write the fix on the base: "
        f"git switch -c my-fix {base.commit[:12]}; hotfix pick --authored my-fix --hotfix {hotfix}"
    )
    if union_is_enough(row.conflicts):
        own = f"hotfix pick {fixes} --union-changelog --hotfix {hotfix}; or {own}"
    return f"{row.proven[0].command} --hotfix {hotfix}; or {own}" if row.proven else own
