"""One bounded HTTP question to production."""

import http.client
import socket
import threading
import time
from contextlib import suppress

import msgspec
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection


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


class _Question(msgspec.Struct, frozen=True):
    """`started` is monotonic, `timeout` in seconds, `most` the bytes that the body may have."""

    method: str
    path: str
    started: float
    timeout: float
    most: int

    @property
    def left(self) -> float:
        return max(0.0, self.started + self.timeout - time.monotonic())


def ask(url: str, method: str, *, timeout: float, most: int) -> Answer:
    """Ask once, within `timeout` seconds in all, for a body of at most `most` bytes.

    No redirect, no proxy, no retry. Raises :class:`Silence`.
    """
    started = time.monotonic()
    try:
        where = urllib3.util.parse_url(url)
        if where.scheme not in ("http", "https") or not where.host:
            raise Silence(f"{url!r} is not an http or https address")
        kind = HTTPSConnection if where.scheme == "https" else HTTPConnection
        connection = kind(where.host.strip("[]"), where.port, timeout=timeout)
        try:
            connection.connect()
            return _converse(connection, _Question(method, where.request_uri, started, timeout, most))
        finally:
            connection.close()
    except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError) as error:
        late = time.monotonic() >= started + timeout or isinstance(error, TimeoutError)
        why = f"no answer within {timeout:g} s" if late else _why(error)
        raise Silence(why, refused=isinstance(error.__cause__, ConnectionRefusedError)) from None


def _converse(connection: HTTPConnection, question: _Question) -> Answer:
    # A socket's own time-out starts again with every byte; the watchdog does not.
    watchdog = threading.Timer(question.left, _cut, (connection.sock,))
    watchdog.daemon = True
    watchdog.start()
    try:
        headers = {"Accept-Encoding": "identity"}
        connection.request(question.method, question.path, headers=headers, preload_content=False)
        response = connection.getresponse()
        try:
            body = _body(response, question.most)
        finally:
            response.close()
    finally:
        watchdog.cancel()
    seconds = time.monotonic() - question.started
    if seconds >= question.timeout:
        raise TimeoutError
    if len(body) > question.most:
        raise Silence(f"the answer is longer than {question.most} bytes")
    return Answer(response.status, response.headers, body, seconds)


def _body(response: urllib3.BaseHTTPResponse, most: int) -> bytes:
    # One read would take a body that was cut off for a whole one; the empty read at its end does not.
    body = bytearray()
    while len(body) <= most and (part := response.read(most, decode_content=False)):
        body += part
    return bytes(body)


def _cut(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _why(error: Exception) -> str:
    cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return str(cause) or type(error).__name__
