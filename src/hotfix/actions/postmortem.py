"""``hotfix postmortem``: draw the document from the record, keep what people wrote, record what is still empty."""

import difflib
from collections.abc import Sequence
from datetime import UTC
from zoneinfo import ZoneInfo

import msgspec

from hotfix.actions.lives import lives_on
from hotfix.actions.owners import owners
from hotfix.actions.read_rules import InForce, now_text
from hotfix.actions.up_to_date import up_to_date
from hotfix.lifecycle.postmortem import box, markdown
from hotfix.lifecycle.postmortem.document import Document, Suggestion
from hotfix.policy.rules import Rules
from hotfix.ports import Append, Ports
from hotfix.questions.postmortem.context import Around
from hotfix.questions.postmortem.document import document
from hotfix.questions.postmortem.suggestions import Limits
from hotfix.questions.postmortem.told import tell
from hotfix.record import moment
from hotfix.record.canonical import sha256
from hotfix.record.facts import PostmortemWritten
from hotfix.record.finding import refused
from hotfix.record.hotfix import Hotfix
from hotfix.record.parts import Evidence


class Result(msgspec.Struct, frozen=True):
    """The document and what is still missing in it."""

    hotfix: str
    document: str
    """As Markdown."""
    review: Document
    """The same as data."""
    empty_boxes: tuple[str, ...]
    open_suggestions: tuple[str, ...]
    sha256: str
    """Of what is on record: the document without names."""
    changed: tuple[str, ...]
    """Lines that the record wrote otherwise the last time, with a ``-``, and what it writes now, with a ``+``."""


def postmortem(ports: Ports, id: str | None, earlier: str, *, names: bool = False) -> Result:
    """Draw the document; `earlier` is what people have edited so far (empty: what the record has).

    With `names` people are called by them in what is returned; what goes on record has roles only.
    """
    in_force, hotfix, _ = up_to_date(ports, id)
    drafts = [fact for fact in hotfix.facts if isinstance(fact, PostmortemWritten)]
    last = drafts[-1] if drafts else None
    kept = _on_record(ports, hotfix, last)
    boxes = _boxes(ports, hotfix, drafts, kept, earlier)
    drawn = draw(ports, in_force.rules, hotfix, boxes, draft=max(len(drafts), 1))
    if last is None or last.evidence.sha256 != sha256(_raw(drawn)):
        drawn = msgspec.structs.replace(drawn, draft=len(drafts) + 1)
        _record(ports, in_force, hotfix, drawn)
    shown = draw(ports, in_force.rules, hotfix, boxes, draft=drawn.draft, names=True) if names else drawn
    return Result(
        hotfix.id,
        markdown.render(shown),
        shown,
        drawn.empty_boxes,
        tuple(one.code for one in drawn.open_suggestions),
        sha256(_raw(drawn)),
        _changed(kept, markdown.render(drawn)),
    )


def _raw(drawn: Document) -> bytes:
    return markdown.render(drawn).encode("utf-8", "replace")


def _on_record(ports: Ports, hotfix: Hotfix, written: PostmortemWritten | None) -> str:
    raw = ports.ledger.evidence(hotfix.id, written.evidence.name) if written else None
    return (raw or b"").decode("utf-8", "replace")


def _boxes(
    ports: Ports, hotfix: Hotfix, drafts: Sequence[PostmortemWritten], kept: str, earlier: str
) -> dict[str, str]:
    """What is on record, with what somebody wrote into the file since it was drawn."""
    if not earlier:
        return box.written(kept)
    box.check(earlier)
    number = box.draft(earlier)
    base = _on_record(ports, hotfix, drafts[number - 1]) if 0 < number <= len(drafts) else ""
    return box.together(box.written(base), box.written(kept), box.written(earlier))


def draw(
    ports: Ports, rules: Rules, hotfix: Hotfix, boxes: dict[str, str], *, draft: int = 0, names: bool = False
) -> Document:
    """The document, from the record as this clone has it."""
    head = ports.ledger.outline().head
    told = tell(hotfix.id, ports.ledger.entries_of(head, [hotfix.id])[hotfix.id], names=names)
    rows, begun = lives_on(ports, told.as_of)  # the close goes by this: no memory has a say in it
    owned = owners(ports, rules)
    zone = ZoneInfo(rules.trend.zone) if rules.trend.zone != "UTC" else None
    around = Around(
        rows, {life.id: owned.of_all(life.paths) for life in rows if life.paths}, begun, zone or UTC
    )
    limits = Limits(rules.budget.detection_to_deployment, rules.budget.way_back)
    return document(told, around, boxes, limits, zone, draft)


def open_suggestions(ports: Ports, rules: Rules, hotfix: Hotfix) -> tuple[Suggestion, ...]:
    """What rules draft of this hotfix and nobody has answered yet."""
    return draw(ports, rules, hotfix, {}).open_suggestions


def refuse_unrecorded(ports: Ports, hotfix: Hotfix, file: str) -> None:
    """Refuses where somebody wrote something into the file that is not on record: it would be closed without it."""
    last = next((fact for fact in reversed(hotfix.facts) if isinstance(fact, PostmortemWritten)), None)
    if box.of_hotfix(file) == hotfix.id and box.written(file) != box.written(_on_record(ports, hotfix, last)):
        raise refused(
            "close-file-differs",
            f"postmortem-{hotfix.id}.md says something else than the postmortem on record.",
            f"hotfix postmortem {hotfix.id} puts it on record",
        )


def _record(ports: Ports, in_force: InForce, hotfix: Hotfix, drawn: Document) -> None:
    at = now_text(ports)
    name = f"postmortem-{moment.for_a_name(at)}.md"  # evidence is never overwritten
    raw = _raw(drawn)
    fact = PostmortemWritten(
        at=at, by=in_force.by, evidence=Evidence(name, sha256(raw)), empty_boxes=drawn.empty_boxes
    )
    ports.ledger.append(lambda _: Append(hotfix.id, (fact,), {name: raw}), anchor=True)


def _changed(before: str, now: str) -> tuple[str, ...]:
    """What the record writes otherwise; of the first document, nothing."""
    if not before:
        return ()
    lines = difflib.unified_diff(
        box.without(before).splitlines(), box.without(now).splitlines(), lineterm="", n=0
    )
    return tuple(line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---"))
