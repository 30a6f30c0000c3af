"""``hotfix rollback``."""

import click

from hotfix.cli import options, output
from hotfix.cli.exit_codes import ExitCode
from hotfix.cli.ship import show_outcome


@click.command()
@options.the_hotfix
@click.option(
    "--because",
    callback=options.as_text,
    default="asked for by hand",
    show_default=True,
    help="Why; it goes on record.",
)
@options.as_json
@click.pass_context
def command(ctx: click.Context, hotfix: str | None, because: str, json: bool) -> None:
    """Put every unit that the newest ship changed back to what that unit served before.

    It needs no gate, no approval, no policy file and no remote: only the record and the units. A unit
    that serves something else by now is left alone. The same guards say whether all is well.

    \b
    exit 0   every changed unit serves its former release, and the guards are green
    exit 11  halted: a human is needed
    """
    from hotfix.actions import rollback

    outcome = rollback.rollback(options.ports(ctx), hotfix, because)
    output.result(outcome, json=json, human=lambda: show_outcome(outcome))
    ctx.exit(int(ExitCode.DONE if outcome.outcome == "rolled_back" else ExitCode.HALTED))
