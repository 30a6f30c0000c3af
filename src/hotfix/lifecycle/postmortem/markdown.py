"""The document as Markdown: read on any forge, and edited by people between the marks of each box."""

from collections.abc import Iterable

from hotfix.lifecycle.postmortem.box import BOXES, mark
from hotfix.lifecycle.postmortem.document import Clock, Document, Event, Line, Suggestion
from hotfix.record.escape import for_markdown as md
from hotfix.record.words import duration

_NO_MORE = "Written in an earlier form of this document"


def render(document: Document) -> str:
    """The whole document. Everything foreign in it is inert; what people wrote stays as they wrote it."""
    parts = [
        f"# {document.hotfix}: {md(document.title)}\n\nState: **{document.state}** · drawn from the record as of "
        f"{document.as_of}; times are UTC, and seq is the number of a fact (`hotfix log --seq 12`)\n",
        "## Summary\n\n" + _lines(document.summary),
        "## The five clocks\n\n" + _clocks(document),
        "## Timeline\n\n" + "".join(map(_event, document.timeline)),
        *_silences(document),
        "## What shipped\n\n" + _lines(document.shipped),
        "## Impact\n\n" + _lines(document.impact),
        "## Guardrails waived\n\n" + (_lines(document.waived) or "None.\n"),
        "## Context\n\n" + _lines(document.context),
        "## Actions\n\n" + _actions(document),
        "## Judgement\n\nThe record cannot write this part. Write between the marks; drawing the document again keeps it.\n",
        *(_box(box, question, document.boxes.get(box, "")) for box, question in BOXES.items()),
        *(_box(box, _NO_MORE, text) for box, text in document.boxes.items() if box not in BOXES),
    ]
    text = "\n".join(parts)
    return f"{text}\n{mark(document.hotfix, document.draft, text)}\n"


def _lines(lines: Iterable[Line]) -> str:
    return "".join(f"- {_line(line)}\n" for line in lines)


def _line(line: Line) -> str:
    evidence = "".join(f" · {md(one.name)} sha256:{md(one.sha256[:16])}" for one in line.evidence)
    return md(line.said) + evidence + _seqs(line.seqs)


def _seqs(seqs: Iterable[int]) -> str:
    told = ", ".join(map(str, seqs))
    return f" (seq {told})" if told else ""


def _clocks(document: Document) -> str:
    rows = ["| clock | moment | known |\n|-|-|-|\n", *map(_clock, document.clocks)]
    gaps = [
        f"- {gap.between}: {duration(gap.seconds)}" + (", **the longest gap**" if gap.longest else "") + "\n"
        for gap in document.gaps
    ]
    return "".join([*rows, "\n", *gaps, f"- {_line(document.target)}\n"])


def _clock(clock: Clock) -> str:
    return f"| {clock.name} | {clock.at or 'not known'} | {md(clock.how)}{_seqs(clock.seqs)} |\n"


def _event(event: Event) -> str:
    local = f" ({md(event.local)})" if event.local else ""
    return f"- {event.at[:19]}Z{local} **{md(event.who)}** {_line(event.line)}\n"


def _silences(document: Document) -> list[str]:
    if not document.silences:
        return []
    return ["### Nothing is on record of these stretches\n\n" + _lines(document.silences)]


def _actions(document: Document) -> str:
    parts = []
    if document.actions:
        parts.append("| action | what | type | owner | due | state |\n|-|-|-|-|-|-|\n")
        parts += [
            f"| {md(one.action)} | {md(one.title)} | {md(one.type)} | {md(one.owner)} | {md(one.due)} | "
            f"{one.state}{': ' + md(one.evidence) if one.evidence else ''} |\n"
            for one in document.actions
        ]
        parts.append("\n")
    if document.suggestions:
        parts.append("Drafted by rules from the record: each is taken up or declined, with a reason.\n\n")
        parts += [_suggestion(document.hotfix, one) for one in document.suggestions]
    return "".join(parts) or "No rule drafted one, and nobody added one.\n"


def _suggestion(hotfix: str, one: Suggestion) -> str:
    answer = (
        md(one.answer) if one.answer else f"**waits**: hotfix action take {hotfix} {md(one.code)} --owner WHO"
    )
    return f"- {md(one.code)} ({one.type}): {md(one.title)}. {_line(one.because)} → {answer}\n"


def _box(box: str, question: str, text: str) -> str:
    return f"### {question}\n\n<!-- box:{box} -->\n{text}\n<!-- /box -->\n"
