"""``hotfix ship``."""

import sys
from datetime import timedelta
from pathlib import Path

import click

from hotfix.actions import ship as action
from hotfix.actions.find import find
from hotfix.actions.outcome import Outcome
from hotfix.actions.outcome import outcome as outcome_of
from hotfix.actions.plan import Plan
from hotfix.cli import options, output
from hotfix.cli.background import start
from hotfix.cli.exit_codes import OF_OUTCOME
from hotfix.ports import Ports
from hotfix.record.finding import Finding
from hotfix.record.hotfix import Hotfix
from hotfix.record.moment import in_words

_LOOK_SECONDS = 0.2


@click.command()
@options.the_hotfix
@click.option(
    "--plan",
    "only_plan",
    is_flag=True,
    help="Show what it would do, with every gate and the first answers; change nothing.",
)
@click.option(
    "--wait",
    "patience",
    callback=options.in_seconds,
    default="60m",
    show_default=True,
    help="How long to wait for people; then it ends with exit 8.",
)
@click.option(
    "--detach",
    is_flag=True,
    help="Hand it to a process of its own session and follow it; the terminal may close.",
)
@click.option(
    "--extend",
    callback=options.in_seconds,
    metavar="DURATION",
    help="Let the observation window of the ship that is under way last this much longer.",
)
@options.as_json
@click.pass_context
def command(
    ctx: click.Context,
    hotfix: str | None,
    only_plan: bool,
    patience: float,
    detach: bool,
    extend: float | None,
    json: bool,
) -> None:
    """Ship the picked patch: wait for open gates, telling on whom; then go wave by wave.

    Where a rehearsal of the way back is owed, that comes first, on one unit. The goal checks must
    be red and the guard checks green before anything is changed. After every wave both are asked
    again, and through the observation window too; if a guard turns red, or a goal does not turn
    green in time, every changed unit goes back to what it served.

    \b
    exit 0   validated in production
    exit 1   refused: a gate is shut; the findings name the next command
    exit 8   still waiting for somebody
    exit 10  rolled back by itself
    exit 11  halted: a human is needed
    """
    ports = options.ports(ctx)
    if only_plan:
        _show_plan(action.plan(ports, hotfix), json=json)
        return
    if extend is not None:
        _extend(ports, hotfix, extend, json=json)
        return
    if detach:
        _detach(ctx, ports, hotfix, patience, json=json)

    def alone(what: Hotfix) -> bool:
        return _read_alone(ctx, what, json=json)

    outcome = action.ship(ports, hotfix, patience, alone)
    output.result(outcome, json=json, human=lambda: show_outcome(outcome))
    halted(ctx, ports, outcome)
    ctx.exit(int(OF_OUTCOME[outcome.outcome]))


def halted(ctx: click.Context, ports: Ports, outcome: Outcome) -> None:
    """A ship that halted must not be forgotten: the notifier is told again until somebody acts."""
    if outcome.outcome == "halted":
        try:
            start(ctx.obj, ["remind", outcome.hotfix], _log(ports, outcome.hotfix))
        except OSError as error:  # the disk is full, or the clone cannot be written: the halt itself was told
            output.narrate(f"nobody will be reminded of this: {error}")


def _log(ports: Ports, hotfix: str) -> Path:
    return ports.git.state_dir() / "ships" / f"{hotfix}.log"


def _extend(ports: Ports, hotfix: str | None, seconds: float, *, json: bool) -> None:
    from hotfix.actions.extend import extend

    extended = extend(ports, hotfix, seconds)
    whole = in_words(timedelta(seconds=extended.window_seconds))
    output.result(
        extended,
        json=json,
        human=lambda: output.say(f"{extended.hotfix}: the guards watch for {whole} after the last wave"),
    )


def _detach(ctx: click.Context, ports: Ports, hotfix: str | None, patience: float, *, json: bool) -> None:
    """Start the ship elsewhere, and show here what it says; interrupting this ends the showing, not the ship."""
    id = find(ports.ledger.read(), hotfix).id
    log = _log(ports, id)
    before = log.stat().st_size if log.exists() else 0
    process = start(ctx.obj, ["ship", id, "--wait", f"{patience}s"], log)
    output.narrate(f"{id} ships in process {process.pid}; this terminal may close")
    output.narrate(f"follow it from any: hotfix status --watch {id}; what it says: {log}")
    with log.open("rb") as said:
        said.seek(before)
        while process.poll() is None:
            _show(said.read())
            ports.clock.sleep(_LOOK_SECONDS)
        _show(said.read())
    ended = find(ports.ledger.read(), id)
    if json and process.returncode in OF_OUTCOME.values():
        output.result(outcome_of(ports, ended, ended.ships[-1].plan.ship), json=True, human=lambda: None)
    elif json:
        refusal = Finding(
            "ship-detached", f"The ship in the background ended with {process.returncode}.", str(log)
        )
        output.error_json("refused", [refusal])
    ctx.exit(process.returncode)


def _show(said: bytes) -> None:
    if said:
        output.say(said.decode("utf-8", "backslashreplace").rstrip("\n"), keep_newlines=True, err=True)


def show_outcome(outcome: Outcome) -> None:
    """How a ship ended, for people."""
    words = {
        "validated": "validated in production",
        "rehearsed": "rehearsed, there and back again",
        "standing_in": "stands in for a rehearsal",
        "rolled_back": "rolled back",
        "halted": "HALTED: a human is needed",
    }
    output.say(f"{outcome.hotfix}: {outcome.release} {words[outcome.outcome]}: {outcome.because}")
    output.table(("unit", "serves"), outcome.units)
    if outcome.waived:
        output.say(f"waived: {' · '.join(outcome.waived)}")
    if not outcome.anchored:
        output.say(
            "the record of this is not on the remote yet; the next command that reaches it brings it there"
        )
    fix = outcome.purpose != "return"
    following = {
        "validated": f"hotfix {'land' if fix else 'postmortem'} {outcome.hotfix}",
        "rehearsed": f"hotfix ship {outcome.hotfix}",
        "standing_in": f"hotfix rehearse {outcome.hotfix}",
        "rolled_back": f"hotfix status {outcome.hotfix}; {'mend the fix, then hotfix pick again' if fix else 'hotfix pick FIX'}",
        "halted": f"look at the units above; then hotfix rollback {outcome.hotfix}",
    }
    output.say(f"next: {following[outcome.outcome]}")


def _read_alone(ctx: click.Context, hotfix: Hotfix, *, json: bool) -> bool:
    """The solo profile's review, in the same breath: the sheet, and the release's name typed."""
    from hotfix.actions import review
    from hotfix.cli.review import print_sheet, type_release

    if json or sys.stdin is None or sys.stdin.closed:
        return False

    def show(sheet: review.Sheet) -> str:
        print_sheet(sheet)
        return type_release(sheet)

    review.review(options.ports(ctx), hotfix.id, "approve", "", show)
    return True


def _show_plan(plan: Plan, *, json: bool) -> None:
    def human() -> None:
        output.say(f"{plan.hotfix}: {plan.release} to {plan.environment}")
        output.gates(plan.gates)
        former = {unit.unit: unit.from_answer for unit in plan.units}
        rows = [
            (str(number), unit, former[unit], plan.release)
            for number, wave in enumerate(plan.waves, start=1)
            for unit in wave
        ]
        output.table(("wave", "unit", "from", "to"), rows)
        output.table(
            ("check", "unit", "now", ""),
            [(one.check, one.unit, one.outcome, one.said) for one in plan.baseline],
        )
        output.findings(plan.findings, err=False)
        if plan.waived:
            output.say(f"waived: {' · '.join(plan.waived)}")
        output.say(
            f"next: hotfix ship {plan.hotfix}"
            if plan.may_ship
            else "nothing was changed; what is marked above keeps it from shipping"
        )

    output.result(plan, json=json, human=human)
