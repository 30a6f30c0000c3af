"""What the shop answers over HTTP."""

import itertools
import json
import threading
import time
from http.server import BaseHTTPRequestHandler

from shop import reminders
from shop.carts import Cart, move
from shop.checkout import CheckoutRefused, check_out
from shop.payments import Declined

Answer = tuple[int, object]


class Shop:
    """The open shop: its carts and its counters, for one request at a time."""

    def __init__(self, release: str) -> None:
        self.release = release
        self.carts: dict[str, Cart] = {}
        self.counters = {"checkouts": 0, "checkout_errors": 0, "reminders_sent": 0}
        self.lock = threading.Lock()
        self._numbers = itertools.count(1)

    def answer(self, method: str, path: str, body: dict) -> Answer:
        """Status and content for one request."""
        match method, path.strip("/").split("/"):
            case "GET", ["health"]:
                return 200, {"status": "ok"}
            case "GET", ["version"]:
                return 200, {"release": self.release}
            case "GET", ["metrics"]:
                return 200, self.metrics()
            case "POST", ["carts"]:
                return self.open_cart(body["email"], body["items"])
            case "POST", ["carts", cart, "abandon"] if cart in self.carts:
                move(self.carts[cart], "abandoned", time.monotonic())
                return 200, {"cart": cart}
            case "POST", ["checkout"]:
                return self.check_out(body.get("cart", ""), body.get("card", ""))
        return 404, {"error": "there is no such page"}

    def open_cart(self, email: str, items: dict[str, int]) -> Answer:
        """A new cart with something in it."""
        cart = Cart(f"cart-{next(self._numbers)}", email, items, time.monotonic())
        self.carts[cart.id] = cart
        return 201, {"cart": cart.id}

    def check_out(self, number: str, card: str) -> Answer:
        """Order a cart."""
        if number not in self.carts:
            return 404, {"error": "there is no such cart"}
        cart = self.carts[number]
        try:
            cents = check_out(cart, card, time.monotonic())
        except (CheckoutRefused, Declined) as refusal:
            return 409, {"error": str(refusal)}
        receipt = {"cart": cart.id, "state": cart.state, "cents": cents}
        self.counters["checkouts"] += 1
        return 200, receipt

    def metrics(self) -> str:
        """The counters, as Prometheus reads them."""
        lines = []
        for name, value in self.counters.items():
            lines += [f"# TYPE shop_{name}_total counter", f"shop_{name}_total {value}"]
        return "\n".join(lines) + "\n"

    def remind(self, host: str, port: int) -> None:
        """Send the reminders that are due."""
        with self.lock:
            carts = reminders.due(self.carts.values(), time.monotonic())
            if carts:
                reminders.send(carts, host, port)
                self.counters["reminders_sent"] += len(carts)


class Handler(BaseHTTPRequestHandler):
    """HTTP in, HTTP out. `shop` is set by the program."""

    shop: Shop

    def do_GET(self) -> None:
        self.reply("GET")

    def do_POST(self) -> None:
        self.reply("POST")

    def reply(self, method: str) -> None:
        """Answer; what goes wrong becomes a 500, and its traceback goes to the log."""
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        try:
            with self.shop.lock:
                status, content = self.shop.answer(method, self.path, body)
        except Exception:
            if self.path == "/checkout":
                self.shop.counters["checkout_errors"] += 1
            self.write(500, {"error": "something went wrong on our side"})
            raise
        self.write(status, content)

    def write(self, status: int, content: object) -> None:
        """Text as it is, everything else as JSON."""
        plain = isinstance(content, str)
        body = (content if plain else json.dumps(content)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8" if plain else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
