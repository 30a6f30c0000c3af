"""``hotfix trend --from-git`` in repositories that know nothing of hotfix: what it says, and why."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.adapters import pasts
from tests.adapters.pasts import Step

import hotfix

SOURCES = str(Path(hotfix.__file__).resolve().parents[1])


class Asked:
    """What the command said, and its exit code."""

    def __init__(self, folder: Path, home: Path, *argv: str) -> None:
        env = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": SOURCES, "LC_ALL": "C.UTF-8"}
        env |= {
            "GIT_AUTHOR_NAME": "Ann",
            "GIT_COMMITTER_NAME": "Ann",
            "GIT_COMMITTER_EMAIL": "ann@example.com",
        }
        done = subprocess.run(
            [sys.executable, "-m", "hotfix", "-C", str(folder), "trend", *argv],
            capture_output=True,
            text=True,
            env=env,
            check=False,
            timeout=60,
        )
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    @property
    def result(self) -> dict[str, Any]:
        """The result of ``--json``."""
        return json.loads(self.out)

    @property
    def classes(self) -> dict[str, str]:
        """The class of every release."""
        return {one["tag"]: one["class"] for one in self.result["releases"]}


Ask = Callable[..., Asked]

# A release a month; a hotfix the day after v1.0.5, and one of it the day after that; a beta, a re-tag, a second line.
PAST = [
    *pasts.monthly(6)[:-1],
    Step(179, "Release 1.0.5", {"VERSION": "1.0.5\n"}, ("v1.0.5", "stable-5")),
    Step(179.5, "Add the next thing", {"src/shop/next.py": "1\n"}),
    Step(
        180,
        "Fix the cart: it lost its last line",
        {"src/shop/cart.py": "2\n"},
        branch="release",
        start="v1.0.5",
    ),
    Step(180.1, "Bump version to 1.0.6", {"VERSION": "1.0.6\n"}, ("v1.0.6",), branch="release"),
    Step(181, "Revert the fix of the cart", {"src/shop/cart.py": "3\n"}, branch="release"),
    Step(181.1, "Bump version to 1.0.7", {"VERSION": "1.0.7\n"}, ("v1.0.7",), branch="release"),
    Step(200, "Add a page", {"src/shop/page.py": "1\n"}, ("v1.1.0-beta1",)),
    Step(209, "Release 1.1.0", {"VERSION": "1.1.0\n"}, ("v1.1.0",)),
    Step(210, "Say hello", {"src/shop/page.py": "1\n2\n3\n"}),
    Step(210.5, "Tell the time", {"src/shop/time.py": "1\n"}, ("v1.1.1",)),
    Step(
        210.6,
        "Release 1.0.8",
        {"src/shop/cart.py": "9\n", "VERSION": "1.0.8\n"},
        ("v1.0.8",),
        branch="release",
    ),
]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return pasts.write(tmp_path / "shop.git", PAST)


@pytest.fixture
def ask(shop: Path, tmp_path: Path) -> Ask:
    home = tmp_path / "home"
    home.mkdir()

    def asked(*argv: str, folder: Path | None = None) -> Asked:
        return Asked(folder or shop, home, *argv)

    return asked


def since_then(*argv: str) -> tuple[str, ...]:
    return ("--from-git", "--as-of", "2023-08-15", "--months", "9", *argv)


def test_the_hotfixes_of_a_past_are_found_with_their_reasons(ask: Ask) -> None:
    told = ask(*since_then("--json"))

    assert told.code == 0, told.err
    rows = {one["tag"]: one for one in told.result["releases"]}
    assert {tag: row["class"] for tag, row in rows.items()} == {
        **{f"v1.0.{number}": "regular" for number in range(6)},
        "v1.0.6": "probable",
        "v1.0.7": "probable",
        "v1.1.0": "regular",
        "v1.1.1": "candidate",
    }
    assert rows["v1.0.6"]["reasons"] == [
        "cadence: 26 h after v1.0.5; usual are 30 d",
        "narrowness: 1 commit, 1 line in 1 file; usual are 10 commits",
        "wording: 1 of 1 commit read as fixes",
    ]
    assert (rows["v1.0.6"]["line"], rows["v1.0.6"]["date"]) == ("1.0.x", "2023-06-30T02:24:00.000Z")
    assert [rows[tag]["chain"] for tag in ("v1.0.5", "v1.0.6", "v1.0.7")] == ["", "v1.0.6", "v1.0.6"]
    assert (rows["v1.0.5"]["also"], rows["v1.1.1"]["also"]) == ([], ["v1.0.8"])
    assert rows["v1.1.1"]["reasons"][2] == "wording: 0 of 2 commits read as fixes"


def test_months_status_and_trend_have_their_promised_fields(ask: Ask) -> None:
    found = ask(*since_then("--json")).result

    months = {one["month"]: one for one in found["months"]}
    assert next(iter(months)) == "2023-05"  # what came before could not be judged
    assert {month: (one["hotfixes"], one["series"]) for month, one in months.items() if one["hotfixes"]} == {
        "2023-06": (1, 1),
        "2023-07": (1, 0),
    }
    assert [month for month, one in months.items() if one["partial"]] == ["2023-05", "2023-08"]
    assert found["status"] == "not enough history"
    assert found["trend"]["verdict"] == "not enough history"
    assert (found["trend"]["p"], found["trend"]["ratio"]) == (None, None)
    assert found["tags"]["pattern"] == "v*"
    assert found["tags"]["before_release"] == 1


def test_people_are_told_the_same(ask: Ask) -> None:
    told = ask(*since_then())

    assert (
        "production tags: v* (guessed; change it with --tags 'GLOB'); left out: 1 tag before a release, 1 stable-*"
        in told.out
    )
    assert "2023-06   1 █ (healthy)" in told.out
    assert "2023-07   1 █ (healthy, 1 follow-up)" in told.out
    assert "2023-07-01 v1.0.7: probable, series of v1.0.6" in told.out
    assert "1 candidate, not counted: v1.1.1" in told.out
    assert "next: hotfix trend --confirm v1.1.1, or --deny v1.1.1" in told.out
    assert "v1.0.4: regular" not in told.out
    assert "v1.0.4: regular" in ask(*since_then("--rows")).out


def test_what_somebody_confirms_counts_and_shows_how_often_the_guess_is_right(ask: Ask, shop: Path) -> None:
    told = ask(*since_then("--confirm", "v1.1.1", "--confirm", "v1.0.6", "--deny", "v1.0.7", "--json"))

    assert told.code == 0, told.err
    assert {tag: told.classes[tag] for tag in ("v1.0.6", "v1.0.7", "v1.1.1")} == {
        "v1.0.6": "confirmed",
        "v1.0.7": "regular",
        "v1.1.1": "confirmed",
    }
    assert [(one["rung"], one["right"], one["judged"]) for one in told.result["precision"]] == [
        ("probable", 1, 2),
        ("candidate", 1, 1),
    ]
    assert "precision here: of 2 probable that were judged, 1 are hotfixes: 50%" in ask(*since_then()).out
    row = next(one for one in told.result["releases"] if one["tag"] == "v1.0.6")
    assert row["reasons"][0].startswith("confirmed: by ")
    changed = ask(*since_then("--deny", "v1.0.6", "--json"))
    assert changed.classes["v1.0.6"] == "regular"


def test_of_a_tag_that_was_moved_nobody_said_anything(ask: Ask, shop: Path) -> None:
    ask(*since_then("--deny", "v1.0.6"))
    subprocess.run(["git", "tag", "-f", "v1.0.6", "v1.0.6~1"], cwd=shop, check=True, capture_output=True)
    assert ask(*since_then("--json")).classes["v1.0.6"] == "probable"


def test_the_second_run_reads_no_history_and_says_the_same(ask: Ask, shop: Path) -> None:
    first, second = ask(*since_then("--json")), ask(*since_then("--json"))

    assert "commits; measuring" in first.err
    assert second.err == ""
    assert second.result == first.result
    kept = shop / "hotfix" / "trend" / "measured-5.json"
    kept.write_text("not what was written")
    assert ask(*since_then("--json")).result == first.result


def test_where_nothing_can_be_kept_it_is_said_and_told_all_the_same(ask: Ask, shop: Path) -> None:
    (shop / "hotfix").write_text("in the way")
    told = ask(*since_then("--json"))
    assert told.code == 0
    assert "what was measured is not kept" in told.err
    refused = ask(*since_then("--confirm", "v1.0.6"))
    assert refused.code == 1
    assert "Traceback" not in refused.err


def test_the_tags_may_be_named(ask: Ask) -> None:
    assert set(ask(*since_then("--tags", "stable-*", "--json")).classes) == {"stable-5"}
    none = ask(*since_then("--tags", "nothing-*"))
    assert none.code == 1
    assert "No tag fits 'nothing-*'" in none.err
    assert "--tags 'v*'" in none.err


def test_a_repository_without_tags_is_told_what_to_do(ask: Ask, tmp_path: Path) -> None:
    bare = pasts.write(tmp_path / "none.git", [Step(0, "Begin", {"a": "1\n"})])
    told = ask("--from-git", folder=bare)
    assert told.code == 1
    assert "No tag with a number in it was made here until 2023-01-01" in told.err


def test_an_unknown_tag_cannot_be_judged(ask: Ask) -> None:
    told = ask("--from-git", "--confirm", "v9.9.9")
    assert told.code == 1
    assert "There is no tag 'v9.9.9'" in told.err


def test_another_repository_is_named_by_its_path(ask: Ask, shop: Path, tmp_path: Path) -> None:
    told = ask("--from-git", str(shop), "--as-of", "2023-08-15", "--json", folder=tmp_path)
    assert told.code == 0, told.err
    assert told.classes["v1.0.6"] == "probable"


def test_a_day_that_is_none_is_a_usage_error(ask: Ask) -> None:
    told = ask("--from-git", "--as-of", "yesterday")
    assert told.code == 2
    assert "2026-11-23" in told.err


def test_the_page_stands_by_itself_and_foreign_text_in_it_is_inert(ask: Ask, tmp_path: Path) -> None:
    name = "v1.0.6\"onload='x'<script>"
    past = [*pasts.monthly(6), Step(180, "Fix <b>it</b>", {"src/a&b.py": "1\n"}, (name,))]
    odd = pasts.write(tmp_path / "<i>odd.git", past)
    page = tmp_path / "trend.html"

    told = ask(*since_then("--html", str(page)), folder=odd)

    text = page.read_text("utf-8")
    assert told.code == 0, told.err
    assert "<script" not in text
    assert "<h1>Hotfixes of &lt;i&gt;odd.git, from tags" in text
    assert "v1.0.6&quot;onload=&#x27;x&#x27;&lt;script&gt;" in text
    assert "http" not in text.replace("http-equiv", "")
    assert text.count("<svg") == 1
    assert "\x1b" not in told.out


def test_a_page_is_written_over_a_page_of_a_trend_and_nothing_else(
    ask: Ask, shop: Path, tmp_path: Path
) -> None:
    page = tmp_path / "trend.html"
    for _ in range(2):
        assert ask(*since_then("--html", str(page)), folder=shop).code == 0
    page.write_text("<!doctype html>\n<title>Ours</title>")
    refused = ask(*since_then("--html", str(page)), folder=shop)
    assert (refused.code, page.read_text()) == (1, "<!doctype html>\n<title>Ours</title>")
    assert "is no page of a trend" in refused.err


def test_a_folder_whose_name_is_no_text_has_a_name_all_the_same(ask: Ask, tmp_path: Path) -> None:
    odd = pasts.write(tmp_path / os.fsdecode(b"caf\xe9.git"), pasts.monthly(6))
    told = ask(*since_then("--json"), folder=odd)
    assert told.code == 0, told.err
    assert told.result["repository"] == '"caf\\351.git"'


def test_what_a_shallow_clone_cannot_tell_is_said_and_not_kept(ask: Ask, shop: Path, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow.git"
    clone = [
        "git",
        "clone",
        "-q",
        "--bare",
        "--depth=1",
        "--no-single-branch",
        f"file://{shop}",
        str(shallow),
    ]
    subprocess.run(clone, check=True, capture_output=True)
    told = ask(*since_then("--json"), folder=shallow)
    assert "this clone is shallow" in told.err
    assert "probable" not in told.classes.values()
    assert not (shallow / "hotfix" / "trend" / "measured-5.json").exists()


def test_a_release_is_judged_the_same_whenever_it_was_first_looked_at(ask: Ask, shop: Path) -> None:
    before = ask("--from-git", "--as-of", "2023-06-29", "--months", "9", "--json")
    after = ask(*since_then("--json"))
    (shop / "hotfix" / "trend" / "measured-5.json").unlink()
    assert before.code == 0
    assert ask(*since_then("--json")).result == after.result


def test_a_day_that_has_not_come_and_a_tag_that_is_both_are_refused(ask: Ask) -> None:
    assert "has not come yet" in ask("--from-git", "--as-of", "2999-01-01").err
    assert ask("--from-git", "--as-of", "0001-01-01").code == 2
    both = ask("--from-git", "--confirm", "v1.0.6", "--deny", "v1.0.6")
    assert (both.code, "cannot be both" in both.err) == (2, True)


def test_a_record_that_cannot_be_read_keeps_nobody_from_looking_at_tags(ask: Ask, shop: Path) -> None:
    line = Step(300, "HF-1", {"HF-1/record/000001.jsonl": "not a fact\n"}, branch="hotfix-record")
    pasts.add(shop, [line])
    told = ask(*since_then("--json"))
    assert told.code == 0, told.err
    assert "without the record, since it cannot be read" in told.err
    assert told.classes["v1.0.6"] == "probable"


def test_months_after_the_newest_commit_are_not_months_without_hotfixes(ask: Ask) -> None:
    told = ask("--from-git", "--as-of", "2025-01-15", "--months", "9", "--json").result
    assert told["known_until"] == "2023-07-30T14:24:00.000Z"
    assert told["months"][-1]["month"] == "2023-07"
    assert any(sentence.startswith("known until 2023-07-30") for sentence in told["told"])


def test_what_is_shown_is_not_what_is_judged(ask: Ask) -> None:
    short = ask("--from-git", "--as-of", "2023-08-15", "--months", "1", "--json").result
    long = ask(*since_then("--json")).result
    assert [one["month"] for one in short["months"]] == ["2023-07", "2023-08"]
    assert (short["trend"], short["status"]) == (long["trend"], long["status"])


def test_one_release_is_shown_by_its_name(ask: Ask) -> None:
    told = ask(*since_then("--rows", "v1.0.6"))
    assert told.out.splitlines()[0] == "  2023-06-30 v1.0.6: probable"
    assert len(told.out.splitlines()) == 4
    assert ask(*since_then("--rows", "v9")).code == 2
