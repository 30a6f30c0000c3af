"""``hotfix status``."""

import click

from hotfix.actions import status as action
from hotfix.cli import options, output

_PATIENCE = 10.0
"""Seconds that the remote has for its answer."""


@click.command()
@options.the_hotfix
@click.option("--all", "everything", is_flag=True, help="Closed ones too.")
@click.option(
    "--fetch", is_flag=True, help="Ask the remote first; without it, what this clone knows is shown."
)
@options.as_json
@click.pass_context
def command(ctx: click.Context, hotfix: str | None, everything: bool, fetch: bool, json: bool) -> None:
    """Where every open hotfix stands, and what to type next. Reads only; works without the remote.

    \b
    hotfix status
    hotfix status HF-1 --json
    """
    ports = options.ports(ctx)
    if fetch:
        away = ports.git.fetch(within=_PATIENCE) or ports.ledger.refresh(within=_PATIENCE)
        if away:
            output.narrate(away)
    result = action.status(ports, hotfix, everything=everything)

    def human() -> None:
        if not result.hotfixes:
            output.say("no hotfix is open that this clone knows of (hotfix status --fetch asks the remote)")
            output.say('to start one: hotfix start "WHAT IS BROKEN"')
        for one in result.hotfixes:
            _show(one)

    output.result(result, json=json, human=human)


def _show(one: action.One) -> None:
    output.say(f"{one.hotfix} {one.severity} {one.title}: {one.headline}")
    if one.release:
        output.say(f"  {one.release} onto {one.base_release}, {one.environment}")
    if one.waived:
        output.say(f"  {' · '.join(one.waived)}")
    output.gates(one.gates)
    if one.units:
        output.table(
            ("  unit", "state", "serves"),
            [("  " + unit.unit, unit.state, unit.release) for unit in one.units],
        )
    output.say("  " + "  ".join(f"{name} {at[:16]}Z" for name, at in one.clocks.known()))
    for note in one.notes:
        output.say(f"  ! {note}")
    if one.next:
        output.say(f"  next: {one.next}")
