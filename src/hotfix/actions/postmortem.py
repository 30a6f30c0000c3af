"""``hotfix postmortem``: draw the document from the record, keep what people wrote, record what is still empty."""

import msgspec

from hotfix.actions.read_rules import now_text
from hotfix.actions.up_to_date import up_to_date
from hotfix.lifecycle import postmortem as stage
from hotfix.ports import Append, Ports
from hotfix.questions.clocks import clocks
from hotfix.record import moment
from hotfix.record.canonical import sha256
from hotfix.record.facts import PostmortemWritten
from hotfix.record.parts import Evidence


class Result(msgspec.Struct, frozen=True):
    """The document and what is still missing in it."""

    hotfix: str
    document: str
    empty_boxes: tuple[str, ...]
    sha256: str


def postmortem(ports: Ports, id: str | None, earlier: str) -> Result:
    """Draw the document; `earlier` is what people have edited so far (empty: what the record has)."""
    in_force, hotfix, _ = up_to_date(ports, id)
    last = hotfix.after.postmortem
    kept = (ports.ledger.evidence(hotfix.id, last.evidence.name) if last else None) or b""
    boxes = stage.written(kept.decode("utf-8", "replace")) | stage.written(earlier)
    times = clocks(hotfix)
    document = stage.render(
        hotfix, times.known(), times.longest_gap(), in_force.rules.budget.detection_to_deployment, boxes
    )
    raw = document.encode("utf-8", "replace")
    digest = sha256(raw)
    at = now_text(ports)
    name = f"postmortem-{moment.for_a_name(at)}.md"  # evidence is never overwritten
    fact = PostmortemWritten(
        at=at, by=in_force.by, evidence=Evidence(name, digest), empty_boxes=stage.empty(boxes)
    )
    if last is None or last.evidence.sha256 != digest:
        ports.ledger.append(lambda _: Append(hotfix.id, (fact,), {name: raw}), anchor=True)
    return Result(hotfix.id, document, fact.empty_boxes, digest)
