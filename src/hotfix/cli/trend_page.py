"""The pages of ``hotfix trend --html``: chart, judgements, and every figure or release with what it goes by."""

from pathlib import Path
from typing import TYPE_CHECKING

from hotfix.actions.trend_rows import counted
from hotfix.cli import output
from hotfix.record import html
from hotfix.record.finding import refused
from hotfix.record.html import text
from hotfix.record.words import count
from hotfix.trend import chart

if TYPE_CHECKING:
    from hotfix.actions.trend import Result as OfRecord
    from hotfix.actions.trend_from_git import Result, Row
    from hotfix.trend.figures.figure import Figure

_TONES = {"confirmed": "bad", "probable": "bad", "candidate": "warn", "regular": "soft"}


def write(file: Path, page: str) -> None:
    """Put the page there; what is no page of a trend is not written over."""
    there = file.read_text("utf-8", "replace") if file.is_file() else ""
    if there and (not there.startswith("<!doctype html>") or "<title>Hotfix" not in there[:600]):
        raise refused(
            "trend-other-file",
            f"{file} is there, and is no page of a trend.",
            "name another file with --html",
        )
    file.write_text(page, "utf-8")
    output.narrate(f"{file} is written")


def of_tags(result: "Result") -> str:
    """The page of a repository that has only its tags."""
    tags = result.tags
    parts = [
        f"<h1>Hotfixes of {text(result.repository)}, from tags and commits</h1>",
        f'<p class="soft">{count(len(result.releases), "release")}, {result.since[:10]} to {result.until[:10]} (UTC) · '
        f"production tags <code>{text(tags.pattern)}</code>{' (guessed)' if tags.guessed else ''} · "
        f"{tags.before_release} before a release, {tags.elsewhere} of other environments and {tags.unread} without a number "
        "left out</p>",
        "<h2>By month</h2>",
        f'<div class="wide">{chart.svg(counted(result.months))}</div>',
        '<p class="soft">Hollow: a month that is not whole. Dashed: where the bands change.</p>',
        html.bullets([text(sentence) for sentence in result.told]),
        f'<p class="card"><b>{text(result.advice)}</b></p>',
        _touched(result),
        "<h2>Hotfixes</h2>",
        _rows([one for one in result.releases if one.rung in ("confirmed", "probable")], open_=True),
        "<h2>Candidates, counted in nothing</h2>",
        _rows([one for one in result.releases if one.rung == "candidate"], open_=True),
        "<h2>Regular releases</h2>",
        _rows([one for one in result.releases if one.rung == "regular"], open_=False),
        _how(),
    ]
    return html.page(f"Hotfix trend of {result.repository}", "\n".join(parts))


def of_record(result: "OfRecord") -> str:
    """The page of a record."""
    parts = [
        f"<h1>{text(_title(result.service))}</h1>",
        f'<p class="soft">{result.since[:10]} to {result.until[:10]} · months of {text(result.zone)} · '
        f"{count(len(result.hotfixes), 'hotfix')} shipped</p>",
        f'<p class="card"><b>{text(result.advice)}</b></p>',
        "<h2>By month</h2>",
        f'<div class="wide">{chart.svg(counted(result.months))}</div>',
        '<p class="soft">Hollow: a month that is not whole. Dashed: where the bands change.</p>',
        html.bullets([text(sentence) for sentence in result.told]),
        "<h2>Figures</h2>",
        *map(_figure, result.figures),
        "<h2>Hotfixes</h2>",
        html.table(
            ("hotfix", "first step", "series", "components", "defect"),
            [
                (
                    text(one.hotfix),
                    one.shipped[:16] + "Z",
                    text(one.series),
                    text(", ".join(one.components)),
                    text(one.title),
                )
                for one in reversed(result.hotfixes)
            ],
        ),
    ]
    return html.page(_title(result.service), "\n".join(parts))


def _title(service: str) -> str:
    return f"Hotfixes of {service}" if service else "Hotfixes"


def _figure(one: "Figure") -> str:
    rows = html.table(
        ("of", "what"),
        [(text(row.hotfix), text(row.said) + (f" ({text(row.who)})" if row.who else "")) for row in one.rows],
    )
    shown = f"<details><summary>{count(len(one.rows), 'row')}</summary>{rows}</details>" if one.rows else ""
    yardstick = f"<br>{text(one.yardstick)}" if one.yardstick else ""
    return (
        f'<div class="card" id="{text(one.name)}"><b>{text(one.title)}</b>: '
        f'<span class="{"" if one.is_known else "soft"}">{text(one.told)}</span>'
        f'<div class="soft">{text(one.formula)} · {text(one.window)} · n {one.n}{yardstick}</div>{shown}</div>'
    )


def _touched(result: "Result") -> str:
    rows = [
        f"of {one.judged} {one.rung} that were judged, {one.right} are hotfixes "
        f"(95 % interval {one.interval.low:.0%} to {one.interval.high:.0%})"
        for one in result.precision
    ]
    touched = [f"<code>{text(folder)}</code> in {number}" for folder, number in result.components]
    parts = [f"<p>Touched most: {', '.join(touched)}</p>"] if touched else []
    return "".join([*parts, html.bullets(rows) if rows else ""])


def _rows(rows: "list[Row]", *, open_: bool) -> str:
    if not rows:
        return "<p>None.</p>"
    state = " open" if open_ else ""
    return f"<details{state}><summary>{count(len(rows), 'release')}</summary>{''.join(map(_row, reversed(rows)))}</details>"


def _row(one: "Row") -> str:
    also = f" with {', '.join(map(text, one.also))}" if one.also else ""
    series = f" · series of {text(one.chain)}" if one.chain not in ("", one.tag) else ""
    return (
        f'<div class="card"><b>{text(one.tag)}</b>{also} · {one.date[:10]} · '
        f'<span class="{_TONES[one.rung]}">{one.rung}</span>{series}'
        + html.bullets([text(reason) for reason in one.reasons])
        + f'<span class="soft mono">{one.commit[:12]}</span></div>'
    )


def _how() -> str:
    return (
        "<h2>How to read this</h2><p>A release is a <b>probable</b> hotfix where its number says patch, it came within a "
        "week and a third of the usual gap after the one before it on its line, it has few commits beside versions, "
        "changelogs and generated files, and two thirds of them read as fixes; or where it is one small commit within an "
        "eighth of the usual gap. Up to half of the gap, or without the words, it is a <b>candidate</b> and counts in "
        "nothing. In releases labelled by hand this found 40 of 100 hotfixes, with the candidates 70: the count is too low "
        "rather than too high. People <b>confirm</b> or deny: <code>hotfix trend --confirm TAG</code>. The trend "
        "compares series in the last three full "
        "months with up to twelve before them (exact conditional Poisson test, mid-p; rising at 0.01, watch at 0.05).</p>"
    )
