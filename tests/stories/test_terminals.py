"""A ship from several terminals: in the background, followed, its window extended, and a halt that nobody may forget."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from stories.world import LIVE, NEW, World

LONGEST = 40.0


def test_a_detached_ship_goes_on_without_its_terminal(world: World) -> None:
    said = world.approved().olga.hotfix("ship", "--detach")
    assert "this terminal may close" in said.err
    assert "validated in production" in said.err
    assert world.serves() == [NEW, NEW]


def test_a_detached_ship_survives_the_terminal_that_started_it(world: World) -> None:
    world.change_policy('window = "100ms"', 'window = "3s"')
    terminal = begun(world.approved(), "ship", "--detach")
    eventually(lambda: world.serves() == [NEW, NEW])
    terminal.kill()
    terminal.communicate()
    watched = world.rita.hotfix("status", "--watch", "HF-1")
    assert "HF-1: v1.1.0+hf.1 validated in production" in watched.out
    assert "wave passed: wave 2 is well" in watched.err


def test_a_detached_ship_that_is_refused_says_so_where_it_was_started(world: World) -> None:
    world.picked()
    said = world.olga.hotfix("ship", "--detach", "--wait", "100ms", exits=8)
    assert "more review" in said.err or "waiting for review" in said.err


def test_following_ends_with_the_exit_code_of_the_ship(world: World) -> None:
    world.shipped()
    assert world.rita.hotfix("status", "--watch", "--fetch", "HF-1").code == 0
    world.olga.hotfix("rollback")
    followed = world.rita.hotfix("status", "--watch", "HF-1", "--json", exits=10).json
    assert (followed["outcome"], followed["units"]) == ("rolled_back", [["web-1", LIVE], ["web-2", LIVE]])


def test_the_observation_window_is_extended_from_another_terminal(world: World) -> None:
    world.change_policy('window = "100ms"', 'window = "2s"')
    ship = begun(world.approved(), "ship", "--json")
    eventually(lambda: world.serves() == [NEW, NEW])
    said = world.olga.hotfix("ship", "--extend", "3s", "HF-1")
    assert "the guards watch for 5 s after the last wave" in said.out
    out, _ = ship.communicate(timeout=LONGEST)
    assert json.loads(out)["outcome"] == "validated"
    facts = world.olga.hotfix("log", "HF-1", "--json").json
    at = {fact["kind"]: fact["at"] for fact in (entry["fact"] for entry in facts)}
    assert seconds(at["ended/1"]) - seconds(at["wave_passed/1"]) >= 5


def test_where_nothing_ships_there_is_no_window_to_extend(world: World) -> None:
    refused = world.shipped().olga.hotfix("ship", "--extend", "3s", "--json", exits=1)
    assert refused.codes == ["extend-no-window"]


@pytest.mark.parametrize("who_acts", ["olga", "rita"])
def test_a_halt_is_told_again_until_somebody_acts_and_says_what_to_do_of_each_unit(
    world: World, who_acts: str
) -> None:
    notices = world.folder / "notices"
    told = f'notify = ["sh", "-c", "cat >> {notices}; echo >> {notices}"]\nremind = "500ms"\n'
    world.change_policy('service = "shop"\n', f'service = "shop"\n{told}')
    world.shipped()
    world.put("web-2", "v1.0.0")
    world.olga.hotfix("rollback", exits=11)
    eventually(lambda: len(halts(notices)) >= 3)
    assert [halt["detail"].get("reminder") for halt in halts(notices)[:3]] == [None, 1, 2]
    said = world.olga.hotfix("status", "HF-1").out
    assert "HALTED: a human is needed" in said
    assert f"serves {LIVE}, as before" in said
    assert "find out who did; it is left alone" in said
    world.put("web-2", NEW)
    getattr(world, who_acts).hotfix("rollback")
    quiet = settled(notices)
    assert halts(notices) == quiet


def begun(world: World, *words: str) -> "subprocess.Popen[bytes]":
    """A hotfix command of Olga's in another terminal."""
    olga = world.olga
    return subprocess.Popen(
        [sys.executable, "-m", "hotfix", *words],
        cwd=olga.clone,
        env=olga.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST
    while not holds():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def halts(notices: Path) -> list[dict[str, dict[str, object]]]:
    lines = notices.read_text().splitlines() if notices.exists() else []
    return [told for told in map(json.loads, lines) if told["event"] == "halted"]


def settled(notices: Path) -> list[dict[str, dict[str, object]]]:
    """What was told once a reminder that was on its way has come in."""
    time.sleep(1.0)
    told = halts(notices)
    time.sleep(1.5)
    return told


def seconds(at: str) -> float:
    from hotfix.record import moment

    return moment.from_text(at).timestamp()
