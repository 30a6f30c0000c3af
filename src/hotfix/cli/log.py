"""``hotfix log``."""

import click

from hotfix.actions.log import Verdict
from hotfix.cli import options, output
from hotfix.record.chain import Entry
from hotfix.record.kind import kind_of


@click.command()
@options.the_hotfix
@click.option("--verify", is_flag=True, help="Walk the whole record: chain, history, signatures, anchor.")
@click.option("--seq", type=click.IntRange(1), help="The one fact with this number, in full.")
@options.as_json
@click.pass_context
def command(ctx: click.Context, hotfix: str | None, verify: bool, seq: int | None, json: bool) -> None:
    """The record, a line per fact; with --verify, whether it can be believed.

    A postmortem names the facts that it stands on by their numbers: --seq shows such a fact with all that it says.

    --verify names the first entry that was changed, moved or removed, says whose signatures
    count, and what the remote does not have yet. It ends with exit 1 where anything is wrong.
    """
    from hotfix.actions import log

    ports = options.ports(ctx)
    if not verify:
        entries = log.log(ports, hotfix, seq)
        output.result(entries, json=json or seq is not None, human=lambda: _show(entries))
        return
    verdict = log.verify(ports)
    output.result(verdict, json=json, human=lambda: _show_verdict(verdict))
    ctx.exit(1 if verdict.findings else 0)


def _show(entries: tuple[Entry, ...]) -> None:
    for entry in entries:
        output.say(
            f"{entry.seq:>6} {entry.fact.at} {entry.hotfix:<6} {kind_of(entry.fact):<18} {entry.fact.by}"
        )


def _show_verdict(verdict: Verdict) -> None:
    output.findings(verdict.findings, err=False)
    word = "is whole" if not verdict.findings else "IS NOT WHOLE"
    output.say(f"the record {word}: {verdict.entries} facts in {verdict.commits} appends")
    output.say(f"signatures: {verdict.signed} good, {verdict.unsigned} appends unsigned")
    for note in verdict.notes:
        output.say(f"note: {note}")
