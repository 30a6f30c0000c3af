"""What people said of releases, and how often the miner was right by it."""

from collections.abc import Mapping, Sequence

import msgspec

from hotfix.trend import binomial
from hotfix.trend.binomial import Interval
from hotfix.trend.mining.event import Found
from hotfix.trend.mining.ladder import Class


class Said(msgspec.Struct, frozen=True):
    """A person's word on one release. It is about the tag as it was: of a tag that was moved nobody said anything."""

    tag: str
    id: str
    """Of the tag object, or of the commit where there is none."""
    hotfix: bool
    by: str
    at: str


class Precision(msgspec.Struct, frozen=True):
    """Of the releases on one rung that people judged, how many are hotfixes."""

    rung: Class
    right: int
    judged: int
    interval: Interval
    """95 %, exact."""


class Words(msgspec.Struct, frozen=True):
    """What is known of releases beside their history."""

    said: Mapping[str, Said] = {}
    """By the id of the tag."""
    declared: Mapping[str, str] = {}
    """By the name of the release: the hotfix on record that shipped it."""


def with_words(found: Found, words: Words) -> Found:
    """The release as people judged it, where they did, or as the record has it; what was mined is kept beside."""
    tags = (found.release.tag, *found.release.also)
    word = next((words.said[tag.id] for tag in tags if tag.id in words.said), None)
    declared = next((words.declared[tag.name] for tag in tags if tag.name in words.declared), "")
    if word is not None:
        told = f"{'confirmed' if word.hotfix else 'denied'}: by {word.by} on {word.at[:10]}"
        rung = Class.CONFIRMED if word.hotfix else Class.REGULAR
        return msgspec.structs.replace(found, rung=rung, mined=found.rung, reasons=(told, *found.reasons))
    if declared:
        told = f"declared: {declared} is on record as having shipped it"
        return msgspec.structs.replace(found, rung=Class.CONFIRMED, reasons=(told, *found.reasons))
    return found


def precision(releases: Sequence[Found]) -> tuple[Precision, ...]:
    """For each rung of the miner with a judged release on it."""
    result = []
    for rung in (Class.PROBABLE, Class.CANDIDATE, Class.REGULAR):
        judged = [one for one in releases if one.mined is rung]
        right = sum(one.rung is Class.CONFIRMED for one in judged)
        if judged:
            result.append(Precision(rung, right, len(judged), binomial.interval(right, len(judged))))
    return tuple(result)
