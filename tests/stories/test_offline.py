"""The remote is gone in the middle of the night: what still works, what does not and says why."""

from stories.people import DECIDED
from stories.world import LIVE, NEW, UNITS, World


def away(world: World) -> None:
    """Nobody can reach the remote."""
    world.remote.rename(world.folder / "elsewhere.git")


def back(world: World) -> None:
    """It answers again."""
    (world.folder / "elsewhere.git").rename(world.remote)


def test_status_and_log_work_without_the_remote(world: World) -> None:
    world.approved()
    world.gates()
    away(world)
    assert "HF-1 SEV2 Totals are wrong" in world.olga.hotfix("status").out
    assert "authorized" in world.olga.hotfix("log").out
    verdict = world.olga.hotfix("log", "--verify")
    assert "the record is whole" in verdict.out
    assert "not compared with the remote" in verdict.out


def test_what_needs_the_remote_says_why_and_changes_nothing(world: World) -> None:
    world.picked()
    world.rita.git("fetch", "-q")
    world.rita.hotfix("review")
    before = world.olga.hotfix("log").out
    away(world)
    for person, words in (
        (world.olga, ["pick", world.fix]),
        (world.rita, ["review", "--approve"]),
        (world.rita, ["authorize"]),
        (world.olga, ["ship", "--wait", "0s"]),
        (world.olga, ["prove"]),
    ):
        refused = person.hotfix(*words, exits=1)
        assert "cannot be reached" in refused.err, words
        assert "→" in refused.err, words
    assert world.olga.hotfix("log").out == before
    assert world.serves() == [LIVE, LIVE]


def test_starting_waits_for_the_remote_too(world: World) -> None:
    away(world)
    refused = world.olga.hotfix("start", "Totals are wrong", *DECIDED, "--json", exits=1)
    assert refused.codes == ["record-offline"]


def test_rollback_works_without_the_remote_and_is_pushed_afterwards(world: World) -> None:
    world.shipped()
    assert world.serves() == [NEW, NEW]
    away(world)
    said = world.olga.hotfix("rollback", "--because", "orders fail")
    assert world.serves() == [LIVE, LIVE]
    assert "not on the remote yet" in said.all
    assert "not anchored" in world.olga.hotfix("status").out
    back(world)
    world.olga.hotfix("land", exits=None)
    assert "not anchored" not in world.olga.hotfix("status").out
    page = world.olga.git("--git-dir", str(world.remote), "show", "hotfix-record:HF-1/README.md")
    assert "orders fail" in page
    assert "rolled back" in page


def test_rollback_needs_neither_policy_nor_trunk(world: World) -> None:
    world.shipped()
    away(world)
    world.olga.git("update-ref", "-d", "refs/remotes/origin/main")
    world.olga.git("symbolic-ref", "-d", "refs/remotes/origin/HEAD")
    world.olga.hotfix("rollback")
    assert world.serves() == [LIVE, LIVE]


def test_two_clones_that_wrote_apart_come_together_and_lose_nothing(world: World) -> None:
    world.shipped()
    away(world)
    world.olga.hotfix("rollback", "--because", "orders fail")
    back(world)
    world.rita.hotfix("postmortem", "HF-1", "--out", str(world.folder / "postmortem.md"))
    world.olga.hotfix("land", exits=None)
    for person in (world.olga, world.rita):
        assert "the record is whole" in person.hotfix("log", "--verify").out
        told = person.hotfix("log").out
        assert "rollback_requested" in told
        assert "postmortem_written" in told


def test_a_clone_that_never_heard_of_the_ship_goes_by_the_persons_own_card(world: World) -> None:
    world.approved()
    laptop = elsewhere(world)
    world.olga.hotfix("ship")
    away(world)
    said = world.olga.hotfix("-C", laptop, "rollback", "HF-1")
    assert "going by the rollback card of ship 2 of shop to production" in said.err
    assert world.serves() == [LIVE, LIVE]
    back(world)
    for clone in (laptop, str(world.olga.clone)):
        world.olga.hotfix("-C", clone, "ship", "--wait", "0s", exits=8)
        assert "rolled back" in world.olga.hotfix("-C", clone, "status").out
        assert "the record is whole" in world.olga.hotfix("-C", clone, "log", "--verify").out


def test_a_clone_that_knows_an_older_ship_takes_the_newer_one_back(world: World) -> None:
    world.shipped()
    world.olga.hotfix("rollback")
    laptop = elsewhere(world)
    world.olga.hotfix("-C", laptop, "status", "--fetch")
    world.rita.hotfix("authorize")
    world.olga.hotfix("ship")
    away(world)
    said = world.olga.hotfix("-C", laptop, "rollback")
    assert "asked for the way back of ship 3" in said.err
    assert world.serves() == [LIVE, LIVE]
    back(world)
    assert "rolled back" in world.olga.hotfix("status", "--fetch").out


def test_units_that_do_not_answer_speak_for_the_card_of_a_ship_that_this_clone_never_heard_of(
    world: World,
) -> None:
    world.rehearsed()
    laptop = elsewhere(world)
    world.olga.hotfix("-C", laptop, "status", "--fetch")
    world.olga.hotfix("ship")
    away(world)
    for unit in UNITS:
        (world.folder / "units" / unit / "release").unlink()
    said = world.olga.hotfix("-C", laptop, "rollback", exits=None)
    assert said.code == 0, said.all
    assert world.serves() == [LIVE, LIVE]


def elsewhere(world: World) -> str:
    """Another clone of Olga's, on the same machine."""
    laptop = str(world.olga.home / "laptop")
    world.olga.run("git", "clone", "-q", "--template=", str(world.remote), laptop)
    return laptop
