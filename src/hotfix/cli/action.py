"""``hotfix action``."""

import re
from typing import TYPE_CHECKING

import click

from hotfix.cli import options, output
from hotfix.lifecycle.action import TYPES

if TYPE_CHECKING:
    from hotfix.actions.action import Result
    from hotfix.lifecycle.action import Standing


def _name(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    if not re.fullmatch(rf"{options.ID}/A[1-9][0-9]*", value):
        raise click.BadParameter(f"{value!r} is no action; they read HF-1/A1, HF-1/A2, …")
    return value


def _id_and(
    ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> "tuple[str | None, str]":
    """``[HF-N] WORD``: the id may be left out where one hotfix is open."""
    id = value[0] if len(value) == 2 else None
    if len(value) not in (1, 2) or (id is not None and not re.fullmatch(options.ID, id)):
        raise click.BadParameter(f"say {parameter.metavar}, and no more")
    return id, options.as_text(ctx, parameter, value[-1])


the_title = click.argument("words", nargs=-1, required=True, callback=_id_and, metavar="[HF-N] TITLE")
the_suggestion = click.argument(
    "words", nargs=-1, required=True, callback=_id_and, metavar="[HF-N] SUGGESTION"
)
the_action = click.argument("action", callback=_name, metavar="HF-N/AN")
because = click.option(
    "--because", required=True, callback=options.as_text, metavar="WHY", help="The reason."
)
due = click.option(
    "--due", default="", metavar="DAY", help="By when. [default: by the severity: 15, 30, 60, 90 days]"
)


@click.group(invoke_without_command=True)
@options.as_json
@click.pass_context
def command(ctx: click.Context, json: bool) -> None:
    """Actions: what is owed after a hotfix, each with one owner and a day. Closed on evidence, or by an accepted risk.

    Rules draft some from the record (hotfix postmortem shows them): take one up, or decline it with a reason. Overdue
    ones are shown by status, at the next start, and in the trend. Without a command they are listed.

    \b
    hotfix action list --overdue
    hotfix action take HF-1 no-alert --owner ann@example.com
    hotfix action close HF-1/A1 --commit 3f2a91c
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_, hotfix=None, overdue=False, json=json)


@command.command("list")
@options.the_hotfix
@click.option("--overdue", is_flag=True, help="Only those past their day.")
@options.as_json
@click.pass_context
def list_(ctx: click.Context, hotfix: str | None, overdue: bool, json: bool) -> None:
    """Every action, the most overdue first. Works without the remote."""
    from hotfix.actions import action

    rows = action.listed(options.ports(ctx), hotfix, overdue=overdue)
    output.result(rows, json=json, human=lambda: _show_list(rows, overdue=overdue))


@command.command("add")
@the_title
@click.option("--type", "type_", type=click.Choice(TYPES), required=True, help="What it is for.")
@click.option(
    "--owner", required=True, callback=options.as_text, metavar="EMAIL", help="The one person who owns it."
)
@due
@options.as_json
@click.pass_context
def add(
    ctx: click.Context, words: tuple[str | None, str], type_: str, owner: str, due: str, json: bool
) -> None:
    """Add an action that somebody thought of."""
    from hotfix.actions import action

    wanted = action.Wanted(words[1], type_, owner, due)
    _tell(action.add(options.ports(ctx), words[0], wanted), json=json)


@command.command("take")
@the_suggestion
@click.option(
    "--owner", required=True, callback=options.as_text, metavar="EMAIL", help="The one person who owns it."
)
@due
@click.option("--title", default="", callback=options.as_text, help="In other words than the rule's.")
@options.as_json
@click.pass_context
def take(
    ctx: click.Context, words: tuple[str | None, str], owner: str, due: str, title: str, json: bool
) -> None:
    """Take up what a rule drafted: SUGGESTION is its code, as in no-alert."""
    from hotfix.actions import action

    _tell(action.take(options.ports(ctx), words[0], words[1], owner, due, title), json=json)


@command.command("decline")
@the_suggestion
@because
@options.as_json
@click.pass_context
def decline(ctx: click.Context, words: tuple[str | None, str], because: str, json: bool) -> None:
    """Do not take up what a rule drafted, and say why."""
    from hotfix.actions import action

    _tell(action.decline(options.ports(ctx), words[0], words[1], because), json=json)


@command.command("close")
@the_action
@click.option(
    "--commit", default="", callback=options.as_text, metavar="SHA", help="The commit on trunk that does it."
)
@click.option(
    "--test",
    default="",
    callback=options.as_text,
    metavar="PATH[::ID]",
    help="The test on trunk that would catch it.",
)
@click.option(
    "--runbook",
    default="",
    callback=options.as_text,
    metavar="PATH|URL",
    help="The runbook, on trunk or elsewhere.",
)
@options.as_json
@click.pass_context
def close(ctx: click.Context, action: str, commit: str, test: str, runbook: str, json: bool) -> None:
    """Close an action on evidence. It is looked at: a commit and a file must be on trunk; of a URL that is said not to be."""
    from hotfix.actions import action as verb

    if sum(map(bool, (commit, test, runbook))) != 1:
        raise click.UsageError("Say on what it is closed: one of --commit, --test and --runbook.")
    _tell(verb.close(options.ports(ctx), action, verb.Proof(commit, test, runbook)), json=json)


@command.command("accept")
@the_action
@because
@click.option("--until", required=True, metavar="DAY", help="Then it is open again; a year at most.")
@options.as_json
@click.pass_context
def accept(ctx: click.Context, action: str, because: str, until: str, json: bool) -> None:
    """Do not do it for now, and accept the risk until a day."""
    from hotfix.actions import action as verb

    _tell(verb.accept(options.ports(ctx), action, because, until), json=json)


@command.command("move")
@the_action
@click.option("--owner", default="", callback=options.as_text, metavar="EMAIL", help="Another owner.")
@click.option("--due", default="", metavar="DAY", help="Another day.")
@because
@options.as_json
@click.pass_context
def move(ctx: click.Context, action: str, owner: str, due: str, because: str, json: bool) -> None:
    """Give an action another owner or another day, with the reason."""
    from hotfix.actions import action as verb

    if not owner and not due:
        raise click.UsageError("Say what is to be another: --owner, --due, or both.")
    _tell(verb.move(options.ports(ctx), action, owner, due, because), json=json)


def _tell(result: "Result", *, json: bool) -> None:
    def human() -> None:
        if result.action is None:
            output.say(f"{result.hotfix}: {result.suggested} is declined: {result.because}")
            output.say(f"next: hotfix postmortem {result.hotfix}")
            return
        one = result.action
        output.say(
            f"{one.name} {result.done}: {one.title} ({one.type}), {one.owner}, due {one.due}: {one.state}"
        )
        if one.evidence:
            output.say(f"  {one.evidence}")
        if one.state in ("open", "overdue"):
            output.say(f"next: hotfix action close {one.name} --commit SHA, once it is done")

    output.result(result, json=json, human=human)


def _show_list(rows: "tuple[Standing, ...]", *, overdue: bool) -> None:
    if not rows:
        output.say(
            "no action is overdue" if overdue else "no action on record; hotfix postmortem drafts some"
        )
        return
    output.table(
        ("action", "state", "due", "type", "owner", "what"),
        [
            (
                one.name,
                f"{one.state}, {one.overdue_days} d" if one.overdue_days else str(one.state),
                one.due,
                one.type,
                one.owner,
                one.title + (f" ({one.evidence})" if one.evidence else ""),
            )
            for one in rows
        ],
    )
    late = next((one for one in rows if one.state == "overdue"), None)
    if late:
        output.say(f"next: hotfix action close {late.name} --commit SHA, or --test, or --runbook")
