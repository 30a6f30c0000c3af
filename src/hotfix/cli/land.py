"""``hotfix land``."""

import click

from hotfix.cli import options, output


@click.command()
@options.the_hotfix
@options.as_json
@click.pass_context
def command(ctx: click.Context, hotfix: str | None, json: bool) -> None:
    """Is every fix on trunk, as last fetched? It reports, records what it found, and never merges.

    A fix that is not there comes back as a defect with the next release; then this ends with exit 1.
    """
    from hotfix.actions import land

    result = land.land(options.ports(ctx), hotfix)

    def human() -> None:
        if result.landed:
            output.say(f"{result.hotfix} is on {result.trunk}: {result.how}")
            output.say(f"next: hotfix postmortem {result.hotfix}")
        output.findings(result.findings, err=False)

    output.result(result, json=json, human=human)
    ctx.exit(0 if result.landed else 1)
