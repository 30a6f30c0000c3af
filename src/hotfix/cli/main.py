"""``hotfix``: where every command starts, and where every refusal ends."""

import importlib
import os
import sys
from pathlib import Path

import click

import hotfix
from hotfix.cli import output
from hotfix.cli.exit_codes import OF_KIND, ExitCode
from hotfix.record.finding import Finding, Refused

VERBS = {
    "start": "Put the decision on record: a defect is live, and the clock runs.",
    "pick": "Cherry-pick the fix onto exactly what production runs; build, measure, prove.",
    "review": "Read what ships and what proves it; approve or reject with your signature.",
    "ship": "Wait for the gates, go wave by wave, come back by itself if it must.",
    "rollback": "Put every unit back to what it served before.",
    "status": "Where every hotfix stands, and what to type next.",
    "close": "End it: validated, landed and learned.",
}
"""The life of a hotfix, in order."""

MORE = {
    "forecast": "Will this fix go onto that line? In any repository, before anything is made.",
    "prove": "Run the regression test: red on the base, green on the result.",
    "scope": "How narrow the patch is, and the reasons for what asks for one.",
    "remind": "While a ship is halted, tell the notifier again and again.",
    "rehearse": "Practise the way back on one unit: there and back again.",
    "authorize": "The senior approver's go, signed, for this patch.",
    "override": "Open one gate all the same: once, by two people or told to all, never in silence.",
    "land": "Is the fix on trunk? It reports and never merges.",
    "origin": "Who brought the defect, and since when production has it: inferred, then confirmed.",
    "postmortem": "The post-incident review: facts filled, judgement left to people.",
    "action": "What is owed after a hotfix: owner, day, type; closed on evidence.",
    "trend": "Are hotfixes becoming a habit? From the record, or in any repository from its tags.",
    "log": "The record, and its verification.",
    "init": "Write a policy for this repository, from at most four answers.",
    "doctor": "What would 2 am trip over? Asks everything, changes nothing.",
}

_EPILOG = "Happy path: start, pick, ship (which waits, telling on whom), close."


class Verbs(click.Group):
    """Verbs are imported when they are called, so that every one of them starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All verbs, in the order of life."""
        return [*VERBS, *MORE]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb `cmd_name`."""
        if cmd_name not in VERBS and cmd_name not in MORE:
            return None
        module = importlib.import_module(f"hotfix.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The life first, the rest after it; no verb is imported for this."""
        for title, verbs in (("The life of a hotfix", VERBS), ("More", MORE)):
            with formatter.section(title):
                formatter.write_dl(list(verbs.items()))


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]}, epilog=_EPILOG)
@click.version_option(hotfix.__version__, prog_name="hotfix")
@click.option(
    "-C",
    "directory",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=None,
    help="Work on the clone at DIR.",
)
@click.pass_context
def cli(ctx: click.Context, directory: Path | None) -> None:
    """From "a serious defect is live" to a narrow fix that is validated in production.

    Everything is recorded on the branch hotfix-record of your own repository; the rules are
    hotfix.toml on your main line. Start with: hotfix init, then hotfix doctor.
    """
    ctx.obj = directory or Path()


def main() -> None:
    """The program: runs the command line and ends with its exit code."""
    import gc
    import signal

    # A long record is very many small structs without cycles: looking for some after every 700 takes half of the time.
    gc.set_threshold(50_000)
    signal.signal(signal.SIGTERM, _end)
    sys.exit(int(run(sys.argv[1:])))


def _end(number: int, frame: object) -> None:
    """Asked to end, by the system or by a way back: let go of what is held, and say so."""
    click.echo(
        "asked to end; what was begun on a unit goes on, and hotfix status says where things stand", err=True
    )
    sys.exit(ExitCode.TERMINATED)


def run(argv: list[str]) -> ExitCode:
    """Run one command line; the exit code."""
    json = "--json" in argv
    try:
        code = cli.main(args=argv, prog_name="hotfix", standalone_mode=False)
        return ExitCode(code) if isinstance(code, int) else ExitCode.DONE
    except Refused as refused:
        return _refuse(refused, json=json)
    except click.ClickException as error:
        return _usage(error, json=json)
    except (click.Abort, KeyboardInterrupt):
        click.echo(
            "interrupted; what was done stays done: hotfix status says what, and hotfix rollback takes a ship back",
            err=True,
        )
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.REFUSED
    except OSError as error:
        return _refuse(_from_system(error), json=json)
    except Exception as error:  # noqa: BLE001 - the last place: a bug becomes a sentence, a log and exit 3
        return _bug(error, json=json)


def _refuse(refused: Refused, *, json: bool) -> ExitCode:
    if json:
        output.error_json(refused.kind.value, refused.findings)
    output.findings(refused.findings)
    return OF_KIND[refused.kind]


def _from_system(error: OSError) -> Refused:
    where = f": {error.filename}" if error.filename else ""
    return Refused(
        Finding(
            "system", f"The system said no: {error.strerror or error}{where}.", "mend that, then try again"
        )
    )


def _usage(error: click.ClickException, *, json: bool) -> ExitCode:
    if json:
        output.error_json("usage", [Finding("usage", error.format_message(), "hotfix --help")])
    error.show()
    return ExitCode.USAGE


def _bug(error: Exception, *, json: bool) -> ExitCode:
    finding = Finding(
        "bug",
        f"A fault of hotfix {hotfix.__version__} itself: {type(error).__name__}: {error}.",
        "nothing was decided on it; see hotfix status, and report this with the trace that HOTFIX_TRACE=1 prints",
    )
    if json:
        output.error_json("bug", [finding])
    output.findings([finding])
    if os.environ.get("HOTFIX_TRACE"):
        import traceback

        click.echo("".join(traceback.format_exception(error)), err=True)
    return ExitCode.BUG
