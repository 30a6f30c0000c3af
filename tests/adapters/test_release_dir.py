"""Releases side by side in folders: what is put there, what is left alone, and the way back."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.adapters.fake_target import FakeTarget
from tests.adapters.units.loopback import Loopback, response
from tests.adapters.units.orders import order, release, release_dir

from hotfix.adapters.target.release_files import MARKER
from hotfix.policy.rules import Unit
from hotfix.ports import Order, Release, Target
from hotfix.record.finding import Refused
from hotfix.record.parts import UnitState

PYTHON = (sys.executable, "-I", "-S", "-c")


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback(response("v1")) as loopback:
        yield loopback


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    (tmp_path / "root").mkdir()
    return Unit("web-1", root=str(tmp_path / "root"))


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "start").write_text("#!/bin/sh\n")
    (folder / "bin" / "start").chmod(0o755)
    (folder / "link").symlink_to("bin/start")
    (folder / "away").symlink_to("nowhere")
    folder.chmod(0o700)
    return folder


def test_prepare_puts_the_files_as_they_are_for_every_reader(unit: Unit, files: Path) -> None:
    release_dir().prepare(order(unit, "v2"), files)
    folder = Path(unit.root) / "releases" / "v2"
    assert (folder / "bin" / "start").stat().st_mode & 0o777 == 0o755
    assert folder.stat().st_mode & 0o777 == 0o755
    assert (folder / "link").readlink() == Path("bin/start")
    assert (folder / "away").readlink() == Path("nowhere")
    assert json.loads((folder / MARKER).read_text()) == {
        "name": "v2",
        "commit": "commit of v2",
        "artifact": "tree:v2",
    }
    assert [path.name for path in folder.parent.iterdir()] == ["v2"]
    assert not (Path(unit.root) / "current").exists()


def test_preparing_the_same_release_again_is_fine(unit: Unit, files: Path) -> None:
    for _ in range(2):
        release_dir().prepare(order(unit, "v2"), files)


def codes(target: Target, wanted: Order, files: Path | None) -> list[str]:
    with pytest.raises(Refused) as no:
        target.prepare(wanted, files)
    return [finding.code for finding in no.value.findings]


def test_another_release_of_that_name_is_not_overwritten(unit: Unit, files: Path) -> None:
    release_dir().prepare(order(unit, "v2"), files)
    other = Order(unit, Release("v2", "another commit", "tree:v2"), "v1", 8, "key")
    assert codes(release_dir(), other, files) == ["release-folder-taken"]


def test_a_folder_without_marker_is_not_taken_for_the_release(unit: Unit, files: Path) -> None:
    (Path(unit.root) / "releases" / "v2").mkdir(parents=True)
    assert codes(release_dir(), order(unit, "v2"), files) == ["release-folder-taken"]


def test_a_marker_that_cannot_be_read_is_refused(unit: Unit, files: Path) -> None:
    release_dir().prepare(order(unit, "v2"), files)
    (Path(unit.root) / "releases" / "v2" / MARKER).write_text("{")
    assert codes(release_dir(), order(unit, "v2"), files) == ["release-folder-unreadable"]


def test_a_release_that_brings_its_own_marker_is_refused(unit: Unit, files: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("keep")
    (files / MARKER).symlink_to(precious)
    assert codes(release_dir(), order(unit, "v2"), files) == ["release-files-have-marker"]
    assert precious.read_text() == "keep"


def test_files_that_cannot_be_copied_leave_nothing_behind(unit: Unit, files: Path) -> None:
    os.mkfifo(files / "pipe")
    assert codes(release_dir(), order(unit, "v2"), files) == ["release-not-put"]
    assert list((Path(unit.root) / "releases").iterdir()) == []


def test_without_files_the_release_has_to_be_there(unit: Unit, files: Path) -> None:
    assert codes(release_dir(), order(unit, "v2"), None) == ["way-back-missing"]
    release_dir().prepare(order(unit, "v2"), files)
    release_dir().prepare(order(unit, "v2"), None)


@pytest.mark.parametrize("name", ["", ".", "..", "../v2", "a/b", "/etc", "nul\0"])
def test_a_name_that_leads_elsewhere_is_refused_everywhere(unit: Unit, files: Path, name: str) -> None:
    assert codes(release_dir(), order(unit, name), files) == ["release-name-no-folder"]
    finding = release_dir().way_back(unit, release(name))
    assert finding is not None
    assert finding.code == "release-name-no-folder"
    assert release_dir().activate(order(unit, name)).exit == 127
    assert list(Path(unit.root).iterdir()) == []


@pytest.mark.parametrize("root", ["", "srv/shop"])
def test_a_unit_without_an_absolute_root_is_refused(root: str, files: Path) -> None:
    assert codes(release_dir(), order(Unit("web-1", root=root), "v2"), files) == ["unit-root-invalid"]


def test_activate_moves_current_in_place(unit: Unit, files: Path) -> None:
    target = release_dir(observe=("true",), start_timeout=0.0)
    for name in ("v1", "v2"):
        target.prepare(order(unit, name), files)
        target.activate(order(unit, name))
        assert (Path(unit.root) / "current").readlink() == Path("releases") / name
    assert {path.name for path in Path(unit.root).iterdir()} == {"releases", "current", ".hotfix"}


def test_the_fence_lies_in_the_units_own_folder_for_everybody_who_reaches_it(unit: Unit) -> None:
    assert release_dir().fence(unit, 4, "olga", 0.0).raised
    assert (Path(unit.root) / ".hotfix" / "guard").is_file()
    assert not release_dir(timeout=7.0).fence(unit, 3, "rita", 0.0).raised


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [({"token": 3}, "stale"), ({"holder": "rita"}, "stale"), ({"replaces": ("v0",)}, "foreign")],
)
def test_an_order_that_is_not_obeyed_leaves_current_where_it_is(
    unit: Unit, files: Path, server: Loopback, changes: dict[str, object], verdict: str
) -> None:
    asked = Unit(unit.name, root=unit.root, url=server.url)
    target = release_dir(start_timeout=0.0)
    for name in ("v1", "v2"):
        target.prepare(order(asked, name), files)
    target.activate(order(asked, "v1"))
    assert target.activate(order(asked, "v2", **changes)).verdict == verdict
    assert (Path(unit.root) / "current").readlink() == Path("releases/v1")


def test_a_unit_that_serves_it_already_will_also_start_it_again(
    unit: Unit, files: Path, server: Loopback, tmp_path: Path
) -> None:
    """`current` was moved and the restart failed: the old process still answers, and the next boot must not surprise."""
    asked = Unit(unit.name, root=unit.root, url=server.url)
    target = release_dir(restart=(*PYTHON, f"open({str(tmp_path / 'ran')!r}, 'x')"), start_timeout=0.0)
    for name in ("v1", "v2"):
        target.prepare(order(asked, name), files)
    release_dir(restart=("false",), start_timeout=0.0).activate(order(asked, "v2"))
    assert (Path(unit.root) / "current").readlink() == Path("releases/v2")
    effect = target.activate(order(asked, "v1", replaces=("v2",), blind=True))
    assert effect.verdict == "found"
    assert (Path(unit.root) / "current").readlink() == Path("releases/v1")
    assert not (tmp_path / "ran").exists()


def test_a_link_that_a_crash_left_behind_is_no_obstacle(unit: Unit, files: Path) -> None:
    target = release_dir(observe=("true",), start_timeout=0.0)
    target.prepare(order(unit, "v2"), files)
    (Path(unit.root) / ".hotfix-current").symlink_to("releases/half")
    assert target.activate(order(unit, "v2")).exit == 0
    assert (Path(unit.root) / "current").readlink() == Path("releases/v2")


def test_activating_a_release_that_is_not_there_changes_and_runs_nothing(unit: Unit, tmp_path: Path) -> None:
    (Path(unit.root) / "current").symlink_to("releases/v1")
    target = release_dir(restart=(*PYTHON, f"open({str(tmp_path / 'ran')!r}, 'w')"))
    effect = target.activate(order(unit, "v2"))
    assert (effect.exit, effect.verdict) == (127, "failed")
    assert "is not there" in effect.said
    assert (Path(unit.root) / "current").readlink() == Path("releases/v1")
    assert not (tmp_path / "ran").exists()


def test_a_current_that_is_a_real_folder_is_left_alone(unit: Unit, files: Path, tmp_path: Path) -> None:
    target = release_dir(restart=(*PYTHON, f"open({str(tmp_path / 'ran')!r}, 'w')"))
    target.prepare(order(unit, "v2"), files)
    (Path(unit.root) / "current").mkdir()
    effect = target.activate(order(unit, "v2"))
    assert (effect.exit, effect.verdict) == (127, "failed")
    assert "Is a directory" in effect.said
    assert (Path(unit.root) / "current").is_dir()
    assert not (tmp_path / "ran").exists()


def test_what_current_points_at_is_never_the_answer(unit: Unit, files: Path, server: Loopback) -> None:
    """A restart that did not restart: the process still serves the old release."""
    asked = Unit(unit.name, root=unit.root, url=server.url)
    target = release_dir(start_timeout=0.2)
    target.prepare(order(asked, "v2"), files)
    assert target.activate(order(asked, "v2")).exit == 0
    assert target.observe(asked) == UnitState("web-1", "serving", "v1")


@pytest.mark.parametrize(
    ("marker", "code"),
    [
        (None, ""),
        ('{"name": "v1", "commit": "commit of v1", "artifact": "tree:v1"}', ""),
        ('{"name": "v1", "commit": "another", "artifact": "tree:v1"}', "way-back-other"),
        ('{"name": "v0", "commit": "commit of v1", "artifact": "tree:v1"}', "way-back-other"),
        ('{"name": "v1"}', "way-back-unreadable"),
        ("", "way-back-unreadable"),
    ],
)
def test_the_way_back_is_a_folder_whose_marker_agrees(unit: Unit, marker: str | None, code: str) -> None:
    folder = Path(unit.root) / "releases" / "v1"
    folder.mkdir(parents=True)
    if marker is not None:
        (folder / MARKER).write_text(marker)
    finding = release_dir().way_back(unit, release("v1"))
    assert (finding.code if finding else "") == code


def test_a_way_back_of_which_only_name_and_commit_are_known(unit: Unit, files: Path) -> None:
    release_dir().prepare(order(unit, "v1"), files)
    assert release_dir().way_back(unit, Release("v1", "commit of v1", "")) is None


def test_a_way_back_that_was_cleaned_up_is_found_missing(unit: Unit) -> None:
    for target in (release_dir(), FakeTarget({"web-1": "v1"}, known={"v1"})):
        finding = target.way_back(unit, release("v0"))
        assert finding is not None
        assert finding.code == "way-back-missing"


def test_files_are_needed_until_the_folder_is_there(unit: Unit, files: Path) -> None:
    assert release_dir().needs_files(unit, release("v2"))
    release_dir().prepare(order(unit, "v2"), files)
    assert not release_dir().needs_files(unit, release("v2"))


def test_a_folder_of_the_teams_own_needs_no_files(unit: Unit) -> None:
    (Path(unit.root) / "releases" / "v1").mkdir(parents=True)
    assert not release_dir().needs_files(unit, release("v1"))


def test_whether_files_are_needed_elsewhere_is_not_answered(unit: Unit) -> None:
    with pytest.raises(Refused, match="cannot be the name of a folder"):
        release_dir().needs_files(unit, release("../v2"))
