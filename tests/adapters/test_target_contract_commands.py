"""What the team's commands are told by a target, and what becomes of commands that misbehave."""

import json
import signal
import sys
from pathlib import Path

import pytest
from tests.adapters.units.orders import order, release

from hotfix.adapters.target import KINDS
from hotfix.adapters.target.command import CommandTarget
from hotfix.policy.rules import Target as Rule
from hotfix.policy.rules import Unit
from hotfix.ports import Order, Release
from hotfix.record.finding import Refused

PYTHON = (sys.executable, "-I", "-S", "-c")

# -- values never become words, options or scripts -----------------------------------------------

HOSTILE = [
    "$(touch pwned)",
    "`id`; rm -rf .",
    "--help",
    "-rf",
    "two\nlines",
    "a b",
    "'\"\\",
    "{release}",
    "*",
]
KEEP = (
    "import json, os, sys\n"
    "told = {name: value for name, value in os.environ.items() if name.startswith('HOTFIX_')}\n"
    "open('kept.json', 'w').write(json.dumps([sys.argv[1:], told]))\n"
)


@pytest.mark.parametrize("kind", ["release-dir", "command"])
@pytest.mark.parametrize("value", HOSTILE)
def test_values_arrive_as_exact_words(kind: str, value: str, tmp_path: Path) -> None:
    root = tmp_path / "root" / value
    files = root / "releases" / value
    files.mkdir(parents=True)
    words = ("{unit}", "{root}", "{url}", "{host}", "{release}", "{commit}", "{artifact}", "{files}", "{{x}}")
    run = (*PYTHON, KEEP, *words)
    unit = Unit(value, root=str(root), url=value, host=value)
    wanted = Order(
        unit, Release(value, value, value), expected=value, token=12, key=value, holder="the tests"
    )
    target = KINDS[kind](Rule(kind, ("true",), run, run, start_timeout=0.0), tmp_path)
    target.prepare(wanted, files if kind == "command" else None)
    assert target.activate(wanted).exit == 0
    argv, told = json.loads((tmp_path / "kept.json").read_text())
    assert argv == [value, str(root), value, value, value, value, value, str(files), "{{x}}"]
    assert told == {
        "HOTFIX_UNIT": value,
        "HOTFIX_UNIT_ROOT": str(root),
        "HOTFIX_UNIT_URL": value,
        "HOTFIX_UNIT_HOST": value,
        "HOTFIX_RELEASE": value,
        "HOTFIX_COMMIT": value,
        "HOTFIX_ARTIFACT": value,
        "HOTFIX_FILES": str(files),
        "HOTFIX_EXPECT_CURRENT": value,
        "HOTFIX_TOKEN": "12",
        "HOTFIX_KEY": value,
    }
    assert {path.name for path in tmp_path.iterdir()} == {"root", "kept.json"}


@pytest.mark.parametrize("word", ["--release={release}", "{release}.tar", "{unit}{root}", "echo {release}"])
def test_a_placeholder_inside_a_word_is_refused(word: str) -> None:
    for rule in (
        Rule("command", ("true",), ("deploy", word)),
        Rule("release-dir", "/version", restart=("deploy", word)),
    ):
        with pytest.raises(Refused) as no:
            KINDS[rule.kind](rule)
        assert no.value.findings[0].code == "target-placeholder-inside-word"


@pytest.mark.parametrize("word", ["{version}", "{RELEASE}", "{token}", "--to={version}"])
def test_an_unknown_placeholder_is_refused(word: str) -> None:
    with pytest.raises(Refused) as no:
        CommandTarget(Rule("command", ("true",), ("deploy", word)))
    assert no.value.findings[0].code == "target-placeholder-unknown"


def test_who_asks_a_unit_is_not_told_what_to_hear() -> None:
    with pytest.raises(Refused, match="which means nothing there"):
        CommandTarget(Rule("command", ("ask", "{release}"), ("deploy",)))


def test_a_script_of_the_team_may_use_its_own_braces() -> None:
    rule = Rule("command", ("sh", "-c", "cat ${HOTFIX_UNIT_ROOT}/v"), ("docker", "{{.State}}", "{}", "a{1}"))
    assert CommandTarget(rule).way_back(Unit("web-1"), release("v1")) is None


@pytest.mark.parametrize(
    "rule",
    [
        Rule("command", ("true",)),
        Rule("command", (), ("true",)),
        Rule("command", "version", ("true",)),
        Rule("release-dir", "/version"),
        Rule("release-dir", "", restart=("true",)),
        Rule("release-dir", "version", restart=("true",)),
        Rule("release-dir", (), restart=("true",)),
    ],
)
def test_a_rule_that_cannot_work_is_refused_with_a_next_step(rule: Rule) -> None:
    with pytest.raises(Refused) as no:
        KINDS[rule.kind](rule)
    assert no.value.findings[0].next


# -- commands that misbehave ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["release-dir", "command"])
def test_an_effect_keeps_what_the_command_said(kind: str, tmp_path: Path) -> None:
    (tmp_path / "releases" / "v2").mkdir(parents=True)
    run = (*PYTHON, "import os, sys; os.write(1, b'x' * 500 + b'caf\\xe9'); sys.exit('no')")
    rule = Rule(kind, ("false",), run, run, start_timeout=0.0)
    effect = KINDS[kind](rule).activate(order(Unit("web-1", root=str(tmp_path)), "v2"))
    assert effect.exit == 1
    assert effect.said.endswith("xxcaf\\xe9no")
    assert len(effect.said) == 400


@pytest.mark.parametrize("kind", ["release-dir", "command"])
def test_a_command_that_hangs_is_killed_and_said_so(kind: str, tmp_path: Path) -> None:
    (tmp_path / "releases" / "v2").mkdir(parents=True)
    run = (*PYTHON, "import time; print('working', flush=True); time.sleep(600)")
    rule = Rule(kind, ("false",), run, run, timeout=1.0, start_timeout=0.0)
    effect = KINDS[kind](rule).activate(order(Unit("web-1", root=str(tmp_path)), "v2"))
    assert effect.exit == -signal.SIGKILL
    assert effect.said.startswith("killed after ")
    assert effect.said.endswith("working")


@pytest.mark.parametrize("kind", ["release-dir", "command"])
def test_a_command_that_is_missing_is_an_effect_that_says_so(kind: str, tmp_path: Path) -> None:
    (tmp_path / "releases" / "v2").mkdir(parents=True)
    rule = Rule(kind, ("false",), ("no-such-command",), ("no-such-command",))
    effect = KINDS[kind](rule).activate(order(Unit("web-1", root=str(tmp_path)), "v2"))
    assert (effect.exit, effect.verdict) == (127, "failed")
    assert "No such file or directory: 'no-such-command'" in effect.said


def test_files_are_those_of_the_unit_and_release_prepared(tmp_path: Path) -> None:
    run = (*PYTHON, KEEP)
    target = CommandTarget(Rule("command", ("true",), run, start_timeout=0.0), tmp_path)
    one, other = Unit("web-1"), Unit("web-2")
    target.prepare(order(one, "v2"), Path("/files/one"))
    target.prepare(order(other, "v2"), Path("/files/other"))
    for unit, name, files in ((one, "v2", "/files/one"), (other, "v2", "/files/other"), (one, "v1", "")):
        target.activate(order(unit, name))
        assert json.loads((tmp_path / "kept.json").read_text())[1]["HOTFIX_FILES"] == files


# -- the team's own credentials ------------------------------------------------------------------

LOOK = "import os, sys; open(sys.argv[1], 'w').write(os.environ.get('DEPLOY_CANARY', 'unseen')); print('v2')"


@pytest.mark.parametrize("kind", ["release-dir", "command"])
@pytest.mark.parametrize(
    ("pass_env", "seen"),
    [((), "unseen"), (("DEPLOY_CANAR", "OTHER"), "unseen"), (("NOT_SET", "DEPLOY_CANARY"), "sings")],
)
def test_only_variables_that_the_policy_names_are_passed(
    kind: str, pass_env: tuple[str, ...], seen: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEPLOY_CANARY", "sings")
    (tmp_path / "releases" / "v2").mkdir(parents=True)
    unit = Unit("web-1", root=str(tmp_path))
    change, look = (*PYTHON, LOOK, str(tmp_path / "changed")), (*PYTHON, LOOK, str(tmp_path / "asked"))
    target = KINDS[kind](Rule(kind, look, change, change, pass_env=pass_env))
    assert target.activate(order(unit, "v2")).exit == 0
    assert (tmp_path / "changed").read_text() == seen
    (tmp_path / "asked").unlink()
    assert target.observe(unit).release == "v2"
    assert (tmp_path / "asked").read_text() == seen


def test_what_is_passed_never_hides_what_the_command_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTFIX_TOKEN", "999")
    rule = Rule("command", ("true",), (*PYTHON, KEEP), start_timeout=0.0, pass_env=("HOTFIX_TOKEN",))
    CommandTarget(rule, tmp_path).activate(order(Unit("web-1"), "v2"))
    assert json.loads((tmp_path / "kept.json").read_text())[1]["HOTFIX_TOKEN"] == "7"
