"""``hotfix authorize``."""

import click

from hotfix.cli import options, output


@click.command()
@options.the_hotfix
@options.as_json
@click.pass_context
def command(ctx: click.Context, hotfix: str | None, json: bool) -> None:
    """The senior approver's go: an SSH signature over this patch, for its environment, for a limited time.

    Trunk's policy names who may (deciders.seniors) and how long it counts (authorize.valid). Read
    the patch first: hotfix review.
    """
    from hotfix.actions import authorize

    result = authorize.authorize(options.ports(ctx), hotfix)

    def human() -> None:
        output.say(
            f"{result.hotfix}: {result.person} authorized {result.release} for "
            f"{result.environment} until {result.expires_at[:16]}Z"
        )
        output.gates(result.gates)

    output.result(result, json=json, human=human)
