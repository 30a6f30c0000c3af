"""``hotfix scope``."""

import click

from hotfix.cli import options, output
from hotfix.record.words import count, size


@click.command()
@options.the_hotfix
@click.option(
    "--because",
    "because",
    callback=options.as_text,
    multiple=True,
    metavar="CODE=WHY",
    help="A written reason for a finding that asks for one. Repeat it.",
)
@options.as_json
@click.pass_context
def command(ctx: click.Context, hotfix: str | None, because: tuple[str, ...], json: bool) -> None:
    """How narrow the patch is, counted from its blobs, against the policy's limits.

    Tests, docs and the changelog are listed and do not count. What is wide, or of a risky kind
    (lock files, migrations, binaries, …), asks for a written reason; changes to the policy, the
    signers and the CI are never part of a hotfix, whatever the reason.

    \b
    hotfix scope --because "scope-migration=adds a column with a default; the old release ignores it"
    """
    from hotfix.actions import scope

    reasons = []
    for pair in because:
        code, equals, why = pair.partition("=")
        if not equals or not why.strip():
            raise click.BadParameter(f"{pair!r} is not CODE=WHY", param_hint="--because")
        reasons.append((code, why))
    result = scope.scope(options.ports(ctx), hotfix, tuple(reasons))

    def human() -> None:
        output.say(
            f"{result.hotfix}: {size(result.counted_lines, result.counted_files)} "
            f"(+{result.added} −{result.removed} in {count(result.files, 'file')})"
        )
        for path in result.paths:
            output.say(f"  {path}")
        output.gates([result.gate])

    output.result(result, json=json, human=human)
    ctx.exit(0 if result.gate.state == "open" else 1)
