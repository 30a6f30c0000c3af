"""From a full cart to an order that is paid for."""

from shop.carts import Cart, move, total
from shop.payments import charge


class CheckoutRefused(Exception):
    """This cart cannot be ordered."""


def check_out(cart: Cart, card: str, now: float) -> int:
    """Take the money for the cart and order it; returns the cents paid."""
    if not cart.items:
        raise CheckoutRefused("the cart is empty")
    if cart.state == "ordered":
        raise CheckoutRefused("the cart was ordered before")
    cents = total(cart)
    charge(card, cents)
    move(cart, "ordered", now)
    return cents
