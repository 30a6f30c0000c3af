"""``hotfix rehearse``."""

import click

from hotfix.cli import options, output
from hotfix.cli.exit_codes import OF_OUTCOME
from hotfix.cli.ship import halted, show_outcome


@click.command()
@options.the_hotfix
@options.as_json
@click.pass_context
def command(ctx: click.Context, hotfix: str | None, json: bool) -> None:
    """Practise the way back on one unit: base, the result, checks, base again, guards; then what was there before.

    Where: env.NAME.rehearse_on in hotfix.toml: "in place" (the first unit of the first wave), a unit by name,
    or another environment. In production every other gate has to be open first. `hotfix ship` rehearses by itself
    when it is owed. A rehearsal counts for this patch, artifact, target and base, for env.NAME.rehearsal_valid,
    and its way back must be within budget.way_back.

    \b
    exit 0   there and back again, all green
    exit 10  the result did not do well on the unit; it is back
    exit 11  halted: the unit could not be brought back, a human is needed
    """
    from hotfix.actions import rehearse

    ports = options.ports(ctx)
    outcome = rehearse.rehearse(ports, hotfix)
    output.result(outcome, json=json, human=lambda: show_outcome(outcome))
    halted(ctx, ports, outcome)
    ctx.exit(int(OF_OUTCOME[outcome.outcome]))
