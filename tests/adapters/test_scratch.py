"""Folders that live as long as their process, whatever becomes of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hotfix.adapters import scratch
from hotfix.adapters.scratch import Scratch, remove, sweep

DIES = """
import os, sys
from pathlib import Path
from hotfix.adapters.scratch import Scratch

made = Scratch(Path(sys.argv[1]), "proof")
(made.path / "file").write_text("x")
print(made.path, flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place where scratch folders may lie."""
    monkeypatch.setattr(scratch, "_PLACES", (str(tmp_path),))
    return tmp_path


def killed(place: Path) -> Path:
    done = subprocess.run(
        [sys.executable, "-c", DIES, str(place)], capture_output=True, text=True, check=False
    )
    return Path(done.stdout.strip())


def test_a_folder_is_this_persons_alone_and_gone_when_it_is_left(place: Path) -> None:
    made = Scratch(place, "proof")
    assert made.path.parent == place
    assert made.path.stat().st_mode & 0o777 == 0o700
    (made.path / "deep" / "er").mkdir(parents=True)
    made.cleanup()
    assert list(place.iterdir()) == []


def test_what_a_killed_process_left_is_swept_and_what_lives_is_not(place: Path) -> None:
    living, dead = Scratch(place, "proof"), killed(place)
    assert (dead / "file").exists()
    ended: list[Path] = []
    sweep(ended.append)
    assert ended == [dead]
    assert list(place.iterdir()) == [living.path]
    living.cleanup()


def test_nothing_but_our_own_is_swept(place: Path) -> None:
    names = ("hotfix", f"hotfix-scratch-{os.getuid() + 1}-git-0000", "hotfix-scratch", "notes")
    for name in names:
        (place / name).mkdir()
    (place / f"hotfix-scratch-{os.getuid()}-file").write_text("not a folder")
    (place / f"hotfix-scratch-{os.getuid()}-link").symlink_to(place / "notes")
    sweep()
    assert {path.name for path in place.iterdir()} >= set(names)


def test_a_place_that_is_not_there_is_no_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "_PLACES", (str(tmp_path / "nowhere"), "$NO_SUCH_VARIABLE"))
    sweep()


def test_folders_that_were_made_unreadable_are_removed_and_their_surroundings_left_alone(place: Path) -> None:
    folder = place / "run"
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "file").write_text("x")
    outside = place / "outside"
    outside.mkdir(mode=0o755)
    (folder / "link").symlink_to(outside)
    (folder / "a" / "b").chmod(0)
    (folder / "a").chmod(0o500)
    place.chmod(0o755)
    remove(folder)
    assert not folder.exists()
    assert outside.stat().st_mode & 0o777 == 0o755
    assert place.stat().st_mode & 0o777 == 0o755
