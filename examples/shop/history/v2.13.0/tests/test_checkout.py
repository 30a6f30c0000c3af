import pytest

from shop.carts import Cart
from shop.checkout import CheckoutRefused, check_out
from shop.payments import Declined


def a_cart(**items):
    return Cart("cart-1", "kim@example.org", items, touched_at=0.0)


def test_checkout_takes_what_the_cart_costs():
    assert check_out(a_cart(lamp=4900, bulb=650), "4242", now=1.0) == 5550


def test_an_empty_cart_is_refused():
    with pytest.raises(CheckoutRefused):
        check_out(a_cart(), "4242", now=1.0)


def test_a_declined_card_leaves_the_cart_as_it_was():
    cart = a_cart(lamp=4900)
    with pytest.raises(Declined):
        check_out(cart, "4000 0002", now=1.0)
    assert cart.touched_at == 0.0
