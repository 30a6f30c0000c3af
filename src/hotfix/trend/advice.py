"""What to do about it: few hotfixes are a fact of life, many are a problem of release quality and not of the hotfix."""

from collections.abc import Sequence

from hotfix.trend.bands import Band
from hotfix.trend.course import Course
from hotfix.trend.figures.figure import Figure
from hotfix.trend.rates import Verdict

_MOST_NAMED = 3


def advice(
    found: Course, components: Sequence[tuple[str, int]], total: int, gates: Sequence[tuple[str, int]]
) -> str:
    """A sentence or two that fit the state. `components` (of `total`) and `gates` (opened all the same), most first."""
    most = bool(components) and components[0][1] > total / 2
    where = _named("most of them in" if most else "spread over components, first of them", components)
    holes = _named("gates opened all the same:", gates)
    rising = found.change.rises or (found.cusum is not None and found.cusum.alarm)
    if found.status in (Band.HIGH, Band.CRITICAL):
        return (
            f"This is a release-quality problem, not a hotfix problem: {found.mean:.1f} a month{where}{holes}. "
            "Look at what lets these defects through before a release, there first."
        )
    if rising:
        return f"More than before, and hardly by chance{where}{holes}. Look at what changed in how these are released."
    if found.status is Band.ELEVATED or found.change.verdict is Verdict.WATCH_RISING:
        return f"Worth watching{where}{holes}: one more look next month tells chance from habit."
    if found.status is Band.NOT_ENOUGH:
        return "There is not enough history yet to tell a habit from chance."
    return f"Healthy{holes}. Keep the way back practised."


def _named(intro: str, items: Sequence[tuple[str, int]]) -> str:
    if not items:
        return ""
    return f"; {intro} " + ", ".join(f"{name} ({number})" for name, number in items[:_MOST_NAMED])


def components_of(figures: Sequence[Figure]) -> tuple[list[tuple[str, int]], int]:
    """(components with their series, most first, as their figure has them; how many series there are)."""
    found = next((one for one in figures if one.name == "repeat-offenders"), None)
    rows = found.rows if found else ()
    return [(row.hotfix, int(row.value or 0)) for row in rows], found.n if found else 0
