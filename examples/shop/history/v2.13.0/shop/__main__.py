"""``python3 -m shop``: one process of the shop, started in the folder of the release it serves."""

import argparse
import sys
import threading
import time
from http.server import ThreadingHTTPServer
from pathlib import Path
from smtplib import SMTPException

from shop.api import Handler, Shop


def remind_forever(shop: Shop, host: str, port: int) -> None:
    """Look for abandoned carts, again and again."""
    while True:
        time.sleep(0.1)
        try:
            shop.remind(host, port)
        except (OSError, SMTPException) as error:
            print(f"reminders wait for the mail server: {error}", file=sys.stderr)


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="shop")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--smtp", required=True, help="HOST:PORT of the mail server")
    options = parser.parse_args()
    # Asked once: what this process serves does not change when somebody moves a link on the disk.
    Handler.shop = Shop(release=Path.cwd().name)
    host, _, port = options.smtp.rpartition(":")
    threading.Thread(target=remind_forever, args=(Handler.shop, host, int(port)), daemon=True).start()
    ThreadingHTTPServer(("127.0.0.1", options.port), Handler).serve_forever()


main()
