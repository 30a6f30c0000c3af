"""Tags, releases and histories to mine, made up."""

from hotfix.trend.mining.production import Tag
from hotfix.trend.mining.release import Release, releases
from hotfix.trend.mining.scheme import Scheme
from hotfix.trend.mining.tag_name import TagName, parse

DAY = 86400.0
BEGIN = 1_700_000_000.0


def name(text: str) -> TagName:
    parsed = parse(text)
    assert parsed is not None
    return parsed


def tag(text: str, day: float, commit: str = "", said: str = "") -> Tag:
    """A tag made `day` days after the beginning of time."""
    return Tag(text, f"id of {text}", commit or f"commit of {text}", BEGIN + day * DAY, said)


def named(*tags: Tag) -> list[tuple[Tag, TagName]]:
    return [(one, name(one.name)) for one in tags]


def in_lines(*tags: Tag, by: Scheme = Scheme.LEVELS) -> dict[str, Release]:
    """Releases by the name of their first tag."""
    return {one.tag.name: one for one in releases(named(*tags), by)}
