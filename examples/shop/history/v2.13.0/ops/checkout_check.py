"""Can one buy something on this unit? Exit 0: yes, 1: no, 2: nobody answered."""

import sys
from urllib.error import HTTPError

from unit import post


def main() -> int:
    """Fill a cart and buy it."""
    try:
        cart = post("/carts", email="probe@shop.example", items={"probe": 1})["cart"]
        receipt = post("/checkout", cart=cart, card="4242")
    except HTTPError as answer:
        print(f"checkout answered {answer.code}")
        return 1
    except OSError as error:
        print(f"nobody answered: {error}")
        return 2
    print(f"bought for {receipt['cents']} cent")
    return 0


sys.exit(main())
