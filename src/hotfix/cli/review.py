"""``hotfix review``."""

import sys
from collections.abc import Sequence

import click

from hotfix.actions.deltas import Delta
from hotfix.actions.review import FileNote, Sheet
from hotfix.cli import options, output
from hotfix.record.escape import for_terminal
from hotfix.record.parts import LEFT_OUT, Resolved
from hotfix.record.words import count, size


@click.command()
@options.the_hotfix
@click.option("--approve", is_flag=True, help="Sign an approval of exactly this patch.")
@click.option(
    "--reject", callback=options.as_text, metavar="WHY", default="", help="Sign a rejection, with the reason."
)
@options.as_json
@click.pass_context
def command(ctx: click.Context, hotfix: str | None, approve: bool, reject: str, json: bool) -> None:
    """Read what ships, what proves it, and what is not in it; then approve or reject.

    Your signature is an SSH signature over the base tree and the result tree: any later change, even
    of white space, is another patch. Nobody is their own peer: not who picked it, wrote it, paired on it
    or ships it. It works from any clone.

    \b
    hotfix review                     only read
    hotfix review --approve
    hotfix review --reject "the null case is still open"
    """
    from hotfix.actions import review

    if approve and reject:
        raise click.UsageError("Approve or reject, not both.")
    verdict = "approve" if approve else "reject" if reject else ""

    def show(sheet: Sheet) -> str:
        if not json:
            print_sheet(sheet)
        return type_release(sheet) if approve and sheet.profile == "solo" else ""

    result = review.review(options.ports(ctx), hotfix, verdict, reject, show)

    def human() -> None:
        if verdict:
            output.say(f"{result.sheet.hotfix}: {verdict} by {result.person} is on record")
        output.gates([result.gate])
        if not verdict:
            output.say(f"next: hotfix review {result.sheet.hotfix} --approve, or --reject WHY")

    output.result(result, json=json, human=human)


def type_release(sheet: Sheet) -> str:
    """Ask for the release's name: the act that stands for having read the diff."""
    if sys.stdin is None or sys.stdin.closed:
        return ""
    answer: str = click.prompt(
        f"You are alone. Type the release's name to show that you have read this ({sheet.picked.release})",
        err=True,
    )
    return answer


def print_sheet(sheet: Sheet) -> None:
    """The review sheet: what, from where, how proven, what not, and the diff itself."""
    picked = sheet.picked
    output.say(f"{sheet.hotfix}: {sheet.title}")
    output.say(
        f"{picked.release} = {picked.base_release} ({picked.patch.base_commit[:12]}) + "
        f"{', '.join(fix[:12] for fix in picked.fixes)}: {picked.subject}"
    )
    output.say(
        f"written by {', '.join(picked.authors)} (as the commits say); picked by {picked.by}"
        + (f"; paired with {', '.join(picked.paired_with)}" if picked.paired_with else "")
    )
    again = "the same result" if sheet.picked_again else "ANOTHER RESULT: do not approve"
    output.say(f"picking it again on this machine gives {again}")
    if picked.authored:
        output.say("written on the base itself: trunk does not have it, and is owed it")
    for one in picked.resolved:
        output.say(f"! {resolution(one)}")
    show_deltas(sheet.deltas)
    for sentence in picked.warned:
        output.say(f"! {sentence}")
    if sheet.scope:
        output.say(
            f"scope: {size(sheet.scope.counted_lines, sheet.scope.counted_files)}; "
            f"{', '.join(sheet.scope.kinds) or 'no risky kinds'}"
        )
    if sheet.proof:
        output.say(f"proof: {sheet.proof.verdict}: {sheet.proof.reason}")
        for row in sheet.proof.tests:
            if row.id in sheet.proof.fail_to_pass:
                output.say(
                    f"  {row.id}: {row.base_with_tests} without the fix "
                    f"({row.message.splitlines()[0] if row.message else ''}), {row.result} with it"
                )
    else:
        output.say("proof: none of this patch")
    output.say(f"not included: {count(picked.not_included, 'other commit')} of trunk")
    for commit, subject in sheet.not_included:
        output.say(f"  {commit[:12]} {subject}")
    notes = iter(sheet.files)
    for line in sheet.diff.split("\n"):
        if line.startswith("diff --git "):
            _annotate(next(notes, None))
        _diff_line(line)


def _annotate(note: FileNote | None) -> None:
    """Above each file's lines: what sort of file it is, and whether it counts against the limits."""
    output.say()
    if note is not None:
        counted = "runs in production" if note.counts else "does not count"
        output.say(f"▎ {note.path}: {', '.join(note.kinds)}, +{note.added} −{note.removed}, {counted}")


def _diff_line(line: str) -> None:
    colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1]) if sys.stdout.isatty() else None
    click.echo(
        click.style(for_terminal(line, keep_newlines=True), fg=colour)
        if colour
        else for_terminal(line, keep_newlines=True)
    )


def resolution(one: Resolved) -> str:
    """How a path came to be what no commit of trunk has."""
    if one.how == LEFT_OUT:
        return f"{one.path} of {one.fix[:12]}: some hunks of the fix were left out"
    return f"{one.path} of {one.fix[:12]} was in conflict; resolved: {one.how}"


def show_deltas(deltas: Sequence[Delta]) -> None:
    """Of each path that was resolved by hand: what the fix does to it upstream, and what the pick does here."""
    for one in deltas:
        for title, diff in (("upstream", one.upstream), ("here, by hand", one.here)):
            output.say(f"▎ {one.path}, {title}:")
            for line in diff.split("\n"):
                if not line.startswith(("diff --git ", "index ")):
                    _diff_line(line)
