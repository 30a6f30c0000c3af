"""``hotfix trend``."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hotfix.cli import options, output
from hotfix.record.words import count

if TYPE_CHECKING:
    from hotfix.actions.trend_from_git import Result, Row


def _day(ctx: click.Context, parameter: click.Parameter, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        named = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is no day; say it as 2026-11-23") from None
    if not 1970 <= named.year < 9999:
        raise click.BadParameter(f"{value!r} is before there was anything to count, or after the end of it")
    return named.astimezone(UTC) if named.tzinfo else named.replace(tzinfo=UTC)


@click.command()
@click.option(
    "--from-git",
    "from_git",
    is_flag=False,
    flag_value=".",
    metavar="[PATH]",
    help="From tags and commits alone, in any repository: no policy, no record, no remote.",
)
@click.option(
    "--tags",
    metavar="GLOB",
    default="",
    callback=options.as_text,
    help="The tags that mean production. Without it the policy's (not with --from-git), else they are guessed, and shown.",
)
@click.option("--months", type=click.IntRange(1, 600), default=24, show_default=True, help="How far back.")
@click.option("--as-of", callback=_day, metavar="DAY", help="As it looked on that day. [default: now]")
@click.option("--confirm", multiple=True, metavar="TAG", help="That release was a hotfix. Repeat it.")
@click.option("--deny", multiple=True, metavar="TAG", help="That release was none. Repeat it.")
@click.option(
    "--rows",
    is_flag=False,
    flag_value="all",
    default="",
    metavar="[FIGURE]",
    help="What a figure is of (all of them without a name); with --from-git every release, regular ones too.",
)
@click.option("--names", is_flag=True, help="Call people by their names, where a figure is about people.")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a page that stands by itself to this file.",
)
@options.as_json
@click.pass_context
def command(
    ctx: click.Context,
    from_git: str | None,
    tags: str,
    months: int,
    as_of: datetime | None,
    confirm: tuple[str, ...],
    deny: tuple[str, ...],
    rows: str,
    names: bool,
    html: Path | None,
    json: bool,
) -> None:
    """Are hotfixes becoming a habit? What the months show, and whether it is chance.

    From the record: hotfixes a month against the bands (0-2 healthy, 3-4 elevated, 5-10 high, above 10 critical), an exact
    test of the last three full months, DORA's five, times, rollbacks, secondary incidents, components that break again,
    load, overrides, actions. Every figure says how it is computed, over what and of how many; --rows lists what it is of.
    Where there is no data it says so.

    With --from-git, in any repository: a release is a probable hotfix where its number says patch, it came
    unusually soon after the one before it on its line, it is narrow, and its commits read as fixes; where the words
    do not say so it is a candidate, and counts in nothing. Every release says why. Confirm or deny what you know: that
    is kept in this clone, and shows how often the guess is right here.

    \b
    hotfix trend
    hotfix trend --rows change-fail-rate
    hotfix trend --from-git
    hotfix trend --from-git ../shop --tags 'v*' --months 36 --html trend.html
    hotfix trend --confirm v2.14.1 --deny v2.13.4
    """
    if from_git is None and not confirm and not deny:
        from hotfix.cli.trend_of_record import tell

        tell(ctx, tags, months, as_of, rows=rows, names=names, html=html, json=json)
        return
    if both := sorted(set(confirm) & set(deny)):
        raise click.UsageError(
            f"{both[0]} cannot be both: --confirm says it was a hotfix, --deny that it was none."
        )
    from hotfix import wiring
    from hotfix.actions import trend_from_git as action

    past, identity = wiring.open_past(Path(ctx.obj) / (from_git or "."), output.narrate)
    for tag in (*confirm, *deny):
        word = action.judge(past, tag, hotfix=tag in confirm, by=identity())
        output.narrate(
            f"{word.tag} is {'confirmed' if word.hotfix else 'denied'}; that is kept in this clone"
        )
    result = action.trend(past, action.Wanted(tags, months, as_of))
    if html:
        from hotfix.cli.trend_page import of_tags, write

        write(html, of_tags(result))
    if rows not in ("", "all") and not any(rows in (one.tag, *one.also) for one in result.releases):
        raise click.UsageError(
            f"No release since {result.since[:10]} is called {rows}; --rows alone lists them all, --months looks further back."
        )
    output.result(result, json=json, human=lambda: _show(result, rows))


def _show(result: "Result", rows: str) -> None:
    from hotfix.actions.trend_rows import counted
    from hotfix.trend import chart

    if rows not in ("", "all"):
        _show_row(next(one for one in result.releases if rows in (one.tag, *one.also)))
        return
    _show_tags(result)
    output.say()
    for line in chart.lines(counted(result.months)):
        output.say(line)
    output.say()
    for sentence in result.told:
        output.say(sentence)
    output.say(
        "counted are confirmed and probable ones: by hand-labelled releases 40 of 100 hotfixes (docs/trend.md)"
    )
    output.say()
    output.say(result.advice)
    shown = [one for one in result.releases if rows or one.rung in ("confirmed", "probable")]
    output.say()
    output.say(
        f"{'Releases' if rows else 'Hotfixes'}, newest first:" if shown else "No release counts as a hotfix."
    )
    for one in reversed(shown):
        _show_row(one)
    _show_rest(result, rows=bool(rows))


def _show_tags(result: "Result") -> None:
    tags = result.tags
    left = [f"{count(tags.before_release, 'tag')} before a release"] if tags.before_release else []
    left += [f"{tags.elsewhere} of other environments"] if tags.elsewhere else []
    left += [f"{number} {name}" for name, number in tags.others]
    left += [f"{tags.unread} without a number"] if tags.unread else []
    how = "guessed; change it with --tags 'GLOB'" if tags.guessed else "as you said"
    output.say(
        f"{count(len(result.releases), 'release')} from {result.since[:10]} to {result.until[:10]}; production tags: "
        f"{tags.pattern} ({how}); left out: {', '.join(left) or 'none'}"
    )


def _show_row(one: "Row") -> None:
    also = f" with {', '.join(one.also)}" if one.also else ""
    series = f", series of {one.chain}" if one.chain not in ("", one.tag) else ""
    output.say(f"  {one.date[:10]} {one.tag}{also}: {one.rung}{series}")
    for reason in one.reasons:
        output.say(f"      {reason}")


def _show_rest(result: "Result", *, rows: bool) -> None:
    candidates = [one.tag for one in result.releases if one.rung == "candidate"]
    output.say()
    if candidates and not rows:
        newest = ", ".join(reversed(candidates[-5:]))
        output.say(
            f"{count(len(candidates), 'candidate')}, not counted: {newest}{', …' if len(candidates) > 5 else ''}"
        )
    if result.components:
        touched = ", ".join(f"{folder} ({number})" for folder, number in result.components)
        output.say(f"touched most: {touched}")
    for one in result.precision:
        if one.rung == "regular":
            output.say(
                f"missed here: {one.right} of {one.judged} regular releases that were judged are hotfixes"
            )
            continue
        output.say(
            f"precision here: of {one.judged} {one.rung} that were judged, {one.right} are hotfixes: "
            f"{one.right / one.judged:.0%} (95 % interval {one.interval.low:.0%} to {one.interval.high:.0%})"
        )
    asked = next((one.tag for one in reversed(result.releases) if one.rung in ("probable", "candidate")), "")
    if asked:
        output.say(f"next: hotfix trend --confirm {asked}, or --deny {asked}; --rows shows every release")
