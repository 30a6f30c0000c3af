"""``hotfix doctor``."""

import click

from hotfix.cli import options, output
from hotfix.record.escape import for_terminal

_MARKS = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "bad": ("✗", "red")}


@click.command()
@options.as_json
@click.pass_context
def command(ctx: click.Context, json: bool) -> None:
    """What would 2 am trip over? Reads the policy, asks every unit and every check, changes nothing.

    It ends with exit 1 where a hotfix could not go through as things are.
    """
    from hotfix.actions import doctor

    result = doctor.doctor(options.ports(ctx))

    def human() -> None:
        for one in result.checked:
            mark, colour = _MARKS[one.level]
            click.echo(click.style(mark, fg=colour) + f" {for_terminal(f'{one.name}: {one.said}')}")
            if one.next and one.level != "ok":
                click.echo(click.style("  → ", fg="cyan") + for_terminal(one.next))
        output.say(
            "a hotfix could start now" if result.well else "a hotfix would fail; mend what is marked ✗ first"
        )

    output.result(result, json=json, human=human)
    ctx.exit(0 if result.well else 1)
