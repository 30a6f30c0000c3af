"""What a tag's name says: a version, a date or a number; a candidate for release; another environment's.

Nothing but the name is read here. Which of several families of tags means production is asked in
:mod:`hotfix.trend.mining.production`.
"""

import re

import msgspec

_VERSION = re.compile(r"(?P<prefix>.*?)(?P<numbers>\d+(?:[._]\d+)+|\d+)(?P<rest>\D.*|)")
_DOTTED = re.compile(r"\d+(?:[._]\d+)+")
_BEFORE = re.compile(
    r"^[-._~+]?(a|alpha|b|beta|c|cr|rc|ea|pre|preview|pr|m|milestone|dev|snapshot|nightly|canary|next|unstable|insiders?)"
    r"(?![a-z])",
    re.IGNORECASE,
)
"""What comes right after the numbers of what is not released yet."""
_ELSEWHERE = re.compile(
    r"(?<![a-z])(dev|development|staging|stage|test\w*|qa|uat|ci|sandbox|int|preprod|demo)(?![a-z])",
    re.IGNORECASE,
)
"""Environments that are not production."""
_LANE = re.compile(r"(?<![a-z])hot-?fix(?![a-z])|[-+.]hf\.?\d", re.IGNORECASE)
_LINE = re.compile(r"[._]x(?![a-z])", re.IGNORECASE)
"""What ``1.1.x`` ends with: a line of releases, and no release."""
_ANOTHER = re.compile(r"[-._+]?(r|p|patch|post|fix)?[-._]?\d+", re.IGNORECASE)


class TagName(msgspec.Struct, frozen=True):
    """A tag's name, taken apart."""

    name: str
    family: str
    """What stands before the numbers, a ``v`` taken off: ``v1.2`` and ``1.2`` are of one family, ``chart-1.2`` is not."""
    numbers: tuple[int, ...]
    rest: str
    """What comes after the numbers."""

    @property
    def is_before_release(self) -> bool:
        """Whether it names an alpha, a beta, a release candidate, a nightly."""
        return _BEFORE.match(self.rest) is not None

    @property
    def says_hotfix(self) -> bool:
        """Whether the name itself speaks of a hotfix: that the lane was used, not that a defect was fixed."""
        return _LANE.search(self.name) is not None

    @property
    def order(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """By which tags of one family follow each other."""
        return self.numbers, tuple(int(number) for number in re.findall(r"\d{1,9}", self.rest))

    @property
    def is_another(self) -> bool:
        """Whether what follows the numbers says that it is the same release again, mended: ``1.0.3-r1``, ``1.0.post2``."""
        return _ANOTHER.fullmatch(self.rest) is not None


def parse(name: str) -> TagName | None:
    """The name taken apart; None where no number is in it."""
    dotted = _DOTTED.search(name)
    match = _VERSION.fullmatch(name, dotted.start() if dotted else 0)
    if match is None:
        return None
    prefix = name[: match.start("numbers")]
    if len(match["numbers"]) > 60:
        return None  # a digest, not a version
    if _LINE.match(match["rest"]):
        return None
    numbers = tuple(int(number) for number in re.split(r"[._]", match["numbers"]))
    return TagName(name, _family(prefix), numbers, match["rest"])


def _family(prefix: str) -> str:
    bare = re.sub(r"(?<![a-z])v[.-]?$", "", prefix, flags=re.IGNORECASE)
    return bare.lower().rstrip("-_./@")


def environment_words(name: str) -> frozenset[str]:
    """Words of the name that speak of an environment which is not production."""
    return frozenset(match[0].lower() for match in _ELSEWHERE.finditer(name))
