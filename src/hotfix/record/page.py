"""The page of a hotfix on its record branch: drawn from the facts, so that any forge shows it to people.

Everything foreign in it is inert (see :mod:`hotfix.record.escape`). Roles and times, no opinions.
"""

from hotfix.record.escape import for_markdown as md
from hotfix.record.facts import (
    Overridden,
    OverrideConfirmed,
    OverrideReviewed,
    Planned,
)
from hotfix.record.hotfix import STAYING, Hotfix
from hotfix.record.kind import kind_of
from hotfix.record.ship import Ship
from hotfix.record.telling import told

_SILENT = frozenset({"observed", "rules_read", "notified", "lease_taken", "activating", "returning"})


def render(hotfix: Hotfix) -> str:
    """The page as Markdown."""
    started = hotfix.start.fact
    title = md(started.title) if started else ""
    parts = [f"# {hotfix.id} · {title}\n", _facts(hotfix), "## Timeline (UTC)\n", _timeline(hotfix)]
    return "\n".join(parts)


def _facts(hotfix: Hotfix) -> str:
    started, picked = hotfix.start.fact, hotfix.pick.fact
    rows: list[tuple[str, str]] = [("State", headline(hotfix))]
    if started:
        rows += [
            ("Service", f"{md(started.service)}, {md(started.environment)}"),
            ("Severity", md(started.severity)),
            ("Detected", started.detected_at),
            ("Impact", md(started.impact)),
        ]
        if started.profile == "solo":
            rows.append(("Profile", "NO PEER · UNSIGNED"))
    if picked:
        rows += [
            (
                "Release",
                f"{_code(picked.release)} = {_code(picked.base_release)} + {', '.join(_code(fix[:12]) for fix in picked.fixes)}",
            ),
            ("Base", _code(picked.patch.base_commit)),
            ("Result", f"{_code(picked.result_commit)}, tree {_code(picked.patch.result_tree)}"),
            ("Not included", f"{picked.not_included} commits of trunk"),
        ]
    rows += [("Override", _override(hotfix, asked)) for asked in hotfix.overrides.asked]
    lines = ["| | |", "|-|-|", *(f"| {name} | {value} |" for name, value in rows)]
    return "\n".join(lines) + "\n"


def _override(hotfix: Hotfix, asked: Overridden) -> str:
    """What the record says became of it; whose signatures count is asked elsewhere."""
    facts = hotfix.overrides.facts
    of_it = [
        fact
        for fact in facts
        if isinstance(fact, OverrideConfirmed | OverrideReviewed) and fact.override == asked.override
    ]
    became = [f"confirmed by {md(fact.by)}" for fact in of_it if isinstance(fact, OverrideConfirmed)]
    plans = [
        fact for fact in facts[facts.index(asked) :] if isinstance(fact, Planned) and _under(asked, fact)
    ]
    if plans and f"OVERRIDDEN: {asked.gate}" in plans[0].waived:
        became.append(f"used by ship {plans[0].ship}")
    elif plans:
        became.append(f"not needed by ship {plans[0].ship}")
    else:
        became.append(f"not used; it ends at {md(asked.expires_at)}")
    became += [f"looked back at by {md(fact.by)}" for fact in of_it if isinstance(fact, OverrideReviewed)]
    return f"{md(asked.gate)}, asked for by {md(asked.by)}; {'; '.join(became)}"


def _under(asked: Overridden, plan: Planned) -> bool:
    """Whether the plan came in time to use this override, and is of its environment; a rehearsal uses none."""
    in_time = plan.at < asked.expires_at and plan.environment == asked.environment
    return in_time and plan.purpose != "rehearsal" and (not asked.patch or plan.patch == asked.patch)


def _code(text: str) -> str:
    """`text` as code. Not between backquotes: nothing is escaped there, and a backquote ends it."""
    return f"<code>{md(text)}</code>"


def headline(hotfix: Hotfix) -> str:
    """Where the hotfix stands, in a few words."""
    closed, ship = hotfix.after.closed, hotfix.ship
    if closed and not (ship and (ship.ended is None or ship.ended.at > closed.at)):
        return f"closed: {closed.outcome}"
    if hotfix.open_ship:
        return _under_way(hotfix.open_ship)
    last = hotfix.to_take_back
    if last and last.ended:
        return {
            "validated": "validated in production"
            if last.plan.purpose == "hotfix"
            else f"returned to {last.plan.release}, validated",
            "rolled_back": "rolled back",
            "halted": "HALTED: a human is needed",
        }[last.ended.outcome]
    if hotfix.pick.fact:
        return "picked, waiting for its gates"
    return "started" if hotfix.start.fact else "unknown"


def _under_way(ship: Ship) -> str:
    if ship.plan.purpose not in STAYING:
        return f"rehearsing on {ship.plan.units[0].unit}"
    if ship.rollback:
        return "going back"
    what = "shipping" if ship.plan.purpose == "hotfix" else f"returning to {ship.plan.release}"
    return f"{what}, {ship.phase}"


def _timeline(hotfix: Hotfix) -> str:
    lines = []
    for fact in hotfix.facts:
        if kind_of(fact) not in _SILENT:
            lines.append(
                f"- {fact.at[:19]}Z **{kind_of(fact).replace('_', ' ')}** by {md(fact.by)}: {md(told(fact))}"
            )
    return "\n".join(lines) + "\n"
