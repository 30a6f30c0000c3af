"""Where a defect came from, read off who touched the lines of its fix last."""

from hotfix.lifecycle.pick.origin import (
    Line,
    Origin,
    Suspect,
    asked,
    beside,
    first_live,
    replaced,
    suspects,
)
from hotfix.lifecycle.pick.region import Hunk, Region
from hotfix.policy.rules import Rules

HUNKS = (Hunk(10, 2, 10, 3), Hunk(20, 0, 22, 4), Hunk(0, 0, 1, 1))


def test_what_a_fix_replaces_is_blamed_and_where_it_only_adds_its_neighbours() -> None:
    assert replaced(HUNKS) == (Region(10, 12),)
    assert beside(HUNKS) == (Region(20, 22), Region(1, 2))


def test_who_touched_most_of_the_lines_comes_first() -> None:
    lines = [Line("late", "a", 9, True), *(Line("early", "a", number, True) for number in (3, 4, 5, 8))]
    lines.append(Line("early", "b", 1, True))

    assert suspects(lines) == (
        Suspect("early", 5, True, ("a:3-5", "a:8", "b:1")),
        Suspect("late", 1, True, ("a:9",)),
    )


def test_neighbours_count_only_where_nothing_is_replaced() -> None:
    beside_it = Line("neighbour", "a", 4, False)

    assert [one.commit for one in suspects([beside_it, Line("author", "a", 9, True)])] == ["author"]
    assert suspects([beside_it]) == (Suspect("neighbour", 1, False, ("a:4",)),)
    assert suspects([]) == ()


def test_lines_of_tests_and_papers_are_not_the_defect() -> None:
    rules = Rules(service="shop")
    assert [
        path for path in ("cart.py", "tests/test_cart.py", "CHANGELOG.md", "docs/a.md") if asked(path, rules)
    ] == ["cart.py"]


def test_production_is_wrong_since_the_first_suspect_went_live() -> None:
    def origin(live_since: str) -> Origin:
        return Origin(Suspect("c", 1, True, ()), "", "v1", live_since, "tag date")

    early, late = "2026-11-01T00:00:00.000Z", "2026-11-20T00:00:00.000Z"
    assert first_live([origin(late), origin(""), origin(early)]) == early
    assert first_live([origin("")]) == ""
