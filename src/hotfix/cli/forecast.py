"""``hotfix forecast``."""

import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from hotfix.cli import options, output
from hotfix.cli.exit_codes import ExitCode
from hotfix.record.lossless import to_text
from hotfix.record.words import count

if TYPE_CHECKING:
    from hotfix.actions.forecast import Pair
    from hotfix.actions.origin import Holds
    from hotfix.lifecycle.pick.origin import Origin
    from hotfix.lifecycle.pick.outlook import Outlook, Size
    from hotfix.ports import Clock
    from hotfix.ports.picking import Line, Picking

_BATCH = 200
"""Pairs that are tried together: enough to make starting git cheap, few enough to answer soon."""


@click.command()
@click.argument("fixes", nargs=-1, metavar="SHA...")
@click.option("--onto", "onto", multiple=True, metavar="REV", help="A commit, tag or branch. Repeat it.")
@click.option(
    "--lines",
    metavar="GLOB",
    help="Every branch that fits, such as 'release/*': the remote's, by its name there.",
)
@click.option("--tags", metavar="GLOB", help="The newest tags that fit, such as 'v*'.")
@click.option(
    "--newest", type=click.IntRange(1, 500), default=5, show_default=True, help="How many tags, by date."
)
@click.option("--prod", is_flag=True, help="What every unit of your policy's environments says it runs.")
@click.option(
    "--origin", is_flag=True, help="Who brought the defect, in which release first, and which lines have it."
)
@click.option("--stdin", "stdin", is_flag=True, help='Read lines "SHA ONTO"; print one JSON object for each.')
@click.option(
    "--explain/--no-explain",
    default=None,
    help="Count lines; look for prerequisites, for who has it already, for later reverts. [default: only without --stdin]",
)
@click.option(
    "--within",
    default="10s",
    show_default=True,
    callback=options.in_seconds,
    metavar="TIME",
    help="How long prerequisites are looked for, on each line.",
)
@options.as_json
@click.pass_context
def command(
    ctx: click.Context,
    fixes: tuple[str, ...],
    onto: tuple[str, ...],
    lines: str | None,
    tags: str | None,
    newest: int,
    prod: bool,
    origin: bool,
    stdin: bool,
    explain: bool | None,
    within: float,
    json: bool,
) -> None:
    """Will this fix go onto that release line? Tried in memory; nothing is created.

    Works in any repository, bare or not, without a policy. No ref, no work tree, no index and no object of
    the repository changes, and nothing that it configures is run. Each SHA is a commit or OLDER..NEWER, in
    order; a merge stands for what it brought to its first parent.

    For a conflict, commits of the main line that the release lacks and that touched the same lines are picked
    first, by way of trial. A prerequisite is named only where the fix then goes on; no side is ever taken.

    \b
    hotfix forecast 3f2a91c --onto v2.14.0 --onto v2.13.2
    hotfix forecast 3f2a91c --lines 'release/*'
    hotfix forecast 3f2a91c --prod
    hotfix forecast main~3..main --tags 'v*' --newest 3 --json
    git log --format='%H v2.14.0' main~50..main | hotfix forecast --stdin

    Exit 0: it goes on everywhere, or is there already. Exit 1: somewhere it does not, or cannot be tried.
    """
    from hotfix import wiring

    if stdin and (fixes or onto or lines or tags or prod or origin):
        raise click.UsageError("--stdin reads what is picked onto what; it takes no SHA and no line besides.")
    picking, clock = wiring.open_picking(ctx.obj)
    if stdin:
        ctx.exit(_stream(picking, clock, within if explain else None))
    if not fixes:
        raise click.UsageError("Say which fix: hotfix forecast SHA --onto REV")
    if not (onto or lines or tags or prod):
        raise click.UsageError("Say onto what: --onto REV, --lines 'release/*', --tags 'v*' or --prod")
    from hotfix.actions.production_lines import production_lines

    full = tuple(commit for fix in fixes for commit in picking.commits_in(fix))
    running, untold = production_lines(options.ports(ctx), full[-1]) if prod else ((), ())
    targets = tuple(dict.fromkeys((*running, *_targets(picking, onto, lines, tags, newest))))
    rows = (*_rows(picking, clock, full, targets, None if explain is False else within), *untold)
    origins, held = _origins(picking, full, targets, rows) if origin else ((), ())

    def human() -> None:
        _show(rows)
        if origin:
            _show_origins(origins, held)

    result = {"rows": rows} | ({"origins": origins, "holds": held} if origin else {})
    output.result(result, json=json, human=human)
    ctx.exit(_exit_code(rows))


def _rows(
    picking: "Picking",
    clock: "Clock",
    fixes: tuple[str, ...],
    targets: tuple["Line", ...],
    patience: float | None,
) -> tuple["Outlook", ...]:
    from hotfix.actions import explain, forecast
    from hotfix.policy.rules import Rules

    asked = [forecast.Asked(fixes, line) for line in targets]
    rows = forecast.forecast(picking, clock, asked, Rules(service=""))
    if patience is None:
        return rows

    def narrate(text: str) -> None:
        output.narrate(f"{text} ({len(explained) + 1} of {len(rows)})")

    explained: list[Outlook] = []
    for row in rows:
        explained.append(explain.explain(picking, clock, row, patience, narrate))
    return tuple(explained)


def _origins(
    picking: "Picking", fixes: tuple[str, ...], targets: tuple["Line", ...], rows: tuple["Outlook", ...]
) -> tuple[tuple["Origin", ...], tuple["Holds", ...]]:
    """Blamed at the first of the lines."""
    from hotfix.actions.origin import holds, infer
    from hotfix.lifecycle.pick.outlook import is_there
    from hotfix.policy.rules import Rules

    if not targets:
        return (), ()
    output.narrate(f"forecast: blaming the lines that the fix changes on {targets[0].name}")
    origins = infer(picking, fixes, targets[0].commit, Rules(service=""), ())
    mended = {row.onto for row in rows if is_there(row)}
    return origins, holds(picking, origins, targets, mended)


def _targets(
    picking: "Picking", onto: tuple[str, ...], lines: str | None, tags: str | None, newest: int
) -> tuple["Line", ...]:
    from hotfix.ports.picking import Line

    found = [Line(to_text(rev.encode("utf-8", "surrogateescape")), picking.resolve(rev)) for rev in onto]
    for glob, fitting in (
        (lines, picking.branches(lines) if lines else ()),
        (tags, picking.tags(tags, newest) if tags else ()),
    ):
        if glob and not fitting:
            raise click.UsageError(
                f"Nothing here fits {glob!r}; git branch -a and git tag list what there is."
            )
        found += fitting
    return tuple(dict.fromkeys(found))


def _exit_code(rows: Sequence["Outlook"]) -> ExitCode:
    from hotfix.lifecycle.pick.outlook import settled

    return ExitCode.DONE if all(settled(row) for row in rows) else ExitCode.REFUSED


# -- for people ---------------------------------------------------------------------------------------


def _show(rows: Sequence["Outlook"]) -> None:
    output.table(
        ("line", "base", "outcome", "size"),
        [(row.line, row.onto[:12], row.outcome, _told(row.size) if row.tree else "") for row in rows],
    )
    for row in rows:
        for sentence in _notes(row):
            output.say(f"{row.line}: {sentence}")


def _show_origins(origins: Sequence["Origin"], held: Sequence["Holds"]) -> None:
    from hotfix.cli.origin import show

    show(origins)
    for one in held:
        has = f" ({', '.join(commit[:12] for commit in one.suspects)})" if one.suspects else ""
        proof = "; that does not show that it lacks it" if one.defect == "not found" else ""
        output.say(f"{one.line}: the defect is {one.defect}{has}{proof}")


def _told(size: "Size | None") -> str:
    return f"+{size.added} −{size.removed} in {count(size.files, 'file')}" if size else "not in this clone"


def _notes(row: "Outlook") -> Iterator[str]:
    several = f"{row.stopped_at[:12]}: " if len(row.fixes) > 1 and row.stopped_at else ""
    if row.why:
        yield f"{several}{row.why}"
    if row.outcome == "empty":
        yield f"{several}what it changes is there already"
    if row.already:
        undone = ", and undone there since" if row.tree and row.already.how == "in its history" else ""
        undone = f", and taken back by {row.already.undone_by[:12]}" if row.already.undone_by else undone
        yield f"{_ALREADY[row.already.how]}{undone} ({row.already.commit[:12]})"
    for conflict in row.conflicts:
        yield f"{several}{conflict.path} ({conflict.kind}, {conflict.path_class})"
    for path in row.stray:
        yield f"lands on {path}, which the fix does not name"
    for one in row.alike:
        yield f"{', '.join(one.others)} had the very content of {one.path}, and git chose"
    for later in row.later:
        yield f"{later.commit[:12]} of the main line {later.how} it"
    for offer in row.offers:
        yield f"only changelogs conflict; with both sides' lines it is {_told(offer.size)}: {offer.command}"
    for way in row.proven:
        yield f"pick {', '.join(first[:12] for first in way.first)} first: {_told(way.size)} in all; {way.command}"
    if row.search in _SEARCHED:
        yield _SEARCHED[row.search]


_ALREADY = {
    "in its history": "the fix is in its history already",
    "same change": "it has the same change already",
    "by its own words": "a commit there says that it is this fix; its result is another",
}
_SEARCHED = {
    "none": "none was found, among the commits that touched these lines or files, that would make it clean",
    "failed": "prerequisites could not be looked for",
    "out of time": "the search for prerequisites ran out of time: --within 1m gives it more",
}


# -- many ---------------------------------------------------------------------------------------------


def _stream(picking: "Picking", clock: "Clock", patience: float | None) -> ExitCode:
    import msgspec

    from hotfix.actions import explain, forecast
    from hotfix.lifecycle.pick.outlook import settled
    from hotfix.policy.rules import Rules

    well = True
    for row in forecast.stream(picking, clock, _batches(), Rules(service=""), sized=patience is not None):
        if patience is not None and row.fixes:
            row = explain.explain(picking, clock, row, patience, output.narrate)
        click.echo(msgspec.json.encode(row))
        well = well and settled(row)
    return ExitCode.DONE if well else ExitCode.REFUSED


def _batches() -> Iterator[list["Pair"]]:
    """What has arrived on standard input, at most a batch of it; who sends one line at a time is answered at once."""
    rest = b""
    while arrived := os.read(sys.stdin.fileno(), 1 << 16):
        *whole, rest = (rest + arrived).split(b"\n")
        yield from _cut(whole)
    yield from _cut([rest])


def _cut(lines: Sequence[bytes]) -> Iterator[list["Pair"]]:
    pairs = [_pair(line) for line in lines if line.strip()]
    for start in range(0, len(pairs), _BATCH):
        yield pairs[start : start + _BATCH]


def _pair(line: bytes) -> "Pair":
    from hotfix.actions.forecast import Pair

    words = to_text(line).split()
    return Pair(*words) if len(words) == 2 else Pair(to_text(line), "", "a line is two words: SHA ONTO")
