from shop.carts import Cart, move, total


def a_cart():
    return Cart("cart-1", "kim@example.org", {"lamp": 4900, "bulb": 650}, touched_at=0.0)


def test_a_new_cart_is_open():
    assert a_cart().state == "open"


def test_a_cart_costs_what_is_in_it():
    assert total(a_cart()) == 5550


def test_a_change_of_state_counts_as_touching_the_cart():
    cart = a_cart()
    move(cart, "abandoned", now=7.0)
    assert cart.touched_at == 7.0
