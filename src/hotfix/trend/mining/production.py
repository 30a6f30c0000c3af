"""Which tags mean "this went to production": guessed from their families and shown, or named by a person."""

import fnmatch
from collections import Counter
from collections.abc import Sequence

import msgspec

from hotfix.trend.mining.tag_name import TagName, environment_words, parse

RECENT_SECONDS = 730 * 86400.0
"""Two years: a family that was given up before then is not what production runs."""


class Tag(msgspec.Struct, frozen=True):
    """A tag of the repository."""

    name: str
    id: str
    """Of the tag object, or of the commit where there is none: it changes when the tag is moved."""
    commit: str
    at: float
    """When it was made, in seconds since 1970: the tagger's date, else the commit's."""
    said: str = ""
    """The first line of its message; empty where it has none of its own."""


class Production(msgspec.Struct, frozen=True):
    """The tags that count, and what became of the others."""

    tags: tuple[tuple[Tag, TagName], ...]
    pattern: str
    """As a person would write it: what was asked for, or the guess."""
    guessed: bool
    before_release: int
    """Alphas, betas, candidates."""
    elsewhere: int
    """Of other environments."""
    others: tuple[tuple[str, int], ...]
    """Other families, by their most common name, and how many tags each has."""
    unread: int
    """Without any number in their names."""


def choose(tags: Sequence[Tag], now: float, pattern: str = "") -> Production:
    """The tags that mean production: those that `pattern` (a glob) names, else the family that is used most these days."""
    named = [(tag, parsed) for tag in tags if (parsed := parse(tag.name)) is not None]
    if pattern:
        family, wanted = "", [(tag, name) for tag, name in named if fnmatch.fnmatchcase(tag.name, pattern)]
        others: list[tuple[Tag, TagName]] = []
    else:
        family = _busiest(named, now)
        wanted = [(tag, name) for tag, name in named if name.family == family]
        others = [(tag, name) for tag, name in named if name.family != family]
    kept = [one for one in wanted if not _is_before(one[1], pattern) and not _is_elsewhere(one[1], pattern)]
    before = sum(_is_before(name, pattern) for _, name in wanted)
    return Production(
        tuple(kept),
        pattern or _told(kept, family),
        not pattern,
        before,
        len(wanted) - len(kept) - before,
        tuple(Counter(f"{name.family}-*" if name.family else "*" for _, name in others).most_common(5)),
        len(tags) - len(named),
    )


def _is_before(name: TagName, pattern: str) -> bool:
    return name.is_before_release and name.rest not in pattern


def _is_elsewhere(name: TagName, pattern: str) -> bool:
    """What the pattern itself names was asked for."""
    return not name.is_before_release and any(
        word not in pattern.lower() for word in environment_words(name.name)
    )


def _busiest(named: Sequence[tuple[Tag, TagName]], now: float) -> str:
    """The family with the most releases of the last two years (of all times, where there are none); a bare version first."""
    of_production = [
        (tag, name) for tag, name in named if not name.is_before_release and not environment_words(name.name)
    ]
    newest = max((tag.at for tag, _ in of_production), default=now)
    recent = [name.family for tag, name in of_production if tag.at > min(newest, now) - RECENT_SECONDS]
    counts = Counter(recent)
    return max(
        counts, key=lambda family: (counts[family] * (1.5 if family == "" else 1.0), family), default=""
    )


def _told(kept: Sequence[tuple[Tag, TagName]], family: str) -> str:
    """A glob that fits the newest of them."""
    if not kept:
        return "*"
    newest = max(kept, key=lambda one: one[0].at)[1]
    prefix = newest.name[: len(newest.name) - len(newest.name.lstrip("vV"))] if not family else ""
    return f"{prefix or newest.name.partition(str(newest.numbers[0]))[0]}*"
