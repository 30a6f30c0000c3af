"""Where locks and cards are kept: only in folders that are this person's alone."""

import os
from itertools import islice
from pathlib import Path

import pytest

from hotfix.adapters.places import own_places


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose usual places all lie in one folder."""
    for name in ("home", "state", "tmp"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    return tmp_path


def temporary(machine: Path) -> Path:
    return machine / "tmp" / f"hotfix-{os.getuid()}"


def best() -> Path:
    return next(own_places())


def test_the_state_folder_is_best_and_nobody_else_can_enter_what_is_made_there(machine: Path) -> None:
    assert best() == machine / "state" / "hotfix"
    assert best().stat().st_mode & 0o777 == 0o700


def test_then_comes_the_folder_for_temporary_files(machine: Path) -> None:
    assert list(islice(own_places(), 2)) == [machine / "state" / "hotfix", temporary(machine)]
    assert temporary(machine).stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("state", ["", "relative/state"])
def test_without_a_state_folder_the_one_at_home_is_used(
    machine: Path, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", state)
    assert best() == machine / "home" / ".local" / "state" / "hotfix"


def test_a_home_that_leads_from_here_to_somewhere_is_not_used(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", "home")
    monkeypatch.chdir(machine)
    assert best() == temporary(machine)
    assert list((machine / "home").iterdir()) == []


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o750, 0o701, 0o1777])
def test_a_folder_that_others_can_enter_is_not_used(machine: Path, mode: int) -> None:
    folder = machine / "state" / "hotfix"
    folder.mkdir()
    folder.chmod(mode)
    assert best() == temporary(machine)
    assert folder.stat().st_mode & 0o7777 == mode


def test_a_link_to_a_folder_is_not_used(machine: Path) -> None:
    elsewhere = machine / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    (machine / "state" / "hotfix").symlink_to(elsewhere)
    assert best() == temporary(machine)


def test_a_link_that_leads_nowhere_is_not_used_and_not_followed(machine: Path) -> None:
    (machine / "state" / "hotfix").symlink_to(machine / "nowhere")
    assert best() == temporary(machine)
    assert not (machine / "nowhere").exists()


def test_a_file_is_not_used(machine: Path) -> None:
    (machine / "state" / "hotfix").write_text("not a folder\n")
    assert best() == temporary(machine)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder to somebody else")
def test_a_folder_of_somebody_else_is_not_used(machine: Path) -> None:
    folder = machine / "state" / "hotfix"
    folder.mkdir(mode=0o700)
    os.chown(folder, 54321, 54321)
    assert best() == temporary(machine)


def test_a_folder_that_is_ours_already_is_used_as_it_is(machine: Path) -> None:
    (best() / "kept").write_text("kept\n")
    assert (best() / "kept").read_text() == "kept\n"
