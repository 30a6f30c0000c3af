"""Postmortem: the record writes the facts, people write the judgement, and neither writes the other's part.

Blameless: roles, no names; times and evidence. At most six boxes, empty until somebody fills them;
drawing the document again keeps what people wrote.
"""

import re
from collections.abc import Mapping

from hotfix.record import moment, words
from hotfix.record.any_fact import AnyFact
from hotfix.record.escape import for_markdown as md
from hotfix.record.facts import (
    Activated,
    Authorized,
    Ended,
    Landed,
    LeftOut,
    Picked,
    Planned,
    Proved,
    Returned,
    Reviewed,
    RollbackRequested,
    Scoped,
    Started,
    WavePassed,
)
from hotfix.record.hotfix import Hotfix

BOXES: Mapping[str, str] = {
    "contributing-factors": "Contributing factors: how could the defect arise, pass review and tests, and go live?",
    "surprises": "What surprised us?",
    "well-badly-lucky": "What went well, what went badly, where were we lucky?",
    "right-lane": "Was a hotfix the right way out?",
    "told-customers": "What did we tell customers, and what do we still owe them?",
    "actions": "Action items: each with an owner and a date",
}
"""Box id → its question. The generator never writes an answer."""

_BOX = re.compile(r"<!-- box:(?P<id>[a-z-]+) -->\r?\n(?P<text>.*?)\r?\n?<!-- /box -->", re.DOTALL)


def written(document: str) -> dict[str, str]:
    """What people wrote into the boxes of an earlier document."""
    return {match["id"]: match["text"].strip() for match in _BOX.finditer(document) if match["text"].strip()}


def is_ours(document: str) -> bool:
    """Whether this is a document that :func:`render` once drew: it has at least one of the boxes."""
    return _BOX.search(document) is not None


def empty(boxes: Mapping[str, str]) -> tuple[str, ...]:
    """The boxes in which nobody has written."""
    return tuple(box for box in BOXES if not boxes.get(box, "").strip())


def render(
    hotfix: Hotfix,
    clocks: tuple[tuple[str, str], ...],
    longest: tuple[str, str] | None,
    budget: float,
    boxes: Mapping[str, str],
) -> str:
    """The document as Markdown. `clocks` are (name, moment) of the clocks that are known; `budget` is in seconds."""
    started = hotfix.start.fact
    title = md(started.title) if started else ""
    state = "reviewed" if not empty(boxes) else "draft"
    parts = [
        f"# {hotfix.id}: {title}\n\nState: **{state}** · drawn from the record; every "
        f"time is UTC, every line below is a fact of it\n",
        "## Summary\n\n" + _summary(hotfix),
        "## The five clocks\n\n" + _clocks(clocks, longest, budget),
        "## Timeline\n\n" + "\n".join(_timeline(hotfix)) + "\n",
        "## What shipped\n\n" + _what(hotfix),
        "## Impact\n\n"
        + (md(started.impact) + " (stated at the start; not measured)\n" if started else "not measured\n"),
        "## Guardrails waived\n\n" + _waived(hotfix),
        "## Judgement\n\nThe record cannot write this part. Write between the marks; drawing the document again keeps it.\n",
        *(_box(box, question, boxes.get(box, "")) for box, question in BOXES.items()),
    ]
    return "\n".join(parts)


def _box(box: str, question: str, text: str) -> str:
    return f"### {question}\n\n<!-- box:{box} -->\n{text}\n<!-- /box -->\n"


def _summary(hotfix: Hotfix) -> str:
    started, picked, ship = hotfix.start.fact, hotfix.pick.fact, hotfix.ship
    lines = []
    if started:
        lines.append(f"- {md(started.severity)} in {md(started.service)}, {md(started.environment)}")
        lines += [
            f"- Considered: {md(way.way)}: {'taken' if way.taken else 'not taken'}, {md(way.because)}"
            for way in started.ways_out
        ]
        lines += [
            f"- Asked: {md(answer.question)} Answered: {md(answer.answer)}" for answer in started.criteria
        ]
    if picked:
        lines.append(
            f"- {md(picked.release)} is {md(picked.base_release)} and {len(picked.fixes)} fix: {md(picked.subject)}"
        )
    if ship and ship.ended:
        lines.append(f"- Ended **{ship.ended.outcome.replace('_', ' ')}**: {md(ship.ended.because)}")
    return "\n".join(lines) + "\n"


def _clocks(clocks: tuple[tuple[str, str], ...], longest: tuple[str, str] | None, budget: float) -> str:
    known = dict(clocks)
    lines = ["| clock | moment |", "|-|-|"]
    lines += [
        f"| {name} | {known.get(name, 'not known')} |"
        for name in ("introduced", "impact", "detected", "shipped", "validated")
    ]
    if longest:
        lines.append(f"\nThe longest gap: **{longest[0]}**, {longest[1]}.")
    if "detected" in known and "shipped" in known:
        took = moment.between(known["detected"], known["shipped"])
        word = "within" if took.total_seconds() <= budget else "over"
        lines.append(
            f"\nDetection to deployment: {moment.in_words(took)}, {word} the budget of {budget / 60:g} min."
        )
    return "\n".join(lines) + "\n"


def _timeline(hotfix: Hotfix) -> list[str]:
    lines = (
        [f"- {hotfix.start.fact.detected_at[:19]}Z the defect was detected (stated)"]
        if hotfix.start.fact
        else []
    )
    for fact in hotfix.facts:
        said = _say(fact)
        if said:
            lines.append(f"- {fact.at[:19]}Z {said}")
    return lines


def _say(fact: AnyFact) -> str:  # noqa: C901 - one line per kind of fact
    match fact:
        case Started():
            return "on-call decided on a hotfix"
        case Picked():
            return (
                f"picked {', '.join(fix[:12] for fix in fact.fixes)} onto "
                f"{md(fact.base_release)}, which {len(fact.units)} units reported"
            )
        case Scoped():
            return f"measured: {words.size(fact.counted_lines, fact.counted_files)}"
        case Proved():
            evidence = ", ".join(f"{md(item.name)} sha256:{item.sha256[:16]}" for item in fact.evidence)
            return f"proof: {md(fact.verdict)}. {md(fact.reason)}" + (f" ({evidence})" if evidence else "")
        case LeftOut():
            return f"each hunk left out: {len(fact.unproven)} of {fact.hunks} that no test notices, " + (
                f"{len(fact.unasked)} not asked about"
            )
        case Reviewed():
            return {
                "approve": "a peer approved",
                "reject": f"a peer rejected: {md(fact.because)}",
                "self": "read by its author alone",
            }.get(fact.verdict, md(fact.verdict)) + f" (patch {fact.patch[:16]})"
        case Authorized():
            return f"a senior approver authorized it for {md(fact.environment)}"
        case Planned():
            return f"ship {fact.ship} planned: {len(fact.units)} units in {len(fact.waves)} waves, way back recorded per unit"
        case Activated():
            return "changed: " + md(
                ", ".join(f"{state.unit} {state.state} {state.release}" for state in fact.states)
            )
        case WavePassed():
            return f"wave {fact.wave} passed every check"
        case RollbackRequested():
            return f"the way back was asked for: {md(fact.because)}"
        case Returned():
            return "returned: " + md(
                ", ".join(f"{state.unit} {state.state} {state.release}" for state in fact.states)
            )
        case Ended():
            return f"ship {fact.ship} ended {fact.outcome.replace('_', ' ')}: {md(fact.because)}"
        case Landed():
            return f"on trunk: {md(fact.how)}"
        case _:
            return ""


def _what(hotfix: Hotfix) -> str:
    picked, scoped, proved = hotfix.pick.fact, hotfix.scope.fact, hotfix.prove.fact
    if picked is None:
        return "Nothing was picked.\n"
    lines = [
        f"- Base {md(picked.base_release)}, commit `{picked.patch.base_commit}`, tree `{picked.patch.base_tree}`",
        f"- Result {md(picked.release)}, commit `{picked.result_commit}`, tree `{picked.patch.result_tree}`",
        f"- Not included: {picked.not_included} other commits of trunk",
    ]
    if scoped:
        lines.append(
            f"- {scoped.files} files, +{scoped.added} −{scoped.removed}: {', '.join(md(path) for path in scoped.paths)}"
        )
    if proved:
        lines += [f"- Red before, green after: {md(test)}" for test in proved.fail_to_pass]
    landed = hotfix.after.landed
    lines.append(f"- On trunk: {md(landed.how)}" if landed else "- On trunk: **not shown yet**")
    return "\n".join(lines) + "\n"


def _waived(hotfix: Hotfix) -> str:
    words = hotfix.ship.plan.waived if hotfix.ship else ()
    reasons = hotfix.scope.reasons_for(hotfix.patch.digest) if hotfix.patch else {}
    lines = [f"- {md(word)}" for word in words] + [
        f"- {md(code)}: {md(why)}" for code, why in reasons.items()
    ]
    return ("\n".join(lines) if lines else "None.") + "\n"
