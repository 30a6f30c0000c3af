"""``hotfix trend --from-git``: the hotfixes in a repository's own history, from its tags and one listing of its commits."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from hotfix.ports.history import History
from hotfix.record.words import count
from hotfix.trend import months
from hotfix.trend.mining import event, ladder, measure, production, release, scheme, verdicts
from hotfix.trend.mining.event import Found
from hotfix.trend.mining.graph import Graph
from hotfix.trend.mining.ladder import Seen, Usual
from hotfix.trend.mining.measure import Commit, Detailed, Measure
from hotfix.trend.mining.production import Production, Tag
from hotfix.trend.mining.release import Release
from hotfix.trend.mining.verdicts import Words

_QUARTER = 92 * 86400.0


class Known(msgspec.Struct):
    """What was measured before, by the ids of a release's tag and of the one before it."""

    measures: dict[str, Measure] = {}
    details: dict[str, Detailed] = {}


class Mined(msgspec.Struct, frozen=True):
    """What the tags and the commits show."""

    production: Production
    first: float
    """When the first release was made that could be judged, in seconds since 1970."""
    events: tuple[Found, ...]
    """Of the window, oldest first."""
    releases: tuple[Found, ...]
    """The same before several lines' patches of one day became one event."""


def mine(
    past: History,
    tags: Sequence[Tag],
    pattern: str,
    since: datetime,
    now: datetime,
    known: Known,
    words: Words,
    narrate: Callable[[str], None],
) -> Mined:
    """Every release since `since`, judged. What is measured anew is put into `known`."""
    known_then = [tag for tag in tags if tag.at <= now.timestamp()]
    chosen = production.choose(known_then, now.timestamp(), pattern)
    every = release.releases(chosen.tags, scheme.scheme(chosen.tags))
    wanted = _wanted(every, since.timestamp())
    _measure(past, wanted, known, narrate)
    usuals = _usuals(wanted, known)
    _look(past, wanted, usuals, known, narrate)
    found = [verdicts.with_words(_judge(one, usuals[one.tag.id], known), words) for one in wanted]
    events = event.in_series(event.together(found))
    begin = since.timestamp()
    return Mined(
        chosen,
        _judged_since(every, now.timestamp()),
        tuple(one for one in events if one.release.tag.at >= begin),
        tuple(one for one in found if one.release.tag.at >= begin),
    )


def _judged_since(every: Sequence[Release], now: float) -> float:
    """When the first release was made that has enough before it to be judged; before it nothing is known of hotfixes."""
    gaps = 0
    for one in every:
        if gaps >= ladder.LEAST_HISTORY:
            return one.tag.at
        gaps += one.before is not None and one.tag.at >= one.before.at
    return now


def _wanted(every: Sequence[Release], since: float) -> list[Release]:
    """The releases of the window, and as many before it as tell what was usual then."""
    inside = sum(one.tag.at >= since for one in every)
    return list(every[-(inside + ladder.HISTORY) :]) if inside else []


def _measure(past: History, wanted: Sequence[Release], known: Known, narrate: Callable[[str], None]) -> None:
    """Measure what is not known yet, from one listing."""
    unknown = [one for one in wanted if one.key not in known.measures]
    if not unknown:
        return
    tips = [one.tag.commit for one in unknown] + [one.before.commit for one in unknown if one.before]
    graph = Graph(past.log(tips, _known_to_all(unknown)))
    narrate(f"read {count(len(graph.commits), 'commit')}; measuring {count(len(unknown), 'release')}")
    told = time.monotonic()
    for done, one in enumerate(unknown):
        commits = graph.between(one.before.commit if one.before else "", one.tag.commit)
        known.measures[one.key] = measure.measure(commits)
        if time.monotonic() - told > 2.0:
            told = time.monotonic()
            narrate(f"measured {done + 1} of {len(unknown)} releases")


def _known_to_all(unknown: Sequence[Release]) -> list[str]:
    """Releases whose common past is in none of what is measured: the first that is followed on each line."""
    first: dict[str, str] = {}
    for one in unknown:
        if one.before is None:
            return []
        first.setdefault(one.line, one.before.commit)
    return list(first.values())


def _usuals(wanted: Sequence[Release], known: Known) -> dict[str, Usual]:
    """What was usual before each release."""
    usuals = {}
    before: list[tuple[float, int]] = []
    for place, one in enumerate(wanted):
        recent = {
            int(other.tag.at // 86400) for other in wanted[:place] if one.tag.at - other.tag.at < _QUARTER
        }
        usuals[one.tag.id] = ladder.usual(before, len(recent) / 3)
        gap = _gap(one)
        if gap is not None and gap >= 0:
            before.append((gap, known.measures[one.key].core))
    return usuals


def _gap(one: Release) -> float | None:
    return one.tag.at - one.before.at if one.before else None


def _look(
    past: History,
    wanted: Sequence[Release],
    usuals: Mapping[str, Usual],
    known: Known,
    narrate: Callable[[str], None],
) -> None:
    """Look at what those changed that may be hotfixes by level, cadence and number."""
    asked = [
        one
        for one in wanted
        if one.key not in known.details and _may_be(one, usuals[one.tag.id], known.measures[one.key])
    ]
    if not asked:
        return
    narrate(f"looking at the changes of {count(len(asked), 'release')} that may be hotfixes")
    ids = [id for one in asked for id in known.measures[one.key].ids]
    commits = {
        id: Commit(detail.message, tuple(change.path for change in detail.changes))
        for id, detail in past.details(ids).items()
    }
    net = past.differences([(one.before.commit, one.tag.commit) for one in asked if one.before])
    for one, changes in zip(asked, net, strict=True):
        core = known.measures[one.key].ids
        if changes is not None and commits.keys() >= set(core):  # a part of a clone may lack them
            lines = {change.path: change.lines for change in changes}
            known.details[one.key] = measure.detailed(core, commits, lines)


def _may_be(one: Release, usual: Usual, measured: Measure) -> bool:
    """Whether its changes are worth a look; half as many again may be housekeeping that only its paths show."""
    possible, _ = ladder.may_be(_seen(one, measured, None), usual)
    return possible and 0 < len(measured.ids) == measured.core <= 1.5 * ladder.narrow(usual)


def _judge(one: Release, usual: Usual, known: Known) -> Found:
    detail = known.details.get(one.key)
    judged = ladder.judge(_seen(one, known.measures[one.key], detail), usual)
    return Found(one, judged.rung, judged.reasons, frozenset(detail.folders if detail else ()))


def _seen(one: Release, measured: Measure, detail: Detailed | None) -> Seen:
    return Seen(
        patch=one.patch,
        gap=_gap(one),
        after=one.before.name if one.before else "",
        core=detail.core if detail else measured.core,
        fixes=detail.fixes if detail else 0,
        others=detail.others if detail else 0,
        files=detail.files if detail else None,
        lines=detail.lines if detail else None,
        reverts=detail.reverts if detail else 0,
        picked=detail.picked if detail else 0,
        says_hotfix=measure.says_hotfix(one.name, one.tag.said, measured),
    )


def window(now: datetime, length: int) -> datetime:
    """The first moment of the `length` full months before the one that `now` lies in."""
    first = months.after(months.name(now), -length)
    return datetime(int(first[:4]), int(first[5:]), 1, tzinfo=now.tzinfo or UTC)
