"""What fixing production broke: rollbacks, secondary incidents, and whether the way back is practised.

Published: 14.8-24.4 % of sampled fixes after a release were wrong (Yin et al. 2011), and 22-33 % of bugs needed more than
one fix (Park et al. 2012).
"""

from collections import defaultdict

from hotfix.record import moment
from hotfix.record.words import duration
from hotfix.trend import spread
from hotfix.trend.figures import figure
from hotfix.trend.figures.figure import Figure, Meaning, Row
from hotfix.trend.figures.scene import Scene
from hotfix.trend.life import Life, Went

STALE_DAYS = 90
_YARDSTICK = "published: 15-25 % of fixes are wrong (Yin 2011), 22-33 % of bugs need another (Park 2012)"

ROLLBACK = Meaning(
    "time-to-rollback",
    "Time to roll back",
    "median time from the decision to the old release serving and validated",
    "promised: minutes; the policy's budget.way_back",
)
DECISION = Meaning(
    "bad-signal-to-decision",
    "First bad signal to the decision to go back",
    "median time from the first guard that did not pass to the decision",
)
REHEARSAL = Meaning(
    "rehearsal-age",
    "Age of the newest rehearsal of the way back",
    "days since a rehearsal went well, on whatever hotfix",
    f"stale above {STALE_DAYS} days",
)
SCOPE = Meaning(
    "scope-and-secondary",
    "Secondary incidents by size",
    "secondary incidents within 7 d among hotfixes above the median number of lines, and among the others",
)


def figures(scene: Scene) -> tuple[Figure, ...]:
    """Rollbacks, secondary incidents at two distances, size, and rehearsals."""
    return (
        secondary(scene, 48.0),
        secondary(scene, 168.0),
        scope(scene),
        rollback(scene),
        decision(scene),
        rehearsal(scene),
    )


def secondary(scene: Scene, hours: float) -> Figure:
    """How many hotfixes were followed by trouble of their own."""
    within = "48 h" if hours == 48.0 else "7 d"
    meaning = Meaning(
        f"secondary-{within.replace(' ', '')}",
        f"Secondary incidents within {within}",
        f"hotfixes followed within {within} by their own rollback, by another hotfix of their series, or by one whose "
        "defect they brought / hotfixes",
        _YARDSTICK,
    )
    lives = scene.shipped()
    after = _After(scene)
    told = [(life, after.of(life, hours)) for life in lives]
    known = [(life, why) for life, why in told if why or not _soon(life.ships[-1].begun, scene.now, hours)]
    rows = [Row(life.id, why or "none", float(bool(why))) for life, why in known]
    none = f"no hotfix in the window of which {within} have passed"
    found = meaning.share(scene.window, rows, len(known), none, "hotfixes")
    young = len(lives) - len(known)
    return found.adding(f"{young} more are younger than {within}") if young and known else found


class _After:
    """What came after each hotfix."""

    def __init__(self, scene: Scene) -> None:
        self._series: dict[str, list[Life]] = defaultdict(list)
        self._brought: dict[str, list[Life]] = defaultdict(list)
        self._of = scene.series
        for life in scene.lives:
            if life.is_hotfix:
                self._series[scene.series.get(life.id, life.id)].append(life)
            if life.origin_release:
                self._brought[life.origin_release].append(life)

    def of(self, life: Life, hours: float) -> str:
        """The trouble of `life` within so many hours; empty where there was none."""
        for ship in life.ships:
            took = figure.seconds_between(ship.begun, ship.asked_back)
            if took is not None and 0 <= took <= hours * 3600:
                return f"ship {ship.ship} went back after {duration(took)}"
        for ship in life.ships:
            for other in self._brought[ship.release]:
                if _soon(ship.begun, other.detected, hours):
                    return f"{other.id} has a defect that it brought"
        for other in self._series[self._of.get(life.id, life.id)]:
            if other.shipped > life.shipped and any(
                _soon(ship.begun, other.shipped, hours) for ship in life.ships
            ):
                return f"{other.id} follows it up"
        return ""


def _soon(begun: str, at: str, hours: float) -> bool:
    took = figure.seconds_between(begun, at)
    return took is not None and 0 <= took <= hours * 3600


def scope(scene: Scene) -> Figure:
    """Whether wide hotfixes are followed by more trouble than narrow ones."""
    lives = [life for life in scene.shipped() if life.lines >= 0]
    if len(lives) < 4:
        return SCOPE.unknown(scene.window, f"{len(lives)} measured hotfixes in the window, and 4 are needed")
    after = _After(scene)
    middle = spread.median([float(life.lines) for life in lives])
    wide, narrow = ([one for one in lives if (one.lines > middle) is is_wide] for is_wide in (True, False))
    rows = [
        Row(life.id, f"{life.lines} lines in {life.files} files; {why or 'none'}", float(bool(why)))
        for life in lives
        for why in [after.of(life, 168.0)]
    ]
    hit = {row.hotfix for row in rows if row.value}
    counts = [(sum(one.id in hit for one in group), len(group)) for group in (wide, narrow)]
    if not wide:
        return SCOPE.unknown(scene.window, f"all {len(lives)} hotfixes have the same size", rows)
    told = (
        f"above {middle:g} lines: {figure.in_words(*counts[0], 'hotfixes')}; "
        f"up to it: {figure.in_words(*counts[1], 'hotfixes')}"
    )
    return SCOPE.of(scene.window, rows, counts[0][0] / counts[0][1] - counts[1][0] / counts[1][1], told)


def _returned(scene: Scene) -> list[tuple[Life, Went]]:
    return [
        (life, ship)
        for life in scene.lives
        for ship in life.ships
        if scene.since <= ship.asked_back <= scene.now
    ]


def rollback(scene: Scene) -> Figure:
    """From the decision to the old release serving."""
    rows = []
    for life, ship in _returned(scene):
        took = figure.seconds_between(ship.asked_back, ship.ended) if ship.outcome == "rolled_back" else None
        if took is not None:
            over = ", over the budget" if took > scene.way_back else ""
            rows.append(Row(life.id, f"ship {ship.ship}: {duration(took)}{over}", took))
    return ROLLBACK.times(scene.window, rows, "no rollback in the window")


def decision(scene: Scene) -> Figure:
    """From the first bad signal to the decision."""
    rows = []
    for life, ship in _returned(scene):
        took = figure.seconds_between(ship.bad_signal, ship.asked_back)
        if took is not None:
            rows.append(Row(life.id, f"ship {ship.ship}: {duration(took)}", took))
    return DECISION.times(scene.window, rows, "no rollback in the window after a guard that did not pass")


def rehearsal(scene: Scene) -> Figure:
    """How long ago the way back was practised."""
    done = [(life.rehearsed, life.id) for life in scene.lives if "" < life.rehearsed <= scene.now]
    window = f"until {scene.now[:10]}"
    if not done:
        return REHEARSAL.unknown(window, "no rehearsal on record went well")
    newest, id = max(done)
    age = moment.between(newest, scene.now).total_seconds() / 86400
    stale = ": STALE" if age > STALE_DAYS else ""
    rows = [Row(life_id, f"rehearsed {at[:16]}Z") for at, life_id in sorted(done, reverse=True)]
    return REHEARSAL.of(window, rows, age, f"{age:.0f} d, in {id}{stale}")
