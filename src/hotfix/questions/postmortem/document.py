"""The whole document of one hotfix, from its facts, what was around it, and what people wrote."""

from collections.abc import Mapping
from datetime import tzinfo

from hotfix.lifecycle import action
from hotfix.lifecycle.postmortem import box
from hotfix.lifecycle.postmortem.document import Document
from hotfix.questions.life_of import life_of
from hotfix.questions.postmortem import sections
from hotfix.questions.postmortem.context import Around, context, earlier
from hotfix.questions.postmortem.suggestions import Limits, suggestions
from hotfix.questions.postmortem.timeline import silences, timeline
from hotfix.questions.postmortem.told import Told


def document(
    told: Told,
    around: Around,
    boxes: Mapping[str, str],
    limits: Limits,
    zone: tzinfo | None,
    draft: int,
) -> Document:
    """The same record and the same boxes give the same document."""
    hotfix = told.hotfix
    life = life_of(hotfix)
    drafted = suggestions(told, life, earlier(around, life), limits)
    events = timeline(told, zone)
    five = sections.five_clocks(told)
    empty = box.empty(boxes)
    waits = any(not one.answer for one in drafted)
    started = hotfix.start.fact
    return Document(
        hotfix=hotfix.id,
        draft=draft,
        title=started.title if started else "",
        state="closed" if hotfix.after.closed else "draft" if empty else "in review" if waits else "reviewed",
        as_of=told.as_of,
        summary=tuple(sections.summary(told)),
        clocks=five,
        gaps=sections.gaps(five),
        target=sections.target(five, sections.deployed(told), limits.budget),
        silences=silences(told, events),
        timeline=events,
        shipped=tuple(sections.shipped(told)),
        impact=tuple(sections.impact(told)),
        waived=tuple(sections.waived(told)),
        context=tuple(context(told, around, life)),
        actions=tuple(
            action.standing(hotfix.id, item, told.as_of[:10]) for item in hotfix.actions.items.values()
        ),
        suggestions=drafted,
        boxes={name: text for name, text in boxes.items() if text.strip()},
        empty_boxes=empty,
    )
