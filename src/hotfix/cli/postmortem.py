"""``hotfix postmortem``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hotfix.cli import options, output
from hotfix.record.finding import refused

if TYPE_CHECKING:
    from hotfix.actions.postmortem import Result


@click.command()
@options.the_hotfix
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="The file; postmortem-HF-N.md where it is not said.",
)
@click.option("--html", is_flag=True, help="Write it as a page that stands by itself too, beside the file.")
@click.option(
    "--names",
    is_flag=True,
    help="Call people by their names in the files; on record are roles, and the owners of actions.",
)
@options.as_json
@click.pass_context
def command(
    ctx: click.Context, hotfix: str | None, out: Path | None, html: bool, names: bool, json: bool
) -> None:
    """Draw the post-incident review from the record: the facts are filled in, the judgement is yours.

    Five clocks, timeline, what shipped, impact, waivers, what was around it: each line names the facts that it stands on.
    Rules draft actions from it; each is taken up (hotfix action take) or declined. Write between the marks of each box
    and run this again: what you wrote is kept and goes on record, and what the record writes otherwise is shown. The
    hotfix can be closed once no box is empty and no suggestion waits.

    \b
    hotfix postmortem
    hotfix postmortem HF-1 --out docs/incidents/HF-1.md --html
    """
    from hotfix.actions import find, postmortem
    from hotfix.lifecycle.postmortem import box, page

    ports = options.ports(ctx)
    id = find.find(ports.ledger.read(), hotfix).id
    file = out or Path(ctx.obj) / f"postmortem-{id}.md"
    beside = file.with_suffix(".html")
    if html and beside == file:
        raise click.UsageError(
            "--out names the Markdown, and the page is written beside it: name a .md file."
        )
    earlier = file.read_text("utf-8", "replace") if file.is_file() else ""
    _refuse_other_file(file, id, ours=not file.exists() or box.of_hotfix(earlier) == id)
    there = beside.read_text("utf-8", "replace") if beside.is_file() else ""
    ours = there.startswith(page.mark(id))
    if html:
        _refuse_other_file(beside, id, ours=ours or not beside.exists())
    result = postmortem.postmortem(ports, id, earlier, names=names)
    file.write_text(result.document, "utf-8", "replace")
    if html or ours:  # a page of before would go on saying what is true no more
        beside.write_text(page.render(result.review), "utf-8", "replace")
        output.narrate(f"{beside} is written")
    output.result(result, json=json, human=lambda: _show(result, file))


def _refuse_other_file(file: Path, id: str, *, ours: bool) -> None:
    if not ours:
        raise refused(
            "postmortem-other-file",
            f"{file} is there, and is no postmortem of {id}.",
            "name another file with --out",
        )


def _show(result: "Result", file: Path) -> None:
    output.say(
        f"{result.hotfix}: {file} is written; on record as sha256 {result.sha256[:16]}…, without names"
    )
    for line in result.changed:
        output.say(f"  {line}")
    if result.empty_boxes:
        output.say(f"empty boxes: {', '.join(result.empty_boxes)}")
    for one in result.review.open_suggestions:
        output.say(f"suggested: {one.code} ({one.type}): {one.title}. {one.because.said}")
    if result.empty_boxes:
        output.say(f"next: fill them in, then hotfix postmortem {result.hotfix}")
    elif result.open_suggestions:
        code = result.open_suggestions[0]
        output.say(
            f"next: hotfix action take {result.hotfix} {code} --owner WHO, or hotfix action decline {result.hotfix} "
            f'{code} --because "WHY"'
        )
    elif result.review.state != "closed":
        output.say(f"next: hotfix close {result.hotfix}")
