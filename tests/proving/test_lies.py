"""How a proof lies: each lie built for real, and the verdict that it gets."""

import subprocess
import sys
import venv
from pathlib import Path

import pytest

from proving.fixes import FIXED, SHOP, TEST, git, proof_of, proven, repository, row


def test_an_honest_fix_is_proven(tmp_path: Path) -> None:
    told = proof_of(tmp_path, SHOP, {**FIXED, **TEST})
    assert told.verdict == "PROVEN"
    assert told.fail_to_pass == ("test_shop.py::test_total",)
    assert row(told, "test_total") == ("absent", "failed", "passed")
    assert told.tests[0].message.startswith("assert 0 == 3")
    assert (told.minimal, told.unproven, told.hunks) == (True, (), 1)


# -- which tree was tested ------------------------------------------------------------------------


def test_an_editable_install_of_another_tree_does_not_answer_for_this_one(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "shop.py").write_text(FIXED["shop.py"])
    told = proof_of(
        tmp_path / "shop",
        {"lib/shop.py": SHOP["shop.py"]},
        {"lib/shop.py": FIXED["shop.py"], **TEST},
        run=(str(editable(tmp_path, elsewhere)), "-m", "pytest"),
        see=(str(elsewhere), *sys.path[1:]),
    )
    assert told.verdict == "WRONG_TREE"
    assert "load them from elsewhere" in told.reason


def test_a_tree_comes_before_an_editable_install_of_the_same_module(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "shop.py").write_text(FIXED["shop.py"])
    told = proof_of(
        tmp_path / "shop",
        SHOP,
        {**FIXED, **TEST},
        run=(str(editable(tmp_path, elsewhere)), "-m", "pytest"),
        see=(str(elsewhere), *sys.path[1:]),
    )
    assert told.verdict == "PROVEN"


def editable(place: Path, points_at: Path) -> Path:
    """An interpreter in which `points_at` is installed as ``pip install -e`` does it: a line in a .pth file."""
    venv.create(place / "venv", with_pip=False, symlinks=True)
    (packages,) = (place / "venv" / "lib").glob("python*/site-packages")
    (packages / "__editable__.shop.pth").write_text(f"{points_at}\n")
    (packages / "with-pytest.pth").write_text(
        "\n".join(path for path in sys.path[1:] if "site-packages" in path)
    )
    return place / "venv" / "bin" / "python"


def test_a_module_that_is_imported_from_site_packages_is_the_wrong_tree(tmp_path: Path) -> None:
    interpreter = editable(tmp_path, tmp_path)
    (packages,) = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    (packages / "shop.py").write_text(FIXED["shop.py"])
    told = proof_of(
        tmp_path / "shop",
        {"source/shop.py": SHOP["shop.py"]},
        {"source/shop.py": FIXED["shop.py"], **TEST},
        run=(str(interpreter), "-m", "pytest"),
        see=tuple(sys.path[1:]),
    )
    assert told.verdict == "WRONG_TREE"


def test_stale_bytecode_in_git_does_not_answer_for_its_source(tmp_path: Path) -> None:
    """Same size, same second: the cached code of the fix would be taken for the base's."""
    first, second = repository(tmp_path, {"shop.py": "TOTAL = 1\n"}, {"shop.py": "TOTAL = 2\n"})
    subprocess.run([sys.executable, "-m", "compileall", "-q", "shop.py"], cwd=tmp_path, check=True)
    told = proof_of(
        tmp_path / "again",
        {"shop.py": "TOTAL = 1\n"},
        {"shop.py": "TOTAL = 2\n", "test_shop.py": "import shop\ndef test_total(): assert shop.TOTAL == 2\n"},
    )
    assert told.verdict == "PROVEN"
    assert first != second


def test_files_that_an_archive_would_leave_out_are_in_the_trees(tmp_path: Path) -> None:
    attributes = {".gitattributes": "rates.txt export-ignore\ntest_shop.py export-ignore\n", "rates.txt": "3"}
    test = """
        from pathlib import Path
        from shop import total

        def test_total(): assert total([1, 2]) == int(Path("rates.txt").read_text())
    """
    told = proof_of(tmp_path, {**SHOP, **attributes}, {**FIXED, "test_shop.py": test})
    assert told.verdict == "PROVEN"


# -- what counts as red ---------------------------------------------------------------------------


def test_a_file_that_cannot_be_loaded_without_the_fix_is_not_red(tmp_path: Path) -> None:
    test = "from shop import total, guard\ndef test_total(): assert guard(total([])) == 0\n"
    fix = FIXED["shop.py"] + "\n\ndef guard(sum):\n    return sum\n"
    assert proof_of(tmp_path, SHOP, {"shop.py": fix, "test_shop.py": test}).verdict == "RED_BY_LOAD"


def test_a_missing_name_inside_the_test_is_a_weak_proof(tmp_path: Path) -> None:
    test = "import shop\ndef test_guard(): assert shop.guard(0) == 0\n"
    fix = FIXED["shop.py"] + "\n\ndef guard(sum):\n    return sum\n"
    told = proof_of(tmp_path, SHOP, {"shop.py": fix, "test_shop.py": test})
    assert told.verdict == "PROVEN_WEAK"
    assert "symptom" in told.next


def test_a_missing_name_in_the_product_is_an_honest_red(tmp_path: Path) -> None:
    broken = "def total(cart):\n    return summe(cart)\n"
    assert proof_of(tmp_path, {"shop.py": broken}, {**FIXED, **TEST}).verdict == "PROVEN"


def test_a_hang_that_the_fix_ends_is_a_red_of_its_own_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hotfix.actions.hangs._SHORTEST", 3.0)
    hangs = "import time\n\n\ndef total(cart):\n    time.sleep(600)\n"
    old = "def test_old():\n    assert True\n"
    told = proof_of(
        tmp_path,
        {"shop.py": hangs, "test_shop.py": old},
        {**FIXED, "test_shop.py": TEST["test_shop.py"] + "\n\n" + old},
        timeout=5.0,
    )
    assert (told.verdict, row(told, "test_total")) == ("PROVEN", ("absent", "hang", "passed"))
    assert "is not over in time without the fix" in told.reason
    assert row(told, "test_old") == ("passed", "passed", "passed")


def test_a_run_that_is_never_over_shows_nothing(tmp_path: Path) -> None:
    test = "import time\ndef test_total(): time.sleep(600)\n"
    told = proof_of(tmp_path, SHOP, {**FIXED, "test_shop.py": test}, timeout=2.0)
    assert told.verdict == "UNRUNNABLE"
    assert "was not done after 2 s" in told.reason


@pytest.mark.parametrize(
    "mark", ["@pytest.mark.skip", "@pytest.mark.xfail", "@pytest.mark.skipif(True, reason='x')"]
)
def test_a_skipped_test_is_not_green(tmp_path: Path, mark: str) -> None:
    test = f"import pytest\nfrom shop import total\n{mark}\ndef test_total(): assert total([1, 2]) == 4\n"
    assert proof_of(tmp_path, SHOP, {**FIXED, "test_shop.py": test}).verdict == "SKIPPED"


def test_a_test_that_passes_on_the_base_shows_no_defect(tmp_path: Path) -> None:
    test = "from shop import total\ndef test_total(): assert total([]) == 0\n"
    assert proof_of(tmp_path, SHOP, {**FIXED, "test_shop.py": test}).verdict == "NOT_RED"


def test_a_fix_without_a_test_and_a_test_without_a_fix(tmp_path: Path) -> None:
    assert proof_of(tmp_path / "a", SHOP, FIXED).verdict == "NO_TEST"
    assert proof_of(tmp_path / "b", FIXED, {**TEST, "README.md": "Read me."}).verdict == "NO_FIX"


def test_old_tests_that_fail_everywhere_make_the_base_broken(tmp_path: Path) -> None:
    broken = "import no_such_module\n"
    told = proof_of(
        tmp_path, {**SHOP, "test_shop.py": broken}, {**FIXED, "test_shop.py": broken + TEST["test_shop.py"]}
    )
    assert told.verdict == "BASE_BROKEN"


# -- exit codes and reports -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "conftest",
    [
        "def pytest_sessionfinish(session): session.exitstatus = 0\n",
        "import atexit, os\natexit.register(os._exit, 0)\n",
    ],
    ids=["by a hook", "at the end"],
)
def test_an_exit_code_that_conftest_rewrites_is_not_believed(tmp_path: Path, conftest: str) -> None:
    told = proof_of(tmp_path, {**SHOP, "conftest.py": conftest}, {**FIXED, **TEST})
    assert told.verdict == "UNRUNNABLE"
    assert "exit code 0 none" in told.reason


def test_a_test_that_leaves_with_exit_code_0_shows_nothing(tmp_path: Path) -> None:
    test = "import os\ndef test_total(): os._exit(0)\n"
    assert proof_of(tmp_path, SHOP, {**FIXED, "test_shop.py": test}).verdict == "UNRUNNABLE"


def test_a_daemon_cannot_rewrite_the_report_after_the_run(tmp_path: Path) -> None:
    """It waits for the end of pytest and then writes a report of its own, in which everything passed."""
    test = """
        import os, pathlib, subprocess, sys
        from shop import total

        LATER = '''
        import pathlib, sys, time
        report = pathlib.Path(sys.argv[1])
        while not report.exists() or not report.read_text().endswith("</testsuites>"):
            time.sleep(0.001)
        for _ in range(3000):
            report.write_text(report.read_text().replace("<failure", "<system-out").replace("</failure", "</system-out"))
            time.sleep(0.001)
        '''

        def test_total():
            report = next(each for each in sys.argv if each.startswith("--junitxml=")).partition("=")[2]
            subprocess.Popen([sys.executable, "-c", __import__("textwrap").dedent(LATER), report], start_new_session=True)
            assert total([1, 2]) == 4
    """
    told = proof_of(tmp_path, SHOP, {**FIXED, "test_shop.py": test})
    assert told.verdict in ("NOT_GREEN", "UNRUNNABLE")


# -- the same answer every time -------------------------------------------------------------------


def test_a_test_that_is_red_half_of_the_time_is_not_proven(tmp_path: Path) -> None:
    test = "import os, shop\ndef test_total(): assert os.urandom(1)[0] < 128\n"
    told = proof_of(tmp_path, SHOP, {**FIXED, "test_shop.py": test}, repeats=8)
    assert told.verdict in ("FLAKY", "NOT_RED", "NOT_GREEN")


def test_ids_with_a_path_or_a_clock_in_them_are_the_same_test(tmp_path: Path) -> None:
    test = """
        import pathlib, pytest, time
        from shop import total

        @pytest.mark.parametrize("n", [str(time.time_ns()), str(time.time_ns() + 1)])
        def test_clock(n): assert total([1, 2]) == 3

        @pytest.mark.parametrize("path", [str(pathlib.Path(__file__).parent)])
        def test_path(path): assert total([1]) == 1
    """
    told = proof_of(tmp_path, SHOP, {**FIXED, "test_shop.py": test})
    assert told.verdict == "PROVEN"
    assert told.fail_to_pass == (
        "test_shop.py::test_clock[#1]",
        "test_shop.py::test_clock[#2]",
        "test_shop.py::test_path[<tree>]",
    )


def test_the_environment_of_the_machine_does_not_decide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_FIXED", "yes")
    base = "import os\n\n\ndef total(cart):\n    return sum(cart) if os.environ.get('SHOP_FIXED') else 0\n"
    assert proof_of(tmp_path, {"shop.py": base}, {**FIXED, **TEST}).verdict == "PROVEN"


# -- the others -----------------------------------------------------------------------------------

TWO = "def total(cart):\n    return 0\n\n\ndef count(cart):\n    return len(cart)\n"
COUNT = "\n\ndef test_count():\n    from shop import count\n    assert count([1]) == 1\n"


@pytest.mark.parametrize("where", ["test_shop", "test_other"], ids=["in the changed files", "in the suite"])
def test_what_the_fix_breaks_is_named(tmp_path: Path, where: str) -> None:
    told = proof_of(
        tmp_path,
        {"shop.py": TWO, f"{where}.py": COUNT},
        {"shop.py": FIXED["shop.py"], "test_shop.py": TEST["test_shop.py"]},
        suite="all",
    )
    assert (told.verdict, told.broke) == ("BROKE_OTHERS", (f"{where}.py::test_count",))


def test_an_expectation_that_the_patch_edits_is_told(tmp_path: Path) -> None:
    expects = "from shop import total\ndef test_total(): assert total([1, 2]) == {}\n"
    told = proof_of(
        tmp_path, {**SHOP, "test_shop.py": expects.format(0)}, {**FIXED, "test_shop.py": expects.format(3)}
    )
    assert (told.verdict, told.edited) == ("PROVEN", ("test_shop.py::test_total",))


def test_a_test_that_the_patch_renames_is_not_lost(tmp_path: Path) -> None:
    renamed = TEST["test_shop.py"] + COUNT.replace("test_count", "test_number")
    told = proof_of(
        tmp_path,
        {"shop.py": TWO, "test_shop.py": COUNT},
        {"shop.py": TWO.replace("return 0", "return sum(cart)"), "test_shop.py": renamed},
        suite="all",
    )
    assert (told.verdict, told.broke) == ("PROVEN", ())
    assert row(told, "test_count") == ("passed", "absent", "absent")


def test_a_test_that_changes_a_file_of_git_in_place_spoils_no_other_tree(tmp_path: Path) -> None:
    """All trees share their files: writing through a link would cure the base, or break the result."""
    old = {**SHOP, "data.txt": "0"}
    test = """
        import pathlib
        from shop import total

        def test_total():
            with open("data.txt", "r+") as data:
                assert data.read() == "0"
                data.seek(0)
                data.write("1")
            with open("shop.py", "a") as shop:
                shop.write("# seen")
            assert total([1, 2]) == 3
    """
    told = proof_of(tmp_path, old, {**FIXED, "test_shop.py": test})
    assert told.verdict == "PROVEN"


def test_a_fix_is_proven_on_a_base_that_is_not_its_parent(tmp_path: Path) -> None:
    base, _, fix = repository(tmp_path, SHOP, {"other.py": "x = 1\n"}, {**FIXED, **TEST})
    assert proven(tmp_path, base, fix).verdict == "PROVEN"
    assert git(tmp_path, "status", "--porcelain") == ""


def test_a_test_file_that_the_patch_deletes_takes_nothing_with_it_unseen(tmp_path: Path) -> None:
    told = proof_of(
        tmp_path,
        {"shop.py": TWO, "test_count.py": COUNT},
        {**FIXED, **TEST, "test_count.py": None},
        suite="changed",
    )
    assert (told.verdict, told.broke) == ("BROKE_OTHERS", ("test_count.py::test_count",))


def test_a_test_file_that_the_patch_renames_is_not_lost(tmp_path: Path) -> None:
    old = TEST["test_shop.py"].replace("3", "0")
    kept = "def test_kept(): pass\n"
    told = proof_of(
        tmp_path,
        {**SHOP, "test_old.py": kept},
        {**FIXED, "test_old.py": None, "test_new.py": kept + TEST["test_shop.py"]},
        suite="all",
    )
    assert (told.verdict, told.broke) == ("PROVEN", ())
    assert old != TEST["test_shop.py"]


def test_a_coin_beside_an_old_failure_is_tossed_as_often_as_asked(tmp_path: Path) -> None:
    """A red test of the base in the same file must not keep the proof from being repeated."""
    old = "import shop\ndef test_known_bad(): assert False\ndef test_fine(): pass\n"
    coin = "import os\ndef test_coin(): assert os.urandom(1)[0] < 128\n"
    told = proof_of(
        tmp_path, {**SHOP, "test_shop.py": old}, {**FIXED, "test_shop.py": old + coin}, repeats=20
    )
    assert told.verdict in ("FLAKY", "NOT_RED", "NOT_GREEN")


def test_an_old_failure_in_the_same_file_does_not_keep_a_fix_from_being_proven(tmp_path: Path) -> None:
    old = "def test_known_bad(): assert False\n"
    told = proof_of(
        tmp_path,
        {**SHOP, "test_shop.py": old},
        {**FIXED, "test_shop.py": TEST["test_shop.py"] + old},
        repeats=3,
    )
    assert (told.verdict, told.repeats) == ("PROVEN", 3)


def test_a_hang_beside_another_red_test_is_proven_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hotfix.actions.hangs._SHORTEST", 3.0)
    base = "import time\ndef total(cart):\n    return time.sleep(600) if len(cart) > 1 else 0\n"
    test = TEST["test_shop.py"] + "\n\ndef test_one():\n    assert total([1]) == 1\n"
    told = proof_of(tmp_path, {"shop.py": base}, {**FIXED, "test_shop.py": test}, timeout=5.0)
    assert told.verdict == "PROVEN"
    assert (row(told, "test_total")[1], row(told, "test_one")[1]) == ("hang", "failed")


def test_ids_that_the_product_decides_are_not_matched_by_position(tmp_path: Path) -> None:
    test = """
        import pytest, shop

        @pytest.mark.parametrize("name", shop.NAMES)
        def test_name(name): assert name != "bad"
    """
    told = proof_of(
        tmp_path,
        {"shop.py": 'NAMES = ["a", "bad"]\n'},
        {"shop.py": 'NAMES = ["a", "b"]\n', "test_shop.py": test},
    )
    assert told.verdict == "NOT_GREEN"
    assert "test_name[bad]" in told.reason


def test_a_random_id_elsewhere_in_the_suite_is_no_loss(tmp_path: Path) -> None:
    other = "import pytest, uuid\n@pytest.mark.parametrize('x', [str(uuid.uuid4())])\ndef test_u(x): pass\n"
    told = proof_of(tmp_path, {**SHOP, "test_other.py": other}, {**FIXED, **TEST}, suite="all")
    assert (told.verdict, told.broke) == ("PROVEN", ())


def test_the_configuration_of_the_tests_is_no_fix(tmp_path: Path) -> None:
    test = "import warnings\ndef test_warns(): warnings.warn('x', DeprecationWarning)\n"
    base = {**SHOP, "pytest.ini": "[pytest]\nfilterwarnings = error\n"}
    assert proof_of(tmp_path, base, {"pytest.ini": "[pytest]\n", "test_shop.py": test}).verdict == "NO_FIX"


def test_programs_that_are_fixtures_are_not_run_as_tests(tmp_path: Path) -> None:
    broken = {"tests/fixtures/bad_syntax.py": "def (:\n", "tests/test_shop.py": TEST["test_shop.py"]}
    assert proof_of(tmp_path, SHOP, {**FIXED, **broken}).verdict == "PROVEN"


def test_a_mode_that_a_test_needs_is_a_hunk_that_it_notices(tmp_path: Path) -> None:
    test = "import subprocess\ndef test_run(): assert subprocess.run(['./run.sh']).returncode == 0\n"
    base, _ = repository(tmp_path, {"run.sh": "#!/bin/sh\nexit 1\n", "other.sh": "exit 1\n"}, {})
    (tmp_path / "run.sh").chmod(0o755)
    fix = repository(
        tmp_path, {"run.sh": "#!/bin/sh\nexit 0\n", "other.sh": "exit 0\n", "test_run.py": test}
    )[0]
    told = proven(tmp_path, base, fix)
    assert told.verdict == "PROVEN"
    assert [hunk.path for hunk in told.unproven] == ["other.sh"]
