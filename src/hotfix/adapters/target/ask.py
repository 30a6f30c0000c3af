"""One bounded HTTP question to a unit."""

import http.client
import socket
import threading
import time
from contextlib import suppress

import msgspec
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

KEPT = 64 * 1024
"""The most bytes that an answer may have: it names a release and little else."""


class Answer(msgspec.Struct, frozen=True):
    """What came back. `status` 0: nothing that could be read, and `problem` says why."""

    status: int
    body: bytes = b""
    problem: str = ""
    refused: bool = False
    """Nothing listens there: the one silence that is an answer."""


def ask(url: str, timeout: float) -> Answer:
    """GET `url` within `timeout` seconds in all: no redirect, no proxy, no retry. Never raises."""
    deadline = time.monotonic() + timeout
    try:
        connection = _connection(url, timeout)
        try:
            connection.connect()
            return _converse(connection, urllib3.util.parse_url(url).request_uri, deadline)
        finally:
            connection.close()
    except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError) as error:
        late = time.monotonic() >= deadline or isinstance(error, TimeoutError)
        problem = f"no answer within {timeout:g} s" if late else _why(error)
        return Answer(0, problem=problem, refused=isinstance(error.__cause__, ConnectionRefusedError))


def _connection(url: str, timeout: float) -> HTTPConnection:
    where = urllib3.util.parse_url(url)
    if where.scheme not in ("http", "https") or not where.host:
        raise ValueError(f"{url!r} is not an http or https address")
    kind = HTTPSConnection if where.scheme == "https" else HTTPConnection
    return kind(where.host.strip("[]"), where.port, timeout=timeout)


def _converse(connection: HTTPConnection, path: str, deadline: float) -> Answer:
    # A socket's own time-out starts again with every byte; the watchdog does not.
    watchdog = threading.Timer(max(0.0, deadline - time.monotonic()), _cut, (connection.sock,))
    watchdog.daemon = True
    watchdog.start()
    try:
        connection.request("GET", path, headers={"Accept-Encoding": "identity"}, preload_content=False)
        response = connection.getresponse()
        try:
            body = _body(response)
        finally:
            response.close()
    finally:
        watchdog.cancel()
    if time.monotonic() >= deadline:
        raise TimeoutError
    if len(body) > KEPT:
        return Answer(0, problem=f"the answer is longer than {KEPT} bytes")
    return Answer(response.status, body)


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
