"""``hotfix prove``."""

import shlex
from os.path import expandvars
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hotfix.cli import options, output
from hotfix.record.words import count

if TYPE_CHECKING:
    from hotfix.actions.prove import Result
    from hotfix.actions.told_proof import Told
    from hotfix.lifecycle.gate import Gate

_RUNNERS = (
    *("pytest", "unittest", "go", "node", "mocha", "jest", "vitest"),
    *("maven", "gradle", "cargo", "rspec", "minitest", "script"),
)
_SHOWN = 20
"""Rows of the table that fit a person; the others are in --json."""
_SHELL = frozenset({"&&", "||", "|", ";", ">", "<", ">>", "&"})
_BROKEN = frozenset({"failed", "error", "load-error"})
_DOUBTFUL = frozenset({"UNRUNNABLE", "BASE_BROKEN", "NOT_GREEN", "NOT_RED"})
"""Verdicts that may come from what the sandbox keeps away."""
_MESSAGES = 5
"""Tests whose failing message is shown."""


@click.command()
@options.the_hotfix
@click.option("--base", metavar="REV", help="Without a hotfix: what production runs.")
@click.option(
    "--fix", "fixes", multiple=True, metavar="REV", help="Without a hotfix: the fix, or A..B. Repeat it."
)
@click.option("--runner", type=click.Choice(_RUNNERS), help="Without a hotfix: how the tests are run.")
@click.option("--run", "run", metavar="COMMAND", help="Its command, where it is called otherwise.")
@click.option("--env", "env", multiple=True, metavar="NAME=VALUE", help="A further variable. Repeat it.")
@click.option("--build", metavar="COMMAND", help="Run once in each tree, before its tests.")
@click.option(
    "--share", multiple=True, metavar="FOLDER", help="A folder of the clone that is not in git. Repeat it."
)
@click.option(
    "--see", multiple=True, metavar="PATH", help="A further place that the tests may read. Repeat it."
)
@click.option(
    "--timeout", callback=options.in_seconds, metavar="TIME", help="How long one run may take. [5m]"
)
@click.option("--repeats", type=click.IntRange(2, 20), help="How often red and green must be seen. [3]")
@click.option(
    "--suite", type=click.Choice(["all", "changed"]), help="Which other tests must stay green. [all]"
)
@click.option(
    "--junit",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the proof for a CI.",
)
@options.as_json
@click.pass_context
def command(
    ctx: click.Context,
    /,
    hotfix: str | None,
    base: str | None,
    fixes: tuple[str, ...],
    junit: Path | None,
    json: bool,
    **given: Any,
) -> None:
    """Run the regression test on three trees: the base, the base with the tests, the result.

    It must fail on the second for want of the fix, pass on the third, every time it is repeated, and
    nothing else may break. Then each hunk of the fix is left out in turn: one that no test notices is
    told. `pick` does all this by itself; this verb does it again.

    With --base and --fix it works in any repository, without a policy: the runner is recognised, and
    the fix is picked onto the base in memory.

    The tests run in a sandbox: no home directory, no credentials, no network beyond their own loopback,
    as far as the kernel allows; what holds them back is told.

    \b
    hotfix prove HF-7
    hotfix prove --base v2.14.0 --fix 3f2a91c
    hotfix prove --base v2.14.0 --fix 3f2a91c --run '.venv/bin/python -m pytest' --junit proof.xml

    \b
    exit 0   proven
    exit 1   not proven; the verdict says why, and what to do
    """
    _make_sense(hotfix, base, fixes, junit, given)
    told: Told
    gates: list[Gate] = []
    about = ""
    if base:
        told = _anywhere(ctx, base, fixes, given)
    else:
        told = result = _on_record(ctx, hotfix)
        gates, about = [result.gate], f"{result.hotfix}: "
    if junit:
        from hotfix.cli.proof_junit import written

        junit.write_bytes(written(told))

    def human() -> None:
        _show(told, about)
        output.gates(gates)
        if told.next:
            output.say(f"next: {told.next}")

    output.result(told, json=json, human=human)
    ctx.exit(0 if told.verdict == "PROVEN" and all(gate.state == "open" for gate in gates) else 1)


def _make_sense(
    hotfix: str | None, base: str | None, fixes: tuple[str, ...], junit: Path | None, given: dict[str, Any]
) -> None:
    if bool(base) != bool(fixes):
        raise click.UsageError("Say both: --base what production runs, and --fix what cures it.")
    if base and hotfix:
        raise click.UsageError(f"{hotfix} has a base and a fix on record; --base and --fix are for none.")
    if junit and not junit.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {junit.absolute().parent}", param_hint="--junit")
    relative = [path for path in given["see"] if not path.startswith(("/", "~", "$"))]
    if relative:
        raise click.BadParameter(f"{relative[0]!r} is no absolute path", param_hint="--see")
    nowhere = [path for path in given["see"] if not Path(expandvars(path)).expanduser().exists()]
    if nowhere:
        raise click.BadParameter(f"there is no {nowhere[0]} here", param_hint="--see")
    if not base and any(given.values()):
        raise click.UsageError("How the tests of a hotfix are run is in [test] of hotfix.toml, on trunk.")


def _anywhere(ctx: click.Context, base: str, fixes: tuple[str, ...], given: dict[str, Any]) -> "Told":
    from hotfix import wiring
    from hotfix.actions.prove_anywhere import prove_anywhere

    chosen: dict[str, Any] = {
        "runner": given["runner"],
        "run": _words("--run", given["run"]),
        "build": _words("--build", given["build"]),
        "env": dict(_pair(each) for each in given["env"]) or None,
        "share": given["share"] or None,
        "see": given["see"] or None,
        "timeout": given["timeout"],
        "repeats": given["repeats"],
        "suite": given["suite"],
    }
    return prove_anywhere(wiring.open_proving(ctx.obj, output.narrate), base, fixes, chosen)


def _on_record(ctx: click.Context, hotfix: str | None) -> "Result":
    from hotfix.actions import prove

    return prove.prove(options.ports(ctx), hotfix)


def _words(option: str, text: str | None) -> tuple[str, ...] | None:
    try:
        words = tuple(shlex.split(text)) if text else None
    except ValueError as error:
        said = f"{text!r} cannot be read as a command: {error}"
        raise click.BadParameter(said, param_hint=option) from None
    shell = [word for word in words or () if word in _SHELL or word.endswith(";")]
    if shell:
        raise click.BadParameter(f"{shell[0]} is for a shell: sh -c '{text}'", param_hint=option)
    return words


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--env")
    return name, value


def _show(told: "Told", about: str) -> None:
    output.say(f"{about}{told.verdict}: {told.reason}")
    rows = told.tests
    if len(rows) > _SHOWN:
        rows = tuple(test for test in rows if test.id in told.fail_to_pass or test.id in told.broke)[:_SHOWN]
    if rows:
        shown = [(row.id, row.B, row.BT, row.BTF) for row in rows]
        output.table(("test", "base", "base + tests", "result"), shown)
    if len(told.tests) > len(rows):
        output.say(f"({count(len(told.tests) - len(rows), 'more test')}: --json has all)")
    _tell_messages(told)
    if told.edited:
        tests = count(len(told.edited), "test")
        output.say(f"! the patch changes what {tests} of the base expects, such as {told.edited[0]}")
    if told.verdict == "PROVEN":
        output.say(
            f"shown: red without the fix and green with it, {told.repeats} times each. "
            "Not shown: that this red is what production suffers from; a feature's tests turn green too"
        )
        show_hunks(told)
    output.say(
        f"sandbox: {told.sandbox}" + ("; SOMETHING ASKED FOR THE NETWORK" if told.tried_network else "")
    )
    spent = ", ".join(f"{phase} {seconds:.1f} s" for phase, seconds in told.seconds.items())
    output.say(f"took: {spent or 'nothing was run'}")


def _tell_messages(told: "Told") -> None:
    lost = [row for row in told.tests if row.message and (row.id in told.broke or row.BTF in _BROKEN)]
    red = [row for row in told.tests if row.message and row.id in told.fail_to_pass]
    for said, rows in (("fails with the fix", lost), ("red", red)):
        for row in rows[:_MESSAGES]:
            output.say(f"{said}, {row.id}: {row.message.partition(chr(10))[0]}")
    if told.known:
        output.say(f"{count(told.known, 'test')} of the base failed there already, and were not judged")
    if told.verdict in _DOUBTFUL and told.sandbox.startswith("walled"):
        output.say(
            "the tests see no home directory and no network: what they need of these is --see, or [test] see and network"
        )


def show_hunks(told: "Told") -> None:
    """What leaving out each hunk of the fix showed."""
    if not told.hunks:
        return
    for hunk in told.unproven:
        output.say(f"! no test notices hunk {hunk.hunk}, {hunk.place}: add a test, or leave it out")
        if hunk.text:
            output.say(f"    {hunk.text}")
    if told.unasked:
        output.say(
            f"{len(told.unasked)} of {told.hunks} hunks were not asked about ([test] hunks, hunks_time)"
        )
    elif not told.unproven:
        output.say("minimal: the tests need every hunk of the fix that is code")
