"""The whole life of a hotfix, on a real git repository and real processes, in less than a minute.

python examples/shop/demo.py            e-mails that stopped on Thursday flow again today
python examples/shop/demo.py --bad      a fix that breaks checkout: one unit finds out, and returns
"""

import argparse
import shutil
import signal
import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from examples.shop import evidence
from examples.shop.story import Story, WentWrong
from examples.shop.world import LIVE, PRODUCTION, World

TITLE = "Abandoned-cart e-mails stopped with v2.14.0"
NEW = f"{LIVE}+hf.1"
MINUTES_BY_HAND = 90


def alarm(story: Story) -> None:
    """What everybody sees, and what nobody saw."""
    world = story.world
    story.chapter(
        f"{datetime.now(UTC):%A}. The shop sells, every light is green",
        f"{LIVE} went out on Thursday. Since then nobody is reminded of a cart left behind; nothing failed.",
    )
    story.check_units(f"serves {LIVE}", lambda unit: world.release(unit) == LIVE)
    story.check_units("one can buy", world.sells)
    story.check("leaving a cart behind on web-1 leads to no e-mail", not world.goes_out("web-1"))
    story.say("On main the fix is ready. But main also has what must not go out today:")
    story.run(world.olga, "git", "log", "--format=%h %an: %s", f"{LIVE}..main")


def decide_and_pick(story: Story) -> None:
    """From alarm to a proven patch."""
    olga = story.world.olga
    story.chapter(
        "Olga is on call. She decides that this cannot wait", "The faster ways out are considered first."
    )
    words = ["--severity", "SEV2", "--detected", "35m", "--detected-by", "staff", "--answer", "yes"]
    words += ["--impact", "one order in nine begins with this e-mail"]
    words += ["--not-flag", "no flag guards the reminder query"]
    words += ["--not-return", f"{LIVE} also carries a payment change that must stay"]
    story.run(olga, "hotfix", "start", TITLE, *words)
    story.chapter(
        "The fix, and nothing but the fix, onto exactly what production runs",
        "Every unit is asked. Then the regression test must be red without the fix and green with it.",
    )
    story.run(olga, "hotfix", "pick", story.world.fix[:12])


def ship(story: Story, exits: int) -> None:
    """Olga wants to ship; Rita, at another desk, has to agree."""
    world = story.world
    story.chapter("Olga ships. It waits, and says for whom")
    shipping = story.begin(world.olga, "hotfix", "ship")
    shipping.says(world.rita.email)
    story.chapter("Rita reads the patch in her own clone, and signs it with her own key")
    story.run(world.rita, "hotfix", "review", "--approve")
    story.run(world.rita, "hotfix", "authorize")
    story.chapter("The ship goes on by itself: one unit first, then the rest")
    shipping.ends(exits)


def aftermath(story: Story) -> None:
    """What is left to do when production is well."""
    olga = story.world.olga
    story.chapter("Production is well. What is left: trunk, and what was learned")
    story.run(olga, "hotfix", "land")
    story.run(olga, "hotfix", "postmortem", "--html")
    story.say("No alert fired, so that the record drafts an action. Olga takes it up:")
    story.run(olga, "hotfix", "action", "take", "HF-1", "no-alert", "--owner", olga.email)
    story.run(olga, "hotfix", "log", "--verify")
    story.run(olga, "hotfix", "status")
    story.say("Closing is refused as long as the judgements that only people can make are missing:")
    story.run(olga, "hotfix", "close", exits=1)


def believe_nobody(story: Story) -> None:
    """The same claims, looked at from outside."""
    world = story.world
    story.chapter("Believe nobody: the same, looked at from outside")
    expected = evidence.base_and_fix(world)
    story.check_units(f"serves {NEW}", lambda unit: world.release(unit) == NEW)
    story.check_units("a cart left behind leads to an e-mail", world.goes_out)
    story.check_units("one can buy", world.sells)
    story.check_units(
        f"every file is that of {LIVE}, or of the fix",
        lambda unit: evidence.blobs_on_disk(world.running_files(unit)) == expected,
    )
    story.check_units("no wish lists, no gift cards", lambda unit: _lacks_unreleased(world, unit))
    tip = evidence.blobs(world, "origin/main")
    story.check("(main has them, so that could have failed)", set(evidence.UNRELEASED) <= set(tip))
    picked, reviewed = evidence.last(world, "picked"), evidence.last(world, "reviewed")
    result = evidence.blobs(world, str(picked["result_commit"]))
    story.check("the result's tree is that of the base and the fix's blobs", result == expected)
    story.check("the review on the remote is Rita's", reviewed["by"] == world.rita.email)
    story.check("the postmortem was written", bool(evidence.last(world, "postmortem_written")))
    story.say("And Rita's clone verifies the record for itself:")
    story.run(world.rita, "hotfix", "log", "--verify")


def clocks(story: Story) -> None:
    """The five moments of a defect, read from git and from the record."""
    world = story.world
    started, ended = evidence.last(world, "started"), evidence.last(world, "ended")
    detected = _moment(started["detected_at"])
    shipped = _moment(evidence.last(world, "activated")["at"])
    validated = _moment(ended["at"])
    story.chapter("Five clocks")
    rows = (
        ("introduced", evidence.introduced(world), "a refactor is committed"),
        ("impact", evidence.impact(world), f"{LIVE} goes out"),
        ("detected", detected, "somebody misses the e-mails"),
        ("shipped", shipped, f"the last unit serves {NEW}"),
        ("validated", validated, "every check has stayed green"),
    )
    for name, when, what in rows:
        story.say(f"{name:<11}{when:%a %d %b %H:%M:%S} UTC   {what}")
    order = [when for _, when, _ in rows]
    story.check("they stand in this order", order == sorted(order))
    minutes = (validated - detected).total_seconds() / 60
    story.say(f"From detection to validation: {minutes:.0f} minutes, 35 of them before the first command.")
    story.say(f"By hand, in the story that this retells, it took {MINUTES_BY_HAND} minutes.")


def good(story: Story) -> None:
    """From the alarm to a postmortem."""
    alarm(story)
    decide_and_pick(story)
    ship(story, exits=0)
    aftermath(story)
    believe_nobody(story)
    clocks(story)


def bad(story: Story) -> None:
    """A fix that is proven, reviewed, and wrong."""
    world = story.world
    alarm(story)
    before = {unit: world.pid(unit) for unit in PRODUCTION}
    decide_and_pick(story)
    ship(story, exits=10)
    story.chapter("Believe nobody: the same, looked at from outside")
    story.say("ship exited 10, as it should")
    story.check("the record says rolled back", evidence.last(world, "ended").get("outcome") == "rolled_back")
    canary, *others = PRODUCTION
    folders = world.units / canary / "releases"
    story.check(
        f"{canary} had {NEW}, and was restarted",
        (folders / NEW).is_dir() and world.pid(canary) != before[canary],
    )
    story.check_units(
        "never touched, the same process as before", lambda unit: world.pid(unit) == before[unit], others
    )
    story.check_units(f"serves {LIVE}", lambda unit: world.release(unit) == LIVE)
    story.check_units("one can buy", world.sells)
    story.check("e-mails are still off: the next fix has to be better", not world.goes_out("web-1"))
    story.run(world.olga, "hotfix", "status")
    story.run(world.olga, "hotfix", "log", "--verify")
    story.say("What happened is written already; what it means is for people to write:")
    story.run(world.olga, "hotfix", "postmortem", "--html")


def _lacks_unreleased(world: World, unit: str) -> bool:
    files = world.running_files(unit)
    asked = (
        world.ask(unit, "/wishlists", email="kim@example.org", wish="lamp"),
        world.ask(unit, "/giftcards/GIFT-2500"),
    )
    return all(status == 404 for status, _ in asked) and not any(
        (files / path).exists() for path in evidence.UNRELEASED
    )


def _moment(text: object) -> datetime:
    return datetime.fromisoformat(str(text)).astimezone(UTC)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _folder(keep: Path | None, stack: ExitStack) -> Path:
    if keep is None:
        return Path(
            stack.enter_context(
                tempfile.TemporaryDirectory(prefix="hotfix-shop-", ignore_cleanup_errors=True)
            )
        ).resolve()
    if keep.exists() and any(keep.iterdir()):
        sys.exit(f"{keep} is not empty: name a new folder with --keep, or remove this one.")
    return keep.resolve()


def main() -> int:
    """Exit 0: the story went as told. 1: it did not. 130: interrupted."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bad", action="store_true", help="tell the story of the fix that breaks checkout")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave everything but the processes in DIR")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, _stop)
    with ExitStack() as stack:
        folder = _folder(options.keep, stack)
        world = World(folder, fix="fix-bad" if options.bad else "fix")
        if shutil.which("hotfix", path=world.path) is None:
            sys.exit(f"There is no hotfix command beside {sys.executable}: run make setup, then make demo.")
        try:
            story = stack.enter_context(Story(stack.enter_context(world)))
            for interruption in (signal.SIGINT, signal.SIGTERM):
                # Registered last, called first: nothing interrupts the ending of what was started.
                stack.callback(signal.signal, interruption, signal.SIG_IGN)
            (bad if options.bad else good)(story)
        except WentWrong as error:
            print(f"\nThe story did not go as told: {error}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print("\nInterrupted; ending the shop.", file=sys.stderr)
            return 130
    print(f"\nTold in {story.seconds():.0f} s. Nothing is left running.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
