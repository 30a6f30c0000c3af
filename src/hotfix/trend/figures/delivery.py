"""DORA's five: how often, how fast, how often it fails, how soon it recovers, how much of it is rework.

By dora.dev's guide to the metrics. The denominator of a rate is deployments, and its numerator distinct deployments: an
incident that has two hotfixes had one failed deployment, so that no rate exceeds one.
"""

from hotfix.record import moment
from hotfix.record.words import duration
from hotfix.trend.figures import figure
from hotfix.trend.figures.figure import Figure, Meaning, Row
from hotfix.trend.figures.scene import Deployment, Scene, months_before

REWORK_MONTHS = 6

FREQUENCY = Meaning(
    "deployment-frequency",
    "Deployment frequency",
    "production deployments / months of the window; production tags and ships of hotfixes, each release once",
    "DORA: no target; one service at a time",
)
LEAD = Meaning(
    "change-lead-time",
    "Change lead time",
    "median over releases of the median time from commit to production tag; hotfixes are kept apart",
)
HOTFIX_LEAD = Meaning(
    "hotfix-lead-time",
    "Lead time of hotfixes",
    "median time from the fix's commit to its first step in production",
)
FAILS = Meaning(
    "change-fail-rate",
    "Change fail rate",
    "distinct deployments that needed a rollback, a hotfix or a return / deployments; which one failed is the release "
    "that `hotfix origin` confirmed, or a hotfix that went back",
    "bands of DORA 2023: 0-5, 5-10, 10-15, above 15 %; mean of the Quick Check 2025 about 19 %",
)
RECOVERY = Meaning(
    "failed-deployment-recovery",
    "Failed deployment recovery time",
    "median time from the defect's going live to the validated hotfix",
    "bands of DORA: below 1 h, 1 d, 1 week",
)
REWORK = Meaning(
    "deployment-rework-rate",
    "Deployment rework rate",
    "hotfix ships / all production deployments, over six months; rollbacks are not counted, and shown beside",
    "mean of the Quick Check 2025 about 22 %; nobody published bands",
)
NO_TAGS = (
    "nothing tells which other deployments there were: no production tag fits (policy: trend.tags, or --tags)"
)


def figures(scene: Scene) -> tuple[Figure, ...]:
    """The five, with hotfixes' lead time beside the others'."""
    return (frequency(scene), lead(scene), hotfix_lead(scene), fails(scene), recovery(scene), rework(scene))


def frequency(scene: Scene) -> Figure:
    """How often something goes to production."""
    if not scene.tags:
        return FREQUENCY.unknown(scene.window, NO_TAGS)
    months = moment.between(scene.since, scene.now).total_seconds() / (365.25 / 12 * 86400)
    if months < 1:
        return FREQUENCY.unknown(scene.window, "the record is younger than a month")
    rows = [*map(_deployed, scene.deployed()), *_shipped(scene, scene.since)]
    told = f"{len(rows) / months:.1f} a month: {len(rows)} in {months:.1f} months ({scene.tags})"
    return FREQUENCY.of(scene.window, rows, len(rows) / months, told)


def _deployed(one: Deployment) -> Row:
    return Row(one.name, f"tagged {one.at[:16]}Z", 1.0)


def _shipped(scene: Scene, since: str) -> list[Row]:
    return [
        Row(f"{life.id} ship {ship.ship}", f"{ship.release}, first step {ship.begun[:16]}Z", 1.0)
        for life, ship in scene.releases_of_hotfixes(since)
    ]


def lead(scene: Scene) -> Figure:
    """How long a change takes to production."""
    rows = [
        Row(one.name, f"{duration(one.lead)} from commit to tag", one.lead)
        for one in scene.deployed()
        if one.lead is not None
    ]
    return LEAD.times(scene.window, rows, "no release but hotfixes in the window" if scene.tags else NO_TAGS)


def hotfix_lead(scene: Scene) -> Figure:
    """The same of hotfixes."""
    rows = []
    for life in scene.shipped():
        took = figure.seconds_between(life.committed, life.shipped)
        if took is not None:
            rows.append(Row(life.id, f"{duration(took)} from commit to first step", took))
    return HOTFIX_LEAD.times(scene.window, rows, "no hotfix in the window whose fix is in this clone")


def fails(scene: Scene) -> Figure:
    """Which share of deployments failed."""
    if not scene.tags:
        return FAILS.unknown(scene.window, NO_TAGS)
    regular = scene.deployed()
    failed, unknown = _failed(scene)
    hotfixes = scene.releases_of_hotfixes()
    known = {one.name for one in regular} | {ship.release for _, ship in hotfixes}
    inside = {name: why for name, why in failed.items() if name in known}
    n = len(regular) + len(hotfixes)
    if n == 0:
        return FAILS.unknown(scene.window, "no deployment in the window")
    rows = [Row(name, why, 1.0) for name, why in inside.items()]
    told = figure.in_words(len(inside), n, "deployments")
    outside = sorted(failed.keys() - known)
    if outside:
        told += f"; {len(outside)} more that failed went out before the window, or without a tag: {', '.join(outside[:5])}"
    if unknown:
        told = f"at least {told}; of {len(unknown)} more ({', '.join(unknown[:5])}) nobody confirmed which release it was"
    return FAILS.of(scene.window, rows, len(inside) / n, told, n)


def _failed(scene: Scene) -> tuple[dict[str, str], list[str]]:
    """(release: why it counts as failed), and the hotfixes of which nobody said which release brought the defect."""
    failed: dict[str, str] = {}
    unknown = []
    for life in scene.lives:
        inside = [ship for ship in life.ships if scene.since <= ship.begun <= scene.now]
        for ship in inside:
            if ship.purpose == "hotfix" and ship.asked_back:
                failed.setdefault(ship.release, f"{life.id} ship {ship.ship} went back")
        if not inside:
            continue
        if life.origin_release:
            failed.setdefault(scene.named(life.origin_release), f"brought the defect of {life.id}")
        elif scene.series.get(life.id, life.id) == life.id:
            unknown.append(life.id)
    return failed, unknown


def recovery(scene: Scene) -> Figure:
    """How long a failed deployment takes to recover from."""
    rows = []
    for life in scene.shipped():
        took = figure.seconds_between(life.introduced, life.validated)
        if took is not None and took >= 0:
            rows.append(Row(life.id, f"{duration(took)} from going live to validated", took))
    return RECOVERY.times(
        scene.window,
        rows,
        "no validated hotfix of which it is known when its defect went live (hotfix origin)",
    )


def rework(scene: Scene) -> Figure:
    """Which share of deployments was unplanned, to cure what production suffered from."""
    since = max(months_before(scene.now, REWORK_MONTHS), scene.known_since)
    window = f"{since[:10]} to {scene.now[:10]}"
    if not scene.tags:
        return REWORK.unknown(window, NO_TAGS)
    ships = _shipped(scene, since)
    n = len(scene.deployed(since)) + len(ships)
    if n == 0:
        return REWORK.unknown(window, "no deployment in the window")
    back = sum(1 for _, ship in scene.ships(since) if ship.asked_back)
    told = figure.in_words(len(ships), n, "deployments")
    if back:
        told += f"; with {back} rollbacks counted too, {(len(ships) + back) / (n + back):.0%}"
    return REWORK.of(window, ships, len(ships) / n, told, n)
