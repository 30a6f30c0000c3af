"""A small service for tests: it answers with the release that it was started from, whatever lies there now.

``shop.py serve ROOT PORT``     reads ROOT/current/release.txt once and serves it at /version
``shop.py restart ROOT URL``    ends the running one, starts another in the background, which inherits stdout
``shop.py observe URL``         prints the release that serves; exit 3 where none does

A release may misbehave: its release.txt goes on, after a line of three dashes, with "broken" (it does
not start) or "hung" (it listens and never answers).
"""

import http.client
import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit


def serve(root: str, port: str) -> None:
    """Answer until killed."""
    release, _, behaviour = (Path(root) / "current" / "release.txt").read_text().partition("\n---\n")
    if behaviour == "broken":
        sys.exit("this release does not start")

    class Version(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if behaviour == "hung":
                time.sleep(600)
            body = json.dumps({"release": release}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Version).serve_forever()


def restart(root: str, url: str) -> None:
    """Back at once: whether the new one starts is for others to observe."""
    port = urlsplit(url).port or 80
    stop(root, port)
    started = subprocess.Popen([sys.executable, "-I", "-S", __file__, "serve", root, str(port)])
    (Path(root) / "pid").write_text(str(started.pid))
    print("restarted", flush=True)
    os._exit(0)


def stop(root: str, port: int) -> None:
    """End the running one and wait until nothing listens any more."""
    with suppress(FileNotFoundError, ProcessLookupError):
        os.kill(int((Path(root) / "pid").read_text()), signal.SIGKILL)
    with suppress(ConnectionRefusedError):
        while True:
            socket.create_connection(("127.0.0.1", port)).close()
            time.sleep(0.01)


def observe(url: str) -> None:
    """What the running process says."""
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port)
    try:
        connection.request("GET", "/version")
    except ConnectionRefusedError:
        sys.exit(3)
    print(json.load(connection.getresponse())["release"])


if __name__ == "__main__":
    verb, *words = sys.argv[1:]
    match verb:
        case "serve":
            serve(*words)
        case "restart":
            restart(*words)
        case "observe":
            observe(*words)
