"""Whether a red only says that something the fix adds is not there yet."""

import pytest

from hotfix.lifecycle.prove.missing_name import only_missing, words_added

ADDED = frozenset({"guard", "strict", "Basket"})


@pytest.mark.parametrize(
    "said",
    [
        "AttributeError: module 'shop' has no attribute 'guard'",
        "AttributeError: 'Cart' object has no attribute 'guard'",
        "ImportError: cannot import name 'guard' from 'shop' (<tree>/shop.py)",
        "ModuleNotFoundError: No module named 'shop.guard'",
        "NameError: name 'guard' is not defined",
        "TypeError: total() got an unexpected keyword argument 'strict'",
        "TypeError: total() takes 1 positional argument but 2 were given",
        "failed on setup with \"fixture 'guard' not found",
        "TypeError: shop.guard is not a function",
        "TypeError: Basket is not a constructor",
        "ReferenceError: guard is not defined",
        "SyntaxError: The requested module '../shop.js' does not provide an export named 'guard'",
        "Error: Cannot find module '../lib/guard'",
        "NoMethodError: undefined method `guard' for nil:NilClass",
        "NameError: uninitialized constant Shop::Basket",
        "ArgumentError: unknown keyword: :strict",
        "ArgumentError: wrong number of arguments (given 2, expected 1)",
    ],
)
def test_what_misses_a_name_of_the_fix_is_weak_where_the_test_says_it(said: str) -> None:
    assert only_missing(said, True, ADDED)
    assert not only_missing(said, False, ADDED), "what product code raised is the defect itself"


@pytest.mark.parametrize(
    "said",
    [
        "AssertionError: assert 0 == 3",
        "AttributeError: 'NoneType' object has no attribute 'lower'",
        "KeyError: 'guard'",
        "TypeError: total is not a function",
        "",
    ],
)
def test_whatever_else_is_red_is_honest(said: str) -> None:
    assert not only_missing(said, True, ADDED)


def test_the_words_of_a_fix_are_those_that_the_base_has_not() -> None:
    assert words_added("def total(cart): pass", "def total(cart, strict): return guard(cart)") == {
        "strict", "guard", "return",
    }  # fmt: skip
