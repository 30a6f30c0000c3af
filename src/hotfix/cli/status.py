"""``hotfix status``."""

import click

from hotfix.actions import status as action
from hotfix.cli import options, output
from hotfix.ports import Ports
from hotfix.record.any_fact import AnyFact
from hotfix.record.kind import kind_of

_PATIENCE = 10.0
"""Seconds that the remote has for its answer."""


@click.command()
@options.the_hotfix
@click.option(
    "--watch", is_flag=True, help="Follow the newest ship until it ends; the exit code is that of the ship."
)
@click.option("--all", "everything", is_flag=True, help="Closed ones too.")
@click.option(
    "--fetch",
    is_flag=True,
    help="Hear from the remote first, and tell it what it lacks; without it, what this clone knows is shown.",
)
@options.as_json
@click.pass_context
def command(
    ctx: click.Context, hotfix: str | None, watch: bool, everything: bool, fetch: bool, json: bool
) -> None:
    """Where every open hotfix stands, and what to type next. Works without the remote.

    \b
    hotfix status
    hotfix status HF-1 --json
    hotfix status --watch      follows a ship from any terminal and any clone
    """
    ports = options.ports(ctx)
    if watch:
        _watch(ctx, ports, hotfix, json=json)
    if fetch:
        from hotfix.actions.exchange import exchange  # here, because without it status starts sooner

        away = exchange(ports, _PATIENCE)
        if away:
            output.narrate(away)
    result = action.status(ports, hotfix, everything=everything)

    def human() -> None:
        if not result.hotfixes:
            output.say("no hotfix is open that this clone knows of (hotfix status --fetch asks the remote)")
            output.say('to start one: hotfix start "WHAT IS BROKEN"')
        for one in result.hotfixes:
            _show(one)
        for late in result.overdue:
            output.say(
                f"! overdue by {late.overdue_days} d: {late.name} {late.title} ({late.owner}); hotfix action close {late.name}"
            )

    output.result(result, json=json, human=human)


def _watch(ctx: click.Context, ports: Ports, hotfix: str | None, *, json: bool) -> None:
    from hotfix.actions.watch import watch
    from hotfix.cli.exit_codes import OF_OUTCOME, ExitCode
    from hotfix.cli.ship import show_outcome
    from hotfix.record.telling import told

    def tell(fact: AnyFact) -> None:
        output.narrate(f"{fact.at[11:19]}Z {kind_of(fact).replace('_', ' ')}: {told(fact)}")

    try:
        outcome = watch(ports, hotfix, tell)
    except KeyboardInterrupt:
        output.narrate("you no longer follow it; whoever ships goes on: hotfix status --watch")
        ctx.exit(int(ExitCode.INTERRUPTED))
    output.result(outcome, json=json, human=lambda: show_outcome(outcome))
    ctx.exit(int(OF_OUTCOME[outcome.outcome]))


def _show(one: action.One) -> None:
    output.say(f"{one.hotfix} {one.severity} {one.title}: {one.headline}")
    if one.release:
        output.say(f"  {one.release} onto {one.base_release}, {one.environment}")
    if one.waived:
        output.say(f"  {' · '.join(one.waived)}")
    output.gates(one.gates)
    if one.by_hand:
        rows = [("  " + unit.unit, unit.known, unit.do) for unit in one.by_hand]
        output.table(("  unit", "what is known", "what to do"), rows)
    elif one.units:
        output.table(
            ("  unit", "state", "serves"),
            [("  " + unit.unit, unit.state, unit.release) for unit in one.units],
        )
    output.say("  " + "  ".join(f"{name} {at[:16]}Z" for name, at in one.clocks.known()))
    for note in one.notes:
        output.say(f"  ! {note}")
    if one.next:
        output.say(f"  next: {one.next}")
