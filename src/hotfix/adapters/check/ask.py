"""One bounded HTTP question to production."""

import http.client
import socket
import threading
import time
from contextlib import suppress

import msgspec
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from hotfix.policy.rules import Check as Rule
from hotfix.policy.rules import Unit

KEPT = 1024 * 1024
"""The most bytes that an answer may have."""


class Answer(msgspec.Struct, frozen=True):
    """What came back, whole, after `seconds`."""

    status: int
    headers: urllib3.HTTPHeaderDict
    body: bytes
    seconds: float


class Silence(Exception):
    """No answer that could be judged; the text says why."""

    def __init__(self, why: str, *, refused: bool = False) -> None:
        super().__init__(why)
        self.refused = refused
        """Nothing listens there, which is an answer too."""


def address(rule: Rule, unit: Unit | None) -> str:
    """What to ask: the rule's `url`, or the unit's `url` + `path`. Raises :class:`Silence` without one."""
    if rule.url:
        return rule.url
    if unit is None:
        raise Silence("this check is asked of a unit, and was given none")
    if not unit.url:
        raise Silence(f"unit {unit.name} has no url")
    return unit.url.rstrip("/") + rule.path


def ask(url: str, method: str, timeout: float) -> Answer:
    """Ask once, within `timeout` seconds in all: no redirect, no proxy, no retry. Raises :class:`Silence`."""
    started = time.monotonic()
    try:
        where = urllib3.util.parse_url(url)
        if where.scheme not in ("http", "https") or not where.host:
            raise Silence(f"{url!r} is not an http or https address")
        kind = HTTPSConnection if where.scheme == "https" else HTTPConnection
        connection = kind(where.host.strip("[]"), where.port, timeout=timeout)
        try:
            connection.connect()
            return _converse(connection, method, where.request_uri, started, timeout)
        finally:
            connection.close()
    except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError) as error:
        late = time.monotonic() >= started + timeout or isinstance(error, TimeoutError)
        why = f"no answer within {timeout:g} s" if late else _why(error)
        raise Silence(why, refused=isinstance(error.__cause__, ConnectionRefusedError)) from None


def _converse(connection: HTTPConnection, method: str, path: str, started: float, timeout: float) -> Answer:
    # A socket's own time-out starts again with every byte; the watchdog does not.
    watchdog = threading.Timer(max(0.0, started + timeout - time.monotonic()), _cut, (connection.sock,))
    watchdog.daemon = True
    watchdog.start()
    try:
        connection.request(method, path, headers={"Accept-Encoding": "identity"}, preload_content=False)
        response = connection.getresponse()
        try:
            body = _body(response)
        finally:
            response.close()
    finally:
        watchdog.cancel()
    seconds = time.monotonic() - started
    if seconds >= timeout:
        raise TimeoutError
    if len(body) > KEPT:
        raise Silence(f"the answer is longer than {KEPT} bytes")
    return Answer(response.status, response.headers, body, seconds)


def _body(response: urllib3.BaseHTTPResponse) -> bytes:
    # One read would take a body that was cut off for a whole one; the empty read at its end does not.
    body = bytearray()
    while len(body) <= KEPT and (part := response.read(KEPT, decode_content=False)):
        body += part
    return bytes(body)


def _cut(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _why(error: Exception) -> str:
    cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
    return (cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause)) or type(
        error
    ).__name__
