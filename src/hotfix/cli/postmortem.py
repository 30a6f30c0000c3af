"""``hotfix postmortem``."""

from pathlib import Path

import click

from hotfix.cli import options, output
from hotfix.record.finding import refused


@click.command()
@options.the_hotfix
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="The file; postmortem-HF-N.md where it is not said.",
)
@options.as_json
@click.pass_context
def command(ctx: click.Context, hotfix: str | None, out: Path | None, json: bool) -> None:
    """Draw the post-incident review from the record: the facts are filled in, the judgement is yours.

    Write between the marks of each box and run this again: what you wrote is kept, and goes on
    record. The hotfix can be closed once no box is empty.

    \b
    hotfix postmortem
    hotfix postmortem HF-1 --out docs/incidents/HF-1.md
    """
    from hotfix.actions import find, postmortem
    from hotfix.lifecycle.postmortem import is_ours

    ports = options.ports(ctx)
    id = find.find(ports.ledger.read(), hotfix).id
    file = out or Path(ctx.obj) / f"postmortem-{id}.md"
    if file.is_file() and not is_ours(file.read_text("utf-8", "replace")):
        raise refused(
            "postmortem-other-file",
            f"{file} is there, and is no postmortem of {id}.",
            "name another file with --out",
        )
    earlier = file.read_text("utf-8", "replace") if file.is_file() else ""
    result = postmortem.postmortem(ports, id, earlier)
    file.write_text(result.document, "utf-8", "replace")

    def human() -> None:
        output.say(f"{result.hotfix}: {file} is written (sha256 {result.sha256[:16]}…), and on record")
        if result.empty_boxes:
            output.say(f"empty boxes: {', '.join(result.empty_boxes)}")
            output.say(f"next: fill them in, then hotfix postmortem {result.hotfix}")
        else:
            output.say(f"next: hotfix close {result.hotfix}")

    output.result(result, json=json, human=human)
