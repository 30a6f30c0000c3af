"""Series and components."""

from hotfix.trend import components
from hotfix.trend.life import Life, Went
from hotfix.trend.series import series


def life(number: int, day: int, follows: str = "") -> Life:
    begun, ended = f"2026-05-{day:02d}T10:00:00.000Z", f"2026-05-{day:02d}T11:00:00.000Z"
    return Life(
        f"HF-{number}",
        started=begun,
        follows=follows,
        ships=(Went(1, f"r{number}", "c", "hotfix", begun, ended, "validated"),),
    )


def test_the_same_component_within_a_week_is_one_series() -> None:
    lives = [life(1, 1), life(2, 6), life(3, 10), life(4, 12)]
    of = {"HF-1": ("cart",), "HF-2": ("cart", "mail"), "HF-3": ("cart",), "HF-4": ("mail",)}
    assert series(lives, of) == {"HF-1": "HF-1", "HF-2": "HF-1", "HF-3": "HF-3", "HF-4": "HF-4"}


def test_what_somebody_said_counts_whatever_the_day() -> None:
    assert series([life(1, 1), life(2, 28, "HF-1")], {}) == {"HF-1": "HF-1", "HF-2": "HF-1"}


def test_what_follows_a_follow_up_is_of_the_first() -> None:
    lives = [life(1, 1), life(2, 2, "HF-1"), life(3, 20, "HF-2")]
    assert series(lives, {})["HF-3"] == "HF-1"


def test_without_a_known_component_each_is_its_own() -> None:
    assert series([life(1, 1), life(2, 1)], {}) == {"HF-1": "HF-1", "HF-2": "HF-2"}


def test_a_mere_return_is_in_no_series() -> None:
    back = Life("HF-1", ships=(Went(1, "r", "c", "return", "2026-05-01T10:00:00.000Z"),))
    assert series([back], {"HF-1": ("cart",)}) == {}


def test_the_policy_names_components() -> None:
    owned = components.by_policy({"checkout": ["shop/checkout/", "*.sql"], "mail": ["shop/**/mail*.py"]})
    assert owned.of("shop/checkout/pay.py") == "checkout"
    assert owned.of("db/1.sql") == "checkout"
    assert owned.of("shop/a/b/mailer.py") == "mail"
    assert owned.of("shop/cart/cart.py") == "shop/cart"
    assert owned.of("setup.py") == "(top)"


def test_of_a_file_of_owners_the_last_line_that_fits_counts() -> None:
    owned = components.by_owners(
        "* @everyone\n/shop/ @shop @ops  # the shop\n\n# none\n/shop/mail/ @mail\n/docs/\n"
    )
    assert owned.of_all(["shop/mail/a.py", "shop/b.py", "x.py"]) == ("@everyone", "@mail", "@shop")
