"""What a runner promises, tried on real trees with real test processes."""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from textwrap import dedent

import pytest

from hotfix.adapters.runner import KINDS, preset, sandbox
from hotfix.adapters.runner.run import TestRunner as Runner
from hotfix.adapters.runner.sandbox import Room, Sandbox
from hotfix.policy.rules import Test as TestRule
from hotfix.ports import Report
from hotfix.record.finding import Refused

PYTEST = (sys.executable, "-m", "pytest")
"""The bare name `python3` may be another interpreter than the one that has pytest."""


@pytest.fixture(params=["walled", "not walled"], autouse=True)
def walls(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[bool]:
    """Everything holds with walls, and where the kernel allows none."""
    walled = request.param == "walled"
    if not walled:
        monkeypatch.setattr(Sandbox, "why_not_walled", "this test wants none")
    elif Sandbox(TestRule()).why_not_walled:
        pytest.skip(f"no walls here: {Sandbox(TestRule()).why_not_walled}")
    yield walled


def tree_of(folder: Path, **files: str) -> Path:
    """A tree with `files`: double underscores stand for slashes, and all are Python."""
    tree = folder / "tree"
    tree.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = tree / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
    return tree


def runner(rule: TestRule, *see: str) -> tuple[Runner, bool]:
    box = Sandbox(rule, see)
    return Runner(rule, KINDS[rule.runner](rule), box), box.walled


def room_of(tree: Path, walled: bool) -> Room:
    return Room(tree.parent, tree.parent / "cache", walled)


def run_pytest(tree: Path, *files: str, rule: TestRule | None = None, see: tuple[str, ...] = ()) -> Report:
    rule = rule or TestRule(run=PYTEST, timeout=60.0)
    made, walled = runner(rule, *see)
    chosen = preset.chosen(KINDS["pytest"](rule), files)
    return made.run(room_of(tree, walled), chosen, (), rule.timeout)


def run_script(folder: Path, *command: str, timeout: float = 60.0, files: tuple[str, ...] = ()) -> Report:
    rule = TestRule(runner="script", run=command)
    made, walled = runner(rule)
    return made.run(room_of(tree_of(folder), walled), files, (), timeout)


def outcomes(report: Report) -> dict[str, str]:
    assert report.problem == ""
    return {case.id: case.outcome for case in report.cases}


def messages(report: Report) -> dict[str, str]:
    return {case.id: case.message for case in report.cases}


# -- what a test can do ---------------------------------------------------------------------------


def test_every_outcome_of_pytest_has_its_name(tmp_path: Path) -> None:
    tree = tree_of(
        tmp_path,
        shop="def total(cart): return cart['sum']",
        tests__test_cart="""
            import pytest, shop

            @pytest.fixture
            def broken(): raise OSError("no database")

            @pytest.fixture
            def untidy():
                yield
                raise OSError("left open")

            class TestCart:
                def test_passes(self): pass
                def test_wrong(self): assert 1 == 2
            def test_product_raises(): shop.total({})
            def test_set_up(broken): pass
            def test_tear_down(untidy): pass
            def test_both(untidy): assert 3 == 4
            def test_skipped(): pytest.skip("not here")
            @pytest.mark.xfail
            def test_expected_to_fail(): assert 0
            @pytest.mark.parametrize("n", [1, 2])
            def test_many(n): assert n == 1
        """,
    )
    report = run_pytest(tree, "tests/test_cart.py")
    file = "tests/test_cart.py::"
    assert outcomes(report) == {
        file + "TestCart::test_passes": "passed",
        file + "TestCart::test_wrong": "failed",
        file + "test_product_raises": "failed",
        file + "test_set_up": "error",
        file + "test_tear_down": "error",
        file + "test_both": "error",
        file + "test_skipped": "skipped",
        file + "test_expected_to_fail": "skipped",
        file + "test_many[1]": "passed",
        file + "test_many[2]": "failed",
    }
    assert report.exit == 1
    assert b"<testsuites" in report.raw
    assert messages(report)[file + "test_product_raises"] == "KeyError: 'sum'"
    assert "assert 1 == 2" in messages(report)[file + "TestCart::test_wrong"]


def test_a_file_that_cannot_be_loaded_is_a_load_error_and_hides_no_other_file(tmp_path: Path) -> None:
    tree = tree_of(
        tmp_path,
        shop="",
        tests__test_new="from shop import guard\ndef test_guard(): pass",
        tests__test_old="def test_old(): pass",
        tests__test_elsewhere="import pytest\npytest.skip('other system', allow_module_level=True)",
    )
    report = run_pytest(tree, "tests/test_new.py", "tests/test_old.py", "tests/test_elsewhere.py")
    assert outcomes(report) == {
        "tests/test_new.py": "load-error",
        "tests/test_old.py::test_old": "passed",
        "tests/test_elsewhere.py": "skipped",
    }
    assert "cannot import name 'guard'" in messages(report)["tests/test_new.py"]


def test_a_run_that_stopped_half_way_says_nothing_good_of_the_file_it_never_reached(tmp_path: Path) -> None:
    tree = tree_of(
        tmp_path,
        test_a="import pytest\ndef test_a(): assert 0\ndef test_stop(): pytest.exit('enough', returncode=1)",
        test_b="def test_b(): pass",
    )
    assert outcomes(run_pytest(tree, "test_a.py", "test_b.py"))["test_b.py"] == "load-error"


def test_files_that_the_tree_lacks_are_absent_and_never_mean_all_tests(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, test_old="def test_old(): pass")
    (tree / "check.sh").write_text("exit 0")
    assert outcomes(run_pytest(tree, "test_new.py", "test_old.py")) == {"test_old.py::test_old": "passed"}
    assert outcomes(run_pytest(tree, "test_new.py")) == {}
    assert outcomes(run_pytest(tree)) == {"test_old.py::test_old": "passed"}
    assert outcomes(run_script(tmp_path, "sh", "check.sh", files=("new.sh",))) == {}
    assert outcomes(run_script(tmp_path, "sh", "check.sh", files=("check.sh",))) == {"script": "passed"}


def test_data_conftest_and_odd_names_do_not_disturb_the_run(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, conftest="", test_x="def test_x(): pass")
    for name in ("-k_test.py", "@args_test.py", "café_test.py"):
        (tree / name).write_text("def test_odd(): pass")
    (tree / "data.json").write_text("{}")
    report = run_pytest(
        tree, "data.json", "conftest.py", "test_x.py", "-k_test.py", "@args_test.py", "café_test.py"
    )
    assert sorted(outcomes(report).values()) == ["passed"] * 4


def test_a_file_that_pytest_cannot_run_is_told_and_never_left_out(tmp_path: Path) -> None:
    tree = tree_of(tmp_path)
    for name in ("x[1].py", "caf\udce9.py"):
        (tree / name).write_text("def test_x(): pass")
    assert "path cannot contain []" in run_pytest(tree, "x[1].py").problem
    assert "a name that is not UTF-8" in run_pytest(tree, '"caf\\351.py"').problem


def test_no_test_at_all_is_no_case_and_no_problem(tmp_path: Path) -> None:
    report = run_pytest(tree_of(tmp_path, test_nothing=""), "test_nothing.py")
    assert outcomes(report) == {}
    assert report.exit == 5


def test_a_tests_id_is_the_same_in_every_tree(tmp_path: Path) -> None:
    text = """
        import pathlib, pytest
        from tests.base import Inherited
        HERE = str(pathlib.Path(__file__).parent)

        class TestShop(Inherited): pass

        @pytest.mark.parametrize("path", [HERE])
        def test_path(path): assert path == "nowhere"
    """
    base = "class Inherited:\n    def test_inherited(self): pass"
    trees = [tree_of(tmp_path / n, tests____init__="", tests__base=base, tests__test_a=text) for n in "bt"]
    first, second = (run_pytest(tree, "tests/test_a.py") for tree in trees)
    assert outcomes(first) == {
        "tests/test_a.py::TestShop::test_inherited": "passed",
        "tests/test_a.py::test_path[<tree>/tests]": "failed",
    }
    assert outcomes(first) == outcomes(second)
    assert str(tmp_path) not in " ".join(outcomes(first))


def test_ids_begin_at_the_tree_even_where_a_folder_has_its_own_configuration(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, tests__test_x="def test_x(): pass")
    (tree / "tests" / "pytest.ini").write_text("[pytest]\n")
    assert outcomes(run_pytest(tree, "tests/test_x.py")) == {"tests/test_x.py::test_x": "passed"}


# -- runs that show nothing -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("import os\ndef test_x(): os._exit(0)", "exit code 0 and left no report"),
        ("import os, signal\ndef test_x(): os.kill(os.getpid(), signal.SIGSEGV)", "signal 11"),
        ("import pytest\ndef test_x(): pytest.exit('no more')", "was interrupted"),
        ("import atexit, os\natexit.register(os._exit, 0)\ndef test_x(): assert 0", "its exit code 0 none"),
        ("import atexit, os\natexit.register(os._exit, 1)\ndef test_x(): pass", "names no failed test"),
        ("import atexit, os\natexit.register(os._exit, 5)\ndef test_x(): pass", "its report names 1"),
        ("import atexit, os\natexit.register(os._exit, 9)\ndef test_x(): pass", "does not vouch for"),
    ],
    ids=["leaves", "crashes", "stops", "lies-green", "lies-red", "lies-empty", "unknown-exit"],
)
def test_a_run_that_cannot_be_judged_is_a_problem(tmp_path: Path, text: str, says: str) -> None:
    report = run_pytest(tree_of(tmp_path, test_x=text), "test_x.py")
    assert says in report.problem


TAMPER = """
    import atexit, os, pathlib, sys
    report = pathlib.Path(next(a for a in sys.argv if a.startswith("--junitxml=")).partition("=")[2])

    @atexit.register
    def tamper():
        text = report.read_text()
        report.unlink()
        {deed}

    def test_x(): pass
"""


@pytest.mark.parametrize(
    ("deed", "says"),
    [
        ("pass", "left no report"),
        ("report.write_text(text[:-30])", "not a complete JUnit document"),
        ("report.symlink_to(pathlib.Path('secret').resolve())", "cannot be opened"),
        ("os.mkfifo(report)", "not a regular file"),
        ("report.write_text('<!DOCTYPE x [<!ENTITY a \"b\">]>' + text)", "declares entities"),
        ("report.write_bytes(text.encode('utf-16'))", "not UTF-8"),
        ("report.write_text('<html/>')", "not a complete JUnit document"),
        ("os.truncate(os.open(report, os.O_CREAT | os.O_RDWR), 20 * 2**20 + 1)", "larger than 20 MiB"),
    ],
    ids=["removed", "cut", "link", "pipe", "entities", "encoding", "not-junit", "huge"],
)
def test_a_report_that_was_tampered_with_is_a_problem(tmp_path: Path, deed: str, says: str) -> None:
    tree = tree_of(tmp_path, test_x=TAMPER.format(deed=deed))
    (tree / "secret").write_text("SECRET-OF-THE-MACHINE")
    report = run_pytest(tree, "test_x.py")
    assert says in report.problem
    assert b"SECRET" not in report.raw


def test_a_run_out_of_time_is_a_problem_and_never_red(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, test_x="import time\ndef test_x(): time.sleep(600)")
    (tree / "slow.sh").write_text("sleep 600")
    for report in (
        run_pytest(tree, "test_x.py", rule=TestRule(run=PYTEST, timeout=2.0)),
        run_script(tmp_path, "sh", "slow.sh", timeout=0.5),
    ):
        assert "was not done after" in report.problem
        assert report.cases == ()


def test_a_run_that_floods_its_output_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "OUTPUT_LIMIT", 2**20)
    report = run_script(tmp_path, "yes")
    assert "more than 1 MiB of output" in report.problem
    assert len(report.raw) == sandbox.OUTPUT_KEPT


def test_a_missing_pytest_is_named(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, test_x="def test_x(): pass")
    without_packages = TestRule(run=(sys.executable, "-S", "-m", "pytest"))
    assert "pytest is not installed" in run_pytest(tree, "test_x.py", rule=without_packages).problem
    nowhere = TestRule(run=("no-such-python", "-m", "pytest"))
    assert "no-such-python could not be started" in run_pytest(tree, "test_x.py", rule=nowhere).problem


def test_options_that_pytest_does_not_know_are_told(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, test_x="def test_x(): pass")
    (tree / "pytest.ini").write_text("[pytest]\naddopts = --reruns 3\n")
    assert "unrecognized arguments: --reruns" in run_pytest(tree, "test_x.py").problem


# -- what a run sees, and what it leaves ----------------------------------------------------------

LOOK = """
    import json, os, pathlib, sys, tempfile
    def test_look():
        seen = dict(os.environ, tempdir=tempfile.gettempdir(), first=sys.path[:3])
        pathlib.Path("seen.json").write_text(json.dumps(seen))
"""


def test_a_run_sees_no_credentials_and_has_a_home_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, walls: bool
) -> None:
    for name in ("SSH_AUTH_SOCK", "GIT_DIR", "AWS_SECRET_ACCESS_KEY", "SOURCE_DATE_EPOCH", "PYTHONPATH"):
        monkeypatch.setenv(name, "canary")
    tree = tree_of(tmp_path, test_look=LOOK)
    rule = TestRule(run=PYTEST, env={"SHOP_MODE": "test", "HOME": "canary", "PYTHONPATH": "more"})
    assert list(outcomes(run_pytest(tree, "test_look.py", rule=rule)).values()) == ["passed"]

    seen = json.loads((tree / "seen.json").read_text())
    assert "canary" not in json.dumps(seen)
    own = {"PATH", "LANG", "TZ", "PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE", "HOME", "TMPDIR", "PYTHONPATH"}
    by_pytest = {name for name in seen if name.startswith("PYTEST_")}
    assert set(seen) - by_pytest - {"LC_CTYPE"} == own | {"SHOP_MODE", "tempdir", "first"}
    assert (seen["LANG"], seen["TZ"], seen["PYTHONHASHSEED"]) == ("C.UTF-8", "UTC", "0")
    assert seen["PYTHONPATH"] == os.pathsep.join(["/proof/tree" if walls else str(tree), "more"])
    assert seen["tempdir"] == seen["TMPDIR"]
    assert seen["HOME"] != os.environ["HOME"]


def test_the_tree_under_test_comes_before_every_other_checkout(tmp_path: Path) -> None:
    elsewhere = tree_of(tmp_path / "elsewhere", shop__who="NAME = 'elsewhere'")
    text = "from shop.who import NAME\ndef test_who(): assert NAME == 'here'"
    flat = tree_of(tmp_path / "flat", shop__who="NAME = 'here'", tests__test_who=text)
    below_src = tree_of(tmp_path / "src-layout", src__shop__who="NAME = 'here'", tests__test_who=text)
    rule = TestRule(run=PYTEST, env={"PYTHONPATH": str(elsewhere)})
    for tree in (flat, below_src):
        assert list(outcomes(run_pytest(tree, "tests/test_who.py", rule=rule)).values()) == ["passed"]


def test_the_projects_own_options_stay_in_force(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, test_x="def test_a(): assert 0\ndef test_b(): assert 0\ndef test_c(): assert 0")
    (tree / "pytest.ini").write_text("[pytest]\naddopts = -x --ff -k 'not test_c'\n")
    # -k is theirs; -x would hide a test from the table, and --ff needs the cache that is kept elsewhere.
    assert list(outcomes(run_pytest(tree, "test_x.py"))) == ["test_x.py::test_a", "test_x.py::test_b"]


def test_a_run_leaves_no_file_in_the_tree(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, shop="", test_x="import shop\ndef test_x(): assert 0")
    run_pytest(tree, "test_x.py")
    assert sorted(path.name for path in tree.rglob("*")) == ["shop.py", "test_x.py"]


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="strays are found by /proc")
def test_a_run_leaves_no_process_behind(tmp_path: Path) -> None:
    mark = str(os.getpid()) + str(time.monotonic_ns())
    tree = tree_of(
        tmp_path,
        test_x="""
            import subprocess
            def test_x():
                kept = [subprocess.Popen(["sleep", MARK], start_new_session=new) for new in (False, True)]
                for each in kept: each.returncode = 0
        """.replace("MARK", f'"600.{mark}"'),
    )
    assert list(outcomes(run_pytest(tree, "test_x.py")).values()) == ["passed"]
    assert all(ends(pid) for pid in running(f"600.{mark}"))


def running(word: str) -> list[int]:
    found = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if word.encode() in line.read_bytes():
                found.append(int(line.parent.name))
    return found


def ends(pid: int) -> bool:
    """Whether the process is gone, or dead and only not reaped; a killed one needs a moment for it."""
    for _ in range(500):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state in "ZX":
            return True
        time.sleep(0.01)
    return False


# -- scripts --------------------------------------------------------------------------------------


def test_a_scripts_exit_code_is_its_verdict(tmp_path: Path) -> None:
    passed = run_script(tmp_path, "sh", "-c", "echo fine")
    assert outcomes(passed) == {"script": "passed"}
    assert passed.raw == b"fine\n"
    for code in (1, 2, 125):
        red = run_script(tmp_path, "sh", "-c", f"echo one; pwd >&2; exit {code}")
        assert outcomes(red) == {"script": "failed"}
        assert messages(red)["script"] == "one / <tree>"
        assert red.exit == code


def test_a_script_that_did_not_run_to_its_end_is_a_problem(tmp_path: Path) -> None:
    assert "exit code 127" in run_script(tmp_path, "sh", "-c", "no-such-command").problem
    assert "exit code 126" in run_script(tmp_path, "sh", "-c", "exit 126").problem
    assert "exit code 137" in run_script(tmp_path, "sh", "-c", "exit 137").problem
    assert "signal 9" in run_script(tmp_path, "sh", "-c", "kill -9 $$").problem
    assert "could not be started" in run_script(tmp_path, "./no-such-script").problem


# -- the record -----------------------------------------------------------------------------------


def test_the_fingerprint_names_what_the_tests_were_run_with(tmp_path: Path) -> None:
    def fingerprint(rule: TestRule) -> str:
        made, walled = runner(rule)
        return made.fingerprint(room_of(tree_of(tmp_path), walled))

    line = fingerprint(TestRule(run=PYTEST))
    version = ".".join(map(str, sys.version_info[:3]))
    assert version in line
    assert f"pytest=={pytest.__version__}" in line
    assert "\n" not in line
    assert "script" in fingerprint(TestRule(runner="script", run=("sh", "a")))
    with pytest.raises(Refused, match="no-such-python could not be started"):
        fingerprint(TestRule(run=("no-such-python",)))


def test_a_long_message_is_cut(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, test_x="def test_x(): raise ValueError('x' * 9000)")
    assert len(run_pytest(tree, "test_x.py").cases[0].message) == preset.MESSAGE_LIMIT
