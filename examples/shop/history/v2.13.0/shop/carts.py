"""Carts, and the life of a cart: open, then abandoned or ordered."""

from dataclasses import dataclass


@dataclass
class Cart:
    """What somebody wants to buy. Prices are in cents, moments in seconds."""

    id: str
    email: str
    items: dict[str, int]
    touched_at: float
    state: str = "open"
    reminded: bool = False


def move(cart: Cart, state: str, now: float) -> None:
    """Every change of a cart's state goes through here."""
    cart.state = state
    cart.touched_at = now


def total(cart: Cart) -> int:
    """What the cart costs, in cents."""
    return sum(cart.items.values())
