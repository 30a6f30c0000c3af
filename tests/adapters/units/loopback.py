"""A server on loopback that says exactly the bytes a test wants, and keeps what it was asked."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType

Reply = bytes | Callable[[socket.socket, threading.Event], None]

_DRIPS = 200


def response(
    body: bytes | str, status: str = "200 OK", headers: tuple[str, ...] = (), length: int | None = None
) -> bytes:
    """A whole HTTP response; `length` lies about the body's length."""
    raw = body.encode() if isinstance(body, str) else body
    told = len(raw) if length is None else length
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {told}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + raw


def silence(connection: socket.socket, over: threading.Event) -> None:
    """Take the question and say nothing until the test is over."""
    over.wait(60)


def drip(connection: socket.socket, over: threading.Event) -> None:
    """Never silent and not done for ten seconds: one header after the other. The asker should have gone."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for _ in range(_DRIPS):
        over.wait(0.05)
        connection.sendall(b"X-More: 1\r\n")


def drip_body(connection: socket.socket, over: threading.Event) -> None:
    """A body without a length that goes on for ten seconds: cut off, it looks whole."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nv1")
    for _ in range(_DRIPS):
        over.wait(0.05)
        connection.sendall(b" ")


class Loopback:
    """Answers every connection with `reply`, which a test may change at any time."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.asked: list[bytes] = []
        self.gone = 0
        """How many askers hung up before they had the answer."""
        self._over = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept)]

    def __enter__(self) -> "Loopback":
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.finish()

    def finish(self) -> None:
        """Answer what was asked, then listen no more."""
        self._over.set()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while not self._over.is_set():
                connection, _ = self._listening.accept()
                thread = threading.Thread(target=self._answer, args=(connection,))
                self._threads.append(thread)
                thread.start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            try:
                self.asked.append(connection.recv(65536))
                if isinstance(self.reply, bytes):
                    connection.sendall(self.reply)
                else:
                    self.reply(connection, self._over)
            except OSError:
                self.gone += 1


@contextmanager
def nothing_listening() -> Iterator[str]:
    """An address of loopback where, for this long, connections are refused: bound, and not listening."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
