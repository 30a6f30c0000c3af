"""The power is cut in the middle of writing: nothing that was acknowledged is lost.

``HOTFIX_POWERCUTS=200`` for the full size; the seed of a run that went wrong is in what is printed.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from powercut.appends import Told
from powercut.disk import detach_left

RUNS = int(os.environ.get("HOTFIX_POWERCUTS", "15"))
SHIPS = RUNS // 5
SEED = int(os.environ.get("HOTFIX_POWERCUT_SEED", "1"))

_PRIVATE = ("unshare", "--mount", "--propagation", "private")
_TRY = (
    'truncate -s 8M "$0" && mkfs.ext4 -q "$0" && mkdir "$0.d" && mount -o loop "$0" "$0.d" && umount "$0.d"'
)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder for images; skipped where this system does not let us mount one."""
    try:
        tried = subprocess.run(
            [*_PRIVATE, "sh", "-c", _TRY, str(tmp_path / "try")], capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        pytest.skip(f"no disk can be made here: {error}")
    if tried.returncode != 0:
        pytest.skip(f"no disk can be mounted here: {tried.stderr.strip()}")
    detach_left()
    place = tmp_path / "cuts"
    place.mkdir()
    try:
        yield place
    finally:
        detach_left()


def cut(place: Path, appends: int, ships: int, *more: str) -> list[Told]:
    """Cut the power so many times; how each ended."""
    paths = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [
            *_PRIVATE,
            sys.executable,
            "-m",
            "powercut.drop",
            str(place),
            str(appends),
            str(ships),
            str(SEED),
            *more,
        ],
        env={**os.environ, "PYTHONPATH": paths},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return [msgspec.json.decode(line, type=Told) for line in done.stdout.splitlines()]


def test_nothing_that_was_acknowledged_is_lost(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = cut(place, RUNS - SHIPS, SHIPS)
    appends, ships = told[: RUNS - SHIPS], told[RUNS - SHIPS :]
    with capsys.disabled():
        print(f"\npower cuts from seed {SEED}: {summary(appends)}; in ships: {summary(ships)}")
    assert len(told) == RUNS
    assert [one for one in told if one.wrong] == []
    assert all(one.acknowledged for one in told)
    assert sum(one.effects for one in ships), "no cut came after an effect"
    assert all("git's own lock" in one.said for one in appends if one.said)


def test_the_judge_sees_what_is_lost_where_nothing_is_synced(place: Path) -> None:
    told = cut(place, 3, 0, "careless")
    assert len([one for one in told if "were acknowledged, and the record has" in "".join(one.wrong)]) == 3


def summary(told: list[Told]) -> str:
    """What happened how often."""
    acknowledged = sum(one.acknowledged for one in told)
    wrong = sum(bool(one.wrong) for one in told)
    locks, refused = sum(bool(one.locks) for one in told), sum(bool(one.said) for one in told)
    effects = f", {sum(one.effects for one in told)} effects" if any(one.effects for one in told) else ""
    return (
        f"{len(told)} runs, {acknowledged} facts acknowledged{effects}, {wrong} runs wrong, "
        f"{locks} with locks of git left behind, {refused} refusing until they were removed"
    )
