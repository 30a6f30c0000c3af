"""Questions to production: what passes, what fails, and everything that must never pass."""

import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import rfc8785
from tests.adapters.units.loopback import (
    Loopback,
    Reply,
    drip,
    drip_body,
    nothing_listening,
    response,
    silence,
)

from hotfix.adapters import check
from hotfix.policy.rules import Check, Unit
from hotfix.record.parts import Sample

PYTHON = (sys.executable, "-I", "-S", "-c")


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback(response("fine")) as loopback:
        yield loopback


def ask(rule: Check, server: Loopback, expected: str = "v1") -> Sample:
    return check.make(rule).run("cart", Unit("web-1", url=server.url), expected)


# -- http ----------------------------------------------------------------------------------------


def test_the_expected_status_passes_and_names_check_and_unit(server: Loopback) -> None:
    got = ask(Check("http", path="/cart?x=1"), server)
    assert (got.check, got.unit, got.outcome) == ("cart", "web-1", "pass")
    assert got.value is not None
    assert server.asked[0].startswith(b"GET /cart?x=1 HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("rule", "reply", "outcome"),
    [
        (Check("http", path="/"), response("", "503 Busy"), "fail"),
        (Check("http", path="/", status=404), response("", "404 Gone"), "pass"),
        (Check("http", path="/", body="total: 12"), response("<p>total: 12</p>"), "pass"),
        (Check("http", path="/", body="total: 12"), response("<p>total: 11</p>"), "fail"),
        (Check("http", path="/", header="X-Mode: live"), response("", headers=("x-mode: live",)), "pass"),
        (Check("http", path="/", header="X-Mode: live"), response("", headers=("X-Mode: test",)), "fail"),
        (Check("http", path="/", header="X-Mode: live"), response(""), "fail"),
        (Check("http", path="/", release=True), response('{"release": "v1"}'), "pass"),
        (Check("http", path="/", release=True), response('{"release": "v0"}'), "fail"),
        (Check("http", path="/", release=True), response("", headers=("X-Release: v1",)), "pass"),
        (Check("http", path="/", release=True), response("", headers=("X-Release: v0",)), "fail"),
        (
            Check("http", path="/", release=True),
            response('{"release": "v1"}', headers=("X-Release: v0",)),
            "fail",
        ),
        (Check("http", path="/", release=True), response("v1"), "inconclusive"),
        (Check("http", path="/", release=True), response('{"release": 1}'), "inconclusive"),
        (Check("http", path="/", release=True), response("[" * 60_000), "inconclusive"),
        (Check("http", path="/", latency=30.0), response("fast"), "pass"),
        (Check("http", path="/", latency=1e-9), response("fast"), "fail"),
    ],
)
def test_the_answer_is_judged(server: Loopback, rule: Check, reply: bytes, outcome: str) -> None:
    server.reply = reply
    got = ask(rule, server)
    assert got.outcome == outcome, got.said


def test_without_an_expected_release_nothing_is_compared(server: Loopback) -> None:
    server.reply = response('{"release": ""}')
    assert ask(Check("http", path="/", release=True), server, expected="").outcome == "inconclusive"


@pytest.mark.parametrize(
    "reply",
    [
        silence,
        drip,
        drip_body,
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        response("short", length=500),
        response("x" * (1024 * 1024 + 1)),
    ],
    ids=["silent", "dripping headers", "dripping body", "closed", "not http", "cut off", "too long"],
)
def test_what_is_no_whole_answer_in_time_is_an_error(server: Loopback, reply: Reply) -> None:
    server.reply = reply
    got = ask(Check("http", path="/", timeout=1.0), server)
    assert got.outcome == "error"
    assert got.said
    assert "\n" not in got.said


@pytest.mark.parametrize("reply", [drip, drip_body])
def test_whoever_drips_is_left_when_the_time_is_over(server: Loopback, reply: Reply) -> None:
    server.reply = reply
    assert ask(Check("http", path="/", timeout=0.5), server).said == "no answer within 0.5 s"
    server.finish()
    assert server.gone == 1


def test_a_body_at_the_cap_is_still_judged(server: Loopback) -> None:
    server.reply = response("x" * (1024 * 1024 - 4) + "last")
    assert ask(Check("http", path="/", body="last"), server).outcome == "pass"


def test_a_unit_where_nothing_listens_fails() -> None:
    with nothing_listening() as url:
        got = check.make(Check("http", path="/")).run("cart", Unit("web-1", url=url), "v1")
    assert (got.outcome, got.said) == ("fail", "Connection refused")


def test_redirects_are_not_followed(server: Loopback) -> None:
    server.reply = response("", "302 Found", (f"Location: {server.url}/elsewhere",))
    assert ask(Check("http", path="/"), server).said == "status 302, not 200"
    assert len(server.asked) == 1


def test_proxies_of_the_environment_are_not_asked(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    with Loopback(response("proxied")) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert ask(Check("http", path="/", body="fine"), server).outcome == "pass"
        assert proxy.asked == []


def test_the_method_is_the_rules_and_head_has_no_body(server: Loopback) -> None:
    server.reply = response("", length=20)
    assert ask(Check("http", path="/", method="HEAD"), server).outcome == "pass"
    assert server.asked[0].startswith(b"HEAD / ")


def test_a_url_is_asked_once_for_the_service(server: Loopback) -> None:
    got = check.make(Check("http", url=f"{server.url}/status")).run("cart", None, "v1")
    assert (got.outcome, got.unit) == ("pass", "")
    assert server.asked[0].startswith(b"GET /status ")


@pytest.mark.parametrize("kind", ["http", "metrics"])
@pytest.mark.parametrize(
    ("unit", "said"),
    [
        (Unit("web-1"), "unit web-1 has no url"),
        (None, "this check is asked of a unit, and was given none"),
        (Unit("web-1", url="ftp://127.0.0.1"), "'ftp://127.0.0.1/' is not an http or https address"),
        (Unit("web-1", url="http://127.0.0.1:99999"), ""),
        (Unit("web-1", url="http://"), ""),
        (Unit("web-1", url="http://[::1"), ""),
    ],
)
def test_what_cannot_be_asked_is_an_error(kind: str, unit: Unit | None, said: str) -> None:
    got = check.make(Check(kind, path="/", metric="up", min=1)).run("cart", unit, "v1")
    assert got.outcome == "error"
    assert got.said == said or (got.said and not said)


def test_what_strangers_say_is_one_inert_short_line(server: Loopback) -> None:
    server.reply = response("", headers=("X-Release: \x1b[31m" + "v" * 500,))
    got = ask(Check("http", path="/", release=True), server)
    assert got.outcome == "fail"
    assert got.said.isprintable()
    assert len(got.said) <= 200


# -- metrics -------------------------------------------------------------------------------------

EXPOSED = """# TYPE requests_total counter
requests_total{code="200",path="/cart"} 90
requests_total{code="500",path="/cart"} 3
# TYPE queue gauge
queue 7
# TYPE ratio gauge
ratio NaN
ratio_inf +Inf
# TYPE jobs counter
jobs 4
"""


def metric(name: str, **rule: object) -> Check:
    return Check("metrics", path="/metrics", metric=name, **rule)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "outcome", "value"),
    [
        (metric("queue", max=7), "pass", 7),
        (metric("queue", max=6.9), "fail", 7),
        (metric("queue", min=7), "pass", 7),
        (metric("queue", min=8), "fail", 7),
        (metric("requests_total", labels={"code": "500"}, max=5), "pass", 3),
        (metric("requests_total", labels={"code": "500", "path": "/cart"}, max=2), "fail", 3),
        (metric("jobs", max=4), "pass", 4),
        (metric("requests_total", max=1000), "inconclusive", None),
        (metric("requests_total", labels={"code": "404"}, max=5), "inconclusive", None),
        (metric("reqests_total", max=5), "inconclusive", None),
        (metric("ratio", max=5), "inconclusive", None),
        (metric("ratio_inf", max=5), "fail", None),
        (metric("ratio_inf", rise=5.0), "inconclusive", None),
        (metric("queue", rise=0.0), "pass", 7),
        (metric("queue", rise=0.0, max=6), "fail", 7),
    ],
)
def test_one_series_is_held_to_its_bounds(
    server: Loopback, rule: Check, outcome: str, value: float | None
) -> None:
    server.reply = response(EXPOSED)
    got = ask(rule, server)
    assert (got.outcome, got.value) == (outcome, value), got.said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "queue 7",
        "queue\n",
        "queue seven\n",
        '{"queue": 7}\n',
        "<html>\n",
        "queue 7\nqueue 7\n",
        'queue{a="1" 7\n',
        "queue{ 7\n",
        "}\n",
        "# TYPE\n",
        "# TYPE queue\n",
    ],
)
def test_what_is_not_one_number_is_inconclusive(server: Loopback, text: str) -> None:
    server.reply = response(text)
    got = ask(metric("queue", max=1000), server)
    assert got.outcome == "inconclusive"
    assert got.said


def test_bytes_that_are_no_text_are_inconclusive(server: Loopback) -> None:
    server.reply = response(b"queue\xff 7\n")
    assert ask(metric("queue", max=1000), server).outcome == "inconclusive"


def test_a_sample_with_an_old_time_of_its_own_is_stale(server: Loopback) -> None:
    now = int(time.time() * 1000)
    server.reply = response(f"queue 7 {now - 600_000}\n")
    got = ask(metric("queue", max=1000), server)
    assert (got.outcome, "stale" in got.said) == ("inconclusive", True)
    server.reply = response(f"queue 7 {now}\n")
    assert ask(metric("queue", max=1000), server).outcome == "pass"


@pytest.mark.parametrize("reply", [response("queue 1\n", "500 Oops"), silence, b""])
def test_metrics_that_cannot_be_read_are_an_error(server: Loopback, reply: Reply) -> None:
    server.reply = reply
    rule = Check("metrics", path="/metrics", metric="queue", max=1000, timeout=1.0)
    assert ask(rule, server).outcome == "error"


def watch(server: Loopback, rule: Check, kind: str, *values: float) -> list[str]:
    """The outcomes of one check that sees these values one after the other."""
    one = check.make(rule)
    outcomes = []
    for value in values:
        server.reply = response(f"# TYPE errors {kind}\nerrors {value}\n")
        outcomes.append(one.run("errors", Unit("web-1", url=server.url), "v1").outcome)
    return outcomes


def test_a_rise_is_counted_from_the_first_sample(server: Loopback) -> None:
    assert watch(server, metric("errors", rise=5.0), "counter", 100, 105, 106) == ["pass", "pass", "fail"]


def test_a_counter_that_fell_began_anew_at_nought(server: Loopback) -> None:
    assert watch(server, metric("errors", rise=5.0), "counter", 100, 3, 5, 6) == [
        "pass",
        "pass",
        "pass",
        "fail",
    ]


def test_a_new_process_full_of_errors_does_not_pass(server: Loopback) -> None:
    assert watch(server, metric("errors", rise=5.0), "counter", 100, 50) == ["pass", "fail"]


def test_a_gauge_may_fall_and_come_back(server: Loopback) -> None:
    assert watch(server, metric("errors", rise=5.0), "gauge", 100, 90, 104, 106) == [
        "pass",
        "pass",
        "pass",
        "fail",
    ]


def test_every_unit_has_its_own_first_sample(server: Loopback) -> None:
    one = check.make(metric("errors", rise=5.0))
    server.reply = response("errors 1\n")
    assert one.run("errors", Unit("web-1", url=server.url), "v1").outcome == "pass"
    server.reply = response("errors 900\n")
    assert one.run("errors", Unit("web-2", url=server.url), "v1").outcome == "pass"


def test_no_sample_holds_a_number_that_json_cannot(server: Loopback) -> None:
    server.reply = response("queue -Inf\n")
    got = ask(metric("queue", min=0), server)
    assert (got.outcome, got.value) == ("fail", None)
    assert rfc8785.dumps(msgspec.to_builtins(got))


# -- command -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("program", "outcome", "said"),
    [
        ("print('all 12 carts kept')", "pass", "all 12 carts kept"),
        ("import sys; print('x'); print('2 carts lost'); sys.exit(1)", "fail", "2 carts lost"),
        ("import sys; sys.exit(2)", "error", "ended with 2"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "error", "ended with -9"),
    ],
)
def test_the_exit_code_is_the_answer(program: str, outcome: str, said: str) -> None:
    got = check.make(Check("command", run=(*PYTHON, program), timeout=30)).run("carts", Unit("web-1"), "v1")
    assert (got.check, got.unit, got.outcome, got.said) == ("carts", "web-1", outcome, said)


def test_a_command_that_hangs_is_an_error() -> None:
    rule = Check("command", run=(*PYTHON, "import time; time.sleep(600)"), timeout=0.5)
    got = check.make(rule).run("carts", None, "v1")
    assert (got.outcome, got.unit, got.said) == ("error", "", "no answer within 0.5 s")


@pytest.mark.parametrize("argv", [("no-such-check",), ()])
def test_a_command_that_cannot_be_started_is_an_error(argv: tuple[str, ...]) -> None:
    got = check.make(Check("command", run=argv)).run("carts", None, "v1")
    assert got.outcome == "error"
    assert "could not be started" in got.said


def test_the_command_is_told_what_it_checks(tmp_path: Path) -> None:
    program = (
        "import os; print(os.getcwd(), *(os.environ['HOTFIX_' + name] "
        "for name in ('UNIT', 'UNIT_URL', 'EXPECTED_RELEASE')))"
    )
    rule = Check("command", run=(*PYTHON, program), timeout=30)
    got = check.make(rule, tmp_path).run("carts", Unit("web-1", url="http://127.0.0.1:1"), "$(v1)")
    assert got.said == f"{tmp_path.resolve()} web-1 http://127.0.0.1:1 $(v1)"[:200]


def test_unknown_kinds_have_no_check() -> None:
    with pytest.raises(KeyError):
        check.make(Check("hope"))


def test_sockets_are_closed_after_an_answer(server: Loopback) -> None:
    ended: list[bytes] = []

    def keep_open(connection: socket.socket, over: object) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        ended.append(connection.recv(1))

    server.reply = keep_open
    assert ask(Check("http", path="/"), server).outcome == "pass"
    server.finish()
    assert ended == [b""]
