"""``hotfix forecast`` in repositories that know nothing of hotfix: what it says, and that it leaves no trace."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.adapters import repositories
from tests.adapters.repositories import Clone

import hotfix
from stories.world import World

SOURCES = str(Path(hotfix.__file__).resolve().parents[1])
LINES = b"".join(b"line %d\n" % number for number in range(1, 30))


def changed(number: int, to: bytes, lines: bytes = LINES) -> bytes:
    return lines.replace(b"line %d\n" % number, to + b"\n")


class Asked:
    """What the command said, and its exit code."""

    def __init__(self, folder: Path, home: Path, *argv: str, input: str = "") -> None:
        env = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": SOURCES, "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            [sys.executable, "-m", "hotfix", "-C", str(folder), "forecast", *argv],
            input=input,
            capture_output=True,
            text=True,
            env=env,
            check=False,
            timeout=60,
        )
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of ``--json``."""
        return json.loads(self.out)["rows"]

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The lines of ``--stdin``."""
        return [json.loads(line) for line in self.out.splitlines()]


Ask = Callable[..., Asked]


@pytest.fixture
def shop(tmp_path: Path) -> Clone:
    return repositories.create(tmp_path / "shop")


@pytest.fixture
def ask(shop: Clone, tmp_path: Path) -> Ask:
    home = tmp_path / "home"
    home.mkdir()

    def asked(*argv: str, folder: Path | None = None, input: str = "") -> Asked:
        return Asked(folder or shop.path, home, *argv, input=input)

    return asked


@pytest.fixture
def lines(shop: Clone) -> dict[str, str]:
    """Trunk renames a word, then mends it under its new name; v1 has neither, v2 the first; v3 has both."""
    start = shop.commit({b"cart.py": LINES, b"b": b"1\n"})
    renamed = shop.commit({b"cart.py": changed(20, b"total")}, start, message=b"call it total\n")
    other = shop.commit({b"b": b"2\n"}, renamed, message=b"something else\n")
    fix = shop.commit(
        {b"cart.py": changed(20, b"total, mended")}, other, message=b"mend the total\n", branch="main"
    )
    commits = {
        "v1": shop.commit({b"v": b"1\n"}, start),
        "v2": shop.commit({b"v": b"2\n"}, renamed),
        "v3": fix,
    }
    for name, commit in commits.items():
        shop.git("update-ref", f"refs/heads/release/{name}", commit)
        shop.git("update-ref", f"refs/tags/{name}.0", commit)
    return commits | {"start": start, "renamed": renamed, "fix": fix}


def test_every_line_is_told_with_what_it_lacks(shop: Clone, ask: Ask, lines: dict[str, str]) -> None:
    told = ask("main", "--lines", "release/*", "--json")

    rows = {row["line"]: row for row in told.rows}
    assert told.code == 1
    assert {name: row["outcome"] for name, row in rows.items()} == {
        "release/v3": "empty",
        "release/v2": "clean",
        "release/v1": "conflict",
    }
    clean, conflict = rows["release/v2"], rows["release/v1"]
    assert clean["tree"] == shop.tree({b"cart.py": changed(20, b"total, mended"), b"b": b"1\n", b"v": b"2\n"})
    assert clean["size"] == {"files": 1, "added": 1, "removed": 1}
    assert conflict["conflicts"] == [{"path": "cart.py", "kind": "contents", "class": "source"}]
    assert conflict["prerequisites"] == [[lines["renamed"]]]
    assert conflict["proven"][0]["size"] == {"files": 1, "added": 1, "removed": 1}
    assert conflict["proven"][0]["command"] == f"hotfix pick {lines['renamed'][:12]} {lines['fix'][:12]}"
    assert rows["release/v3"]["already"] == {"commit": lines["fix"], "how": "in its history", "undone_by": ""}


def test_people_are_told_the_same(ask: Ask, lines: dict[str, str]) -> None:
    told = ask("main", "--lines", "release/*")

    table = [line.split() for line in told.out.splitlines()[:4]]
    assert [row[:3:2] for row in table] == [
        ["line", "outcome"],
        ["release/v3", "empty"],
        ["release/v2", "clean"],
        ["release/v1", "conflict"],
    ]
    assert "release/v3: the fix is in its history already" in told.out
    assert f"release/v1: pick {lines['renamed'][:12]} first: +1 −1 in 1 file in all; hotfix pick" in told.out
    assert "looking for what" in told.err


def test_what_is_proven_goes_on_when_it_is_done(ask: Ask, lines: dict[str, str]) -> None:
    told = ask(lines["renamed"], lines["fix"], "--onto", "release/v1", "--json")

    assert told.code == 0
    (row,) = ask("main", "--onto", "v1.0", "--json").rows
    assert told.rows[0]["tree"] == row["proven"][0]["tree"]


def test_a_prerequisite_counts_only_where_every_fix_goes_on_after_it(
    shop: Clone, ask: Ask, lines: dict[str, str]
) -> None:
    after = shop.commit({b"cart.py": changed(20, b"total, mended twice")}, lines["fix"], branch="main")
    lost = shop.commit({b"b": b"mended\n"}, shop.commit({b"b": b"of trunk\n"}, after))

    well = ask(lines["fix"], after, "--onto", "v1.0", "--json").rows[0]
    ill = ask(lines["fix"], lost, "--onto", "v1.0", "--json").rows[0]

    assert well["proven"][0]["command"].split()[2:] == [
        commit[:12] for commit in (lines["renamed"], lines["fix"], after)
    ]
    assert (
        well["proven"][0]["tree"]
        == ask(lines["renamed"], lines["fix"], after, "--onto", "v1.0", "--json").rows[0]["tree"]
    )
    assert (ill["stopped_at"], ill["prerequisites"], ill["search"]) == (lines["fix"], [], "none")


def test_a_conflict_that_nothing_explains_says_so(shop: Clone, ask: Ask) -> None:
    start = shop.commit({b"cart.py": LINES})
    shop.commit({b"cart.py": changed(20, b"mended")}, start, branch="main")
    shop.commit({b"cart.py": changed(20, b"its own")}, start, branch="v1")

    told = ask("main", "--onto", "v1")

    assert told.code == 1
    assert "none was found, among the commits that touched these lines or files" in told.out


def test_the_same_change_by_another_commit_is_named(shop: Clone, ask: Ask) -> None:
    start = shop.commit({b"cart.py": LINES, b"NEWS": b"\n"})
    fix = shop.commit({b"cart.py": changed(20, b"mended")}, shop.commit({b"b": b"1\n"}, start), branch="main")
    twin = shop.commit({b"cart.py": changed(20, b"mended")}, start, message=b"mend it here too\n")
    shop.commit({b"v": b"1\n"}, twin, branch="v1")
    says = b"mend\n\n(cherry picked from commit %s)\n" % fix.encode()
    words = shop.commit({b"cart.py": changed(20, b"mended otherwise")}, start, message=says)
    shop.commit({b"v": b"1\n"}, words, branch="v2")

    same, otherwise = ask("main", "--onto", "v1", "--onto", "v2", "--json").rows

    assert (same["outcome"], same["already"]) == (
        "empty",
        {"commit": twin, "how": "same change", "undone_by": ""},
    )
    assert (otherwise["outcome"], otherwise["already"]) == (
        "conflict",
        {"commit": words, "how": "by its own words", "undone_by": ""},
    )


def test_what_the_line_has_and_changed_since_is_nothing_left_to_do(shop: Clone, ask: Ask) -> None:
    start = shop.commit({b"cart.py": LINES})
    fix = shop.commit({b"cart.py": changed(20, b"mended")}, start, branch="main")
    later = shop.commit({b"cart.py": changed(20, b"mended more")}, fix, branch="v1")
    back = shop.commit(
        {b"cart.py": changed(20, b"otherwise")}, later, message=f"This reverts commit {fix}.".encode()
    )
    shop.git("update-ref", "refs/heads/v2", back)

    there, taken_back = ask("main", "--onto", "v1", "--json"), ask("main", "--onto", "v2", "--json")

    assert (there.code, there.rows[0]["outcome"], there.rows[0]["prerequisites"]) == (0, "conflict", [])
    assert (taken_back.code, taken_back.rows[0]["already"]["undone_by"]) == (1, back)
    assert f"and taken back by {back[:12]}" in ask("main", "--onto", "v2").out


def test_what_trunk_said_of_it_since_is_told(shop: Clone, ask: Ask) -> None:
    start = shop.commit({b"cart.py": LINES, b"b": b"1\n"}, branch="v1")
    fix = shop.commit({b"cart.py": changed(20, b"mended")}, start)
    reverted = shop.commit({b"cart.py": LINES}, fix, message=f"This reverts commit {fix}.\n".encode())
    again = f"This reverts commit {reverted}.\n".encode()
    other = shop.commit({b"b": b"2\n"}, reverted, message=b"Fixes: %s\n" % fix[:12].encode(), branch="main")

    assert ask(fix, "--onto", "v1", "--json").rows[0]["later"] == [
        {"commit": other, "how": "fixes"},
        {"commit": reverted, "how": "reverts"},
    ]
    shop.commit({b"cart.py": changed(20, b"mended")}, other, message=again, branch="main")
    assert [one["how"] for one in ask(fix, "--onto", "v1", "--json").rows[0]["later"]] == ["fixes"]


def test_a_change_that_could_have_landed_on_either_of_two_files_is_told(shop: Clone, ask: Ask) -> None:
    start = shop.commit({b"cart.py": LINES})
    shop.commit({b"cart.py": None, b"lib/a.py": LINES, b"old/b.py": LINES}, start, branch="v1")
    fix = shop.commit({b"cart.py": changed(20, b"mended")}, start, branch="main")

    (row,) = ask(fix, "--onto", "v1", "--json").rows

    assert row["outcome"] == "clean"
    (landed,) = row["stray"]
    assert row["alike"] == [{"path": landed, "others": [{"lib/a.py": "old/b.py"}.get(landed, "lib/a.py")]}]
    assert f"had the very content of {landed}, and git chose" in ask(fix, "--onto", "v1").out


def test_tags_by_date_and_ranges(ask: Ask, lines: dict[str, str]) -> None:
    told = ask(f"{lines['start']}..main", "--tags", "v*", "--newest", "2", "--no-explain", "--json")

    assert len(told.rows) == 2
    assert all(len(row["fixes"]) == 3 and row["prerequisites"] is None for row in told.rows)


def test_who_brought_the_defect_and_which_lines_have_it(shop: Clone, ask: Ask) -> None:
    def by(day: int) -> bytes:
        return b"A <a@example.com> %d +0000" % (1_700_000_000 + day * 86_400)

    start = shop.commit({b"cart.py": LINES}, author=by(0))
    shop.git("update-ref", "refs/tags/v1.0", start)
    broke = shop.commit({b"cart.py": changed(20, b"wrong")}, start, author=by(1), message=b"rework line 20\n")
    indented = shop.commit({b"cart.py": changed(20, b"    wrong")}, broke, author=by(2), message=b"tidy\n")
    shop.git("update-ref", "refs/tags/v1.1", indented)
    picked = b"rework\n\n(cherry picked from commit %s)\n" % broke.encode()
    old = shop.commit({b"cart.py": changed(20, b"wrong"), b"v": b"1\n"}, start, author=by(3), message=picked)
    shop.git("update-ref", "refs/heads/release/1.0", old)
    shop.git("update-ref", "refs/heads/release/0.9", start)
    fix = shop.commit({b"cart.py": changed(20, b"    right")}, indented, author=by(9), branch="main")

    told = ask(fix, "--onto", "v1.1", "--lines", "release/*", "--origin", "--json")

    (origin,) = json.loads(told.out)["origins"]
    assert origin["suspect"] == {"commit": broke, "lines": 1, "replaced": True, "evidence": ["cart.py:20"]}
    assert (origin["release"], origin["known_by"]) == ("v1.1", "tag date")
    assert origin["live_since"] == "2023-11-16T22:13:20.000Z"
    held = {one["line"]: one["defect"] for one in json.loads(told.out)["holds"]}
    assert held == {"v1.1": "there", "release/1.0": "there", "release/0.9": "not found"}
    people = ask(fix, "--onto", "v1.1", "--lines", "release/*", "--origin").out
    assert f"inferred: {broke[:12]} last touched 1 line that the fix replaces: rework line 20" in people
    assert "first in v1.1; live since 2023-11-16T22:13Z (tag date)" in people
    assert "release/0.9: the defect is not found" in people


# -- many ---------------------------------------------------------------------------------------------


def test_pairs_are_answered_in_order_with_every_field_of_the_contract(
    shop: Clone, ask: Ask, lines: dict[str, str]
) -> None:
    pairs = [(lines["fix"], lines["v2"]), ("main", "release/v1"), (lines["fix"], lines["v3"])] * 90

    told = ask("--stdin", input="".join(f"{fix} {onto}\n" for fix, onto in pairs))

    assert told.code == 1
    assert [row["outcome"] for row in told.lines] == ["clean", "conflict", "empty"] * 90
    assert all(row["sha"] == lines["fix"] for row in told.lines)
    assert told.lines[1]["onto"] == lines["v1"]
    wanted = {"sha", "onto", "outcome", "tree", "conflicts", "stray", "prerequisites", "ms"}
    assert all(wanted <= row.keys() and row["ms"] > 0 for row in told.lines)
    assert told.lines[0]["tree"] == told.lines[-3]["tree"]
    assert len(told.lines[0]["tree"]) == 40


def test_a_pair_that_means_nothing_is_told_and_the_rest_is_answered(ask: Ask, lines: dict[str, str]) -> None:
    bad = ["nope v1.0", "main", "main v1.0 v2.0", f"{'1' * 40} v1.0", "main v1.0..v2.0", "--all v1.0", ""]

    told = ask("--stdin", input="\n".join([*bad, "main v2.0"]))

    assert told.code == 1
    assert [row["outcome"] for row in told.lines] == ["unknown"] * 6 + ["clean"]
    assert [row["why"] for row in told.lines[:4]] == [
        "There is no commit 'nope' in this clone.",
        "a line is two words: SHA ONTO",
        "a line is two words: SHA ONTO",
        f"There is no commit '{'1' * 40}' in this clone.",
    ]
    assert "Traceback" not in told.err


def test_whoever_sends_one_pair_is_answered_before_the_next(
    shop: Clone, lines: dict[str, str], tmp_path: Path
) -> None:
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": SOURCES}
    argv = [sys.executable, "-m", "hotfix", "-C", str(shop.path), "forecast", "--stdin", "--explain"]
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin and process.stdout
        for onto, outcome in (("v1.0", "conflict"), ("v2.0", "clean"), ("v1.0", "conflict")):
            process.stdin.write(f"main {onto}\n")
            process.stdin.flush()
            row = json.loads(process.stdout.readline())
            assert row["outcome"] == outcome
            assert row["prerequisites"] == ([[lines["renamed"]]] if outcome == "conflict" else [])
        process.stdin.close()
    assert process.returncode == 1


# -- what it leaves ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["with a work tree", "bare", "that may only be read"])
def test_it_leaves_no_trace(shop: Clone, ask: Ask, lines: dict[str, str], tmp_path: Path, kind: str) -> None:
    place = shop
    if kind == "bare":
        place = repositories.clone(shop.path, tmp_path / "bare.git", "--bare")
    shop.git("checkout", "--quiet", "main")
    (shop.path / "cart.py").write_bytes(b"half written\n")
    (shop.path / "mine").write_bytes(b"untracked\n")
    before = place.everything()
    if kind == "that may only be read":
        for folder, _, _ in os.walk(place.path):
            Path(folder).chmod(0o555)
    told = [
        ask("main", "--lines", "release/*", "--json", folder=place.path),
        ask("--stdin", "--explain", input="main v1.0\n", folder=place.path),
    ]
    for folder, _, _ in os.walk(place.path):
        Path(folder).chmod(0o755)

    assert [len(told[0].rows), len(told[1].lines)] == [3, 1]
    assert place.everything() == before
    assert place.git("fsck", "--no-dangling") == ""
    assert not list((tmp_path / "home").iterdir())


def test_it_asks_for_what_it_needs(ask: Ask, lines: dict[str, str], tmp_path: Path) -> None:
    for argv, said in (
        ([], "Say which fix"),
        (["main"], "Say onto what"),
        (["main", "--stdin"], "takes no SHA"),
        (["main", "--lines", "nothing/*"], "Nothing here fits 'nothing/*'"),
        (["main", "--tags", "w*"], "Nothing here fits 'w*'"),
        (["main", "--onto", "v1.0", "--within", "soon"], "soon"),
    ):
        told = ask(*argv)
        assert (told.code, said in told.err) == (2, True), argv
    for argv, said in (
        (["nope", "--onto", "v1.0"], "There is no commit 'nope'"),
        (["main..main", "--onto", "v1.0"], "0 commits"),
        (["main", "--onto", "v1.0..v2.0"], "no commit"),
        (["main", "--prod"], "hotfix.toml"),
    ):
        told = ask(*argv)
        assert (told.code, said in told.err) == (1, True), argv
    (tmp_path / "empty").mkdir()
    assert "no git repository" in ask("main", "--onto", "v1", folder=tmp_path / "empty").err


# -- production ---------------------------------------------------------------------------------------


def test_production_is_asked_what_it_runs(world: World) -> None:
    (row,) = world.olga.hotfix("forecast", world.fix, "--prod", "--json").json["rows"]
    assert (row["line"], row["outcome"]) == ("production: v1.1.0", "clean")

    world.put("web-2", "v0.9-nobody-knows")
    told = world.olga.hotfix("forecast", world.fix, "--prod", exits=1).out
    assert "production: v1.1.0  " in told
    assert "production: web-2: it says 'v0.9-nobody-knows', which is no release on record" in told
