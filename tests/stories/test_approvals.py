"""Whose yes counts: other people than the author, with keys of trunk's list, for exactly this patch, today.

Where the command line refuses to make such a thing, it is put on record past the command line, as
somebody with push rights could, and must not count.
"""

import time

import msgspec
import pytest

from hotfix.record.facts import Picked, Reviewed
from hotfix.record.parts import Signed
from stories import forgery
from stories.people import make_key, signer
from stories.world import LIVE, RIGHT, TEST, World


def does_not_count(world: World, gate: str, why: str) -> None:
    """The gate waits on, the ship says why, and production is as it was."""
    waiting = world.olga.hotfix("ship", "--wait", "0s", exits=8)
    assert f"waiting for {gate}" in waiting.err
    assert why in waiting.err
    assert world.gates()[gate] == "waiting"
    assert world.serves() == [LIVE, LIVE]


def test_an_honest_approval_counts_also_when_it_comes_this_way(world: World) -> None:
    world.picked()
    forgery.append(world.sam, forgery.approval(world, world.sam.email, world.sam.key))
    forgery.append(world.rita, forgery.go(world, world.rita.email, world.rita.key))
    assert set(world.gates().values()) == {"open", "owed"}


# -- who --


def test_not_of_the_author(world: World) -> None:
    fix_of(world, "sam")
    refused = world.sam.hotfix("review", "--approve", "--json", exits=1)
    assert refused.codes == ["review-own"]
    forgery.append(world.sam, forgery.approval(world, world.sam.email, world.sam.key))
    does_not_count(world, "review", "nobody is their own peer")


def test_not_of_the_author_in_other_letters(world: World) -> None:
    fix_of(world, "SAM")
    assert world.sam.hotfix("review", "--approve", "--json", exits=1).codes == ["review-own"]


def test_not_of_the_pair_partner(world: World) -> None:
    world.start()
    world.olga.git("fetch", "-q")
    world.olga.hotfix("pick", world.fix, "--paired-with", world.sam.email)
    assert world.sam.hotfix("review", "--approve", "--json", exits=1).codes == ["review-own"]
    forgery.append(world.sam, forgery.approval(world, world.sam.email, world.sam.key))
    does_not_count(world, "review", "nobody is their own peer")


def test_not_of_the_picker(world: World) -> None:
    world.picked()
    assert world.olga.hotfix("review", "--approve", "--json", exits=1).codes == ["review-own"]
    forgery.append(world.olga, forgery.approval(world, world.olga.email, world.olga.key))
    does_not_count(world, "review", "nobody is their own peer")


def test_not_of_whoever_ships_it(world: World) -> None:
    world.picked()
    world.sam.hotfix("review", "--approve")
    assert world.gates(world.olga)["review"] == "open"
    assert world.gates(world.sam)["review"] == "waiting"


def test_one_person_with_two_keys_is_one_person(world: World) -> None:
    second = world.sam.home / "second"
    make_key(second)
    world.trust(world.olga.signer, world.rita.signer, world.sam.signer, signer(world.sam.email, second))
    world.change_policy("[test]", "[review]\npeers = 2\n\n[test]")
    world.picked()
    world.sam.hotfix("review", "--approve")
    world.sam.hotfix("review", "--approve", env={"HOTFIX_SIGNING_KEY": str(second)})
    does_not_count(world, "review", "1 more approval of this patch needed")
    world.rita.hotfix("review", "--approve")
    assert world.gates()["review"] == "open"


def test_not_of_a_stranger_in_the_name_of_a_colleague(world: World) -> None:
    world.picked()
    assert world.mallory.hotfix("review", "--approve", "--json", exits=1).codes == ["review-stranger"]
    forgery.append(world.mallory, forgery.approval(world, world.rita.email, world.mallory.key))
    does_not_count(world, "review", "is not on trunk's list of signers")


def test_no_authorization_of_anybody_but_a_senior(world: World) -> None:
    world.picked()
    world.sam.hotfix("review", "--approve")
    assert world.sam.hotfix("authorize", "--json", exits=1).codes == ["authorize-not-senior"]
    forgery.append(world.sam, forgery.go(world, world.rita.email, world.sam.key))
    does_not_count(world, "authorize", "does not name them in deciders.seniors")


def test_where_the_policy_wants_two_people_one_cannot_wear_both_hats(world: World) -> None:
    world.approved()
    world.change_policy("[test]", "[review]\ntwo_hats = false\n\n[test]")
    does_not_count(world, "authorize", "they are the peer already")


def test_a_rejection_shuts_the_gate_until_the_same_person_approves(world: World) -> None:
    world.approved()
    world.sam.hotfix("review", "--reject", "the null case is open")
    refused = world.olga.hotfix("ship", "--wait", "0s", exits=1)
    assert "sam@shop.example rejected this patch: the null case is open" in refused.err
    world.sam.hotfix("review", "--approve")
    assert world.gates()["review"] == "open"


# -- of what --


def test_not_a_signature_over_another_patch(world: World) -> None:
    world.picked()
    other = msgspec.structs.replace(forgery.patch(world), result_tree="0" * 40)
    forgery.append(world.mallory, forgery.approval(world, world.sam.email, world.sam.key, of=other))
    does_not_count(world, "review", "ssh-keygen says")


def test_not_a_signature_made_in_another_repository(world: World) -> None:
    world.picked()
    elsewhere = msgspec.structs.replace(forgery.patch(world), repository="f" * 40)
    forgery.append(world.mallory, forgery.approval(world, world.sam.email, world.sam.key, of=elsewhere))
    does_not_count(world, "review", "ssh-keygen says")


def test_not_a_review_that_says_itself_that_it_is_of_another_patch(world: World) -> None:
    world.picked()
    true = forgery.approval(world, world.sam.email, world.sam.key)
    forgery.append(world.mallory, msgspec.structs.replace(true, patch="0" * 64))
    does_not_count(world, "review", "it is of another patch")


@pytest.mark.parametrize(
    ("signed_for", "said_for", "why"),
    [
        ("staging", "production", "ssh-keygen says"),
        ("staging", "staging", "it is for staging, not for production"),
    ],
)
def test_not_an_authorization_for_another_environment(
    world: World, signed_for: str, said_for: str, why: str
) -> None:
    world.picked()
    world.sam.hotfix("review", "--approve")
    forged = forgery.go(world, world.rita.email, world.rita.key, signed_for=signed_for, said_for=said_for)
    forgery.append(world.mallory, forged)
    does_not_count(world, "authorize", why)


def test_not_a_signature_that_was_made_for_git(world: World) -> None:
    world.picked()
    forged = forgery.approval(world, world.sam.email, world.sam.key, namespace="git")
    assert forged.signed is not None
    named_git = msgspec.structs.replace(forged.signed, namespace="git")
    forgery.append(world.mallory, forged, msgspec.structs.replace(forged, signed=named_git))
    does_not_count(world, "review", "ssh-keygen says")
    does_not_count(world, "review", "it was signed for git, not for a review")


def test_not_a_review_taken_for_an_authorization(world: World) -> None:
    world.picked()
    world.rita.hotfix("review", "--approve")
    assert world.gates()["authorize"] == "waiting"
    review = next(fact for fact in forgery.facts(world) if isinstance(fact, Reviewed))
    assert isinstance(review.signed, Signed)
    forged = msgspec.structs.replace(forgery.go(world, world.rita.email, world.sam.key), signed=review.signed)
    forgery.append(world.mallory, forged)
    does_not_count(world, "authorize", "not for an authorization")


def test_not_without_any_signature(world: World) -> None:
    world.picked()
    forged = forgery.approval(world, world.sam.email, world.sam.key)
    forgery.append(world.mallory, msgspec.structs.replace(forged, signed=None))
    does_not_count(world, "review", "it is not signed")


# -- until when --


def test_an_authorization_expires(world: World) -> None:
    world.change_policy("[test]", '[authorize]\nvalid = "1s"\n\n[test]')
    world.approved()
    time.sleep(1.1)
    does_not_count(world, "authorize", "it expired at")


def test_whoever_is_taken_off_the_list_stops_counting(world: World) -> None:
    world.picked()
    world.sam.hotfix("review", "--approve")
    world.rita.hotfix("authorize")
    assert world.gates()["review"] == "open"
    world.trust(world.olga.signer, world.rita.signer)
    does_not_count(world, "review", "is not on trunk's list of signers")


def test_a_revoked_key_stops_counting(world: World) -> None:
    world.approved()
    public = world.rita.key.with_name("id_ed25519.pub").read_text()
    world.on_trunk({".hotfix/revoked_keys": public}, "Rita lost her laptop")
    does_not_count(world, "review", "ssh-keygen says")
    does_not_count(world, "authorize", "ssh-keygen says")


# -- what commits say --


def test_trailers_author_fields_and_mailmap_give_no_vote(world: World) -> None:
    message = (
        "Totals add up\n\nReviewed-by: Rita <rita@shop.example>\nSigned-off-by: Rita <rita@shop.example>"
    )
    mailmap = "Rita <rita@shop.example> Olga <olga@shop.example>\n"
    fix = world.on_trunk({"tests/regression.sh": TEST + "# once more\n", "total.sh": RIGHT + "#\n"}, message)
    world.on_trunk({".mailmap": mailmap}, "Who is who")
    world.start()
    world.olga.git("fetch", "-q")
    world.olga.hotfix("pick", world.fix, fix)
    gates = world.gates()
    assert (gates["review"], gates["authorize"]) == ("waiting", "waiting")
    assert world.olga.hotfix("authorize", "--json", exits=1).codes == ["authorize-not-senior"]


def test_the_mailmap_does_not_make_the_author_somebody_else(world: World) -> None:
    world.on_trunk({".mailmap": "Ada <ada@shop.example> Sam <sam@shop.example>\n"}, "Who is who")
    fix_of(world, "sam")
    assert world.sam.hotfix("review", "--approve", "--json", exits=1).codes == ["review-own"]


def test_a_picker_who_calls_themselves_another_in_git_is_still_the_picker(world: World) -> None:
    world.start()
    world.olga.git("fetch", "-q")
    world.olga.git("config", "user.email", "nobody@shop.example")
    world.olga.hotfix("pick", world.fix)
    picked = next(fact for fact in forgery.facts(world) if isinstance(fact, Picked))
    assert picked.by == world.olga.email
    assert world.olga.hotfix("review", "--approve", "--json", exits=1).codes == ["review-own"]


def fix_of(world: World, author: str) -> None:
    """Olga picked a fix that `author` wrote."""
    fix = world.on_trunk(
        {"total.sh": RIGHT + "# better\n", "tests/regression.sh": TEST + "#\n"}, "Better", "ada"
    )
    world.rita.git("commit", "-q", "--amend", "--no-edit", f"--author=Somebody <{author}@shop.example>")
    world.rita.git("push", "-q", "--force", "origin", "main")
    assert fix != world.rita.git("rev-parse", "HEAD")
    world.start()
    world.olga.git("fetch", "-q")
    world.olga.hotfix("pick", world.fix, "origin/main")
