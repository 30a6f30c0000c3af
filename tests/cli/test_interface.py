"""The command line as people and programs meet it: help that teaches, JSON that parses, exit codes that mean one thing."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hotfix.cli import main, options
from hotfix.cli.exit_codes import ExitCode
from stories.world import World

VERBS = [*main.VERBS, *main.MORE]
START = ["--severity", "SEV2", "--detected", "5m", "--impact", "x", "--not-flag", "x", "--not-return", "x"]


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_every_verb_teaches(world: World, verb: str) -> None:
    shown = world.olga.hotfix(verb, "--help").out
    assert shown.startswith(f"Usage: hotfix {verb}")
    assert "--json" in shown
    text = shown.partition("\n")[2]
    assert re.search(rf"hotfix ({'|'.join(VERBS)})\b|\bexit 1?[0-9]\b", text), (
        "neither an example nor an exit code"
    )
    assert world.olga.hotfix(verb, "-h").out == shown


def test_the_help_lists_the_life_first(world: World) -> None:
    shown = world.olga.hotfix("--help").out
    places = [shown.index(f"\n  {verb} ") for verb in VERBS]
    assert places == sorted(places)


def test_every_verb_answers_in_json_through_a_whole_life(world: World) -> None:
    told: dict[str, Any] = {}
    told["start"] = world.olga.hotfix("start", "Totals are wrong", *START, "--json").json
    world.olga.git("fetch", "-q")
    told["pick"] = world.olga.hotfix("pick", world.fix, "--json").json
    told["forecast"] = world.olga.hotfix("forecast", world.fix, "--prod", "--json").json
    for verb in ("prove", "scope"):
        told[verb] = world.olga.hotfix(verb, "--json").json
    told["review"] = world.rita.hotfix("review", "--approve", "--json").json
    told["authorize"] = world.rita.hotfix("authorize", "--json").json
    why = ["--because", "INC-4711: nobody is awake to prove it", "--environment", "production"]
    told["override"] = world.olga.hotfix("override", "prove", *why, "--json").json
    told["trend"] = world.olga.hotfix("trend", "--from-git", "--json").json
    for verb in (
        "rehearse",
        "ship",
        "status",
        "remind",
        "land",
        "log",
        "origin",
        "postmortem",
        "action",
        "rollback",
        "doctor",
    ):
        told[verb] = world.olga.hotfix(verb, "--json", exits=None).json
    told["close"] = world.olga.hotfix("close", "--abandon", "enough", "--json").json
    (world.rita.clone / "hotfix.toml").unlink()
    words = ["--runs", "cat x", "--deploy", "sh y", "--broken", "sh z", "--good", "sh w"]
    told["init"] = world.rita.hotfix("init", *words, "--json").json
    assert set(told) == set(VERBS)
    assert (told["start"]["hotfix"], told["ship"]["outcome"]) == ("HF-1", "validated")
    assert told["rehearse"]["outcome"] == "rehearsed"
    assert not any("error" in answer for verb, answer in told.items() if isinstance(answer, dict))
    assert (told["close"]["outcome"], told["prove"]["verdict"]) == ("abandoned", "PROVEN")


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb not in ("start", "pick", "override")])
def test_a_refusal_is_json_too_and_on_stdout(world: World, verb: str) -> None:
    nowhere = world.folder / "nowhere"
    nowhere.mkdir()
    refused = world.olga.hotfix("-C", str(nowhere), verb, "--json", exits=1)
    assert refused.json["error"]["kind"] == "refused"
    assert refused.codes == ["git-no-repository"]
    assert refused.json["error"]["findings"][0]["next"]


@pytest.mark.parametrize(
    "words",
    [
        ["shipp"],
        ["ship", "--force"],
        ["ship", "--wait", "soon"],
        ["pick"],
        ["start"],
        ["start", "Broken"],
        ["start", "Broken", "--severity", "SEV9"],
        ["review", "--approve", "--reject", "no"],
        ["status", "HF-0"],
        ["status", "HF-1", "HF-2"],
        ["scope", "--because", "no reason"],
        ["init"],
        [],
    ],
)
def test_wrong_usage_ends_with_2(world: World, words: list[str]) -> None:
    if words == ["init"]:
        (world.olga.clone / "hotfix.toml").unlink()
    said = world.olga.hotfix(*words, exits=2)
    assert said.all.strip()


def test_wrong_usage_is_json_too(world: World) -> None:
    said = world.olga.hotfix("ship", "--force", "--json", exits=2)
    assert said.json["error"]["kind"] == "usage"
    assert "--force" in said.json["error"]["findings"][0]["sentence"]


# -- a bug, and an interruption --


def broken(*_: object) -> None:
    """What a fault of the program looks like from inside."""
    raise ZeroDivisionError("a fault for this test")


def test_a_bug_ends_with_3_and_says_how_to_report_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(options, "ports", broken)
    assert main.run(["status"]) is ExitCode.BUG
    shown = capsys.readouterr()
    assert "A fault of hotfix" in shown.err
    assert "HOTFIX_TRACE=1" in shown.err
    assert "Traceback" not in shown.err
    assert shown.out == ""


def test_a_bug_can_be_traced_and_is_json_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(options, "ports", broken)
    monkeypatch.setenv("HOTFIX_TRACE", "1")
    assert main.run(["status", "--json"]) is ExitCode.BUG
    shown = capsys.readouterr()
    assert json.loads(shown.out)["error"]["kind"] == "bug"
    assert "Traceback" in shown.err


def test_an_interrupted_ship_ends_with_130_and_has_changed_nothing(world: World) -> None:
    world.picked()
    with subprocess.Popen(
        [sys.executable, "-m", "hotfix", "ship"],
        cwd=world.olga.clone,
        env=world.olga.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as shipping:
        assert shipping.stderr is not None
        while "waiting for authorize" not in shipping.stderr.readline():
            assert shipping.poll() is None
        shipping.send_signal(signal.SIGINT)
        _, rest = shipping.communicate(timeout=30)
    assert shipping.returncode == 130
    assert "interrupted; what was done stays done: hotfix status" in rest
    assert world.orders("web-1") == []


def test_a_reader_that_goes_away_is_no_bug(world: World) -> None:
    world.picked()
    words = '"$0" -m hotfix log | true; "$0" -m hotfix log --verify | head -c 1'
    said = world.olga.run("sh", "-c", words, sys.executable)
    assert said.err == ""


# -- as a program among programs --


def test_the_result_is_on_stdout_and_the_narration_on_stderr(world: World) -> None:
    world.approved()
    said = world.olga.hotfix("ship", "--json")
    assert said.json["units"] == [["web-1", "v1.1.0+hf.1"], ["web-2", "v1.1.0+hf.1"]]
    assert "wave 1: web-1" in said.err


def test_status_starts_without_what_only_others_need(world: World) -> None:
    world.picked()
    program = (
        "import sys; from hotfix.cli.main import run; run(['status']); "
        "print([name for name in ('pydantic', 'urllib3', 'rich', 'prometheus_client', 'junitparser') if name in sys.modules])"
    )
    said = world.olga.run(sys.executable, "-c", program)
    assert "HF-1" in said.out
    assert said.out.splitlines()[-1] == "[]"


def test_it_is_a_verb_of_git_too(world: World) -> None:
    world.picked()
    assert Path(sys.executable).with_name("git-hotfix").exists(), "install the package first: make setup"
    assert "HF-1" in world.olga.git("hotfix", "status")


def test_the_version_is_said(world: World) -> None:
    assert re.fullmatch(r"hotfix, version \d+\.\d+\.\d+\n", world.olga.hotfix("--version").out)
