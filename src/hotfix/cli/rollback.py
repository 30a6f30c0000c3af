"""``hotfix rollback``."""

import click

from hotfix.cli import options, output
from hotfix.cli.exit_codes import OF_OUTCOME, ExitCode
from hotfix.cli.ship import halted, show_outcome
from hotfix.questions.ways_out import Return


@click.command()
@options.the_hotfix
@click.option(
    "--because",
    callback=options.as_text,
    default="asked for by hand",
    show_default=True,
    help="Why; it goes on record.",
)
@click.option(
    "--release",
    is_flag=False,
    flag_value="",
    default=None,
    metavar="[TAG]",
    help="Outside any ship: return to release TAG, the one before the bad one. Without TAG, show what that would mean.",
)
@options.as_json
@click.pass_context
def command(ctx: click.Context, hotfix: str | None, because: str, release: str | None, json: bool) -> None:
    """Put every unit that the newest ship changed back to what that unit served before.

    It needs no gate, no approval, no policy file and no remote: only the record and the units, and where
    the record cannot be read, the ship's rollback card. A ship that is running is ended first. A unit that
    serves something else by now is left alone. The same guards say whether all is well.

    \b
    hotfix rollback                       take back what this hotfix shipped
    hotfix rollback --release             what would returning to the release before mean?
    hotfix rollback --release v2.13.2     return to it: the second way out, before any hotfix

    \b
    exit 0   every changed unit serves its former release, and the guards are green
    exit 10  the return did not do well, and was taken back
    exit 11  halted: a human is needed
    """
    if release is not None:
        _return(ctx, hotfix, release, json=json)
    from hotfix.actions import rollback

    ports = options.ports(ctx)
    outcome = rollback.rollback(ports, hotfix, because)
    output.result(outcome, json=json, human=lambda: show_outcome(outcome))
    halted(ctx, ports, outcome)
    ctx.exit(int(ExitCode.HALTED if outcome.outcome == "halted" else ExitCode.DONE))


def _return(ctx: click.Context, hotfix: str | None, release: str, *, json: bool) -> None:
    from hotfix.actions import return_to_release as action

    ports = options.ports(ctx)
    if release:
        outcome = action.return_to_release(ports, hotfix, release)
        output.result(outcome, json=json, human=lambda: show_outcome(outcome))
        halted(ctx, ports, outcome)
        ctx.exit(int(OF_OUTCOME[outcome.outcome]))
    id, what = action.preview(ports, hotfix, release)
    output.result(what, json=json, human=lambda: show_return(id, what))
    ctx.exit(int(ExitCode.DONE if what.is_safe else ExitCode.REFUSED))


def show_return(id: str, what: Return) -> None:
    """What going back to the release before would mean, for people."""
    output.say(what.sentence)
    for commit, subject in what.takes_away:
        output.say(f"  - {commit[:12]} {subject}")
    if what.commits > len(what.takes_away):
        output.say(f"  - and {what.commits - len(what.takes_away)} more")
    if what.is_safe:
        output.say(f"next: hotfix rollback {id} --release {what.to}; or, onto what runs: hotfix pick FIX")
    else:
        output.say(f"next: hotfix pick FIX --hotfix {id}")
