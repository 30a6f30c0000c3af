"""The second way out: back to the release before the bad one, outside any ship of a hotfix."""

from stories.people import DECIDED
from stories.test_troubles import shipping
from stories.world import LIVE, RIGHT, UNITS, WRONG, World

BEFORE = "v1.0.0"
STARTED = (*DECIDED[:8], "--return", "v1.0.0 was good")


def test_start_tells_what_the_second_way_out_would_mean_before_it_asks(world: World) -> None:
    said = world.olga.hotfix("start", "Totals are wrong", *DECIDED)
    assert f"second way out: return from {LIVE} to {BEFORE}: takes 1 commit away" in said.err
    assert "Rework totals" in said.err


def test_the_release_before_comes_back_wave_by_wave_and_is_validated(world: World) -> None:
    assert "next: hotfix rollback HF-1 --release" in world.olga.hotfix("start", "Wrong", *STARTED).out
    shown = world.olga.hotfix("rollback", "HF-1", "--release").out
    assert f"next: hotfix rollback HF-1 --release {BEFORE}" in shown
    assert world.serves() == [LIVE, LIVE]
    said = world.olga.hotfix("rollback", "--release", BEFORE)
    assert world.serves() == [BEFORE, BEFORE]
    assert world.file("web-1", "total.sh") == RIGHT
    assert f"{BEFORE} validated in production" in said.out
    assert f"returned to {BEFORE}, validated" in world.olga.hotfix("status").out


def test_a_return_is_taken_back_like_any_ship(world: World) -> None:
    world.olga.hotfix("start", "Wrong", *STARTED)
    world.olga.hotfix("rollback", "--release", BEFORE)
    world.olga.hotfix("rollback", "--because", "the payments of today need it")
    assert world.serves() == [LIVE, LIVE]
    assert world.file("web-1", "total.sh") == WRONG


def test_a_return_that_does_not_cure_the_symptom_is_taken_back(world: World) -> None:
    for unit in ("web-1", "web-2"):
        (world.folder / "units" / unit / "releases" / BEFORE / "total.sh").write_text(WRONG)
    world.olga.hotfix("start", "Wrong", *STARTED)
    said = world.olga.hotfix("rollback", "--release", BEFORE, exits=10)
    assert world.serves() == [LIVE, LIVE]
    assert "total on web-1 did not pass" in said.out


def test_the_folder_that_the_team_itself_left_there_is_returned_to(world: World) -> None:
    world.change_policy('[target.app]\nkind = "command"', '[target.app]\nkind = "release-dir"')
    world.change_policy("activate = [", "restart = [")
    for unit in UNITS:
        (world.folder / "units" / unit / "current").symlink_to(f"releases/{LIVE}")
    world.olga.hotfix("start", "Wrong", *STARTED)
    world.olga.hotfix("rollback", "--release", BEFORE)
    assert world.serves() == [BEFORE, BEFORE]
    world.olga.hotfix("rollback")
    assert world.serves() == [LIVE, LIVE]


def test_a_return_that_was_killed_is_gone_on_with_by_the_same_command(world: World) -> None:
    world.olga.hotfix("start", "Wrong", *STARTED)
    words = "rollback", "HF-1", "--release", BEFORE
    with shipping(world, *words, finishes=False, release=BEFORE) as returning:
        returning.kill()
        returning.wait()
    assert world.serves() == [BEFORE, LIVE]
    assert world.olga.hotfix("ship", "--json", exits=1).codes == ["ship-return"]
    assert f"hotfix rollback HF-1 --release {BEFORE}" in world.olga.hotfix("status", "HF-1").out
    (world.folder / "ops" / "go").touch()
    world.olga.hotfix(*words)
    assert world.serves() == [BEFORE, BEFORE]
    world.olga.hotfix("log", "--verify")


def test_a_return_that_was_killed_can_be_taken_back_instead(world: World) -> None:
    world.olga.hotfix("start", "Wrong", *STARTED)
    with shipping(world, "rollback", "--release", BEFORE, finishes=False, release=BEFORE) as returning:
        returning.kill()
        returning.wait()
    (world.folder / "ops" / "go").touch()
    world.rita.hotfix("rollback", "HF-1")
    assert world.serves() == [LIVE, LIVE]


def test_what_a_return_cannot_undo_keeps_it_from_happening(world: World) -> None:
    world.rita.git("switch", "-q", "-c", "with-migration", LIVE)
    world.rita.commit({"migrations/0007.sql": "drop table prices;\n"}, "Prices live elsewhere")
    world.rita.git("tag", "v1.2.0")
    world.rita.git("push", "-q", "origin", "v1.2.0")
    for unit in ("web-1", "web-2"):
        releases = world.folder / "units" / unit / "releases"
        (releases / "v1.2.0").mkdir()
        for file in (releases / LIVE).iterdir():
            (releases / "v1.2.0" / file.name).write_text(file.read_text())
        world.put(unit, "v1.2.0")
    world.olga.git("fetch", "-q", "--tags")
    world.olga.hotfix("start", "Wrong", *STARTED)
    shown = world.olga.hotfix("rollback", "--release", exits=1)
    assert "NOT SAFE: it does not undo migrations/0007.sql" in shown.out
    refused = world.olga.hotfix("rollback", "--release", LIVE, "--json", exits=1)
    assert refused.codes == ["return-irreversible"]
    assert world.serves() == ["v1.2.0", "v1.2.0"]


def test_only_what_lies_in_the_past_is_a_return(world: World) -> None:
    world.olga.hotfix("start", "Wrong", *STARTED)
    assert world.olga.hotfix("rollback", "--release", "v9", "--json", exits=1).codes == ["return-unknown"]
    world.olga.git("tag", "v9", "origin/main")
    assert world.olga.hotfix("rollback", "--release", "v9", "--json", exits=1).codes == ["return-not-before"]


def test_what_the_hotfix_itself_shipped_is_taken_back_by_its_own_plan(world: World) -> None:
    world.shipped()
    refused = world.olga.hotfix("rollback", "--release", BEFORE, "--json", exits=1)
    assert refused.codes == ["return-shipped"]


def test_a_return_is_closed_without_a_fix_on_trunk(world: World) -> None:
    world.olga.hotfix("start", "Wrong", *STARTED)
    world.olga.hotfix("rollback", "--release", BEFORE)
    missing = world.olga.hotfix("close", exits=1).err
    assert "postmortem" in missing or "review" in missing
    assert "trunk" not in missing
    world.olga.hotfix("postmortem", "--out", "postmortem.md")
