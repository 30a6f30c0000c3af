"""``hotfix remind``."""

import click

from hotfix.cli import options, output
from hotfix.record.words import count


@click.command()
@options.the_hotfix
@options.as_json
@click.pass_context
def command(ctx: click.Context, hotfix: str | None, json: bool) -> None:
    """While a ship is halted, tell the notifier again and again (`remind` in hotfix.toml says how often).

    A ship that halts starts this by itself, in the background, where the policy names a notifier. It ends when
    somebody rolls back, or after a day.

    \b
    hotfix remind HF-1      by hand, where the process that did it is gone
    """
    from hotfix.actions import remind

    result = remind.remind(options.ports(ctx), hotfix)
    output.result(
        result, json=json, human=lambda: output.say(f"{result.hotfix}: told {count(result.told, 'time')}")
    )
