"""Titles, names, paths, branches and answers are strangers' text: never run, never markup, never lost."""

import re
import subprocess
import unicodedata

import pytest

from hotfix.record import lossless
from stories.people import DECIDED, Said
from stories.world import LIVE, RIGHT, TEST, World

RUNS = ";touch CANARY;$(touch CANARY)`touch CANARY`|touch CANARY&&touch CANARY"
SHOWS = "\x1b[2J\x1b]0;owned\x07\r\x08\u202e\u2066\u200b\x9b31m"
MARKS = "<script>alert(1)</script>[x](http://evil.example)![y](//evil.example/z.png) www.evil.example **b** `c` | | # @rita"
NASTY = f"{RUNS} {SHOWS} {MARKS}"
PATHS = (
    b"$(touch CANARY).sh",
    b"-rf",
    b"a\nb",
    b"\xff\xfe.sh",
    "\u202egpj.sh".encode(),
    b"<b>x<b>",
    b'"q".sh',
    b"`id`",
)
AUTHOR = b"$(touch CANARY) \x1b[31m\xff <a$(touch${IFS}CANARY)\xfe@shop.example> 1700000000 +0000"
SUBJECT = f"Fix {NASTY}".encode() + b" \xff\xfe"


def inert(said: Said) -> Said:
    """Nothing in it moves a cursor, hides a letter or is no text."""
    for raw in (said.raw_out, said.raw_err):
        for character in raw.decode("utf-8"):
            wild = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
            assert not wild or character in "\n\t", ascii(raw.decode("utf-8"))
    return said


def nothing_ran(world: World) -> None:
    """No word of anybody was taken for a command."""
    assert list(world.folder.rglob("CANARY")) == []


def hostile_fix(world: World) -> str:
    """A commit on main whose every part is hostile; its id."""
    git = ["git", "-C", str(world.rita.clone)]
    for path in PATHS:
        (world.rita.clone / path.decode("utf-8", "surrogateescape")).write_text("text\n")
    (world.rita.clone / "total.sh").write_text(RIGHT + "\x1b[31m# \u202e red\n")
    (world.rita.clone / "tests" / "regression.sh").write_text(TEST + "#\n")
    world.rita.git("add", "-A")
    tree, parent = world.rita.git("write-tree"), world.rita.git("rev-parse", "HEAD~1")
    raw = b"\n".join(
        (
            f"tree {tree}\nparent {parent}".encode(),
            b"author " + AUTHOR,
            b"committer " + AUTHOR,
            b"",
            SUBJECT,
            b"",
        )
    )
    made = subprocess.run(
        [*git, "hash-object", "-t", "commit", "-w", "--stdin"], input=raw, capture_output=True, check=True
    )
    commit = made.stdout.decode().strip()
    world.rita.git("reset", "-q", "--hard", commit)
    world.rita.git("push", "-q", "--force", "origin", "HEAD:refs/heads/main", f"HEAD:refs/heads/{BRANCH}")
    return commit


BRANCH = "x;$(touch${IFS}CANARY)`touch${IFS}CANARY`|\u202e"
LIMITS = "[limits]\nfiles = 9\nmax_files = 20\n\n[test]"


def start(world: World) -> Said:
    """A hotfix in the words of somebody who means harm; the title is not even text."""
    words = [
        "--severity",
        "SEV2",
        "--detected",
        "5m",
        "--impact",
        NASTY,
        "--not-flag",
        NASTY,
        "--not-return",
        NASTY,
    ]
    return world.olga.hotfix("start", TITLE, *words)


TITLE = f"{NASTY}\n# \n- ".encode() + b"\xff\xfe"


def test_a_whole_life_in_hostile_words(world: World) -> None:
    fix = hostile_fix(world)
    world.change_policy("[test]", LIMITS)
    check = world.folder / "ops" / "check.sh"
    check.write_text(check.read_text().replace('echo "$1 says $said"', f"printf '%s\\n' '{SHOWS}<i>'"))
    inert(start(world))
    world.olga.git("fetch", "-q")
    inert(world.olga.hotfix("pick", f"origin/{BRANCH}", "--paired-with", f"--{NASTY}", exits=1))
    picked = inert(world.olga.hotfix("pick", f"origin/{BRANCH}"))
    assert fix[:12] in picked.out
    inert(world.olga.hotfix("scope", "--because", f"scope-unproven={NASTY}"))
    inert(world.rita.hotfix("review", "--reject", NASTY))
    inert(world.olga.hotfix("ship", "--wait", "0s", exits=1))
    inert(world.rita.hotfix("review", "--approve"))
    inert(world.rita.hotfix("authorize"))
    inert(world.olga.hotfix("ship", "--plan"))
    inert(world.olga.hotfix("ship"))
    for verb in ("status", "log", "land", "doctor", "scope", "postmortem"):
        inert(world.olga.hotfix(verb))
    inert(world.olga.hotfix("rollback", "--because", NASTY))
    inert(world.olga.hotfix("close", "--abandon", NASTY))
    nothing_ran(world)

    for page in (
        world.olga.git("show", "hotfix-record:HF-1/README.md"),
        (world.olga.clone / "postmortem-HF-1.md").read_text("utf-8"),
    ):
        assert "touch CANARY" in page, "the words are there, only not alive"
        alive = without_what_is_inert(page)
        for markup in ("<", "](", "![", "://", "www.evil", "@rita", "**b**", "`c`", "\u202e"):
            assert markup not in alive
        assert not any(ord(character) < 32 and character != "\n" for character in page)


def without_what_is_inert(page: str) -> str:
    """The Markdown without escaped characters, and without the marks that are the page's own."""
    own = re.sub(
        r"</?code>|<!-- /?box(:[a-z-]+)? -->|<!-- postmortem HF-1 draft [0-9]+ [0-9a-f]{16} -->", "", page
    )
    return re.sub(r"\\[!-/:-@\[-`{-~]|&[#a-z0-9]+;", "?", own)


def test_json_gives_the_very_bytes_back(world: World) -> None:
    hostile_fix(world)
    world.change_policy("[test]", LIMITS)
    start(world)
    world.olga.git("fetch", "-q")
    picked = world.olga.hotfix("pick", f"origin/{BRANCH}", "--json").json
    assert lossless.to_bytes(picked["fact"]["subject"]) == SUBJECT
    assert [lossless.to_bytes(author) for author in picked["fact"]["authors"]] == [
        AUTHOR.partition(b"<")[2].partition(b">")[0]
    ]
    told = {lossless.to_bytes(path) for path in world.olga.hotfix("scope", "--json", exits=1).json["paths"]}
    assert told == {*PATHS, b"total.sh", b"tests/regression.sh"}
    status = world.olga.hotfix("status", "--json").json["hotfixes"][0]
    assert lossless.to_bytes(status["title"]) == TITLE


@pytest.mark.parametrize("title", ["-x", "--help me", '"quoted', "a\\b", "ünï", "  x  "])
def test_a_title_is_kept_as_it_was_typed(world: World, title: str) -> None:
    world.olga.hotfix("start", *DECIDED, "--", title)
    status = world.olga.hotfix("status", "--json").json["hotfixes"][0]
    assert lossless.to_bytes(status["title"]) == title.encode()


def test_the_teams_command_gets_hostile_release_names_as_whole_words(world: World) -> None:
    name = "v1;$(touch${IFS}CANARY)`id`&|>x"
    world.rita.git("tag", name, LIVE)
    world.rita.git("push", "-q", "origin", f"refs/tags/{name}")
    for unit in ("web-1", "web-2"):
        place = world.folder / "units" / unit / "releases"
        (place / LIVE).rename(place / name)
        world.put(unit, name)
    world.shipped()
    world.olga.hotfix("rollback")
    root = str(world.folder / "units" / "web-2")
    assert world.orders("web-2") == ["web-2", f"{name}+hf.1", root, "web-2", name, root]
    assert world.serves() == [name, name]
    nothing_ran(world)


def test_an_answer_with_control_characters_is_no_release(world: World) -> None:
    world.start()
    world.put("web-1", f"{LIVE}\x1b[31m")
    refused = inert(world.olga.hotfix("pick", world.fix, exits=1))
    assert "its answer is not one short line of text" in refused.err


@pytest.mark.parametrize(
    "name", ["web;id", "$(id)", "`id`", "-x", "a b", "../x", "a\\nb", "\u202ex", "ü", "<b>"]
)
def test_the_policy_refuses_units_with_such_names(world: World, name: str) -> None:
    world.change_policy("web-2 =", f'"{name}" =')
    refused = inert(world.olga.hotfix("start", "Broken", *DECIDED, exits=1))
    assert "hotfix.toml" in refused.err
    assert world.olga.hotfix("start", "Broken", *DECIDED, "--json", exits=1).codes == ["policy-invalid"]
