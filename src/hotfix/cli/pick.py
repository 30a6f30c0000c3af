"""``hotfix pick``."""

from typing import TYPE_CHECKING

import click

from hotfix.cli import options, output
from hotfix.cli.exit_codes import ExitCode
from hotfix.record.words import count, size

if TYPE_CHECKING:
    from hotfix.actions.beside import Beside
    from hotfix.actions.pick import Result
    from hotfix.actions.resolve import Resolving


@click.command()
@click.argument("fixes", nargs=-1, metavar="FIX...")
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
@click.option(
    "--union-changelog", "union", is_flag=True, help="Changelogs in conflict keep both sides' lines."
)
@click.option(
    "--drop", multiple=True, metavar="HUNK", help="Leave this hunk of the fix out, by its id. Repeat it."
)
@click.option("--resolve", is_flag=True, help="Lay the files in conflict out, for you to resolve.")
@click.option("--continue", "goes_on", is_flag=True, help="Go on with what you made of them.")
@click.option("--abort", is_flag=True, help="Leave nothing of it.")
@options.hotfix_option
@options.as_json
@click.pass_context
def command(
    ctx: click.Context,
    fixes: tuple[str, ...],
    paired_with: tuple[str, ...],
    authored: bool,
    union: bool,
    drop: tuple[str, ...],
    resolve: bool,
    goes_on: bool,
    abort: bool,
    hotfix: str | None,
    json: bool,
) -> None:
    """Cherry-pick each FIX (a commit of your main line) onto exactly what production runs.

    FIX is also a pull or merge request, by number (#41, !41) or page, where the remote offers its head: then it is
    what trunk made of it, or its own commits.

    Every unit is asked what it runs; all must say the same. The pick happens in memory: your work
    tree, your index and your branch stay as they are. The result is named, kept as the branch
    hotfix/HF-N, and then built (where the policy has a build), measured and proven. Where it
    conflicts, commits of trunk that the base lacks are tried first, and named where they help.

    No side of a conflict is ever taken. --resolve lays out the files in conflict, and nothing else,
    in a folder of their own; what you make of them is shown beside the fix's own change, and asks
    for a written reason. Lock and generated files are made anew by the policy's [[regenerate]].

    Once it is proven, each hunk of the fix is left out in turn. One that no test notices asks for a test, a
    reason, or --drop, which picks the same fix without it and proves that.

    \b
    hotfix pick 3f2a91c
    hotfix pick '#41'
    hotfix pick 3f2a91c 8be0d4a --paired-with rita@example.com
    hotfix pick --authored my-fix     a branch that begins at the base: all of its commits
    hotfix pick --drop 1f0c92ab77de   what was picked last, without this hunk
    hotfix pick 3f2a91c --resolve, then --continue or --abort

    Exit 8: a conflict was laid out, and waits for you.
    """
    from hotfix.actions import pick

    _make_sense(
        fixes, goes_on=goes_on, abort=abort, drop=bool(drop), more=bool(paired_with or authored or resolve)
    )
    ports = options.ports(ctx)
    if abort:
        left = pick.abort(ports, hotfix)
        output.result({"hotfix": left}, json=json, human=lambda: output.say(f"{left}: nothing of it is left"))
        return
    found = pick.pick(ports, hotfix, pick.Wanted(fixes, paired_with, authored, union, resolve, drop))
    if isinstance(found, pick.Result):
        result = found
        output.result(result, json=json, human=lambda: _show(result))
        return
    waits = found
    output.result(waits, json=json, human=lambda: _show_waiting(waits))
    ctx.exit(ExitCode.WAITING)


def _make_sense(fixes: tuple[str, ...], *, goes_on: bool, abort: bool, drop: bool, more: bool) -> None:
    if (goes_on or abort) and (fixes or more or drop or (goes_on and abort)):
        raise click.UsageError(
            "--continue and --abort are of the pick that waits: they take no FIX and nothing besides."
        )
    if not (fixes or goes_on or abort or drop):
        raise click.UsageError("Say which fix: hotfix pick FIX")


def _show(result: "Result") -> None:
    from hotfix.cli.prove import show_hunks
    from hotfix.cli.review import resolution, show_deltas

    fact = result.fact
    output.say(
        f"{result.hotfix}: {result.release} = {result.base_release} + "
        f"{', '.join(fix[:12] for fix in fact.fixes)}: {fact.subject}"
    )
    output.say(
        f"branch {result.branch} at {fact.result_commit[:12]}; "
        f"not included: {count(fact.not_included, 'other commit')} of trunk"
    )
    for one in fact.resolved:
        output.say(resolution(one))
    show_deltas(result.deltas)
    output.say(
        f"scope: {size(result.scope.counted_lines, result.scope.counted_files)}, "
        f"{count(result.scope.files, 'file')} in all"
    )
    output.say(f"proof: {result.proof.verdict}: {result.proof.reason}")
    show_hunks(result.proof)
    output.say(f"undo: {fact.undo[:12]} gives back the tree of {fact.base_release} exactly")
    for other in result.beside:
        output.say(_beside(result.hotfix, other))
    output.gates(result.gates)
    output.say(f"next: {result.next}")


def _show_waiting(waits: "Resolving") -> None:
    output.say(f"{waits.hotfix}: {waits.stopped_at[:12]} does not go on by itself; it waits for you")
    for one in waits.conflicts:
        output.say(f"  {waits.folder}/{one.path} ({one.kind}, {one.path_class})")
    output.say(f"the fix's own change: {waits.fix}")
    output.say("edit the files, or remove one that is to go")
    output.say(
        f"next: hotfix pick --continue --hotfix {waits.hotfix}, or hotfix pick --abort --hotfix {waits.hotfix}"
    )


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
