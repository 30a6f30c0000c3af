"""``hotfix remind``."""

import click

from hotfix.cli import options, output


@click.command()
@options.the_hotfix
@click.pass_context
def command(ctx: click.Context, hotfix: str | None) -> None:
    """While a ship is halted, tell the notifier again and again (`remind` in hotfix.toml says how often).

    A ship that halts starts this by itself, in the background, where the policy names a notifier. It ends when
    somebody rolls back, or after a day.
    """
    from hotfix.actions import remind

    number = remind.remind(options.ports(ctx), hotfix)
    output.say(f"told {number} times")
