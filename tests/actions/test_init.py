"""``hotfix init``: both profiles, from four answers, into a file that counts once it is on trunk."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from stories.people import DECIDED, Person
from stories.world import World

WORDS = {
    "--runs": "http://127.0.0.1:8000/version",
    "--deploy": "sh ops/deploy.sh 'a b'",
    "--broken": "python3 ops/check.py",
    "--good": "http://127.0.0.1:8000/health",
}


def words(**other: str) -> list[str]:
    """The four answers, some of them others."""
    return [
        word
        for pair in (WORDS | {f"--{name}": text for name, text in other.items()}).items()
        for word in pair
    ]


@pytest.fixture
def kim(tmp_path: Path) -> Person:
    """Somebody alone, in a repository without a remote."""
    person = Person("kim", tmp_path / "kim")
    person.move_in(with_key=False)
    person.clone.mkdir()
    person.git("init", "-q")
    person.commit({"app.py": "print(1)\n"}, "An app", author="kim")
    return person


def policy(person: Person) -> dict[str, Any]:
    """What was written."""
    return tomllib.loads((person.clone / "hotfix.toml").read_text("utf-8"))


def test_one_author_and_no_remote_make_the_solo_profile(kim: Person) -> None:
    said = kim.hotfix("init", *words())
    assert "solo profile" in said.out
    written = policy(kim)
    assert written["profile"] == "solo"
    assert written["target"] == {
        "app": {"kind": "command", "observe": "/version", "activate": ["sh", "ops/deploy.sh", "a b"]}
    }
    assert not (kim.clone / ".hotfix").exists()
    kim.git("add", "hotfix.toml")
    kim.git("commit", "-q", "-m", "Hotfix policy")
    names = [one["name"] for one in kim.hotfix("doctor", "--json", exits=1).json["checked"]]
    assert "policy" in names


def test_it_counts_only_once_it_is_committed(kim: Person) -> None:
    said = kim.hotfix("init", *words())
    assert "it counts once it is on main" in said.out
    assert kim.hotfix("start", "Broken", *DECIDED, "--json", exits=1).codes == ["policy-missing"]


def test_a_second_author_makes_a_team(kim: Person) -> None:
    kim.commit({"more.py": "print(2)\n"}, "More", author="lou")
    said = kim.hotfix("init", *words(), "--json").json
    assert said["profile"] == "team"
    assert "profile" not in policy(kim)


def test_a_remote_makes_a_team_and_the_first_signer_is_who_runs_it(world: World) -> None:
    world.rita.git("rm", "-q", "-r", "hotfix.toml", ".hotfix")
    world.rita.git("commit", "-q", "-m", "Begin anew")
    said = world.rita.hotfix("init", *words(), "--json").json
    assert (said["profile"], said["trunk"]) == ("team", "main")
    signers = (world.rita.clone / ".hotfix" / "allowed_signers").read_text()
    assert signers.startswith("rita@shop.example ")
    assert world.rita.key.with_name("id_ed25519.pub").read_text().split()[1] in signers
    for file in ("hotfix.toml", ".hotfix/allowed_signers"):
        assert file in said["next"]


def test_what_was_written_can_be_read_and_a_hotfix_can_start(world: World) -> None:
    world.rita.git("rm", "-q", "-r", "hotfix.toml", ".hotfix")
    world.rita.git("commit", "-q", "-m", "Begin anew")
    world.rita.hotfix("init", *words(runs="cat /dev/null"))
    world.rita.git("add", "hotfix.toml", ".hotfix")
    world.rita.git("commit", "-q", "-m", "Hotfix policy")
    world.rita.git("push", "-q")
    assert "HF-1 started" in world.rita.hotfix("start", "Broken", *DECIDED).out


def test_a_policy_that_is_there_is_never_overwritten(world: World) -> None:
    before = (world.olga.clone / "hotfix.toml").read_bytes()
    assert world.olga.hotfix("init", *words(), "--json", exits=1).codes == ["init-there"]
    assert (world.olga.clone / "hotfix.toml").read_bytes() == before


def test_folders_of_releases_are_understood(kim: Person) -> None:
    kim.hotfix("init", *words(deploy="/srv/app: systemctl restart app"))
    written = policy(kim)
    assert written["target"] == {
        "app": {"kind": "release-dir", "observe": "/version", "restart": ["systemctl", "restart", "app"]}
    }
    assert written["env"]["production"]["units"]["app"] == {
        "url": "http://127.0.0.1:8000",
        "root": "/srv/app",
    }


def test_tests_that_are_there_are_used(kim: Person) -> None:
    kim.commit({"tests/test_app.py": "def test_app(): pass\n"}, "A test", author="kim")
    kim.hotfix("init", *words())
    assert policy(kim)["test"]["runner"] == "pytest"


@pytest.mark.parametrize("answer", ["sh 'unfinished", "   ", "true"])
def test_an_answer_that_cannot_be_used_writes_nothing(kim: Person, answer: str) -> None:
    kim.hotfix("init", *words(broken=answer), exits=1)
    assert not (kim.clone / "hotfix.toml").exists()


def test_answers_are_quoted_and_never_become_other_keys(kim: Person) -> None:
    kim.hotfix("init", *words(broken='sh -c \'exit 1"]\nprofile = "team"\\u0041 ü\''))
    written = policy(kim)
    assert written["check"]["symptom"]["run"] == ["sh", "-c", 'exit 1"]\nprofile = "team"\\u0041 ü']
    assert written["profile"] == "solo"


def test_without_a_terminal_a_missing_answer_is_a_usage_error(kim: Person) -> None:
    said = kim.hotfix("init", "--runs", "cat x", exits=2)
    assert "there is no terminal to ask on" in said.err
    assert not (kim.clone / "hotfix.toml").exists()


def test_a_folder_with_a_strange_name_gives_a_service_a_plain_one(tmp_path: Path, kim: Person) -> None:
    strange = tmp_path / "-- shöp; & co"
    kim.git("clone", "-q", str(kim.clone), str(strange))
    kim.git("-C", str(strange), "remote", "remove", "origin")
    kim.hotfix("-C", str(strange), "init", *words())
    service = tomllib.loads((strange / "hotfix.toml").read_text("utf-8"))["service"]
    assert service.replace("-", "").isalnum()
