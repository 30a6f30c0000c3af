"""Where it breaks again: components with several series, beside their share of all changes."""

from collections import defaultdict

from hotfix.trend import binomial
from hotfix.trend.figures.figure import Figure, Meaning, Row
from hotfix.trend.figures.scene import Scene

DAYS, LEAST, LEVEL = 180, 3, 0.01

OFFENDERS = Meaning(
    "repeat-offenders",
    "Components that break again and again",
    f"series per component in {DAYS} days; flagged from {LEAST} on where that many are unlikely (binomial, one-sided, "
    f"p up to {LEVEL}) by the component's share of trunk's commits",
)


def figures(scene: Scene) -> tuple[Figure, ...]:
    """The one figure."""
    return (offenders(scene),)


def offenders(scene: Scene) -> Figure:
    """Which components had how many series."""
    since = scene.ago(DAYS)
    window = f"{since[:10]} to {scene.now[:10]}"
    of: dict[str, set[str]] = defaultdict(set)
    for life in scene.lives:
        if life.is_hotfix and since <= life.shipped <= scene.now:
            for component in scene.components.get(life.id, ()):
                of[component].add(scene.series.get(life.id, life.id))
    total = len({one for every in of.values() for one in every})
    if not total:
        return OFFENDERS.unknown(window, "no hotfix in the window with a measured scope")
    rows = [_row(scene, name, sorted(every), total) for name, every in of.items()]
    rows.sort(key=lambda row: (-(row.value or 0), row.hotfix))
    flagged = [row.hotfix for row in rows if row.said.endswith("FLAGGED")]
    told = f"{rows[0].hotfix} has {rows[0].value:g} of {total} series"
    told += f"; flagged: {', '.join(flagged)}" if flagged else "; none is flagged"
    return OFFENDERS.of(window, rows, float(len(flagged)), told, total)


def _row(scene: Scene, name: str, series: list[str], total: int) -> Row:
    number, commits = len(series), scene.trunk_commits
    said = ", ".join(series)
    if not commits:
        return Row(name, f"{said}; its share of trunk's commits is not known", float(number))
    share = scene.shares.get(name, 0) / commits
    p = binomial.at_least(number, total, min(share, 1.0))
    flag = "; FLAGGED" if number >= LEAST and p <= LEVEL else ""
    return Row(name, f"{said}; {share:.0%} of trunk's commits, p {p:.3f}{flag}", float(number))
