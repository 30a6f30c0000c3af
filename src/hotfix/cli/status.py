"""``hotfix status``."""

import click

from hotfix.actions import status as action
from hotfix.cli import options, output


@click.command()
@options.the_hotfix
@click.option("--all", "everything", is_flag=True, help="Closed ones too.")
@options.as_json
@click.pass_context
def command(ctx: click.Context, hotfix: str | None, everything: bool, json: bool) -> None:
    """Where every open hotfix stands, and what to type next. Reads only; works without the remote.

    \b
    hotfix status
    hotfix status HF-1 --json
    """
    result = action.status(options.ports(ctx), hotfix, everything=everything)

    def human() -> None:
        if not result.hotfixes:
            output.say('no hotfix is open; to start one: hotfix start "WHAT IS BROKEN"')
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
