"""``hotfix origin``."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from hotfix.cli import options, output
from hotfix.record.moment import in_words
from hotfix.record.words import count

if TYPE_CHECKING:
    from hotfix.lifecycle.pick.origin import Origin


@click.command()
@options.the_hotfix
@click.option("--confirm", metavar="COMMIT", default="", help="You say that this commit brought the defect.")
@click.option("--because", callback=options.as_text, metavar="WHY", default="", help="Why, for the record.")
@options.as_json
@click.pass_context
def command(ctx: click.Context, hotfix: str | None, confirm: str, because: str, json: bool) -> None:
    """Who brought the defect, and since when production has it? Inferred; a person confirms it.

    The lines that the picked fix changes are blamed at the base, white space and moves not counted. Each commit
    that touched them last is named with the first release that has it, and when that went to production: by the
    record, else by the tag's date. It is evidence, not proof.

    \b
    hotfix origin
    hotfix origin HF-7 --confirm 9c0ffee --because "it dropped the sign; the test fails since"
    """
    from hotfix.actions import origin

    if bool(confirm) != bool(because.strip()):
        raise click.UsageError('Say which commit, and why: hotfix origin --confirm COMMIT --because "WHY"')
    result = origin.origin(options.ports(ctx), hotfix, confirm, because)

    def human() -> None:
        show(result.inferred)
        if result.confirmed:
            fact = result.confirmed
            output.say(f"confirmed by {fact.by}: {fact.commit[:12]}: {fact.because}")
        elif result.inferred:
            first = result.inferred[0].suspect.commit[:12]
            output.say(f'next: hotfix origin {result.hotfix} --confirm {first} --because "WHY"')
        if result.unnoticed_seconds is not None:
            span = in_words(timedelta(seconds=result.unnoticed_seconds))
            output.say(
                f"{'' if result.confirmed else 'inferred: '}production was wrong for {span} before it was noticed"
            )

    output.result(result, json=json, human=human)


def show(origins: Sequence["Origin"]) -> None:
    """The suspects, those with most lines first."""
    if not origins:
        output.say("inferred: nothing; the fix replaces no line whose author this clone knows")
    for one in origins:
        lines = count(one.suspect.lines, "line")
        how = (
            f"last touched {lines} that the fix replaces"
            if one.suspect.replaced
            else f"wrote {lines} next to what it adds"
        )
        output.say(f"inferred: {one.suspect.commit[:12]} {how}: {one.subject}")
        output.say(f"    {', '.join(one.suspect.evidence)}")
        live = (
            f"live since {one.live_since[:16]}Z ({one.known_by})"
            if one.live_since
            else "nobody knows since when"
        )
        output.say(f"    first in {one.release}; {live}" if one.release else "    in no tagged release")
