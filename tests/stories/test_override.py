"""A gate opens all the same: once, by two people or told to everyone, on record, and looked back at."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from hotfix.lifecycle import override
from hotfix.record import canonical, moment
from hotfix.record.facts import Overridden, OverrideConfirmed, Picked
from hotfix.record.parts import Signed
from stories import forgery
from stories.people import Said, make_key, signer
from stories.world import LIVE, NEW, World

WHY = "INC-4711: every order fails while nothing ships"
FREEZE = '[[freeze]]\nbegins = 2020-01-01T00:00:00Z\nends = 2099-01-01T00:00:00Z\nbecause = "peak"\n\n[test]'


def ask(world: World, gate: str, *more: str, exits: int = 0) -> Said:
    """Olga asks, and says where."""
    words = ["override", gate, "--because", WHY, "--environment", "production", *more]
    return world.olga.hotfix(*words, exits=exits)


def frozen(world: World) -> None:
    """Everything is approved, and it is a time in which nothing ships."""
    world.approved()
    world.change_policy("[test]", FREEZE)


def refuses(world: World, why: str, exits: int = 1) -> None:
    """The ship is refused for that, and production is as it was."""
    assert why in world.olga.hotfix("ship", "--wait", "0s", exits=exits).err
    assert world.serves() == [LIVE, LIVE]


def test_two_people_ship_what_is_not_proven_and_a_third_looks_back_at_it(world: World) -> None:
    world.approved()
    world.change_policy("repeats = 2", "repeats = 3")
    refuses(world, "another [test] table")

    said = world.olga.hotfix("override", "prove", "--because", WHY, typed="production\n")
    assert "they type, in their own clone: hotfix override --confirm HF-1 prove" in said.out
    assert "another [test] table" in said.err, "whoever asks sees what they ask to pass"
    refuses(world, "waiting for prove: rita@shop.example", exits=8)
    assert world.olga.hotfix("override", "--confirm", "--json", exits=1).codes == ["override-own"]

    said = world.rita.hotfix("override", "--confirm", "HF-1", "prove")
    assert WHY in said.err, "so does who confirms"
    shipped = world.olga.hotfix("ship", "--json")
    assert world.serves() == [NEW, NEW]
    assert "OVERRIDDEN: prove" in shipped.json["waived"]

    status = world.olga.hotfix("status").out
    assert "used it)" in status
    assert "not needed" not in status
    assert "review owed" in status
    world.olga.hotfix("land")
    assert "close-override-review" in world.olga.hotfix("close", "--json", exits=1).codes
    back = ["override", "--review", "--because", "right, and the table is settled now"]
    assert world.rita.hotfix(*back, "--json", exits=1).codes == ["override-own"]
    world.sam.hotfix(*back)
    assert "close-override-review" not in world.olga.hotfix("close", "--json", exits=1).codes
    assert world.sam.hotfix(*back, "--json", exits=1).codes == ["override-nothing-owed"]

    page = world.olga.git("show", "hotfix-record:HF-1/README.md")
    for told in ("used by ship ", "looked back at by sam", "OVERRIDDEN: prove"):
        assert told in page


def test_a_freeze_holds_up_what_is_authorized_and_one_override_is_for_one_ship(world: World) -> None:
    world.approved()
    world.olga.hotfix("rehearse")
    world.change_policy("[test]", FREEZE)
    refuses(world, "Nothing ships to production until 2099-01-01T00:00:00.000Z: peak")
    ask(world, "authorize")
    world.rita.hotfix("override", "--confirm")
    assert world.gates()["authorize"] == "open"
    world.olga.hotfix("ship")
    assert world.serves() == [NEW, NEW]
    world.olga.hotfix("rollback")
    refuses(world, "used it")


def test_what_nobody_may_override_and_what_is_asked_of_who_asks(world: World) -> None:
    world.picked()
    for gate in ("start", "pick", "record", "identity", "way-back"):
        assert ask(world, gate, "--json", exits=1).codes == ["override-never"]
    assert ask(world, "everything", "--json", exits=2).codes == ["override-unknown"]
    olga, json_ = world.olga, "--json"
    assert olga.hotfix("override", "prove", "--because", "urgent", json_, exits=1).codes == [
        "override-because"
    ]
    wrong = ["override", "prove", "--because", WHY, "--environment", "staging", json_]
    assert olga.hotfix(*wrong, exits=1).codes == ["override-not-typed"]
    assert olga.hotfix("override", "prove", "--because", WHY, exits=1, typed="yes\n")
    world.mallory.git("fetch", "-q")
    right = ["override", "prove", "--because", WHY, "--environment", "production", json_]
    assert world.mallory.hotfix(*right, exits=1).codes == ["override-stranger"]
    assert world.sam.hotfix(*right, exits=1).codes == ["override-no-role"]
    assert not any(isinstance(fact, Overridden) for fact in forgery.facts(world))
    assert world.rita.hotfix("override", "--confirm", json_, exits=1).codes == ["override-none"]


def test_one_person_with_two_keys_and_one_without_a_role_are_no_second_person(world: World) -> None:
    second = world.olga.home / "second"
    make_key(second)
    people = (world.olga, world.rita, world.sam)
    world.trust(*(person.signer for person in people), signer(world.olga.email, second))
    frozen(world)
    ask(world, "authorize")
    other_key = {"HOTFIX_SIGNING_KEY": str(second)}
    again = world.olga.hotfix("override", "--confirm", "--json", exits=1, env=other_key)
    assert again.codes == ["override-own"]
    assert world.sam.hotfix("override", "--confirm", "--json", exits=1).codes == ["override-no-role"]
    (asked,) = (fact for fact in forgery.facts(world) if isinstance(fact, Overridden))
    forgery.append(world.olga, yes(asked, world.olga.email, second))
    forgery.append(world.sam, yes(asked, world.sam.email, world.sam.key))
    refuses(world, "a second person has to confirm it", exits=8)


def test_what_a_stranger_writes_on_the_record_opens_nothing(world: World) -> None:
    frozen(world)
    rita, mallory = world.rita, world.mallory
    forged = made(world, rita.email, mallory.key)
    forgery.append(mallory, forged, yes(forged, world.olga.email, mallory.key))
    refuses(world, "is not on trunk's list of signers")

    ask(world, "authorize")
    asked = [fact for fact in forgery.facts(world) if isinstance(fact, Overridden)][-1]
    bent = msgspec.structs.replace(asked, environment="staging", gate="prove")
    forgery.append(mallory, yes(asked, rita.email, mallory.key), bent)
    refuses(world, "a second person has to confirm it", exits=8)
    assert "what it says is not what its id stands for" in world.olga.hotfix("status").out

    rita.hotfix("override", "--confirm")
    assert world.gates()["authorize"] == "open", "and an honest one is kept by none of it from counting"


def test_an_override_that_expired_or_that_lasts_for_too_long_opens_nothing(world: World) -> None:
    frozen(world)
    olga, rita = world.olga, world.rita
    for minutes, why in ((-1, "it expired unused"), (60 * 24, "no override lasts as long")):
        odd = made(world, olga.email, olga.key, minutes=minutes)
        forgery.append(olga, odd, yes(odd, rita.email, rita.key))
        refuses(world, why)
    fair = made(world, olga.email, olga.key, minutes=10)
    forgery.append(olga, fair, yes(fair, rita.email, rita.key))
    assert world.gates()["authorize"] == "open"


def test_where_policy_says_announce_it_counts_once_everyone_was_told(world: World) -> None:
    world.change_policy('service = "shop"', 'service = "shop"\noverride = "announce"')
    frozen(world)
    assert ask(world, "authorize", "--json", exits=1).codes == ["override-nobody-to-tell"]
    told = with_a_notifier(world)

    (told.parent / "broken").touch()
    assert ask(world, "authorize", "--json", exits=1).codes == ["override-untold"]
    refuses(world, "nobody was told of it")

    (told.parent / "broken").unlink()
    assert "in effect until" in ask(world, "authorize").out
    notice = json.loads(told.read_text().splitlines()[-1])
    assert (notice["event"], notice["hotfix"]) == ("override", "HF-1")
    assert (notice["detail"]["gate"], notice["detail"]["because"]) == ("authorize", WHY)
    assert world.gates()["authorize"] == "open"

    world.change_policy('override = "announce"', 'override = "second person"')
    refuses(world, "a second person has to confirm it", exits=8)


def test_an_override_by_two_of_which_nobody_could_be_told_says_so_until_somebody_was(world: World) -> None:
    frozen(world)
    told = with_a_notifier(world)
    (told.parent / "broken").touch()
    assert "NOBODY COULD BE TOLD" in ask(world, "authorize").out
    world.rita.hotfix("override", "--confirm")
    assert world.gates()["authorize"] == "open"
    assert "NOBODY WAS TOLD" in world.olga.hotfix("status").out
    (told.parent / "broken").unlink()
    ask(world, "prove")
    assert "NOBODY WAS TOLD" not in world.olga.hotfix("status").out
    assert [json.loads(line)["detail"]["gate"] for line in told.read_text().splitlines()] == [
        "authorize",
        "prove",
    ]


def test_one_who_works_alone_needs_somebody_to_be_told(world: World) -> None:
    world.change_policy('service = "shop"', 'service = "shop"\nprofile = "solo"')
    text = (world.rita.clone / "hotfix.toml").read_text()
    deciders = text[text.index("[deciders]") : text.index("[test]")]
    world.change_policy(deciders, "")
    world.picked()
    world.change_policy("[test]", FREEZE)
    assert ask(world, "authorize", "--json", exits=1).codes == ["override-nobody-to-tell"]
    with_a_notifier(world)
    ask(world, "authorize")
    assert world.gates()["authorize"] == "open"


# -- what people put on record past the command line --


def made(world: World, by: str, key: Path, *, minutes: int = 10) -> Overridden:
    """An override of the authorize gate, said to be `by` somebody, that ends so many minutes from now."""
    picked = next(fact for fact in forgery.facts(world) if isinstance(fact, Picked))
    fact = Overridden(
        at=forgery.now(),
        by=by,
        override="",
        gate="authorize",
        patch=picked.patch.digest,
        environment="production",
        because=WHY,
        policy="second person",
        expires_at=moment.to_text(datetime.now(UTC) + timedelta(minutes=minutes)),
        signed=None,
    )
    message = override.statement("HF-1", picked.patch.repository, fact)
    return msgspec.structs.replace(fact, override=canonical.sha256(message), signed=signed(key, message))


def yes(to: Overridden, by: str, key: Path) -> OverrideConfirmed:
    """A confirmation, said to be `by` somebody."""
    message = override.confirmation(to.override)
    return OverrideConfirmed(at=forgery.now(), by=by, override=to.override, signed=signed(key, message))


def signed(key: Path, message: bytes) -> Signed:
    """A signature about an override."""
    return Signed(override.NAMESPACE, {}, forgery.sign(key, override.NAMESPACE, message), "")


def with_a_notifier(world: World) -> Path:
    """Trunk's policy names a notifier; it writes here what it is told, unless a file ``broken`` lies beside it."""
    told = world.folder / "told"
    script = world.folder / "ops" / "notify.sh"
    script.write_text(f'[ ! -e "{told.parent}/broken" ] || exit 7\ncat >> "{told}" && echo >> "{told}"\n')
    world.change_policy('service = "shop"', f'service = "shop"\nnotify = ["sh", "{script}"]')
    return told
