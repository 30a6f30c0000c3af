"""What hotfixes cost the people who make them.

Google's SRE book asks for at most two incidents in a shift of twelve hours, about six hours of work each with its
postmortem, and a quarter of anybody's time on call at most.
"""

from collections import defaultdict

import msgspec

from hotfix.record.words import duration
from hotfix.trend.figures import figure
from hotfix.trend.figures.figure import Figure, Meaning, Row
from hotfix.trend.figures.scene import Scene
from hotfix.trend.hours import Hours

OUT = "out-of-hours"
PERSON = Meaning(
    "load-per-person",
    "Hotfixes on the busiest person",
    "hotfixes on which the busiest person acted before production was well / hotfixes",
)
MINUTES = Meaning(
    "responder-time",
    "Time of responders",
    "sum over people and hotfixes, from a person's first act to their last before production was well",
    "about 6 h for an incident, its postmortem with it (Google SRE)",
)


def figures(scene: Scene, hours: Hours) -> tuple[Figure, ...]:
    """Out of hours, the busiest person, and everybody's time."""
    return (out_of_hours(scene, hours), busiest(scene, hours), responders(scene))


def out_of_hours(scene: Scene, hours: Hours) -> Figure:
    """How many began outside of working hours."""
    meaning = Meaning(OUT, "Started out of hours", f"hotfixes started outside of {hours.told} / hotfixes")
    lives = scene.shipped()
    rows = [Row(life.id, f"started {life.started[:16]}Z", float(hours.out(life.started))) for life in lives]
    return meaning.share(scene.window, rows, len(lives), "no hotfix in the window", "hotfixes")


def busiest(scene: Scene, hours: Hours) -> Figure:
    """Who carries most of them. People are told by number: whom it is is asked for with --names."""
    lives = scene.shipped()
    of: dict[str, list[str]] = defaultdict(list)
    nights: dict[str, int] = defaultdict(int)
    for life in lives:
        for worked in life.people:
            of[worked.person].append(life.id)
            nights[worked.person] += hours.out(worked.first)
    if not of:
        return PERSON.unknown(scene.window, "nobody acted on a hotfix in the window")
    rows = [
        Row(
            person,
            f"{len(ids)} hotfixes, {nights[person]} out of hours: {', '.join(ids[-8:])}",
            float(len(ids)),
        )
        for person, ids in sorted(of.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    most = rows[0].value or 0.0
    return PERSON.of(
        scene.window,
        rows,
        most / len(lives),
        f"{most:g} of {len(lives)} hotfixes, {most / len(lives):.0%}",
        len(lives),
    )


def responders(scene: Scene) -> Figure:
    """How much time of people it took."""
    rows = []
    for life in scene.shipped():
        spent = [figure.seconds_between(worked.first, worked.last) or 0.0 for worked in life.people]
        if spent:
            rows.append(Row(life.id, f"{len(spent)} people, {duration(sum(spent))}", sum(spent)))
    if not rows:
        return MINUTES.unknown(scene.window, "nobody acted on a hotfix in the window")
    total = sum(row.value or 0.0 for row in rows)
    told = f"{duration(total)} in all, {duration(total / len(rows))} for each of {len(rows)} hotfixes"
    return MINUTES.of(scene.window, rows, total, told)


def without_names(one: Figure) -> Figure:
    """The figure with people by number, or not at all: whom it is about is asked for, and not put up on a wall."""
    if one.name == PERSON.name:
        rows = tuple(
            Row(f"person {place}", row.said, row.value) for place, row in enumerate(one.rows, start=1)
        )
    else:
        rows = tuple(Row(row.hotfix, row.said, row.value) for row in one.rows)
    return msgspec.structs.replace(one, rows=rows)
