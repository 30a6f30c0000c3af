"""``hotfix trend --from-git``: the trend of a repository that has only its tags; no policy, no record, no remote."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec

from hotfix.actions.mine import Known, Mined, mine, window
from hotfix.actions.trend_rows import MonthRow, TrendRow, month_rows, trend_row
from hotfix.ports import Clock
from hotfix.ports.history import History
from hotfix.ports.notebook import Notebook
from hotfix.record import moment
from hotfix.record.finding import Refused, refused
from hotfix.trend import bands, course, months
from hotfix.trend.advice import advice
from hotfix.trend.mining import verdicts
from hotfix.trend.mining.event import Found
from hotfix.trend.mining.ladder import Class
from hotfix.trend.mining.production import Tag
from hotfix.trend.mining.verdicts import Precision, Said, Words

SLEEPS = timedelta(days=31)
"""Without a commit for so long, months are not counted as months without hotfixes."""
JUDGED_MONTHS = 27
"""The test and the cumulative sum look at so many, however few are shown."""
MEASURED, JUDGED = "measured-5.json", "judged.jsonl"
"""The number changes with what is measured, so that nothing is taken for something else."""


class Past(NamedTuple):
    """What it takes to look at a repository's past."""

    repository: str
    """The name of its folder."""
    history: History
    notebook: Notebook
    clock: Clock
    narrate: Callable[[str], None]
    declared: Callable[[], Mapping[str, str]] = dict
    """By release: the hotfix on record that shipped it; nothing where there is no record."""


class Wanted(msgspec.Struct, frozen=True):
    """What somebody wants to see."""

    pattern: str = ""
    """Glob of the tags that mean production; empty: guess."""
    months: int = 24
    as_of: datetime | None = None


class Row(msgspec.Struct, frozen=True, rename={"rung": "class"}):
    """One release, or several lines' on one day."""

    tag: str
    commit: str
    date: str
    line: str
    rung: Class
    chain: str
    """The tag with which its series of hotfixes began; empty for what is no hotfix."""
    reasons: tuple[str, ...]
    also: tuple[str, ...]
    """Other tags of the same event."""
    folders: tuple[str, ...]


class Tags(msgspec.Struct, frozen=True):
    """Which tags were taken for production, and what became of the others."""

    pattern: str
    guessed: bool
    counted: int
    before_release: int
    elsewhere: int
    others: tuple[tuple[str, int], ...]
    unread: int
    """Without any number in their names."""


class Result(msgspec.Struct, frozen=True):
    """The trend, with every release that it goes by."""

    repository: str
    since: str
    until: str
    judged_since: str
    """When the first release was made that could be judged, if that is later than what the months need."""
    known_until: str
    """When the newest commit was made, if that is long before `until`."""
    tags: Tags
    releases: tuple[Row, ...]
    months: tuple[MonthRow, ...]
    status: bands.Band
    mean: float | None
    trend: TrendRow
    cusum: str
    told: tuple[str, ...]
    """Status, trend and cumulative sum as sentences, each with what it goes by."""
    advice: str
    components: tuple[tuple[str, int], ...]
    """Folders that hotfixes changed most, and in how many events."""
    precision: tuple[Precision, ...]
    """Of those that people judged here."""


def trend(past: Past, wanted: Wanted) -> Result:
    """Look at the past and tell what it shows."""
    now = not_after(wanted.as_of, past.clock.now()).astimezone(UTC)
    end = _known_until(past, now)
    since, looked = window(end, wanted.months), window(end, max(wanted.months, JUDGED_MONTHS))
    known = remembered(past.notebook)
    before = len(known.measures), len(known.details)
    words = Words(said(past.notebook), _declared(past))
    mined = mine(past.history, past.history.tags(), wanted.pattern, looked, end, known, words, past.narrate)
    if not mined.production.tags:
        raise refused(
            "trend-no-tags",
            f"No tag fits {wanted.pattern!r}."
            if wanted.pattern
            else f"No tag with a number in it was made here until {end:%Y-%m-%d}: nothing tells a release.",
            "name the tags that mean production: hotfix trend --from-git --tags 'v*'; git tag lists them, "
            "and git fetch --tags brings them",
        )
    if past.history.is_shallow():
        past.narrate(
            "this clone is shallow: nothing is known from before its end; git fetch --unshallow brings it"
        )
    elif (len(known.measures), len(known.details)) != before:
        remember(past, known)
    return _result(past.repository, mined, since, looked, end, now)


def _known_until(past: Past, now: datetime) -> datetime:
    """Now; or when the newest commit here was made, where that is long ago: what came after, nobody fetched, or nothing did."""
    newest = datetime.fromtimestamp(past.history.newest(), UTC)
    return newest if now - newest > SLEEPS else now


def not_after(as_of: datetime | None, now: datetime) -> datetime:
    """The moment that is looked from: now, or the one that was asked for, which must have been."""
    if as_of is not None and as_of > now:
        raise refused(
            "trend-future", f"{as_of:%Y-%m-%d} has not come yet.", "say a day up to today: --as-of DAY"
        )
    return as_of or now


def _declared(past: Past) -> Mapping[str, str]:
    """What the record has shipped; of one that cannot be read, nothing, and that is said."""
    try:
        return past.declared()
    except Refused as error:
        past.narrate(f"without the record, since it cannot be read: {error}")
        return {}


def judge(past: Past, tag: str, *, hotfix: bool, by: str) -> Said:
    """Put on file here what a person says of a release."""
    found = next((one for one in past.history.tags() if one.name == tag), None)
    if found is None:
        raise refused(
            "trend-no-such-tag",
            f"There is no tag {tag!r} at a commit here.",
            "hotfix trend --from-git lists the releases; git fetch --tags brings what is missing",
        )
    word = Said(found.name, found.id, hotfix, by, moment.to_text(past.clock.now()))
    past.notebook.add(JUDGED, msgspec.json.encode(word))
    return word


def said(notebook: Notebook) -> dict[str, Said]:
    """What people said here, by the id of the tag; the newest word counts."""
    lines = notebook.read(JUDGED).splitlines()
    try:
        words = [msgspec.json.decode(line, type=Said) for line in lines if line.strip()]
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise refused(
            "trend-judged-broken",
            f"What was confirmed and denied in this clone cannot be read: {error}.",
            f"mend or remove {JUDGED} in the clone's folder hotfix/trend",
        ) from None
    return {word.id: word for word in words}


def remembered(notebook: Notebook) -> Known:
    """What was measured before; of a broken file nothing, since all of it can be measured again."""
    raw = notebook.read(MEASURED)
    try:
        return msgspec.json.decode(raw, type=Known) if raw else Known()
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Known()


def remember(past: Past, known: Known) -> None:
    """Keep what was measured for the next time."""
    why = past.notebook.write(MEASURED, msgspec.json.encode(known))
    if why:
        past.narrate(f"what was measured is not kept, so that the next time takes as long: {why}")


def _result(
    repository: str, mined: Mined, since: datetime, looked: datetime, end: datetime, now: datetime
) -> Result:
    judged = min(max(looked, datetime.fromtimestamp(mined.first, UTC)), end)
    counted = [one for one in mined.events if one.is_hotfix]
    begin = since.timestamp()
    shown = [one for one in mined.events if one.release.tag.at >= begin]
    found = course.course(
        months.counted(
            [_month(one) for one in counted],
            [_month(one) for one in counted if one.series == one.release.tag.name],
            judged,
            end,
        )
    )
    tags = mined.production
    hotfixes = [one for one in shown if one.is_hotfix]
    folders = Counter(folder for one in hotfixes for folder in one.folders if folder)
    return Result(
        repository=repository,
        since=moment.to_text(since),
        until=moment.to_text(now),
        judged_since=moment.to_text(judged),
        known_until=moment.to_text(end),
        tags=Tags(
            tags.pattern,
            tags.guessed,
            len(tags.tags),
            tags.before_release,
            tags.elsewhere,
            tags.others,
            tags.unread,
        ),
        releases=tuple(_row(one) for one in shown),
        months=tuple(row for row in month_rows(found) if row.month >= months.name(since)),
        status=found.status,
        mean=found.mean,
        trend=trend_row(found),
        cusum=course.in_words(found)[2],
        told=(*course.in_words(found), *_ends(since, judged, end, now)),
        advice=advice(found, folders.most_common(5), len(hotfixes), ()),
        components=tuple(folders.most_common(5)),
        precision=verdicts.precision([one for one in mined.releases if one.release.tag.at >= begin]),
    )


def _ends(since: datetime, judged: datetime, end: datetime, now: datetime) -> list[str]:
    """Between which days something is known, where that is less than what was asked for."""
    told = []
    if judged > since:
        told.append(f"known from {judged:%Y-%m-%d} on: before it too few releases tell what is usual")
    if end < now:
        told.append(
            f"known until {end:%Y-%m-%d}, when the newest commit here was made: git fetch, or nobody works on it"
        )
    return told


def _month(one: Found) -> str:
    return months.name(datetime.fromtimestamp(one.release.tag.at, UTC))


def _row(one: Found) -> Row:
    others = (*one.release.also, *(tag for other in one.others for tag in (other.tag, *other.also)))
    return Row(
        tag=one.release.tag.name,
        commit=one.release.tag.commit,
        date=_date(one.release.tag),
        line=one.release.line,
        rung=one.rung,
        chain=one.series,
        reasons=one.reasons,
        also=tuple(tag.name for tag in others),
        folders=tuple(sorted(one.folders)),
    )


def _date(tag: Tag) -> str:
    return moment.to_text(datetime.fromtimestamp(tag.at, UTC))
