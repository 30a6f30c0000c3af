"""``hotfix land``."""

from typing import TYPE_CHECKING

import click

from hotfix.cli import options, output

if TYPE_CHECKING:
    from hotfix.actions.land import Result


@click.command()
@options.the_hotfix
@click.option("--check", metavar="REV", help="A release candidate: does it have every fix that was shipped?")
@click.option("--as", "commit", metavar="COMMIT", help="The commit of trunk that does the work of the fix.")
@click.option("--fix", metavar="FIX", default="", help="Which fix, where the hotfix has several.")
@click.option(
    "--because", callback=options.as_text, metavar="WHY", default="", help="Why it does, for the record."
)
@options.as_json
@click.pass_context
def command(
    ctx: click.Context,
    hotfix: str | None,
    check: str | None,
    commit: str | None,
    fix: str,
    because: str,
    json: bool,
) -> None:
    """Is every fix on trunk, as last fetched? It reports, records what it found, and never merges.

    Without a hotfix: the ledger of all that owe trunk their fix, with how long already. A fix is shown to be there by its
    history, or by picking it again and comparing trees; what a commit's message says shows nothing. Whatever is another
    change needs a person who says that it stands for the fix.

    \b
    hotfix land
    hotfix land HF-7 --as 3f2a91c --because "rewritten for the new cart; INC-4711 is covered by test_total"
    hotfix land --check release/v2.15     in the CI of every release: exit 1 where a defect would return
    """
    from hotfix.actions import land

    if check and (hotfix or commit or fix or because):
        raise click.UsageError("--check looks at every hotfix and records nothing; it takes only REV.")
    if commit and not (hotfix and because.strip()):
        raise click.UsageError('Say which hotfix, and why: hotfix land HF-N --as COMMIT --because "WHY"')
    if (fix or because) and not commit:
        raise click.UsageError("--fix and --because say more about --as COMMIT; name the commit.")
    ports = options.ports(ctx)
    if check:
        found = land.check(ports, check)
    elif commit and hotfix:
        found = (land.stands_for(ports, hotfix, fix, commit, because),)
    else:
        found = (land.land(ports, hotfix),) if hotfix else land.ledger(ports)

    output.result({"hotfixes": found}, json=json, human=lambda: _show(found, check or ""))
    ctx.exit(0 if all(one.landed for one in found) else 1)


def _show(found: tuple["Result", ...], candidate: str) -> None:
    if not found:
        output.say("nothing was shipped that it could lack" if candidate else "no fix is owed to trunk")
    for one in found:
        if one.landed:
            output.say(f"{one.hotfix} is on {one.trunk}: {one.how}")
            if not candidate and one.shipped:
                output.say(f"next: hotfix postmortem {one.hotfix}")
            continue
        since = (
            f", in production since {one.owed_since[:16]}Z" if one.owed_since else ", not in production yet"
        )
        returns = f": the defect returns with {candidate}" if candidate else since
        output.say(f"{one.hotfix} is not on {one.trunk}{returns}: {one.title}")
        output.findings(one.findings, err=False)
