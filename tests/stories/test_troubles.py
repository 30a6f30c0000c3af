"""What goes wrong around a ship: people at cross purposes, a record that vanishes, a second pair of hands."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from hotfix.lifecycle import review
from hotfix.record import moment
from hotfix.record.facts import Ended, Picked, Planned, Reviewed
from hotfix.record.parts import Signed
from hotfix.record.patch import statement
from stories import forgery
from stories.people import Person
from stories.world import LIVE, NEW, UNITS, World

HOLDS = """
[ "$1 $release" = "total.sh {new}" ] && [ ! -e {ops}/go ] && exit 1
"""
STUCK = 30.0
"""Seconds after which a wait is a failure."""


# -- what is over --


def test_an_abandoned_hotfix_does_not_ship(world: World) -> None:
    world.approved()
    world.olga.hotfix("close", "--abandon", "the next release is soon")
    refused = world.olga.hotfix("ship", "HF-1", exits=1)
    assert "was closed" in refused.err
    assert world.serves() == [LIVE, LIVE]


def test_a_validated_hotfix_does_not_ship_again_and_says_so(world: World) -> None:
    world.shipped()
    refused = world.olga.hotfix("ship", exits=1)
    assert "HF-1 is validated in production already" in refused.err
    assert "hotfix land HF-1" in refused.err


def test_an_authorization_is_used_up_by_the_ship_that_came_back(world: World) -> None:
    world.rehearsed()
    spoil(world)
    world.olga.hotfix("ship", exits=10)
    assert world.gates()["authorize"] == "waiting"
    waiting = world.olga.hotfix("ship", "--wait", "0s", exits=8)
    assert "ship 2 used it, and that ship did not end well" in waiting.err
    world.rita.hotfix("authorize")
    assert world.gates()["authorize"] == "open"


def test_an_environment_that_trunk_no_longer_has_is_named(world: World) -> None:
    world.approved()
    policy = (world.rita.clone / "hotfix.toml").read_text()
    world.on_trunk({"hotfix.toml": policy.replace("env.production", "env.live")}, "Rename it")
    for words in (["pick", world.fix], ["ship", "--plan"], ["ship"]):
        refused = world.olga.hotfix(*words, exits=1)
        assert "Trunk's policy no longer has env.production" in refused.err
    assert world.serves() == [LIVE, LIVE]


# -- the way back --


def test_a_rollback_from_a_clone_that_knew_nothing_of_the_ship(world: World) -> None:
    world.shipped()
    world.sam.hotfix("rollback")
    assert world.serves() == [LIVE, LIVE]


def test_a_rollback_from_another_clone_after_an_interrupt_in_the_first_wave(world: World) -> None:
    world.rehearsed()
    with shipping(world, finishes=False) as ship:
        ship.send_signal(signal.SIGINT)
        assert ship.wait(STUCK) == 130
    assert world.serves() == [NEW, LIVE]
    world.rita.hotfix("rollback")
    assert world.serves() == [LIVE, LIVE]
    assert world.orders("web-2") == []


def test_the_command_is_told_what_the_unit_serves_now_on_both_ways(world: World) -> None:
    world.rehearsed()
    activate = world.folder / "ops" / "activate.sh"
    tells = 'echo "$HOTFIX_EXPECT_CURRENT" >> "$HOTFIX_UNIT_ROOT/expected"\n'
    activate.write_text(tells + activate.read_text())
    world.olga.hotfix("ship")
    world.olga.hotfix("rollback")
    for unit in UNITS:
        assert (world.folder / "units" / unit / "expected").read_text().split() == [LIVE, NEW]


def test_a_reason_that_is_not_utf8_does_not_keep_the_rollback_back(world: World) -> None:
    world.shipped()
    said = world.olga.hotfix("rollback", "--because", b"caf\xe9")
    assert world.serves() == [LIVE, LIVE]
    assert "caf\\351" in said.out
    assert "the record is whole" in world.olga.hotfix("log", "--verify").out


# -- in the middle of a ship --


@pytest.mark.parametrize("act", ["-d refs/heads/hotfix-record", "refs/heads/hotfix-record refs/heads/other"])
def test_a_record_that_is_removed_or_rewritten_meanwhile_brings_the_ship_back(world: World, act: str) -> None:
    world.rehearsed()
    another_record(world)
    activate = world.folder / "ops" / "activate.sh"
    attack = f'\n[ "$1 $2" = "web-1 {NEW}" ] && git --git-dir={world.remote} update-ref {act}\nexit 0\n'
    activate.write_text(activate.read_text() + attack)
    said = world.olga.hotfix("ship", exits=10)
    assert "was rewritten" in said.out
    assert world.serves() == [LIVE, LIVE]
    assert world.orders("web-2") == []


def test_a_rejection_stops_the_ship_before_the_next_wave_also_from_a_clock_that_is_behind(
    world: World,
) -> None:
    world.rehearsed()
    with shipping(world) as ship:
        forgery.append(world.sam, rejection(world, world.sam, "it rounds wrongly"))
    assert ship.returncode == 10
    assert world.serves() == [LIVE, LIVE]
    assert world.orders("web-2") == []
    assert "it rounds wrongly" in world.olga.hotfix("status").out


def test_a_second_persons_ship_is_refused_while_the_first_runs(world: World) -> None:
    world.rehearsed()
    with shipping(world) as ship:
        assert world.sam.hotfix("ship", "--json", exits=1).codes == ["ship-lease"]
    assert ship.returncode == 0
    assert world.serves() == [NEW, NEW]
    world.olga.hotfix("log", "--verify")
    by_whom = {fact.by for fact in forgery.facts(world) if isinstance(fact, Planned | Ended)}
    assert by_whom == {world.olga.email}


def test_a_guard_may_ask_a_unit_over_http_which_release_answers(world: World) -> None:
    world.approved()
    with answering(world) as ports:
        policy = (world.rita.clone / "hotfix.toml").read_text()
        for unit, port in ports.items():
            policy = policy.replace(f'/{unit}"', f'/{unit}", url = "http://127.0.0.1:{port}"')
        asks = '[check.version]\nkind = "http"\npath = "/"\nrelease = true\n\n[target.app]'
        policy = policy.replace("[target.app]", asks).replace('["alive"]', '["alive", "version"]')
        world.on_trunk({"hotfix.toml": policy}, "Ask for the release")
        said = world.olga.hotfix("ship").err
        assert "version web-1 pass" in said
        assert world.serves() == [NEW, NEW]
        assert "version web-2 pass" in world.olga.hotfix("rollback").err
        assert world.serves() == [LIVE, LIVE]


# -- at once --


def test_two_picks_at_once_never_give_one_name_to_two_results(world: World) -> None:
    world.start()
    world.start()
    greeting = world.on_trunk({"greet.sh": "echo hello\n"}, "Greet properly")
    picks = []
    for person, fix, hotfix in ((world.olga, world.fix, "HF-1"), (world.sam, greeting, "HF-2")):
        person.git("fetch", "-q")
        picks.append(typed(person, "pick", fix, "--hotfix", hotfix))
    codes = sorted(pick.wait(STUCK) for pick in picks)
    assert codes in ([0, 0], [0, 1])
    world.olga.hotfix("doctor", exits=None)
    world.olga.hotfix("log", "--verify")
    names = [fact.release for fact in forgery.facts(world) if isinstance(fact, Picked)]
    assert len(set(names)) == len(names) == codes.count(0)


# -- files --


def test_the_postmortem_does_not_overwrite_a_file_of_somebody_else(world: World) -> None:
    world.shipped()
    notes = world.olga.clone / "NOTES.md"
    notes.write_text("precious\n")
    refused = world.olga.hotfix("postmortem", "--out", "NOTES.md", "--json", exits=1)
    assert refused.codes == ["postmortem-other-file"]
    assert notes.read_text() == "precious\n"


def typed(person: Person, *words: str) -> subprocess.Popen[bytes]:
    """The command runs, and nobody waits for it."""
    argv = [sys.executable, "-m", "hotfix", *words]
    return subprocess.Popen(
        argv,
        cwd=person.clone,
        env=person.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@contextmanager
def shipping(
    world: World, *words: str, finishes: bool = True, first: str = UNITS[0], release: str = NEW
) -> Iterator[subprocess.Popen[bytes]]:
    """Olga's ship is in its first wave, and stays there while the block runs; afterwards it goes on to its end.

    Other `words` than ``ship`` bring another `release`. That wave changes the unit `first`; where nothing was
    rehearsed before, it is that of the rehearsal.
    """
    ops = world.folder / "ops"
    read = "release=$(cat release) || exit 2\n"
    check = (ops / "check.sh").read_text()
    assert read in check
    (ops / "check.sh").write_text(check.replace(read, read + HOLDS.format(new=release, ops=ops)))
    world.change_policy('patience = "3s"', 'patience = "60s"')
    ship = typed(world.olga, *(words or ("ship",)))
    try:
        until = time.monotonic() + STUCK
        while (world.folder / "units" / first / "release").read_text().strip() != release:
            assert ship.poll() is None and time.monotonic() < until, "the ship never came to its first wave"
            time.sleep(0.02)
        yield ship
        if finishes:
            (ops / "go").touch()
            ship.wait(STUCK)
    finally:
        ship.kill()
        ship.wait()


def spoil(world: World) -> None:
    """The new release is not alive."""
    check = world.folder / "ops" / "check.sh"
    dead = f'[ "$1 $release" = "alive.sh {NEW}" ] && exit 1\n'
    check.write_text(check.read_text().replace("said=", dead + "said="))


def another_record(world: World) -> None:
    """On the remote, the branch `other` has the record's files and none of its history."""
    world.mallory.git("fetch", "-q", "origin", "hotfix-record")
    tree = world.mallory.git("rev-parse", "FETCH_HEAD^{tree}")
    other = world.mallory.git("commit-tree", "-m", "nothing to see here", tree)
    world.mallory.git("push", "-q", "origin", f"{other}:refs/heads/other")


def rejection(world: World, by: Person, because: str) -> Reviewed:
    """A signed rejection by somebody whose clock is two minutes behind."""
    patch, at = forgery.patch(world), moment.to_text(datetime.now(UTC) - timedelta(minutes=2))
    context = {"at": at}
    signature = forgery.sign(by.key, review.NAMESPACE, statement("reject", patch, context))
    signed = Signed(review.NAMESPACE, context, signature, "")
    return Reviewed(at=at, by=by.email, patch=patch.digest, verdict="reject", because=because, signed=signed)


@contextmanager
def answering(world: World) -> Iterator[dict[str, int]]:
    """Every unit says over HTTP which release it serves; the ports."""
    servers = {unit: HTTPServer(("127.0.0.1", 0), _answers_for(world, unit)) for unit in UNITS}
    threads = [threading.Thread(target=server.serve_forever, args=(0.05,)) for server in servers.values()]
    for thread in threads:
        thread.start()
    try:
        yield {unit: server.server_port for unit, server in servers.items()}
    finally:
        for server, thread in zip(servers.values(), threads, strict=True):
            server.shutdown()
            thread.join()
            server.server_close()


def _answers_for(world: World, unit: str) -> type[BaseHTTPRequestHandler]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"release": world.serves()[UNITS.index(unit)]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    return Answers
