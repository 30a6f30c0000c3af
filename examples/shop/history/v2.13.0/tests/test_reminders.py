from shop.carts import Cart, move
from shop.reminders import REMIND_AFTER, due, letter


def a_cart():
    return Cart("cart-1", "kim@example.org", {"lamp": 4900, "bulb": 650}, touched_at=0.0)


def test_the_letter_names_everything_in_the_cart():
    assert letter(a_cart()).get_content() == "Still yours: bulb, lamp\n"


def test_nobody_is_reminded_of_an_open_cart():
    assert due([a_cart()], now=REMIND_AFTER) == []


def test_nobody_is_reminded_of_what_they_bought():
    cart = a_cart()
    move(cart, "ordered", now=0.0)
    assert due([cart], now=REMIND_AFTER) == []
