"""Figures: the right denominator, rows that add up, and no number where there is no data."""

from datetime import UTC

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfix.trend.figures import delivery, discipline, flow, load, places, safety
from hotfix.trend.figures.figure import Figure
from hotfix.trend.figures.scene import Deployment, Scene, regular
from hotfix.trend.hours import Hours
from hotfix.trend.life import Life, Owed, Went, Worked

HOURS = Hours(UTC, "09:00", "18:00")
NOW = "2026-11-23T00:00:00.000Z"


def at(day: int, hour: int = 10, minute: int = 0, month: int = 10) -> str:
    return f"2026-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:00.000Z"


def ship(day: int, release: str = "", outcome: str = "validated", **changes: object) -> Went:
    validated = at(day, 11) if outcome == "validated" else ""
    row = Went(
        1, release or f"v1.{day}+hf.1", f"c{day}", "hotfix", at(day, 10, 30), at(day, 11), outcome, validated
    )
    return msgspec.structs.replace(row, **changes)


def life(number: int, day: int, **changes: object) -> Life:
    row = Life(
        f"HF-{number}",
        detected=at(day, 9, 30),
        started=at(day, 10),
        picked=at(day, 10, 5),
        proven=at(day, 10, 10),
        reviewed=at(day, 10, 20),
        authorized=at(day, 10, 25),
        ships=(ship(day),),
        lines=5,
        files=1,
        people=(Worked("ann@example.com", at(day, 10), at(day, 11)),),
    )
    return msgspec.structs.replace(row, **changes)


def scene(*lives: Life, deployments: int = 0, **changes: object) -> Scene:
    rows = tuple(
        Deployment(f"v1.{day}", f"r{day}", at(day, month=9), 3600.0 * day)
        for day in range(1, deployments + 1)
    )
    base = Scene(
        now=NOW,
        since="2026-01-01T00:00:00.000Z",
        lives=lives,
        series={one.id: one.id for one in lives},
        components={one.id: ("shop",) for one in lives},
        deployments=rows,
        tags="tags v*" if deployments else "",
        known_since="2026-01-01T00:00:00.000Z",
    )
    return msgspec.structs.replace(base, **changes)


def every(of: Scene) -> list[Figure]:
    return [
        *delivery.figures(of),
        *flow.figures(of),
        *safety.figures(of),
        *places.figures(of),
        *load.figures(of, HOURS),
        *discipline.figures(of),
    ]


def test_of_nothing_there_is_no_figure() -> None:
    for figure in every(scene()):
        assert figure.value is None, figure.name
        assert figure.told.startswith("no data: "), figure.name


def test_every_figure_has_a_name_a_formula_and_a_window() -> None:
    figures = every(scene(life(1, 3), life(2, 9), deployments=20))
    assert len({figure.name for figure in figures}) == len(figures)
    for figure in figures:
        assert figure.formula
        assert figure.window
        assert figure.n >= 0


def test_a_deployment_that_failed_twice_failed_once() -> None:
    twice = scene(
        life(1, 3, origin_release="v1.2"), life(2, 4, origin_release="v1.2"), life(3, 20), deployments=10
    )
    found = delivery.fails(twice)
    assert found.n == 13
    assert found.value == pytest.approx(1 / 13)
    assert [row.hotfix for row in found.rows] == ["v1.2"]
    assert found.told.startswith("at least 1 of 13 deployments")
    assert "HF-3" in found.told


def test_a_hotfix_that_went_back_is_a_failed_deployment_of_its_own() -> None:
    back = life(
        1, 3, ships=(ship(3, outcome="rolled_back", asked_back=at(3, 10, 40)),), origin_release="v1.2"
    )
    found = delivery.fails(scene(back, deployments=10))
    assert sorted(row.hotfix for row in found.rows) == ["v1.2", "v1.3+hf.1"]
    assert found.value == pytest.approx(2 / 11)


def test_a_release_outside_the_window_is_in_neither_part_of_the_rate() -> None:
    found = delivery.fails(scene(life(1, 3, origin_release="v0.9"), deployments=10))
    assert (found.value, found.n) == (0.0, 11)


@given(st.integers(1, 12), st.integers(1, 25), st.data())
def test_no_rate_is_above_one(hotfixes: int, deployments: int, data: st.DataObject) -> None:
    lives = [
        life(
            number,
            number,
            origin_release=f"v1.{data.draw(st.integers(1, 25))}",
            ships=(ship(number, asked_back=data.draw(st.sampled_from(["", at(number, 10, 45)]))),),
        )
        for number in range(1, hotfixes + 1)
    ]
    made = scene(*lives, deployments=deployments)
    for figure in (
        delivery.fails(made),
        delivery.rework(made),
        flow.hits(made),
        safety.secondary(made, 168.0),
    ):
        assert figure.value is not None
        assert 0.0 <= figure.value <= 1.0


def test_without_tags_no_rate_of_deployments_is_given() -> None:
    alone = scene(life(1, 3))
    for figure in (
        delivery.frequency(alone),
        delivery.fails(alone),
        delivery.rework(alone),
        delivery.lead(alone),
    ):
        assert figure.value is None
        assert "no production tag" in figure.told


def test_a_hotfix_that_has_a_tag_too_is_one_deployment() -> None:
    one = life(1, 3)
    tags = [
        Deployment("v1.3+hf.1", "x", at(3)),
        Deployment("other", "c3", at(3)),
        Deployment("v1.1", "r1", at(1)),
    ]
    assert [row.name for row in regular(tags, [one])] == ["v1.1"]


def test_rework_counts_hotfixes_and_shows_rollbacks_beside() -> None:
    back = life(2, 9, ships=(ship(9, outcome="rolled_back", asked_back=at(9, 10, 40)),))
    found = delivery.rework(scene(life(1, 3), back, deployments=8))
    assert found.value == pytest.approx(2 / 10)
    assert "with 1 rollbacks counted too, 27%" in found.told


def test_times_are_medians_with_their_rows() -> None:
    found = flow.validated(scene(life(1, 3), life(2, 4, detected=at(4, 8)), life(3, 5, detected=at(5, 6))))
    assert (found.value, found.n) == (3 * 3600.0, 3)
    assert [row.hotfix for row in found.rows] == ["HF-1", "HF-2", "HF-3"]


def test_one_that_did_not_stay_is_no_hit() -> None:
    back = life(2, 4, ships=(ship(4, outcome="rolled_back", asked_back=at(4, 10, 40)),))
    found = flow.hits(scene(life(1, 3), back, life(3, 5, detected=at(5, 6))))
    assert found.told.startswith("1 of 3 hotfixes, 33%")


def test_trouble_after_a_hotfix_is_its_own_way_back_its_follow_up_or_what_it_brought() -> None:
    went_back = life(1, 3, ships=(ship(3, asked_back=at(3, 10, 40), outcome="rolled_back"),))
    first, follow = life(2, 6), life(3, 7)
    brought = life(4, 9, origin_release="v1.7+hf.1", detected=at(9, 8))
    quiet = life(5, 25)
    made = scene(
        went_back,
        first,
        follow,
        brought,
        quiet,
        series={"HF-1": "HF-1", "HF-2": "HF-2", "HF-3": "HF-2", "HF-4": "HF-4", "HF-5": "HF-5"},
    )
    assert [row.said for row in safety.secondary(made, 48.0).rows] == [
        "ship 1 went back after 10 min",
        "HF-3 follows it up",
        "HF-4 has a defect that it brought",
        "none",
        "none",
    ]
    assert safety.secondary(made, 168.0).value == pytest.approx(3 / 5)


def test_size_and_trouble_are_set_side_by_side() -> None:
    lives = [life(number, number, lines=5 * number) for number in range(1, 5)]
    bad = msgspec.structs.replace(lives[3], ships=(ship(4, asked_back=at(4, 10, 40)),))
    found = safety.scope(scene(*lives[:3], bad))
    assert found.told.startswith("above 12.5 lines: 1 of 2 hotfixes, 50%")
    assert safety.scope(scene(*lives[:3])).value is None


def test_the_way_back_is_timed_and_its_rehearsal_grows_old() -> None:
    back = life(
        1,
        3,
        ships=(ship(3, outcome="rolled_back", bad_signal=at(3, 10, 35), asked_back=at(3, 10, 40)),),
        rehearsed=at(3, 10, 28),
    )
    made = scene(back)
    assert safety.rollback(made).value == 1200.0
    assert "over the budget" in safety.rollback(made).rows[0].said
    assert safety.decision(made).value == 300.0
    assert safety.rehearsal(made).told == "51 d, in HF-1"
    old = safety.rehearsal(scene(life(1, 3, rehearsed="2026-02-01T00:00:00.000Z")))
    assert old.told.endswith("STALE")


def test_a_component_is_flagged_where_chance_does_not_explain_it() -> None:
    lives = [life(number, number) for number in range(1, 7)]
    made = scene(
        *lives,
        components={one.id: ("cart",) if number < 5 else ("mail",) for number, one in enumerate(lives)},
        shares={"cart": 5, "mail": 95},
        trunk_commits=100,
    )
    found = places.offenders(made)
    assert found.rows[0].hotfix == "cart"
    assert found.rows[0].said.endswith("FLAGGED")
    assert found.told == "cart has 5 of 6 series; flagged: cart"
    assert "is not known" in places.offenders(scene(*lives)).rows[0].said


def test_a_night_and_a_week_end_are_out_of_hours() -> None:
    assert [
        HOURS.out(moment)
        for moment in (
            "2026-11-23T08:59:00.000Z",
            "2026-11-23T09:00:00.000Z",
            "2026-11-23T18:00:00.000Z",
            "2026-11-22T12:00:00.000Z",
        )
    ] == [True, False, True, True]


def test_people_are_told_by_number_unless_names_are_asked_for() -> None:
    two = life(
        2, 4, people=(Worked("ann@example.com", at(4, 2), at(4, 11)), Worked("bob@example.com", at(4), at(4)))
    )
    found = load.busiest(scene(life(1, 3), two), HOURS)
    assert [(row.hotfix, row.value) for row in found.rows] == [
        ("ann@example.com", 2.0),
        ("bob@example.com", 1.0),
    ]
    assert found.rows[0].said == "2 hotfixes, 2 out of hours: HF-1, HF-2"
    hidden = load.without_names(found)
    assert [row.hotfix for row in hidden.rows] == ["person 1", "person 2"]
    assert "example.com" not in str(hidden)


def test_the_health_of_actions() -> None:
    def owed(name: str, due: str, done: str = "", until: str = "", checked: bool = False) -> Owed:
        return Owed(name, "do it", "prevent", "ann@example.com", at(1), due, done, until, checked)

    row = life(
        1,
        1,
        actions=(
            owed("A1", "2026-11-01"),
            owed("A2", "2026-12-01"),
            owed("A3", "2026-11-01", done="2026-10-20T00:00:00.000Z", checked=True),
            owed("A4", "2026-10-10", done="2026-10-20T00:00:00.000Z"),
            owed("A5", "2026-10-10", until="2027-01-01"),
        ),
    )
    overdue, on_time, age, evidence = discipline.actions(scene(row))
    assert (overdue.value, overdue.n) == (1.0, 2)
    assert on_time.told.startswith("1 of 3 actions")
    assert age.n == 2
    assert evidence.told.startswith("1 of 2 actions")


def test_debt_is_told_with_its_age_and_the_command() -> None:
    found = discipline.debt(scene(life(1, 3, owed_since=at(3, 11)), life(2, 4)))
    assert found.value == 1.0
    assert found.rows[0].said.endswith("hotfix land HF-1")
    assert discipline.debt(scene(life(2, 4))).told == "0"


def test_a_component_that_every_commit_changes_is_no_offender_for_being_in_every_hotfix() -> None:
    lives = [life(number, number) for number in range(1, 13)]
    both = {one.id: ("cart", "mail") for one in lives}
    found = places.offenders(
        scene(*lives, components=both, shares={"cart": 100, "mail": 100}, trunk_commits=100)
    )
    assert "100% of trunk's commits, p 1.000" in found.rows[0].said
    assert found.told.endswith("none is flagged")


def test_one_release_that_was_shipped_twice_is_one_deployment() -> None:
    twice = life(1, 3, ships=(ship(3, "r+hf.1", "rolled_back", asked_back=at(3, 10, 40)), ship(4, "r+hf.1")))
    found = delivery.rework(scene(twice, deployments=9))
    assert (found.n, found.value) == (10, pytest.approx(1 / 10))


def test_a_failed_release_is_known_by_another_tag_of_it_and_by_its_commit() -> None:
    named = scene(life(1, 3, origin_release="stable-2"), life(2, 9, origin_release="1.3"), deployments=5)
    tags = tuple(
        msgspec.structs.replace(one, also=("1.3",)) if one.name == "v1.3" else one
        for one in named.deployments
    )
    made = msgspec.structs.replace(named, deployments=tags, commits={"stable-2": "r2"})
    assert sorted(row.hotfix for row in delivery.fails(made).rows) == ["v1.2", "v1.3"]


def test_a_young_record_has_no_frequency() -> None:
    young = scene(life(1, 3), deployments=3, since="2026-11-20T00:00:00.000Z")
    assert delivery.frequency(young).told == "no data: the record is younger than a month"


def test_what_is_not_over_yet_is_no_miss_and_what_is_young_is_not_without_trouble() -> None:
    now = at(3, 11)
    under_way = life(2, 3, ships=(ship(3, outcome="", ended="", validated=""),), detected=at(3, 9, 30))
    made = scene(life(1, 1), under_way, now=now)
    assert flow.hits(made).told == "1 of 1 hotfixes, 100% (95 % interval 3% to 100%); 1 still in time"
    assert safety.secondary(made, 48.0).n == 1
    assert safety.secondary(made, 48.0).told.endswith("1 more are younger than 48 h")
    assert safety.secondary(made, 168.0).value is None


def test_trouble_is_measured_from_the_ship_that_brought_it() -> None:
    again = life(1, 1, ships=(ship(1, "first"), ship(20, "second")))
    brought = life(2, 21, origin_release="second", detected=at(20, 12))
    made = scene(again, brought)
    assert safety.secondary(made, 48.0).rows[0].said == "HF-2 has a defect that it brought"


def test_an_action_whose_risk_was_accepted_is_in_time_until_then() -> None:
    owed = Owed("A1", "x", "prevent", "a@b", at(1), "2026-10-03", at(30), "2026-11-30", True)
    assert discipline.actions(scene(life(1, 1, actions=(owed,))))[1].value == 1.0


def test_owners_of_actions_are_told_only_to_those_who_ask_for_names() -> None:
    owed = Owed("A1", "x", "prevent", "ann@example.com", at(1), "2026-10-03")
    found = discipline.actions(scene(life(1, 1, actions=(owed,))))[0]
    assert found.rows[0].who == "ann@example.com"
    assert "ann" not in str(load.without_names(found))
