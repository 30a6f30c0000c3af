"""What keeps a ship in port: each missing thing is named, with whom it waits for and the next command."""

import pytest

from stories.world import LIVE, RIGHT, TEST, World


def test_without_a_pick_there_is_nothing_to_ship(world: World) -> None:
    world.start()
    refused = world.olga.hotfix("ship", "--wait", "0s", exits=1)
    assert "hotfix pick FIX --hotfix HF-1" in refused.err


def test_without_a_proof_the_ship_is_refused(world: World) -> None:
    unproven = world.on_trunk({"total.sh": RIGHT + "# faster\n"}, "No test with it")
    world.start()
    world.olga.git("fetch", "-q")
    picked = world.olga.hotfix("pick", world.fix, unproven, "--json").json
    assert picked["proof"]["verdict"] == "PROVEN"
    plain = world.on_trunk({"alive.sh": "echo alive # well\n"}, "No test at all")
    world.olga.git("fetch", "-q")
    assert world.olga.hotfix("pick", plain, "--json").json["proof"]["verdict"] == "NO_TEST"
    refused = world.olga.hotfix("ship", "--wait", "0s", "--json", exits=1)
    assert refused.json["error"]["kind"] == "refused"
    assert refused.codes[0] == "prove-no-test"
    assert "Add a regression test" in refused.json["error"]["findings"][0]["next"]
    assert world.serves() == [LIVE, LIVE]


def test_without_a_review_the_ship_waits_and_names_whom_and_what_to_type(world: World) -> None:
    world.picked()
    waiting = world.olga.hotfix("ship", "--wait", "0s", exits=8)
    assert "1 other person on trunk's list of signers" in waiting.err
    assert "hotfix review HF-1 --approve" in waiting.err
    assert world.serves() == [LIVE, LIVE]


def test_without_the_authorization_the_ship_waits_for_the_senior(world: World) -> None:
    world.picked()
    world.sam.hotfix("review", "--approve")
    waiting = world.olga.hotfix("ship", "--wait", "0s", exits=8)
    assert "waiting for authorize: rita@shop.example" in waiting.err
    assert "hotfix authorize HF-1" in waiting.err
    assert world.serves() == [LIVE, LIVE]


def test_a_waiting_ship_goes_on_by_itself_when_the_last_signature_comes(world: World) -> None:
    import threading

    world.picked()
    world.rita.hotfix("review", "--approve")
    signing = threading.Timer(0.5, lambda: world.rita.hotfix("authorize"))
    signing.start()
    said = world.olga.hotfix("ship", "--wait", "30s")
    signing.join()
    assert "validated in production" in said.out


def test_a_rehearsal_that_is_owed_reads_owed_and_never_ok(world: World) -> None:
    world.approved()
    plan = world.olga.hotfix("ship", "--plan", "--json").json
    gate = next(gate for gate in plan["gates"] if gate["name"] == "rehearse")
    assert gate["state"] == "owed"
    assert plan["may_ship"]
    status = world.olga.hotfix("status").out
    line = next(line for line in status.splitlines() if "rehearse" in line)
    assert "owed" in line
    assert "✓" not in line
    assert "nobody has rehearsed the way back of this patch" in status


def test_a_commit_that_somebody_pushes_to_the_hotfix_branch_closes_the_gate(world: World) -> None:
    world.approved()
    sneaked = push_onto_the_branch(world)
    refused = world.olga.hotfix("ship", "--wait", "0s", exits=1)
    assert sneaked[:12] in refused.err
    assert "a new commit is a new patch" in refused.err
    assert world.gates()["pick"] == "closed"
    assert world.serves() == [LIVE, LIVE]


def test_picking_again_with_that_commit_asks_for_a_new_proof_and_a_new_review(world: World) -> None:
    world.approved()
    sneaked = push_onto_the_branch(world)
    world.olga.git("fetch", "-q")
    world.olga.hotfix("pick", world.fix, sneaked)
    world.reasoned()
    assert {name: world.gates()[name] for name in ("review", "authorize")} == {
        "review": "waiting",
        "authorize": "waiting",
    }
    waiting = world.olga.hotfix("ship", "--wait", "0s", exits=8)
    assert "it is of another patch: any new commit is a new patch" in waiting.err
    assert world.serves() == [LIVE, LIVE]


def test_the_branch_can_be_put_back_as_told_and_the_old_signatures_count(world: World) -> None:
    world.approved()
    push_onto_the_branch(world)
    refused = world.olga.hotfix("ship", "--wait", "0s", "--json", exits=1)
    told = refused.json["error"]["findings"][0]["next"].partition("to leave it out: ")[2]
    world.olga.run("sh", "-ec", told)
    assert set(world.gates().values()) == {"open", "owed"}


@pytest.mark.parametrize(
    ("old", "new", "gate", "state", "exits"),
    [
        ("[test]", "[review]\npeers = 2\n\n[test]", "review", "waiting", 8),
        ("[test]", "[limits]\nfiles = 1\nlines = 1\nmax_lines = 1\n\n[test]", "scope", "closed", 1),
        ("[test]", "[limits]\nlines = 1\n\n[test]", "scope", "closed", 1),
        ("repeats = 2", "repeats = 5", "prove", "closed", 1),
        ('seniors = ["rita@shop.example"]', 'seniors = ["sam@shop.example"]', "authorize", "waiting", 8),
        ('oncall = ["olga@shop.example"]', 'oncall = ["sam@shop.example"]', "start", "closed", 1),
    ],
)
def test_stricter_rules_on_trunk_count_at_once(
    world: World, old: str, new: str, gate: str, state: str, exits: int
) -> None:
    world.approved()
    world.change_policy(old, new)
    assert world.gates()[gate] == state
    world.olga.hotfix("ship", "--wait", "0s", exits=exits)
    assert world.serves() == [LIVE, LIVE]


def test_rules_in_the_work_tree_or_on_the_hotfix_branch_count_for_nothing(world: World) -> None:
    world.picked()
    policy = world.olga.clone / "hotfix.toml"
    policy.write_text(policy.read_text() + "\n[review]\npeers = 0\n\n[authorize]\nseniors = 0\n")
    world.olga.git("commit", "-q", "-am", "No review for me")
    assert world.gates()["review"] == "waiting"


def test_a_fix_that_touches_the_policy_is_no_hotfix_whatever_the_reason(world: World) -> None:
    text = (world.rita.clone / "hotfix.toml").read_text()
    fix = world.on_trunk(
        {
            "hotfix.toml": text + "\n[review]\npeers = 0\n",
            "total.sh": RIGHT,
            "tests/regression.sh": TEST + "#\n",
        },
        "A fix, and a little more",
    )
    world.start()
    world.olga.git("fetch", "-q")
    world.olga.hotfix("pick", world.fix, fix)
    said = world.olga.hotfix("scope", "--because", "scope-policy=it is needed", exits=1).all
    assert "hotfix.toml is a policy file: a hotfix may not change it" in said
    assert world.gates()["scope"] == "closed"


def test_a_wide_fix_asks_for_a_reason_and_ships_with_it(world: World) -> None:
    world.approved()
    world.change_policy("[test]", "[limits]\nlines = 1\n\n[test]")
    world.olga.hotfix("scope", exits=1)
    world.olga.hotfix("scope", "--because", "scope-wide=both lines belong to one sum")
    assert world.gates()["scope"] == "open"
    world.olga.hotfix("ship")


def push_onto_the_branch(world: World) -> str:
    """Mallory may push to hotfix branches; the commit."""
    world.mallory.git("fetch", "-q", "origin", "hotfix/HF-1")
    world.mallory.git("checkout", "-q", "FETCH_HEAD")
    commit = world.mallory.commit({"extra.sh": "echo extra\n"}, "Just one thing more", author="mallory")
    world.mallory.git("push", "-q", "origin", "HEAD:refs/heads/hotfix/HF-1")
    return commit
