"""Does leaving a cart behind on this unit lead to an e-mail? Exit 0: yes, 1: no, 2: nobody answered."""

import argparse
import sys
import time
import uuid
from pathlib import Path

from unit import post


def main() -> int:
    """Leave a cart behind and look for its e-mail where the mail server writes what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mailbox", type=Path, required=True)
    parser.add_argument("--wait", type=float, required=True, help="seconds until a missing e-mail is a no")
    options = parser.parse_args()
    address = f"probe-{uuid.uuid4().hex}@shop.example"
    try:
        cart = post("/carts", email=address, items={"probe": 1})["cart"]
        post(f"/carts/{cart}/abandon")
    except OSError as error:
        print(f"the cart could not be left behind: {error}")
        return 2
    until = time.monotonic() + options.wait
    while time.monotonic() < until:
        if address in options.mailbox.read_text():
            print("the e-mail came")
            return 0
        time.sleep(0.05)
    print(f"no e-mail within {options.wait:g} s")
    return 1


sys.exit(main())
