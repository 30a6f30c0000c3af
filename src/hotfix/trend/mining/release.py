"""Releases: production tags in their lines, each with the release that it follows there."""

from collections.abc import Sequence

import msgspec

from hotfix.trend.mining import scheme
from hotfix.trend.mining.production import Tag
from hotfix.trend.mining.scheme import Scheme
from hotfix.trend.mining.tag_name import TagName


class Release(msgspec.Struct, frozen=True):
    """Something that went to production, under one or more tags."""

    tag: Tag
    name: TagName
    also: tuple[Tag, ...]
    """Other tags of the very same release."""
    line: str
    patch: bool | None
    """Whether its numbers say that it mends a release; None where they cannot."""
    before: Tag | None
    """The release that it follows on its line and that was there when it came; of the first of a line, the newest of an
    earlier one."""

    @property
    def key(self) -> str:
        """By what its measures are known: a tag that is moved gets another id."""
        return f"{self.tag.id}:{self.before.id if self.before else ''}"


def releases(tags: Sequence[tuple[Tag, TagName]], by: Scheme) -> tuple[Release, ...]:
    """Every release, oldest first. Two tags of one commit, or of one version, are one release."""
    lines: dict[str, list[tuple[Tag, TagName, list[Tag]]]] = {}
    for tag, name, also in _once(tags):
        lines.setdefault(scheme.line(name, by), []).append((tag, name, also))
    found = []
    for line, members in lines.items():
        members.sort(key=lambda one: one[1].order)
        first = _newest_before(members[0], lines, line) if by is not Scheme.ORDER else None
        for place, (tag, name, also) in enumerate(members):
            patch = scheme.is_patch(name, by)
            before = _there_before([one for one, _, _ in members[:place]], tag) if place else first
            found.append(Release(tag, name, tuple(also), line, patch, before))
    return tuple(sorted(found, key=lambda release: (release.tag.at, release.name.order)))


def _there_before(lower: Sequence[Tag], tag: Tag) -> Tag:
    """The last of those with lower numbers that was there: a patch of 1.4 that came after 1.5 is not what 1.5 followed.

    Where none was there, dates tell nothing, and the last by its number stands.
    """
    return next((one for one in reversed(lower) if one.at <= tag.at), lower[-1])


def _once(tags: Sequence[tuple[Tag, TagName]]) -> list[tuple[Tag, TagName, list[Tag]]]:
    """Tags of the same commit, or with the same numbers and rest, together: the first of them names the release."""
    found: list[tuple[Tag, TagName, list[Tag]]] = []
    at: dict[object, int] = {}
    for tag, name in sorted(tags, key=lambda one: (one[0].at, one[1].order, one[0].name)):
        version = (name.numbers, name.rest.lower())
        place = at.get(tag.commit, at.get(version))
        if place is None:
            place = len(found)
            found.append((tag, name, []))
        else:
            found[place][2].append(tag)
        at[tag.commit] = at[version] = place
    return found


def _newest_before(
    first: tuple[Tag, TagName, list[Tag]],
    lines: dict[str, list[tuple[Tag, TagName, list[Tag]]]],
    line: str,
) -> Tag | None:
    """What a new line came after: the newest release with a lower number that was there when it came."""
    tag, name, _ = first
    earlier = [
        (other.at, other_name.order, other)
        for other_line, members in lines.items()
        if other_line != line
        for other, other_name, _ in members
        if other.at <= tag.at and other_name.order < name.order
    ]
    return max(earlier, key=lambda one: one[:2])[2] if earlier else None
