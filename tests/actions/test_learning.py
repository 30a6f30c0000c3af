"""From validated to closed: the fix on trunk, the judgement of people, and nothing closed before."""

from pathlib import Path

from hotfix.lifecycle.postmortem.box import BOXES
from stories.world import LIVE, World


def document(world: World) -> Path:
    """Where `hotfix postmortem` writes, unless told otherwise."""
    return world.olga.clone / "postmortem-HF-1.md"


def fill(file: Path, box: str, text: str) -> None:
    """A person writes into one box."""
    mark = f"<!-- box:{box} -->\n"
    before, found, after = file.read_text("utf-8").partition(mark)
    assert found, box
    file.write_text(before + mark + text + after, "utf-8")


def test_the_facts_are_filled_in_and_the_judgement_is_not(world: World) -> None:
    world.shipped()
    said = world.olga.hotfix("postmortem", "--json").json
    text = document(world).read_text("utf-8")
    assert said["empty_boxes"] == list(BOXES)
    assert said["document"] == text
    assert "every total is wrong" in text
    assert "- Ended validated: every check green" in text
    assert "State: **draft**" in text


def test_what_people_wrote_is_kept_when_it_is_drawn_again(world: World) -> None:
    world.shipped()
    world.olga.hotfix("postmortem")
    fill(document(world), "surprises", "Nobody knew.\n\n- <b>not</b> even we\n- see [the chat](chat)")
    said = world.olga.hotfix("postmortem", "--json").json
    assert "surprises" not in said["empty_boxes"]
    assert "Nobody knew.\n\n- <b>not</b> even we\n- see [the chat](chat)" in document(world).read_text(
        "utf-8"
    )
    document(world).unlink()
    world.olga.hotfix("postmortem")
    assert "Nobody knew." in document(world).read_text("utf-8")
    kept = world.rita.hotfix("postmortem", "HF-1", "--json", "--out", str(world.folder / "hers.md")).json
    assert "Nobody knew." in kept["document"]


def test_drawing_it_twice_without_news_adds_nothing_to_the_record(world: World) -> None:
    world.shipped()
    world.olga.hotfix("postmortem")
    before = world.olga.hotfix("log").out
    world.olga.hotfix("postmortem")
    assert world.olga.hotfix("log").out == before


def test_closing_names_everything_that_is_owed(world: World) -> None:
    world.picked()
    assert world.olga.hotfix("close", "--json", exits=1).codes == [
        "close-not-validated",
        "close-not-landed",
        "close-not-learned",
    ]
    said = world.olga.hotfix("close", exits=1).err
    assert "olga@shop.example owes it" in said
    assert "hotfix ship HF-1" in said


def test_validated_landed_and_learned_it_closes(world: World) -> None:
    world.shipped()
    assert world.olga.hotfix("close", "--json", exits=1).codes == ["close-not-landed", "close-not-learned"]
    world.olga.hotfix("land")
    assert world.olga.hotfix("close", "--json", exits=1).codes == ["close-not-learned"]
    world.olga.hotfix("postmortem")
    assert "empty boxes" in world.olga.hotfix("close", exits=1).err
    for box in BOXES:
        fill(document(world), box, f"About {box}.")
    assert "next: hotfix close HF-1" in world.olga.hotfix("postmortem").out
    assert "HF-1 is closed: learned" in world.olga.hotfix("close").out
    assert "no hotfix is open" in world.olga.hotfix("status").out
    filled = document(world).read_text("utf-8")
    document(world).write_text(filled.replace("About surprises.", ""), "utf-8")
    assert "these boxes would be empty now: surprises" in world.olga.hotfix("postmortem", "HF-1", exits=1).err
    document(world).write_text(filled.replace("About surprises.", "More of it."), "utf-8")
    assert "More of it." in world.olga.hotfix("postmortem", "HF-1", "--json").json["document"]
    assert "closed: learned" in world.olga.hotfix("status", "--all").out
    assert world.olga.hotfix("close", "HF-1", "--json", exits=1).codes == ["close-closed"]
    assert "is closed" in world.olga.hotfix("pick", world.fix, "--hotfix", "HF-1", exits=1).err


def test_a_fix_that_is_not_on_trunk_has_not_landed(world: World) -> None:
    world.rita.git("checkout", "-q", "-b", "side")
    fix = world.rita.git("rev-parse", "side")
    world.rita.git("push", "-q", "origin", "side")
    world.rita.git("checkout", "-q", "main")
    world.rita.git("reset", "-q", "--hard", "HEAD~1")
    world.rita.git("push", "-q", "--force", "origin", "main")
    world.shipped()
    said = world.olga.hotfix("land", exits=1)
    assert f"The fix {fix[:12]} is not on main: the defect returns with the next release" in said.out
    assert world.olga.hotfix("close", "--json", exits=1).codes[0] == "close-not-landed"
    world.rita.git("cherry-pick", "-x", "--allow-empty", fix)
    world.rita.git("commit", "-q", "--amend", "-m", f"Again\n\n(cherry picked from commit {fix})")
    world.rita.git("push", "-q", "origin", "main")
    assert f"of main is the same change as {fix[:12]}" in world.olga.hotfix("land").out


def test_a_hotfix_that_changed_nothing_can_be_abandoned_with_a_reason(world: World) -> None:
    world.picked()
    assert (
        "HF-1 is closed: abandoned (the next release is out)"
        in world.olga.hotfix("close", "--abandon", "the next release is out").out
    )
    assert "no hotfix is open" in world.olga.hotfix("status").out


def test_what_production_carries_cannot_be_abandoned(world: World) -> None:
    world.shipped()
    assert world.olga.hotfix("close", "--abandon", "tired", "--json", exits=1).codes == [
        "close-in-production"
    ]
    world.olga.hotfix("rollback")
    world.olga.hotfix("close", "--abandon", "tired")
    assert world.serves() == [LIVE, LIVE]
