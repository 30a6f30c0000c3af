"""How results and narration are shown: the result on stdout, everything else on stderr, foreign text made inert."""

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime

import click
import msgspec

from hotfix.lifecycle.gate import Gate
from hotfix.record.escape import for_terminal
from hotfix.record.finding import Finding

_MARKS = {"open": "✓", "closed": "✗", "waiting": "…", "owed": "!"}
_COLOURS = {"open": "green", "closed": "red", "waiting": "yellow", "owed": "yellow"}


def say(text: str = "", *, keep_newlines: bool = False, err: bool = False) -> None:
    """A line of the result, escaped; with `err`, of what goes on."""
    click.echo(for_terminal(text, keep_newlines=keep_newlines), err=err)


def narrate(text: str) -> None:
    """A line about what goes on, with the time where somebody watches."""
    clock = f"{datetime.now():%H:%M:%S} " if sys.stderr.isatty() else ""
    with suppress(OSError):  # nobody listens, or the disk is full: what is told of goes on all the same
        click.echo(click.style(clock, dim=True) + for_terminal(text), err=True)


def result(value: object, *, json: bool, human: Callable[[], None]) -> None:
    """The result: the whole of it as JSON, or for people."""
    if json:
        click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
    else:
        human()


def findings(items: Iterable[Finding], *, err: bool = True) -> None:
    """Each finding: what and why; the evidence; the next command."""
    for finding in items:
        click.echo(click.style("✗ ", fg="red") + for_terminal(finding.sentence), err=err)
        for line in finding.evidence:
            click.echo("    " + for_terminal(line, keep_newlines=True), err=err)
        if finding.next:
            click.echo(click.style("  → ", fg="cyan") + for_terminal(finding.next), err=err)


def error_json(kind: str, items: Sequence[Finding]) -> None:
    """A refusal as JSON, on stdout, so that a program finds it where the result would be."""
    click.echo(msgspec.json.encode({"error": {"kind": kind, "findings": list(items)}}).decode())


def gates(items: Iterable[Gate]) -> None:
    """The gates, a line each, and what keeps one shut."""
    for gate in items:
        mark = click.style(_MARKS[gate.state], fg=_COLOURS[gate.state])
        waits = f" on {', '.join(gate.waiting_on)}" if gate.waiting_on else ""
        note = "; ".join(part for part in (gate.note, gate.waived) if part)
        click.echo(
            f"  {mark} {gate.name:<10} {gate.state}{for_terminal(waits)}"
            + (f": {for_terminal(note)}" if note else "")
        )
        for finding in gate.findings:
            click.echo(f"      {for_terminal(finding.sentence)}")
            for line in finding.evidence:
                click.echo(f"        {for_terminal(line)}")
            if finding.next:
                click.echo(click.style("      → ", fg="cyan") + for_terminal(finding.next))


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Rows under a head: drawn by rich on a terminal, aligned columns elsewhere."""
    safe = [[for_terminal(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _rich_table(head, safe)
        return
    widths = [max(len(row[column]) for row in (list(head), *safe)) for column in range(len(head))]
    for row in (list(head), *safe):
        click.echo("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())


def _rich_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for name in head:
        drawn.add_column(name)
    for row in rows:
        drawn.add_row(*(escape(cell) for cell in row))
    Console().print(drawn)
