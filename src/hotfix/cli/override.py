"""``hotfix override``."""

import re
import sys

import click

from hotfix.actions import override as action
from hotfix.cli import options, output

_ID = re.compile(options.ID)


@click.command()
@click.argument("words", nargs=-1, metavar="[HF-N] [GATE]")
@click.option(
    "--because",
    callback=options.as_text,
    metavar="WHY",
    default="",
    help="What happens if nothing ships, and which incident this is (at least 20 characters); of a review, what you "
    "think of it.",
)
@click.option(
    "--environment",
    "typed",
    callback=options.as_text,
    metavar="NAME",
    default="",
    help="The environment's name, typed here and not when it is asked for.",
)
@click.option("--confirm", is_flag=True, help="Say yes to what somebody else asked for.")
@click.option("--review", is_flag=True, help="Look back at an override that was used.")
@options.as_json
@click.pass_context
def command(
    ctx: click.Context,
    words: tuple[str, ...],
    because: str,
    typed: str,
    confirm: bool,
    review: bool,
    json: bool,
) -> None:
    """Open one gate all the same: once, for today's patch and its environment, for 15 minutes, and never in silence.

    Trunk's policy says what makes it count. With override = "second person" somebody else who is on call
    or senior confirms it from their own clone. With override = "announce" nobody has to, and it counts
    once the notifier told everyone; so it always is for one who works alone. Every order is the same: on
    record, then told, then in effect. The first ship uses it up, and a new pick voids it. Within 24
    hours a third person has to look back at it: until then the hotfix cannot be closed, and once that is overdue
    the next override takes a senior approver.

    \b
    what can be overridden
      scope, prove, review, rehearse, authorize (also what a freeze holds up)
      lease    the next ship replaces a holder who is alive, with a raised token
      return   back to the release before, although something irreversible lies between
    what never is
      start, pick, the record, people's identity, the way back

    \b
    hotfix override prove --because "checkout is down, INC-4711; the test box is gone"
    hotfix override --confirm HF-1 prove                   the second person, in their own clone
    hotfix override --review HF-1 --because "right; the box now has a twin"
    """
    ports = options.ports(ctx)
    id, gate = _split(words)
    if confirm and (review or because or typed):
        raise click.UsageError("--confirm only says yes to what was asked for; it takes no other option.")
    if not confirm and not because.strip():
        raise click.UsageError('Say why: --because "WHY".')
    if not confirm and not review and not gate:
        raise click.UsageError("Name the gate, as in: hotfix override prove --because WHY.")
    if confirm:
        result = action.confirm(ports, id, gate, _show)
    elif review:
        result = action.look_back(ports, id, gate, because)
    else:
        result = action.ask(ports, id, gate, because, lambda request: _ask(request, typed))
    output.result(result, json=json, human=lambda: _say(result))


def _split(words: tuple[str, ...]) -> tuple[str | None, str]:
    """(id of the hotfix, gate), in whichever order they were given."""
    ids = [word for word in words if _ID.fullmatch(word)]
    gates = [word for word in words if word not in ids]
    if len(ids) > 1 or len(gates) > 1:
        raise click.UsageError(
            "One override is of one gate and one hotfix, as in: hotfix override HF-1 prove."
        )
    return ids[0] if ids else None, gates[0] if gates else ""


def _show(request: action.Request) -> str:
    """What one puts one's name to; on standard error, because it is not the result yet."""
    output.narrate(f"{request.hotfix}: {request.title}")
    what = f"{request.release} in {request.environment}" if request.release else request.environment
    output.narrate(f"{request.by} wants to override {request.gate} for {what}: {request.because}")
    if not request.findings:
        output.narrate("nothing that this clone can see keeps it shut: it will be recorded as not needed")
    output.findings(request.findings)
    return ""


def _ask(request: action.Request, typed: str) -> str:
    _show(request)
    if typed or sys.stdin is None or sys.stdin.closed:
        return typed
    answer: str = click.prompt(
        f"This is recorded, told and looked back at. Type the environment's name ({request.environment})",
        err=True,
    )
    return answer


def _say(result: action.Result) -> None:
    did = {"asked": "asked for", "confirmed": "confirmed", "reviewed": "looked back at"}[result.done]
    output.say(f"{result.hotfix}: {result.by} {did} the override of {result.gate}: {result.because}")
    if result.done == "reviewed":
        output.say(f"next: {result.next}")
        return
    output.say(
        f"  in effect until {result.expires_at}, for one ship to {result.environment}"
        if result.state == "effective"
        else f"  {result.why}; it expires at {result.expires_at}"
    )
    if result.untold:
        output.say(
            "  ! NOBODY COULD BE TOLD of it; the record says so, and hotfix status will until somebody was"
        )
    if result.state == "waiting":
        output.say(f"they type, in their own clone: {result.next}")
    else:
        output.say(f"next: {result.next}")
