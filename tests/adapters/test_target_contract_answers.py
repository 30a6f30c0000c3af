"""What a unit answers, over HTTP or through the team's command, and how much of it is believed."""

import sys
from collections.abc import Iterator

import pytest
from tests.adapters.units.loopback import (
    Loopback,
    Reply,
    drip,
    drip_body,
    nothing_listening,
    response,
    silence,
)
from tests.adapters.units.orders import order, release_dir

from hotfix.adapters.target import KINDS
from hotfix.adapters.target.command import CommandTarget
from hotfix.policy.rules import Target as Rule
from hotfix.policy.rules import Unit
from hotfix.record.parts import UnitState

PYTHON = (sys.executable, "-I", "-S", "-c")


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback(response("v1")) as loopback:
        yield loopback


@pytest.mark.parametrize(
    ("reply", "state", "name"),
    [
        (response("v1\n"), "serving", "v1"),
        (response('{"release": "v2.14.0+hf.1", "up": true}'), "serving", "v2.14.0+hf.1"),
        (response('"v1"'), "serving", '"v1"'),
        (response("$(id)"), "serving", "$(id)"),
        (response('{"version": "v1"}'), "unknown", ""),
        (response('{"release": 3}'), "unknown", ""),
        (response('{"release": ""}'), "unknown", ""),
        (response('{"release": "v1\\nv2"}'), "unknown", ""),
        (response("v1\nv2"), "unknown", ""),
        (response("v" * 200), "serving", "v" * 200),
        (response("v" * 201), "unknown", ""),
        (response("v1\x1b[2J"), "unknown", ""),
        (response("v1\N{RIGHT-TO-LEFT OVERRIDE}"), "unknown", ""),
        (response(b"v\xff"), "unknown", ""),
        (response(b'{"release": "v\xff"}'), "unknown", ""),
        (response(""), "unknown", ""),
        (response("[" * 60_000), "unknown", ""),
        (response("x" * 70_000), "unknown", ""),
        (response("v1", "500 Oops"), "unknown", ""),
        (response("v1", "404 Not Found"), "unknown", ""),
        (response("v1", "302 Found", ("Location: /other",)), "unknown", ""),
        (response("v1", length=50), "unknown", ""),
        (b"garbage", "unknown", ""),
        (b"", "unknown", ""),
    ],
)
def test_only_a_plain_name_is_believed(server: Loopback, reply: bytes, state: str, name: str) -> None:
    server.reply = reply
    seen = release_dir().observe(Unit("web-1", url=server.url))
    assert (seen.state, seen.release) == (state, name), seen.said
    assert bool(seen.said) == (state != "serving")


@pytest.mark.parametrize("reply", [silence, drip, drip_body])
def test_no_whole_answer_in_time_is_unknown(server: Loopback, reply: Reply) -> None:
    server.reply = reply
    seen = release_dir(timeout=0.5).observe(Unit("web-1", url=server.url))
    assert (seen.state, seen.said) == ("unknown", "no answer within 0.5 s")
    server.finish()
    assert server.gone == (0 if reply is silence else 1)


def test_another_field_may_hold_the_release(server: Loopback) -> None:
    server.reply = response('{"build": "v1", "release": "no"}')
    assert release_dir(field="build").observe(Unit("web-1", url=server.url)).release == "v1"


def test_refused_connections_mean_down() -> None:
    with nothing_listening() as url:
        assert release_dir().observe(Unit("web-1", url=url)).state == "down"


@pytest.mark.parametrize("url", ["", "ftp://127.0.0.1", "http://", "http://127.0.0.1:99999", "http://[::1"])
def test_a_unit_that_cannot_be_asked_is_unknown(url: str) -> None:
    assert release_dir().observe(Unit("web-1", url=url)).state == "unknown"


@pytest.mark.parametrize(
    ("program", "state", "name"),
    [
        ("print(' v1 ')", "serving", "v1"),
        ("import sys; sys.exit(3)", "down", ""),
        ("import sys; print('v1'); sys.exit(1)", "unknown", ""),
        ("import sys; print('v1'); sys.exit(255)", "unknown", ""),
        ("pass", "unknown", ""),
        ("print('v1\\nv2')", "unknown", ""),
        ("import os; os.write(1, b'v\\xff')", "unknown", ""),
        ("import time; print('v1', flush=True); time.sleep(600)", "unknown", ""),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "unknown", ""),
    ],
)
@pytest.mark.parametrize("kind", ["release-dir", "command"])
def test_a_command_says_what_serves_by_its_exit_and_output(
    kind: str, program: str, state: str, name: str
) -> None:
    rule = Rule(kind, (*PYTHON, program), ("true",), ("true",), timeout=1.0 if "sleep" in program else 30.0)
    seen = KINDS[kind](rule).observe(Unit("web-1"))
    assert (seen.state, seen.release) == (state, name), seen.said


def test_an_observe_command_that_is_missing_is_unknown() -> None:
    rule = Rule("command", ("no-such-command",), ("true",))
    seen = CommandTarget(rule).observe(Unit("web-1"))
    assert seen.state == "unknown"
    assert "could not be started" in seen.said


# -- asked until it serves -------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["v2", "commit of v2"])
def test_a_release_is_reached_by_its_name_or_its_commit(server: Loopback, answer: str) -> None:
    server.reply = response(answer)
    unit = Unit("web-1", url=server.url)
    target = CommandTarget(Rule("command", "/version", ("true",), start_timeout=2.0))
    assert target.activate(order(unit, "v2")).exit == 0
    assert len(server.asked) == 1, "it was not asked again"
    assert target.observe(unit) == UnitState("web-1", "serving", answer)


@pytest.mark.parametrize("answer", ["v1", "commit of v1", "commit of", "V2"])
def test_a_unit_that_names_another_release_is_asked_again(server: Loopback, answer: str) -> None:
    server.reply = response(answer)
    target = CommandTarget(Rule("command", "/version", ("true",), start_timeout=0.5))
    target.activate(order(Unit("web-1", url=server.url), "v2"))
    assert len(server.asked) > 1


def test_a_target_of_commands_may_be_asked_over_http(server: Loopback) -> None:
    server.reply = response('{"build": "v1"}')
    target = CommandTarget(Rule("command", "/version", ("true",), field="build"))
    assert target.observe(Unit("web-1", url=server.url)) == UnitState("web-1", "serving", "v1")
    assert server.asked[0].startswith(b"GET /version HTTP/1.1\r\n")
    assert target.observe(Unit("web-2")).state == "unknown"
