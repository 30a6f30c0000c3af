"""Telling people: one event as JSON on stdin of the team's command."""

import json
import sys
from pathlib import Path

import pytest

from hotfix.adapters import notify

PYTHON = (sys.executable, "-I", "-S", "-c")
KEEP = "import sys; open('told.json', 'w').write(sys.stdin.read())"


def test_the_event_arrives_whole(tmp_path: Path) -> None:
    told = notify.CommandNotifier([*PYTHON, KEEP], tmp_path).tell(
        "rolled_back", "HF-7", {"because": "$(x)\n<b>", "units": ("web-1",), "ship": 2}
    )
    assert told == ""
    assert json.loads((tmp_path / "told.json").read_text()) == {
        "event": "rolled_back",
        "hotfix": "HF-7",
        "detail": {"because": "$(x)\n<b>", "units": ["web-1"], "ship": 2},
    }


def test_a_command_that_fails_gives_its_reason(tmp_path: Path) -> None:
    notifier = notify.CommandNotifier(
        [*PYTHON, "import sys; print('x'); sys.exit('pager said 401')"], tmp_path
    )
    assert notifier.tell("started", "HF-7", {}) == "the notifier ended with 1: pager said 401"


def test_a_command_that_is_missing_gives_its_reason(tmp_path: Path) -> None:
    said = notify.CommandNotifier(["no-such-pager"], tmp_path).tell("started", "HF-7", {})
    assert said.startswith("the notifier ended with 127: 'no-such-pager' could not be started")


def test_a_command_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hotfix.adapters.notify.command._SECONDS", 0.5)
    notifier = notify.CommandNotifier([*PYTHON, "import time; time.sleep(600)"], tmp_path)
    assert notifier.tell("started", "HF-7", {}) == "the notifier was killed after 0.5 s"


def test_what_json_cannot_hold_is_a_reason_and_no_crash(tmp_path: Path) -> None:
    said = notify.CommandNotifier([*PYTHON, KEEP], tmp_path).tell("started", "HF-7", {"what": object()})
    assert "cannot be written as JSON" in said
    assert not (tmp_path / "told.json").exists()


def test_without_a_notifier_every_event_says_so() -> None:
    assert notify.Silent().tell("started", "HF-7", {}) == "no notifier is configured"


def test_the_policys_words_make_the_notifier(tmp_path: Path) -> None:
    assert notify.make((*PYTHON, KEEP), tmp_path).tell("started", "HF-7", {}) == ""
    assert json.loads((tmp_path / "told.json").read_text())["event"] == "started"
    assert notify.make((), tmp_path).tell("started", "HF-7", {}) == "no notifier is configured"
