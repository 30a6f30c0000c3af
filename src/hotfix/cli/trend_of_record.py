"""``hotfix trend`` of a record."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hotfix.cli import options, output
from hotfix.record.finding import refused

if TYPE_CHECKING:
    from hotfix.actions.trend import Result
    from hotfix.trend.figures.figure import Figure


def tell(
    ctx: click.Context,
    tags: str,
    months: int,
    as_of: datetime | None,
    *,
    rows: str,
    names: bool,
    html: Path | None,
    json: bool,
) -> None:
    """The trend, in the form that was asked for."""
    from hotfix import wiring
    from hotfix.actions import trend as action

    ports = options.ports(ctx)
    past, _ = wiring.open_past(ctx.obj, output.narrate)
    result = action.trend(ports, past, action.Wanted(tags, months, as_of, names))
    chosen = _chosen(result, rows)
    if html:
        from hotfix.cli.trend_page import of_record, write

        write(html, of_record(result))
    output.result(result, json=json, human=lambda: _show(result, chosen))


def _chosen(result: "Result", rows: str) -> list[str]:
    """The figures whose rows are wanted."""
    known = [one.name for one in result.figures]
    if rows and rows != "all" and rows not in known:
        raise refused(
            "trend-no-such-figure", f"There is no figure {rows!r}.", f"hotfix trend --rows {known[0]}", *known
        )
    return known if rows == "all" else [name for name in known if name == rows]


def _show(result: "Result", rows: list[str]) -> None:
    from hotfix.actions.trend_rows import counted
    from hotfix.trend import chart

    if len(rows) == 1:
        _show_figure(next(one for one in result.figures if one.name in rows), rows=True)
        return
    for line in chart.lines(counted(result.months)):
        output.say(line)
    output.say()
    for sentence in result.told:
        output.say(sentence)
    output.say()
    output.say(result.advice)
    output.say()
    for one in result.figures:
        _show_figure(one, rows=one.name in rows)
    if not rows:
        output.say()
        output.say(
            "next: hotfix trend --rows FIGURE lists what a figure is of, as in --rows within-two-hours"
        )


def _show_figure(one: "Figure", *, rows: bool) -> None:
    output.say(f"{one.title} [{one.name}]: {one.told}")
    yardstick = f"; {one.yardstick}" if one.yardstick else ""
    output.say(f"    = {one.formula}; {one.window}, n {one.n}{yardstick}")
    if rows:
        for row in one.rows:
            output.say(f"      {row.hotfix}: {row.said}" + (f" ({row.who})" if row.who else ""))
