"""An e-mail to people who left a full cart behind: one order in nine begins with it."""

import smtplib
from collections.abc import Iterable
from email.message import EmailMessage

from shop.carts import Cart

REMIND_AFTER = 0.1
"""Seconds that a cart stays abandoned before its owner hears of it. A day in a shop with patient visitors."""


def due(carts: Iterable[Cart], now: float) -> list[Cart]:
    """The carts whose owners should hear from us now."""
    return [
        cart
        for cart in carts
        if cart.state == "abandoned" and not cart.reminded and now - cart.touched_at >= REMIND_AFTER
    ]


def letter(cart: Cart) -> EmailMessage:
    """What the owner reads."""
    message = EmailMessage()
    message["From"] = "hello@shop.example"
    message["To"] = cart.email
    message["Subject"] = "You left something behind"
    message.set_content("Still yours: " + ", ".join(sorted(cart.items)) + "\n")
    return message


def send(carts: Iterable[Cart], host: str, port: int) -> None:
    """Write to the owner of each cart."""
    with smtplib.SMTP(host, port, timeout=5) as post:
        for cart in carts:
            post.send_message(letter(cart))
            cart.reminded = True
