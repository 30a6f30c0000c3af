"""``hotfix trend``: what the record shows over the months. Reads, judges and changes nothing."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec

from hotfix.actions.lives import lives, lives_of
from hotfix.actions.mine import Known, mine, window
from hotfix.actions.owners import owners
from hotfix.actions.read_rules import read_policy
from hotfix.actions.trend_from_git import JUDGED_MONTHS, Past, not_after, remember, remembered
from hotfix.actions.trend_rows import MonthRow, TrendRow, month_rows, trend_row
from hotfix.policy.rules import Rules
from hotfix.ports import Ports
from hotfix.record import moment
from hotfix.record.finding import Refused, refused
from hotfix.trend import advice, course, months
from hotfix.trend.bands import Band
from hotfix.trend.components import Components
from hotfix.trend.course import Course
from hotfix.trend.figures import delivery, discipline, flow, load, places, safety
from hotfix.trend.figures.figure import Figure
from hotfix.trend.figures.scene import Deployment, Scene, months_before, regular
from hotfix.trend.hours import Hours
from hotfix.trend.life import Life, begun
from hotfix.trend.mining.production import Tag
from hotfix.trend.mining.release import Release
from hotfix.trend.mining.verdicts import Words
from hotfix.trend.series import series


class Wanted(msgspec.Struct, frozen=True):
    """What somebody wants to see."""

    tags: str = ""
    months: int = 24
    as_of: datetime | None = None
    names: bool = False
    """Whether people are called by their names."""


class HotfixRow(msgspec.Struct, frozen=True):
    """One hotfix that the trend counts."""

    hotfix: str
    title: str
    shipped: str
    series: str
    components: tuple[str, ...]


class Result(msgspec.Struct, frozen=True):
    """The trend, with every hotfix that it goes by."""

    service: str
    """By the policy on trunk; empty where none can be read."""
    since: str
    until: str
    zone: str
    hotfixes: tuple[HotfixRow, ...]
    months: tuple[MonthRow, ...]
    status: Band
    mean: float | None
    trend: TrendRow
    told: tuple[str, ...]
    """Status, trend and cumulative sum as sentences, each with what it goes by."""
    advice: str
    figures: tuple[Figure, ...]
    tags: str
    """Which tags tell of other deployments; empty where none do."""


def trend(ports: Ports, past: Past, wanted: Wanted) -> Result:
    """The trend of the record as this clone has it."""
    rules = _rules(ports)
    zone = ZoneInfo(rules.trend.zone)
    now = not_after(wanted.as_of, ports.clock.now()).astimezone(zone)
    until = moment.to_text(now)
    rows = lives_of(ports.ledger.read().entries, until) if wanted.as_of else lives(ports)
    known_since = begun(rows)
    if not known_since:
        raise refused(
            "trend-no-record",
            "No hotfix is on record yet, so the record shows no trend.",
            "hotfix trend --from-git shows what this repository's tags and commits tell",
        )
    since = max(moment.to_text(window(now, wanted.months)), known_since)
    scene = _scene(ports, past, rules, rows, since, until, wanted)
    counted = [life for life in scene.lives if life.is_hotfix and since <= life.shipped <= until]
    found = _course(scene, now, max(wanted.months, JUDGED_MONTHS))
    hours = Hours(zone, rules.trend.begins, rules.trend.ends)
    figures = _figures(scene, hours, names=wanted.names)
    gates = Counter(gate for life in counted for gate in life.overridden)
    return Result(
        service=rules.service,
        since=since,
        until=until,
        zone=rules.trend.zone,
        hotfixes=tuple(
            HotfixRow(
                life.id,
                life.title,
                life.shipped,
                scene.series.get(life.id, ""),
                scene.components.get(life.id, ()),
            )
            for life in counted
        ),
        months=tuple(
            row
            for row in month_rows(found)
            if row.month >= months.name(moment.from_text(since).astimezone(zone))
        ),
        status=found.status,
        mean=found.mean,
        trend=trend_row(found),
        told=course.in_words(found),
        advice=advice.advice(found, *advice.components_of(figures), gates.most_common()),
        figures=figures,
        tags=scene.tags,
    )


def _course(scene: Scene, now: datetime, length: int) -> Course:
    """The course of as many months as the tests need, in the time zone of `now`, however few are shown."""
    first = max(window(now, length), moment.from_text(scene.known_since).astimezone(now.tzinfo))
    counted = {
        life.id: moment.from_text(life.shipped).astimezone(now.tzinfo)
        for life in scene.lives
        if life.is_hotfix
    }
    return course.course(
        months.counted(
            [months.name(at) for at in counted.values()],
            [months.name(at) for id, at in counted.items() if scene.series.get(id) == id],
            first,
            now,
        )
    )


def _rules(ports: Ports) -> Rules:
    """Today's rules; where trunk has none that can be read, the defaults, and that is said."""
    try:
        return read_policy(ports)
    except Refused as error:
        ports.narrate(f"by the defaults, since no policy can be read: {error}")
        return Rules(service="")


def _scene(
    ports: Ports, past: Past, rules: Rules, rows: tuple[Life, ...], since: str, until: str, wanted: Wanted
) -> Scene:
    owned = owners(ports, rules)
    of = {life.id: owned.of_all(life.paths) for life in rows if life.paths}
    made = past.history.made([fix for life in rows for fix in life.fixes[-1:]])
    earliest = min(since, months_before(until, delivery.REWORK_MONTHS))
    tags = past.history.tags()
    named, told = _deployments(past, tags, wanted.tags or rules.trend.tags, earliest, until)
    shares, total = _shares(ports, past, rules, owned, until) if of else ({}, 0)
    return Scene(
        now=until,
        since=since,
        lives=tuple(
            msgspec.structs.replace(life, committed=_moment(made[life.fixes[-1]]))
            if life.fixes and life.fixes[-1] in made
            else life
            for life in rows
        ),
        series=series(rows, of),
        components=of,
        deployments=regular(named, rows),
        tags=told,
        commits={tag.name: tag.commit for tag in tags},
        shares=shares,
        trunk_commits=total,
        budget=rules.budget.detection_to_deployment,
        way_back=rules.budget.way_back,
        known_since=begun(rows),
    )


def _moment(seconds: float) -> str:
    return moment.to_text(datetime.fromtimestamp(seconds, UTC))


def _deployments(
    past: Past, tags: Sequence[Tag], pattern: str, since: str, until: str
) -> tuple[Sequence[Deployment], str]:
    """(what tags tell of deployments in the window, which tags these are)."""
    known = remembered(past.notebook)
    before = len(known.measures)
    begin, end = moment.from_text(since), moment.from_text(until)
    mined = mine(past.history, tags, pattern, begin, end, known, Words(), past.narrate)
    if len(known.measures) != before and not past.history.is_shallow():
        remember(past, known)
    found = [_deployment(one.release, known) for one in mined.releases]
    return found, f"tags {mined.production.pattern}" if mined.production.tags else ""


def _deployment(one: Release, known: Known) -> Deployment:
    made = known.measures[one.key].made
    lead = max(one.tag.at - made, 0.0) if made is not None else None
    also = tuple(tag.name for tag in one.also)
    return Deployment(one.tag.name, one.tag.commit, _moment(one.tag.at), lead, also)


def _shares(
    ports: Ports, past: Past, rules: Rules, owned: Components, until: str
) -> tuple[dict[str, int], int]:
    """(by component, how many of trunk's commits of the last 180 days changed it; how many commits these are)."""
    try:
        trunk = ports.git.trunk(rules.trunk).commit
    except Refused:
        return {}, 0
    since = moment.from_text(until).timestamp() - places.DAYS * 86400
    each = [owned.of_all(paths) for paths in past.history.changed(trunk, since) if paths]
    return Counter(name for names in each for name in names), len(each)


FIRST = (
    "detected-to-validated",
    "within-two-hours",
    "secondary-48h",
    "secondary-7d",
    "repeat-offenders",
    "actions-overdue",
)
"""What is shown before all others: how fast, how often it broke something again, where, and what is owed."""


def _figures(scene: Scene, hours: Hours, *, names: bool) -> tuple[Figure, ...]:
    every = (
        *delivery.figures(scene),
        *flow.figures(scene),
        *safety.figures(scene),
        *places.figures(scene),
        *load.figures(scene, hours),
        *discipline.figures(scene),
    )
    ordered = (*(one for one in every if one.name in FIRST), *(one for one in every if one.name not in FIRST))
    return ordered if names else tuple(map(load.without_names, ordered))
