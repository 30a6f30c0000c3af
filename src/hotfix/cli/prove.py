"""``hotfix prove``."""

import click

from hotfix.cli import options, output


@click.command()
@options.the_hotfix
@options.as_json
@click.pass_context
def command(ctx: click.Context, hotfix: str | None, json: bool) -> None:
    """Run the regression test on three trees: the base, the base with the tests, the result.

    It must fail on the second for want of the fix, pass on the third, every time it is repeated, and
    nothing else may break. `pick` does this by itself; this verb does it again.

    \b
    exit 0   proven
    exit 1   not proven; the verdict says why, and what to do
    """
    from hotfix.actions import prove

    result = prove.prove(options.ports(ctx), hotfix)

    def human() -> None:
        output.say(f"{result.hotfix}: {result.verdict}: {result.reason}")
        rows = [(row.id, row.base, row.base_with_tests, row.result) for row in result.fact.tests]
        output.table(("test", "base", "base + tests", "result"), rows)
        for row in result.fact.tests:
            if row.id in result.fact.fail_to_pass and row.message:
                output.say(f"red, {row.id}: {row.message}")
        output.gates([result.gate])
        if result.next:
            output.say(f"next: {result.next}")

    output.result(result, json=json, human=human)
    ctx.exit(0 if result.gate.state == "open" else 1)
