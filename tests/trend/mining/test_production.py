"""Which tags mean production."""

from hotfix.trend.mining import production
from trend.mining.tags import BEGIN, DAY, tag

NOW = BEGIN + 400 * DAY


def chosen(*names: str, pattern: str = "") -> list[str]:
    found = production.choose([tag(text, day) for day, text in enumerate(names)], NOW, pattern)
    return [one.name for one, _ in found.tags]


def test_the_family_that_is_used_most_is_guessed_and_shown() -> None:
    names = ("v1.0.0", "v1.0.1", "v1.1.0-rc1", "v1.1.0", "chart-1.0.0", "latest")
    found = production.choose([tag(text, day) for day, text in enumerate(names)], NOW)

    assert [one.name for one, _ in found.tags] == ["v1.0.0", "v1.0.1", "v1.1.0"]
    assert (found.pattern, found.guessed, found.before_release, found.unread) == ("v*", True, 1, 1)
    assert found.others == (("chart-*", 1),)


def test_a_family_that_was_given_up_years_ago_is_not_what_production_runs() -> None:
    old = [tag(f"old-{number}", number) for number in range(50)]
    new = [tag(f"v1.0.{number}", 3000 + number) for number in range(5)]

    found = production.choose([*old, *new], BEGIN + 3010 * DAY)

    assert [one.name for one, _ in found.tags] == [one.name for one in new]


def test_of_a_repository_that_sleeps_its_last_years_count() -> None:
    names = [tag(f"v1.0.{number}", number) for number in range(5)]
    assert len(production.choose(names, BEGIN + 5000 * DAY).tags) == 5


def test_tags_of_other_environments_are_left_out() -> None:
    assert chosen("v1.0.0", "v1.0.0-dev-hotfix", "v1.0.1-staging", "v1.0.1") == ["v1.0.0", "v1.0.1"]


def test_what_somebody_names_is_taken_and_may_name_an_environment() -> None:
    names = ("v1.0.0", "v1.0.1-staging", "v1.0.2-staging", "prod-3")
    assert chosen(*names, pattern="prod-*") == ["prod-3"]
    assert chosen(*names, pattern="v*-staging") == ["v1.0.1-staging", "v1.0.2-staging"]
    assert chosen(*names, pattern="nothing*") == []


def test_release_candidates_stay_out_unless_they_are_named() -> None:
    assert chosen("v1.0.0-rc1", "v1.0.0", pattern="v*") == ["v1.0.0"]
    assert chosen("v1.0.0-rc1", "v1.0.0", pattern="v*-rc1") == ["v1.0.0-rc1"]


def test_a_repository_without_tags_has_none() -> None:
    assert production.choose([], NOW).tags == ()
