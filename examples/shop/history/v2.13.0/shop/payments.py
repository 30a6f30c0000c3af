"""The bank."""


class Declined(Exception):
    """The bank said no."""


def charge(card: str, cents: int) -> str:
    """Take the money; returns the bank's reference."""
    if card.endswith("0002"):
        raise Declined(f"the card ending in {card[-4:]} was declined")
    return f"paid-{cents}"
