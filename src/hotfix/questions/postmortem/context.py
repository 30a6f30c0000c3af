"""What was around it: earlier hotfixes of the component, the trend, the last drill, what was overdue. As it was then."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo

import msgspec

from hotfix.lifecycle.postmortem.document import Line
from hotfix.questions.postmortem.sections import way_back_seconds
from hotfix.questions.postmortem.suggestions import COMPONENT_DAYS
from hotfix.questions.postmortem.told import Told
from hotfix.record import moment
from hotfix.trend import course, months
from hotfix.trend.life import Life
from hotfix.trend.series import series


class Around(msgspec.Struct, frozen=True):
    """The other hotfixes of the record, and what each changed."""

    lives: tuple[Life, ...]
    components: Mapping[str, tuple[str, ...]]
    begun: str
    """When the record began."""
    zone: tzinfo
    """Whose calendar months count."""


def earlier(around: Around, life: Life) -> tuple[Life, ...]:
    """Hotfixes of the same components in the half year before it."""
    since = (
        moment.to_text(moment.from_text(life.started) - timedelta(days=COMPONENT_DAYS))
        if life.started
        else ""
    )
    its = set(around.components.get(life.id, ()))
    return tuple(
        one
        for one in around.lives
        if one.id != life.id
        and one.is_hotfix
        and since <= one.started < life.started
        and its & set(around.components.get(one.id, ()))
    )


def context(told: Told, around: Around, life: Life) -> Iterator[Line]:
    """Each line says as of when it speaks: that of the newest fact that this document is drawn from."""
    as_of = told.as_of
    if not as_of:
        return
    lives = [one for one in around.lives if one.started <= as_of]
    yield _components(around, life)
    yield from _trend(lives, around, as_of)
    yield _drill(lives, life, as_of)
    yield from _drift(told)
    yield _overdue(lives, around, life, as_of)


def _components(around: Around, life: Life) -> Line:
    its = around.components.get(life.id, ())
    if not its:
        return Line("Component: not known, since nothing was measured")
    before = earlier(around, life)
    told = f"Component: {', '.join(its)}; "
    if not before:
        return Line(f"{told}no earlier hotfix of it in the {COMPONENT_DAYS} days before")
    named = ", ".join(f"{one.id} ({one.title})" for one in before[-5:])
    return Line(f"{told}earlier hotfixes of it in {COMPONENT_DAYS} days: {len(before)}: {named}")


def _trend(lives: Sequence[Life], around: Around, as_of: str) -> Iterator[Line]:
    counted = [one for one in lives if one.is_hotfix and one.shipped <= as_of]
    first = series(counted, around.components)
    now = moment.from_text(as_of).astimezone(around.zone)
    begun = moment.from_text(around.begun or as_of).astimezone(around.zone)
    month_of = {one.id: months.name(moment.from_text(one.shipped).astimezone(around.zone)) for one in counted}
    two_years = datetime(now.year - 2, now.month, 1, tzinfo=now.tzinfo)
    found = course.course(
        months.counted(
            list(month_of.values()),
            [month_of[one.id] for one in counted if first[one.id] == one.id],
            max(begun, two_years),
            now,
        )
    )
    yield Line(f"Hotfixes shipped since the record began on {around.begun[:10]}: {len(counted)}")
    for sentence in course.in_words(found)[:2]:
        yield Line(sentence[0].upper() + sentence[1:])


def _drill(lives: Sequence[Life], life: Life, as_of: str) -> Line:
    rehearsed = [(one.rehearsed, one.id) for one in lives if "" < one.rehearsed <= as_of]
    if not rehearsed:
        return Line("Last drill of the way back that went well: none is on record")
    newest, id = max(rehearsed)
    if not life.shipped:
        told = f"{moment.in_words(moment.between(newest, as_of))} before the newest fact of this one"
    elif newest <= life.shipped:
        told = f"{moment.in_words(moment.between(newest, life.shipped))} before its first step"
    else:
        told = "after its first step"
    return Line(f"Last drill of the way back that went well: {newest[:16]}Z, in {id}, {told}")


def _drift(told: Told) -> Iterator[Line]:
    """How the real way back compares with the rehearsed one."""
    drill, real = way_back_seconds(told, "rehearsal"), way_back_seconds(told, "hotfix")
    if drill is not None and real is not None:
        yield Line(
            f"Drill and reality: units returned in {drill:.1f} s at most in the rehearsal, and in {real:.1f} s in the real "
            "way back"
        )


def _overdue(lives: Sequence[Life], around: Around, life: Life, as_of: str) -> Line:
    its = set(around.components.get(life.id, ()))
    if not its:
        return Line("Overdue actions that touch the same component: not known, since its component is not")
    late = [
        f"{one.id}/{owed.action} ({owed.title}, due {owed.due})"
        for one in lives
        if one.id != life.id and its & set(around.components.get(one.id, ()))
        for owed in one.actions
        if not owed.done and max(owed.due, owed.accepted_until) < as_of[:10]
    ]
    if not late:
        return Line("Overdue actions that touch the same component: none")
    return Line(f"Overdue actions that touch the same component: {'; '.join(late)}")
