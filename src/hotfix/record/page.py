"""The page of a hotfix on its record branch: drawn from the facts, so that any forge shows it to people.

Everything foreign in it is inert (see :mod:`hotfix.record.escape`). Roles and times, no opinions.
"""

from hotfix.record import moment, words
from hotfix.record.escape import for_markdown as md
from hotfix.record.facts import (
    Activated,
    AnyFact,
    Authorized,
    Closed,
    Ended,
    Landed,
    Picked,
    Planned,
    Proved,
    Returned,
    Reviewed,
    RollbackRequested,
    Scoped,
    Started,
    WavePassed,
    kind_of,
)
from hotfix.record.hotfix import Hotfix

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
    lines = ["| | |", "|-|-|", *(f"| {name} | {value} |" for name, value in rows)]
    return "\n".join(lines) + "\n"


def _code(text: str) -> str:
    """`text` as code. Not between backquotes: nothing is escaped there, and a backquote ends it."""
    return f"<code>{md(text)}</code>"


def headline(hotfix: Hotfix) -> str:
    """Where the hotfix stands, in a few words."""
    closed, ship = hotfix.after.closed, hotfix.ship
    if closed and not (ship and (ship.ended is None or ship.ended.at > closed.at)):
        return f"closed: {closed.outcome}"
    if hotfix.ship and hotfix.ship.ended:
        return {
            "validated": "validated in production",
            "rolled_back": "rolled back",
            "halted": "HALTED: a human is needed",
        }[hotfix.ship.ended.outcome]
    if hotfix.open_ship:
        return "going back" if hotfix.open_ship.rollback else f"shipping, {hotfix.open_ship.phase}"
    if hotfix.pick.fact:
        return "picked, waiting for its gates"
    return "started" if hotfix.start.fact else "unknown"


def _timeline(hotfix: Hotfix) -> str:
    lines = []
    for fact in hotfix.facts:
        if kind_of(fact) not in _SILENT:
            lines.append(
                f"- {fact.at[:19]}Z **{kind_of(fact).replace('_', ' ')}** by {md(fact.by)}: {_say(fact)}"
            )
    return "\n".join(lines) + "\n"


def _say(fact: AnyFact) -> str:  # noqa: C901 - one line per kind of fact
    match fact:
        case Started():
            return f"{md(fact.title)} ({moment.in_words(moment.between(fact.detected_at, fact.at))} after detection)"
        case Picked():
            return f"{md(fact.release)} onto {md(fact.base_release)}, asked of {len(fact.units)} units"
        case Scoped():
            return words.size(fact.counted_lines, fact.counted_files)
        case Proved():
            return f"{md(fact.verdict)}: {md(fact.reason)}"
        case Reviewed():
            return md(fact.verdict + (f": {fact.because}" if fact.because else ""))
        case Authorized():
            return f"for {md(fact.environment)} until {fact.expires_at}"
        case Planned():
            waived = f"; waived: {', '.join(fact.waived)}" if fact.waived else ""
            return md(
                f"ship {fact.ship}: {fact.release} to {len(fact.units)} units in {len(fact.waves)} waves{waived}"
            )
        case Activated() | Returned():
            return md(", ".join(f"{state.unit} {state.state} {state.release}" for state in fact.states))
        case WavePassed():
            return f"wave {fact.wave} is well"
        case RollbackRequested():
            return md(fact.because)
        case Ended() | Closed():
            return md(f"{fact.outcome}: {fact.because}")
        case Landed():
            return md(fact.how)
        case _:
            return ""
