"""``hotfix start``."""

import sys

import click

from hotfix.actions.start import Result
from hotfix.cli import options, output
from hotfix.ports import Ports
from hotfix.record.finding import Refused


@click.command()
@click.argument("title")
@click.option(
    "--severity",
    type=click.Choice(["SEV1", "SEV2", "SEV3", "SEV4"], case_sensitive=False),
    help="How bad it is; SEV1 is the worst.",
)
@click.option("--detected", help='When it was detected: "25m" (ago) or a time. The clock runs from here.')
@click.option("--impact", help="Who is harmed, and how, in numbers where you have them.")
@click.option(
    "--answer",
    "answers",
    multiple=True,
    help="An answer to a question of the policy's criteria, in its order; repeat it.",
)
@click.option(
    "--not-flag", help="Why a feature flag cannot be flipped instead: that would be faster and safer."
)
@click.option("--not-return", help="Why the release before the bad one cannot be returned to instead.")
@click.option(
    "--return",
    "returning",
    metavar="WHY",
    help="Take the second way out, and say why: the next command is hotfix rollback --release.",
)
@click.option("--env", "environment", default="", help="The environment; production where it is not said.")
@click.option("--introduced", default="", help="When the defect went live, where you know.")
@click.option("--impact-since", default="", help="When somebody was first harmed, where you know.")
@click.option(
    "--detected-by",
    type=click.Choice(["alert", "staff", "customer"]),
    default=None,
    help="Who or what noticed. Where no alert did, the postmortem asks for one.",
)
@click.option(
    "--follows", default="", metavar="HF-N", help="The hotfix that this one follows up: the same defect."
)
@options.as_json
@click.pass_context
def command(
    ctx: click.Context,
    title: str,
    severity: str | None,
    detected: str | None,
    impact: str | None,
    answers: tuple[str, ...],
    not_flag: str | None,
    not_return: str | None,
    returning: str | None,
    environment: str,
    introduced: str,
    impact_since: str,
    detected_by: str | None,
    follows: str,
    json: bool,
) -> None:
    """Put the decision on record: TITLE says what is broken.

    \b
    A hotfix is the third way out. Before it come two that are faster and safer:
      1. flip the feature flag, where the change sits behind one;
      2. return to the release before the bad one.
    Say why they do not apply. On a terminal, what you leave out is asked.

    Before it asks about the second, it shows what that would mean: the release, what it would take
    away, and what it would not undo.

    \b
    hotfix start "Abandoned-cart e-mails stopped" --severity SEV2 --detected 25m \\
        --impact "no reminder since Thursday, about 40 carts an hour" \\
        --not-flag "not behind a flag" --not-return "2.14 carries a payment change"
    """
    from hotfix.actions import start

    wanted = start.Wanted(
        title=title,
        severity=_needed(severity, "--severity", "How bad is it (SEV1 to SEV4)?"),
        environment=environment,
        detected=_needed(detected, "--detected", 'When was it detected ("25m" ago, or a time)?'),
        impact=_needed(impact, "--impact", "Who is harmed, and how?"),
        answers=answers,
        not_flag=_needed(not_flag, "--not-flag", "Why can no feature flag be flipped instead?"),
        not_return=_second_way_out(ctx, environment, returning, not_return),
        introduced=introduced,
        impact_since=impact_since,
        returning=returning is not None,
        detected_by=detected_by or "",
        follows=follows,
    )
    result = start.start(options.ports(ctx), wanted, _ask if sys.stdin.isatty() else None)
    output.result(result, json=json, human=lambda: _show(result, title))


def _show(result: Result, title: str) -> None:
    output.say(f"{result.hotfix} started: {title}")
    output.say(
        f"detected {result.detected_at[:16]}Z; deployed by {result.deadline[:16]}Z is the team's budget"
    )
    if result.profile == "solo":
        output.say("NO PEER · UNSIGNED: you work alone, and everything about this hotfix says so")
    for one in result.overdue:
        output.say(f"! overdue since {one.due}: {one.name} {one.title} ({one.owner})")
    output.say(f"next: {result.next}")


def _second_way_out(
    ctx: click.Context, environment: str, returning: str | None, not_return: str | None
) -> str:
    """Why it is taken, or why not; what it would mean is shown before that is asked."""
    if returning is not None and not_return is not None:
        raise click.UsageError("--return takes the second way out and --not-return does not: say one of them")
    if returning is not None:
        return returning
    if not_return is not None or sys.stdin.isatty():
        _show_second_way_out(options.ports(ctx), environment)
    return _needed(not_return, "--not-return", "Why can you not return to the release before?")


def _show_second_way_out(ports: Ports, environment: str) -> None:
    """Told before anything is asked; where it cannot be known, that is told, and holds nothing up."""
    from hotfix.actions import start

    try:
        what = start.second_way_out(ports, environment)
    except Refused as error:
        output.narrate(f"the second way out cannot be looked at: {error}")
        return
    output.narrate(f"second way out: {what.sentence}")
    for commit, subject in what.takes_away:
        output.narrate(f"  - {commit[:12]} {subject}")


def _ask(question: str) -> str:
    answer: str = click.prompt(question, err=True)
    return answer


def _needed(value: str | None, option: str, question: str) -> str:
    if value is not None:
        return value
    if not sys.stdin.isatty():
        raise click.UsageError(f"{option} is needed: {question}")
    return _ask(question)
