"""What was learned, through the real command line: drafted actions, evidence that is looked at, and the trend of it all."""

import json
from pathlib import Path

from hotfix.lifecycle.postmortem.box import BOXES
from stories.world import World

START = ["--severity", "SEV2", "--detected", "5m", "--impact", "x", "--not-flag", "x", "--not-return", "x"]


def fill(file: Path) -> None:
    """People write into every box."""
    text = file.read_text("utf-8")
    for box in BOXES:
        text = text.replace(f"<!-- box:{box} -->\n", f"<!-- box:{box} -->\nWe looked at {box}.")
    file.write_text(text, "utf-8")


def noticed_by_a_customer(world: World) -> Path:
    """Shipped and on trunk; no alert fired; the boxes are filled."""
    world.noticed_by_a_customer()
    file = world.olga.clone / "postmortem-HF-1.md"
    fill(file)
    return file


def test_a_suggestion_is_taken_up_or_declined_before_the_close(world: World) -> None:
    noticed_by_a_customer(world)
    told = world.olga.hotfix("postmortem").out
    assert "suggested: no-alert (detect): Let an alert notice this before people do" in told
    assert "next: hotfix action take HF-1 no-alert --owner WHO" in told
    refused = world.olga.hotfix("close", "--json", exits=1)
    assert refused.codes == ["close-suggestion"]
    assert "olga@shop.example owes that" in refused.json["error"]["findings"][0]["sentence"]
    taken = world.olga.hotfix(
        "action", "take", "HF-1", "no-alert", "--owner", world.rita.email, "--json"
    ).json
    assert (taken["action"]["action"], taken["action"]["type"], taken["action"]["state"]) == (
        "A1",
        "detect",
        "open",
    )
    assert (
        "was answered already: A1"
        in world.olga.hotfix("action", "take", "no-alert", "--owner", "a@b", exits=1).err
    )
    changed = world.olga.hotfix("postmortem").out
    assert "+| A1 | Let an alert notice this before people do | detect |" in changed
    assert "is closed: learned" in world.olga.hotfix("close").out


def test_a_declined_suggestion_says_why(world: World) -> None:
    noticed_by_a_customer(world)
    world.olga.hotfix("action", "decline", "no-alert", "--because", "the new alert is on trunk already")
    document = world.olga.hotfix("postmortem", "--json").json
    assert document["review"]["suggestions"][0]["answer"] == "declined: the new alert is on trunk already"
    assert (
        "is none of the record's"
        in world.olga.hotfix("action", "decline", "nonsense", "--because", "x", exits=1).err
    )


def test_an_action_is_closed_on_evidence_that_is_looked_at(world: World) -> None:
    world.picked()
    add = ["action", "add", "HF-1", "Alert on totals", "--type", "detect", "--owner", world.rita.email]
    assert "HF-1/A1 added" in world.olga.hotfix(*add).out
    world.olga.hotfix(
        "action", "add", "Run it", "--type", "process", "--owner", world.olga.email, "--due", "2030-01-31"
    )
    world.rita.git("checkout", "-q", "-b", "elsewhere")
    world.rita.git("commit", "-q", "--allow-empty", "-m", "not merged")
    away = world.rita.git("rev-parse", "HEAD")
    world.rita.git("checkout", "-q", "main")
    assert (
        "is not in the history of main"
        in world.rita.hotfix("action", "close", "HF-1/A1", "--commit", away, exits=1).err
    )
    assert (
        "main has no"
        in world.rita.hotfix("action", "close", "HF-1/A1", "--test", "tests/test_none.py", exits=1).err
    )
    piece = "tests/regression.sh::tota"  # which is only the beginning of a word there
    assert "has no tota" in world.rita.hotfix("action", "close", "HF-1/A1", "--test", piece, exits=1).err
    assert "is no test" in world.rita.hotfix("action", "close", "HF-1/A1", "--test", "README.md", exits=1).err
    closed = world.rita.hotfix("action", "close", "HF-1/A1", "--commit", world.fix, "--json").json
    assert closed["action"]["state"] == "done"
    assert closed["action"]["evidence"] == f"commit {world.fix} (on main, made before HF-1 began)"
    link = world.olga.hotfix("action", "close", "HF-1/A2", "--runbook", "https://wiki.example/run").out
    assert "(not checked)" in link
    assert "was closed at" in world.olga.hotfix("action", "close", "HF-1/A2", "--runbook", "x", exits=1).err
    rows = world.olga.hotfix("action", "list", "--json").json
    assert [(row["action"], row["state"]) for row in rows] == [("A1", "done"), ("A2", "done")]


def test_a_risk_is_accepted_for_a_while_and_an_action_moves_with_a_reason(world: World) -> None:
    world.picked()
    for title in ("one", "two"):
        world.olga.hotfix("action", "add", title, "--type", "prevent", "--owner", world.olga.email)
    assert (
        "at most"
        in world.olga.hotfix(
            "action", "accept", "HF-1/A1", "--because", "x", "--until", "2099-01-01", exits=1
        ).err
    )
    soon = world.olga.hotfix("action", "list", "--json").json[0]["due"]
    assert (
        "risk accepted"
        in world.olga.hotfix("action", "accept", "HF-1/A1", "--because", "rare", "--until", soon).out
    )
    moved = world.olga.hotfix(
        "action", "move", "HF-1/A2", "--owner", world.rita.email, "--because", "leave", "--json"
    ).json
    assert moved["action"]["owner"] == world.rita.email
    assert (
        "no person's e-mail"
        in world.olga.hotfix("action", "move", "HF-1/A2", "--owner", "team", "--because", "x", exits=1).err
    )
    assert (
        "is past"
        in world.olga.hotfix(
            "action", "move", "HF-1/A2", "--due", "2020-01-01", "--because", "x", exits=1
        ).err
    )
    assert "no action is overdue" in world.olga.hotfix("action", "list", "--overdue").out


def test_usage_of_actions_teaches(world: World) -> None:
    assert (
        "say [HF-N] TITLE"
        in world.olga.hotfix(
            "action", "add", "a", "b", "c", "--type", "detect", "--owner", "a@b", exits=2
        ).err
    )
    assert "HF-1/A1" in world.olga.hotfix("action", "close", "A1", "--commit", "x", exits=2).err
    assert "one of --commit" in world.olga.hotfix("action", "close", "HF-1/A1", exits=2).err
    assert "no action on record" in world.olga.hotfix("action").out


def test_the_trend_of_a_record_tells_of_its_hotfixes(world: World) -> None:
    world.shipped()
    told = world.olga.hotfix("trend", "--json").json
    assert [(row["hotfix"], row["series"]) for row in told["hotfixes"]] == [("HF-1", "HF-1")]
    assert (told["months"][-1]["hotfixes"], told["months"][-1]["partial"], told["status"]) == (
        1,
        True,
        "not enough history",
    )
    figures = {one["name"]: one for one in told["figures"]}
    assert figures["within-two-hours"]["told"].startswith("1 of 1 hotfixes, 100%")
    assert figures["rehearsal-age"]["value"] < 1
    assert figures["time-to-rollback"]["value"] is None
    assert figures["forward-port-debt"]["value"] == 1.0
    assert world.olga.email not in json.dumps(told["figures"])
    assert world.olga.email in world.olga.hotfix("trend", "--names", "--rows", "load-per-person").out
    assert "There is no figure 'nonsense'" in world.olga.hotfix("trend", "--rows", "nonsense", exits=1).err
    assert "No hotfix is on record yet" in world.olga.hotfix("trend", "--as-of", "2020-01-01", exits=1).err
    page = world.folder / "trend.html"
    world.olga.hotfix("trend", "--html", str(page))
    assert "<svg" in page.read_text("utf-8")
    assert "<h1>Hotfixes of shop</h1>" in page.read_text("utf-8")
    assert "<script" not in page.read_text("utf-8")


def test_a_record_that_is_empty_points_to_git(world: World) -> None:
    refused = world.olga.hotfix("trend", exits=1)
    assert "hotfix trend --from-git" in refused.err


def test_a_follow_up_is_of_the_same_series(world: World) -> None:
    world.shipped()
    assert (
        "There is no hotfix HF-9"
        in world.olga.hotfix("start", "Again", *START, "--follows", "HF-9", exits=1).err
    )
    world.olga.hotfix("start", "Again", *START, "--follows", "HF-1")
    assert "Follows up on HF-1" in world.olga.hotfix("postmortem", "HF-2", "--json").json["document"]


def test_a_fact_is_shown_by_its_number(world: World) -> None:
    world.picked()
    (entry,) = world.olga.hotfix("log", "--seq", "1").json
    assert (entry["seq"], entry["fact"]["kind"]) == (1, "started/1")
    assert "There is no fact 999" in world.olga.hotfix("log", "--seq", "999", exits=1).err


def test_the_page_of_a_postmortem_is_written_beside_it_and_names_only_when_asked_for(world: World) -> None:
    world.shipped()
    world.olga.hotfix("postmortem", "--html", "--out", str(world.folder / "HF-1.md"))
    page = (world.folder / "HF-1.html").read_text("utf-8")
    assert world.olga.email not in page + (world.folder / "HF-1.md").read_text("utf-8")
    world.olga.hotfix("postmortem", "--names", "--out", str(world.folder / "named.md"))
    assert "olga" in (world.folder / "named.md").read_text("utf-8")
    for name in world.olga.git("ls-tree", "--name-only", "hotfix-record:HF-1/evidence").split():
        kept = world.olga.git("show", f"hotfix-record:HF-1/evidence/{name}")
        assert name[:10] != "postmortem" or world.olga.email not in kept


def test_the_postmortem_of_one_hotfix_is_not_filled_from_that_of_another(world: World) -> None:
    file = noticed_by_a_customer(world)
    world.olga.hotfix("start", "Another", *START)
    assert world.olga.hotfix("postmortem", "HF-2", "--out", str(file), "--json", exits=1).codes == [
        "postmortem-other-file"
    ]


def test_what_two_people_wrote_is_put_together(world: World) -> None:
    world.shipped()
    hers, his = world.folder / "hers.md", world.folder / "his.md"
    world.olga.hotfix("postmortem", "--out", str(hers))
    world.rita.hotfix("postmortem", "HF-1", "--out", str(his))

    def write(file: Path, box: str, text: str) -> None:
        mark = f"<!-- box:{box} -->\n"
        file.write_text(file.read_text("utf-8").replace(mark, mark + text), "utf-8")

    write(hers, "surprises", "Nobody knew.")
    write(his, "surprises", "The alert was off.")
    write(his, "right-lane", "Yes.")
    world.olga.hotfix("postmortem", "--out", str(hers))
    world.rita.hotfix("postmortem", "HF-1", "--out", str(his))
    both = world.olga.hotfix("postmortem", "--out", str(hers), "--json").json["review"]["boxes"]
    assert both["surprises"] == "Nobody knew.\n\nThe alert was off."
    assert both["right-lane"] == "Yes."
    text = hers.read_text("utf-8")
    hers.write_text(text.replace("Nobody knew.\n\nThe alert was off.", "The alert was off."), "utf-8")
    again = world.olga.hotfix("postmortem", "--out", str(hers), "--json").json["review"]["boxes"]
    assert again["surprises"] == "The alert was off."
    hers.write_text(hers.read_text("utf-8").replace("<!-- /box -->", "", 1), "utf-8")
    assert world.olga.hotfix("postmortem", "--out", str(hers), "--json", exits=1).codes == [
        "postmortem-marks"
    ]


def test_an_empty_reason_is_none(world: World) -> None:
    noticed_by_a_customer(world)
    assert (
        "The reason is empty"
        in world.olga.hotfix("action", "decline", "no-alert", "--because", " ", exits=1).err
    )
    world.olga.hotfix("postmortem")
    assert world.olga.hotfix("close", "--json", exits=1).codes == ["close-suggestion"]


def test_a_page_is_written_over_no_other_file(world: World) -> None:
    world.picked()
    (world.folder / "index.html").write_text("ours")
    out = ["--out", str(world.folder / "index.md"), "--html"]
    assert world.olga.hotfix("postmortem", *out, "--json", exits=1).codes == ["postmortem-other-file"]
    assert (world.folder / "index.html").read_text() == "ours"
    assert "name a .md file" in world.olga.hotfix("postmortem", "--out", "x.html", "--html", exits=2).err


def test_a_clock_that_runs_backwards_is_refused(world: World) -> None:
    late = [*START, "--introduced", "1m"]
    assert world.olga.hotfix("start", "Totals", *late, "--json", exits=1).codes == ["start-disorder"]


def test_what_is_not_on_record_yet_is_not_closed_over(world: World) -> None:
    file = noticed_by_a_customer(world)
    world.olga.hotfix("postmortem")
    world.olga.hotfix("action", "decline", "no-alert", "--because", "it has one now")
    world.olga.hotfix("postmortem")
    file.write_text(file.read_text("utf-8").replace("We looked at surprises.", "Nobody knew."), "utf-8")
    assert world.olga.hotfix("close", "--json", exits=1).codes == ["close-file-differs"]
    world.olga.hotfix("postmortem")
    assert "is closed: learned" in world.olga.hotfix("close").out
    assert "next:" not in world.olga.hotfix("postmortem", "HF-1").out
