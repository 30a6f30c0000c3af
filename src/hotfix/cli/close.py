"""``hotfix close``."""

from pathlib import Path

import click

from hotfix.cli import options, output


@click.command()
@options.the_hotfix
@click.option(
    "--abandon",
    callback=options.as_text,
    metavar="WHY",
    default="",
    help="End it without a ship, with the reason; refused while production carries it.",
)
@options.as_json
@click.pass_context
def command(ctx: click.Context, hotfix: str | None, abandon: str, json: bool) -> None:
    """End the hotfix: validated in production, landed on trunk, learned from.

    Refuses while one of the three is missing, naming it and who owes it.

    \b
    hotfix close
    hotfix close --abandon "the next release is out in an hour"
    """
    from hotfix.actions import close

    def file(id: str) -> str:
        there = Path(ctx.obj) / f"postmortem-{id}.md"
        return there.read_text("utf-8", "replace") if there.is_file() else ""

    result = close.close(options.ports(ctx), hotfix, abandon, file)
    output.result(
        result,
        json=json,
        human=lambda: output.say(f"{result.hotfix} is closed: {result.outcome} ({result.because})"),
    )
