"""``hotfix pick``."""

from typing import TYPE_CHECKING

import click

from hotfix.cli import options, output
from hotfix.record.words import count, size

if TYPE_CHECKING:
    from hotfix.actions.beside import Beside


@click.command()
@click.argument("fixes", nargs=-1, required=True, metavar="FIX...")
@click.option(
    "--paired-with",
    callback=options.as_text,
    multiple=True,
    metavar="PERSON",
    help="Somebody who wrote it with you: they are not their own peer. Repeat it.",
)
@click.option(
    "--authored",
    is_flag=True,
    help="FIX is a branch that was written on the base itself; trunk is owed a forward port.",
)
@options.hotfix_option
@options.as_json
@click.pass_context
def command(
    ctx: click.Context,
    fixes: tuple[str, ...],
    paired_with: tuple[str, ...],
    authored: bool,
    hotfix: str | None,
    json: bool,
) -> None:
    """Cherry-pick each FIX (a commit of your main line) onto exactly what production runs.

    Every unit is asked what it runs; all must say the same. The pick happens in memory: your work
    tree, your index and your branch stay as they are. The result is named, kept as the branch
    hotfix/HF-N, and then built (where the policy has a build), measured and proven. Where it
    conflicts, commits of trunk that the base lacks are tried first, and named where they help.

    \b
    hotfix pick 3f2a91c
    hotfix pick 3f2a91c 8be0d4a --paired-with rita@example.com
    hotfix pick --authored my-fix     a branch that begins at the base: all of its commits
    """
    from hotfix.actions import pick

    result = pick.pick(options.ports(ctx), fixes, hotfix, paired_with, authored=authored)

    def human() -> None:
        fact = result.fact
        output.say(
            f"{result.hotfix}: {result.release} = {result.base_release} + "
            f"{', '.join(fix[:12] for fix in fact.fixes)}: {fact.subject}"
        )
        output.say(
            f"branch {result.branch} at {fact.result_commit[:12]}; "
            f"not included: {count(fact.not_included, 'other commit')} of trunk"
        )
        output.say(
            f"scope: {size(result.scope.counted_lines, result.scope.counted_files)}, "
            f"{count(result.scope.files, 'file')} in all"
        )
        output.say(f"proof: {result.proof.verdict}: {result.proof.reason}")
        output.say(f"undo: {fact.undo[:12]} gives back the tree of {fact.base_release} exactly")
        for other in result.beside:
            output.say(_beside(result.hotfix, other))
        output.gates(result.gates)
        output.say(f"next: {result.next}")

    output.result(result, json=json, human=human)


def _beside(hotfix: str, other: "Beside") -> str:
    both = (
        f"both go on, {other.order[0]} first"
        if other.order
        else f"they do not go on together: ship {other.hotfix} first, then pick {hotfix} again, or the other way round"
    )
    if other.lines:
        where = f"both change the same lines of {', '.join(other.lines)}"
    elif other.paths:
        where = f"both change {', '.join(other.paths)}, in different places"
    else:
        where = "they change different paths"
    return f"{other.hotfix} ({other.release}) is on the same base: {where}; {both}"
