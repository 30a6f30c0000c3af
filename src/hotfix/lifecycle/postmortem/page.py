"""The document as a page that stands by itself: for whoever reads it in a browser, or on a phone."""

from collections.abc import Iterable

from hotfix.lifecycle.postmortem.box import BOXES
from hotfix.lifecycle.postmortem.document import Document, Event, Line, Suggestion
from hotfix.record import html
from hotfix.record.html import text
from hotfix.record.words import duration

_TONES = {"draft": "warn", "in review": "warn", "reviewed": "good", "closed": "good"}


def render(document: Document) -> str:
    """The whole page."""
    parts = [
        f"<h1>{document.hotfix}: {text(document.title)}</h1>",
        f'<p>State: <b class="{_TONES[document.state]}">{document.state}</b> <span class="soft">· drawn from the record '
        f"as of {document.as_of}; times are UTC, and seq is the number of a fact</span></p>",
        "<h2>Summary</h2>",
        _lines(document.summary),
        "<h2>The five clocks</h2>",
        _clocks(document),
        "<h2>Timeline</h2>",
        html.table(("UTC", "who", "what"), list(map(_event, document.timeline))),
        *_silences(document),
        "<h2>What shipped</h2>",
        _lines(document.shipped),
        "<h2>Impact</h2>",
        _lines(document.impact),
        "<h2>Guardrails waived</h2>",
        _lines(document.waived) if document.waived else "<p>None.</p>",
        "<h2>Context</h2>",
        _lines(document.context),
        "<h2>Actions</h2>",
        _actions(document),
        "<h2>Judgement</h2>",
        *_boxes(document),
    ]
    return f"{mark(document.hotfix)}\n" + html.page(f"{document.hotfix}: {document.title}", "\n".join(parts))


def mark(hotfix: str) -> str:
    """How a page begins, so that no other file is written over."""
    return f"<!-- postmortem {hotfix} -->"


def _lines(lines: Iterable[Line]) -> str:
    return html.bullets([_line(line) for line in lines])


def _line(line: Line) -> str:
    evidence = "".join(
        f' <span class="mono soft">{text(one.name)} sha256:{text(one.sha256[:16])}</span>'
        for one in line.evidence
    )
    return text(line.said) + evidence + _seqs(line.seqs)


def _seqs(seqs: Iterable[int]) -> str:
    told = ", ".join(map(str, seqs))
    return f' <span class="soft">seq {told}</span>' if told else ""


def _clocks(document: Document) -> str:
    rows = [
        (
            clock.name,
            _moment(clock.at) or '<span class="soft">not known</span>',
            text(clock.how) + _seqs(clock.seqs),
        )
        for clock in document.clocks
    ]
    gaps = [
        f"{gap.between}: " + (f'<b class="warn">{told}, the longest gap</b>' if gap.longest else told)
        for gap in document.gaps
        for told in [duration(gap.seconds)]
    ]
    return html.table(("clock", "moment", "known"), rows) + html.bullets([*gaps, _line(document.target)])


def _event(event: Event) -> tuple[str, ...]:
    local = f'<br><span class="soft">{text(event.local)}</span>' if event.local else ""
    return f'<span class="num">{_moment(event.at)}</span>{local}', text(event.who), _line(event.line)


def _moment(at: str) -> str:
    """To the second: the record has it to the millisecond."""
    return f"{at[:10]} {at[11:19]}" if at else ""


def _silences(document: Document) -> list[str]:
    if not document.silences:
        return []
    return ["<h3>Nothing is on record of these stretches</h3>", _lines(document.silences)]


def _actions(document: Document) -> str:
    if not document.actions and not document.suggestions:
        return "<p>No rule drafted one, and nobody added one.</p>"
    rows: list[tuple[str, ...]] = [
        (
            text(one.action),
            text(one.title),
            text(one.type),
            text(one.owner),
            text(one.due),
            f'<span class="{"bad" if one.state == "overdue" else ""}">{one.state}</span> {text(one.evidence)}',
        )
        for one in document.actions
    ]
    table = html.table(("action", "what", "type", "owner", "due", "state"), rows) if rows else ""
    return table + "".join(map(_suggestion, document.suggestions))


def _suggestion(one: Suggestion) -> str:
    answer = (
        text(one.answer)
        if one.answer
        else '<b class="warn">waits for an owner, or a reason to decline it</b>'
    )
    return (
        f'<div class="card"><b>{text(one.title)}</b> <span class="soft">{one.type} · {text(one.code)}</span><br>'
        f"{_line(one.because)}<br>{answer}</div>"
    )


def _boxes(document: Document) -> list[str]:
    every = {**BOXES, **{box: box for box in document.boxes if box not in BOXES}}
    return [
        f'<h3>{text(question)}</h3><div class="box">{_written(document.boxes.get(box, ""))}</div>'
        for box, question in every.items()
    ]


def _written(said: str) -> str:
    lines = "\n".join(text(line) for line in said.split("\n"))
    return lines if said else '<span class="soft">Nobody has written this yet.</span>'
