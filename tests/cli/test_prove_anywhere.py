"""``hotfix prove --base --fix``, as a person or a CI would type it, in a repository that never heard of hotfix."""

import json
import subprocess
import sys
import xml.etree.ElementTree as xml
from pathlib import Path

from proving.fixes import FIXED, PYTEST, SHOP, TEST, git, repository

KEYS = {"verdict", "reason", "next", "fail_to_pass", "broke", "tests", "minimal", "unproven", "unasked", "hunks"} | {
    "edited", "known", "trees", "seconds", "repeats", "argv", "fingerprint", "sandbox", "tried_network",
}  # fmt: skip


def prove(where: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hotfix", "-C", str(where), "prove", *argv]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def fixed(where: Path) -> tuple[str, ...]:
    base, fix = repository(where, SHOP, {**FIXED, **TEST})
    return ("--base", base, "--fix", fix, "--run", " ".join(PYTEST), "--repeats", "2")


def test_a_proof_is_told_to_people_on_two_streams(tmp_path: Path) -> None:
    done = prove(tmp_path, *fixed(tmp_path))
    assert done.returncode == 0
    assert done.stdout.startswith(
        "PROVEN: test_shop.py::test_total fails without the fix and passes with it.\n"
    )
    assert "red, test_shop.py::test_total: assert 0 == 3" in done.stdout
    assert "Not shown: that this red is what production suffers from" in done.stdout
    assert "the base with the tests, run 1: 1 failed" in done.stderr
    assert git(tmp_path, "status", "--porcelain") == ""


def test_json_has_stable_fields(tmp_path: Path) -> None:
    told = json.loads(prove(tmp_path, *fixed(tmp_path), "--json").stdout)
    assert set(told) == KEYS
    assert told["tests"] == [
        {
            "id": "test_shop.py::test_total",
            "B": "absent",
            "BT": "failed",
            "BTF": "passed",
            "message": told["tests"][0]["message"],
        }
    ]
    assert (told["fail_to_pass"], told["minimal"], told["unproven"]) == (
        ["test_shop.py::test_total"],
        True,
        [],
    )
    assert told["trees"]["B"] == git(tmp_path, "rev-parse", "HEAD~1^{tree}")
    assert told["trees"]["BTF"] == git(tmp_path, "rev-parse", "HEAD^{tree}")
    assert set(told["seconds"]) == {"trees", "red and green", "repeats", "suite", "hunks"}
    assert str(tmp_path) not in json.dumps(told["argv"])


def test_a_junit_file_tells_a_ci(tmp_path: Path) -> None:
    report = tmp_path / "proof.xml"
    assert prove(tmp_path, *fixed(tmp_path), "--junit", str(report)).returncode == 0
    (suite,) = xml.parse(report).getroot()
    names = [case.attrib["name"] for case in suite.iter("testcase")]
    assert names == ["verdict: PROVEN", "test_shop.py::test_total (absent → failed → passed)"]
    assert (suite.attrib["tests"], suite.attrib["failures"]) == ("2", "0")

    base, fix = repository(tmp_path / "bad", SHOP, FIXED)
    failed = prove(
        tmp_path / "bad", "--base", base, "--fix", fix, "--runner", "pytest", "--junit", str(report)
    )
    assert failed.returncode == 1
    (suite,) = xml.parse(report).getroot()
    assert suite.attrib["failures"] == "1"


def test_what_cannot_be_proven_says_why_and_what_to_do(tmp_path: Path) -> None:
    base, fix, later = repository(
        tmp_path, SHOP, FIXED, {"shop.py": "def total(basket):\n    return sum(basket)\n"}
    )
    for argv, code, says in (
        (("--base", base), 2, "Say both"),
        (("--fix", fix), 2, "Say both"),
        (("HF-1", "--base", base, "--fix", fix), 2, "are for none"),
        (("--repeats", "3"), 2, "is in [test] of hotfix.toml"),
        (("--base", base, "--fix", fix), 1, "Nothing here tells how the tests are run"),
        (("--base", base, "--fix", fix, "--runner", "script"), 1, "A script needs the command"),
        (("--base", base, "--fix", fix, "--env", "X"), 2, "is not NAME=VALUE"),
        (("--base", fix, "--fix", fix, "--runner", "go"), 1, "has already what"),
        (("--base", base, "--fix", later, "--runner", "go"), 1, "conflict in shop.py"),
        (("--base", "nowhere", "--fix", fix, "--runner", "go"), 1, "nowhere"),
    ):
        done = prove(tmp_path, *argv)
        assert (done.returncode, says in done.stderr) == (code, True), (argv, done.stderr)
        assert "Traceback" not in done.stderr


def test_a_policy_on_trunk_says_how_the_tests_are_run(tmp_path: Path) -> None:
    run = ", ".join(f'"{word}"' for word in PYTEST)
    policy = f"""
        version = 1
        service = "shop"
        profile = "solo"
        test = {{ run = [{run}], repeats = 2 }}
        target.app = {{ kind = "command", observe = ["cat", "release"], activate = ["true"] }}
        check.alive = {{ kind = "command", run = ["ops/alive"] }}
        env.production = {{ target = "app", guards = ["alive"], units.app = {{}} }}
    """
    base, fix = repository(tmp_path, {**SHOP, "hotfix.toml": policy}, {**FIXED, **TEST})
    done = prove(tmp_path, "--base", base, "--fix", fix, "--json")
    assert json.loads(done.stdout).get("repeats") == 2, done.stdout
    assert "by [test] of hotfix.toml on main" in done.stderr
