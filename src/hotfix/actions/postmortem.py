"""``hotfix postmortem``: draw the document from the record, keep what people wrote, record what is still empty."""

import difflib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from hotfix.actions.find import find
from hotfix.actions.lives import lives_of
from hotfix.actions.owners import owners
from hotfix.actions.read_rules import now_text
from hotfix.actions.up_to_date import all_up_to_date
from hotfix.lifecycle.postmortem import box, markdown
from hotfix.lifecycle.postmortem.document import Document
from hotfix.policy.rules import Rules
from hotfix.ports import Append, Book, Ports
from hotfix.questions.postmortem.context import Around
from hotfix.questions.postmortem.document import document
from hotfix.questions.postmortem.suggestions import Limits
from hotfix.questions.postmortem.told import tell
from hotfix.record import moment
from hotfix.record.canonical import sha256
from hotfix.record.facts import Closed, PostmortemWritten
from hotfix.record.finding import refused
from hotfix.record.parts import Evidence
from hotfix.trend.life import begun


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
    in_force, book, _ = all_up_to_date(ports)
    id = find(book, id).id
    kept = _on_record(ports, id, _newest(book, id))
    tried = [_redrawn(ports, in_force.rules, book, id, earlier)]

    def decide(now: Book) -> Append:
        """What somebody else wrote meanwhile is in it, and what stands is not written twice."""
        if now.head != tried[-1].book.head:
            tried.append(_redrawn(ports, in_force.rules, now, id, earlier))
        if tried[-1].stands:
            raise _Stands
        return _append(in_force.by, now_text(ports), id, tried[-1].document)

    if not tried[-1].stands:
        with suppress(_Stands):
            ports.ledger.append(decide, anchor=True)
    drawn = tried[-1]
    written = drawn.document
    shown = (
        draw(ports, in_force.rules, drawn.book, id, drawn.boxes, draft=written.draft, names=True)
        if names
        else written
    )
    return Result(
        id,
        markdown.render(shown),
        shown,
        written.empty_boxes,
        tuple(one.code for one in written.open_suggestions),
        sha256(_raw(written)),
        _changed(kept, markdown.render(written)),
    )


class _Stands(Exception):
    """Somebody else put exactly this document on record."""


class _Drawn(NamedTuple):
    book: Book
    """What it was drawn from."""
    document: Document
    boxes: dict[str, str]
    stands: bool
    """Whether exactly this is on record already."""


def _redrawn(ports: Ports, rules: Rules, book: Book, id: str, earlier: str) -> _Drawn:
    """The document that `book` and what somebody edited give; with the next number, unless it is on record already."""
    drafts = _drafts(book, id)
    boxes = _boxes(ports, id, drafts, earlier)
    _refuse_emptied(book, id, drafts, boxes)
    drawn = draw(ports, rules, book, id, boxes, draft=max(len(drafts), 1))
    if drafts and drafts[-1].evidence.sha256 == sha256(_raw(drawn)):
        return _Drawn(book, drawn, boxes, stands=True)
    return _Drawn(book, msgspec.structs.replace(drawn, draft=len(drafts) + 1), boxes, stands=False)


def _refuse_emptied(
    book: Book, id: str, drafts: Sequence[PostmortemWritten], boxes: Mapping[str, str]
) -> None:
    """What it was closed on may be mended afterwards, and not taken away."""
    closed = any(entry.hotfix == id and isinstance(entry.fact, Closed) for entry in book.entries)
    emptied = sorted(set(box.empty(boxes)) - set(drafts[-1].empty_boxes)) if closed and drafts else []
    if emptied:
        raise refused(
            "postmortem-closed",
            f"{id} is closed on its review, and these boxes would be empty now: {', '.join(emptied)}.",
            "write into them, or remove the file and draw it anew from the record",
        )


def _drafts(book: Book, id: str) -> list[PostmortemWritten]:
    return [
        entry.fact
        for entry in book.entries
        if entry.hotfix == id and isinstance(entry.fact, PostmortemWritten)
    ]


def _newest(book: Book, id: str) -> PostmortemWritten | None:
    return next(reversed(_drafts(book, id)), None)


def _raw(drawn: Document) -> bytes:
    return markdown.render(drawn).encode("utf-8", "replace")


def _on_record(ports: Ports, id: str, written: PostmortemWritten | None) -> str:
    raw = ports.ledger.evidence(id, written.evidence.name) if written else None
    return (raw or b"").decode("utf-8", "replace")


def _boxes(ports: Ports, id: str, drafts: Sequence[PostmortemWritten], earlier: str) -> dict[str, str]:
    """What is on record, with what somebody wrote into the file since it was drawn."""
    kept = _on_record(ports, id, next(reversed(drafts), None))
    if not earlier:
        return box.written(kept)
    box.check(earlier)
    number = box.draft(earlier)
    base = _on_record(ports, id, drafts[number - 1]) if 0 < number <= len(drafts) else ""
    return box.together(box.written(base), box.written(kept), box.written(earlier))


def draw(
    ports: Ports,
    rules: Rules,
    book: Book,
    id: str,
    boxes: dict[str, str],
    *,
    draft: int = 0,
    names: bool = False,
) -> Document:
    """The document of the hotfix `id`, from `book`: the close goes by it, so that no memory has a say in it."""
    told = tell(id, [entry for entry in book.entries if entry.hotfix == id], names=names)
    rows = lives_of(book.entries, told.as_of)
    owned = owners(ports, rules)
    zone = ZoneInfo(rules.trend.zone) if rules.trend.zone != "UTC" else None
    around = Around(
        rows, {life.id: owned.of_all(life.paths) for life in rows if life.paths}, begun(rows), zone or UTC
    )
    limits = Limits(rules.budget.detection_to_deployment, rules.budget.way_back)
    return document(told, around, boxes, limits, zone, draft)


def refuse_unrecorded(ports: Ports, book: Book, id: str, file: str) -> None:
    """Refuses where somebody wrote something into the file that is not on record: it would be closed without it."""
    if box.of_hotfix(file) != id:
        return
    if box.written(file) != box.written(_on_record(ports, id, _newest(book, id))):
        raise refused(
            "close-file-differs",
            f"postmortem-{id}.md says something else than the postmortem on record.",
            f"hotfix postmortem {id} puts it on record",
        )


def _append(by: str, at: str, id: str, drawn: Document) -> Append:
    name = f"postmortem-{moment.for_a_name(at)}.md"  # evidence is never overwritten
    raw = _raw(drawn)
    fact = PostmortemWritten(
        at=at, by=by, evidence=Evidence(name, sha256(raw)), empty_boxes=drawn.empty_boxes
    )
    return Append(id, (fact,), {name: raw})


def _changed(before: str, now: str) -> tuple[str, ...]:
    """What the record writes otherwise; of the first document, nothing."""
    if not before:
        return ()
    lines = difflib.unified_diff(
        box.without(before).splitlines(), box.without(now).splitlines(), lineterm="", n=0
    )
    return tuple(line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---"))
