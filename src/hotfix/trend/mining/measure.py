"""How much a release brought, and what it reads like; version bumps, changelogs and generated files are not counted."""

import re
from collections.abc import Mapping, Sequence

import msgspec

from hotfix.policy.path_kind import kind_of
from hotfix.policy.rules import Rules
from hotfix.trend import spread
from hotfix.trend.mining import wording
from hotfix.trend.mining.graph import Logged
from hotfix.trend.mining.tag_name import TagName

_UNCOUNTED = frozenset({"changelog", "docs", "generated", "lock", "ci", "git", "owners", "test"})
_NOT_PRODUCTION = re.compile(
    r"(^|/)(locales?|translations?|lang|i18n|l10n|scripts?|hack|tools|examples?|debian|docker|packaging|\.semaphore)/|\.(po|mo|pot|xlf)$"
    r"|(^|/)(Makefile|Justfile|Taskfile\.ya?ml|\.?goreleaser[^/]*|[^/]*Dockerfile[^/]*|\.dockerignore|\.editorconfig"
    r"|\.pre-commit[^/]*|VERSION(\.txt)?|Chart\.ya?ml|_?version(__)?\.(py|go|ts|js|rb))$"
)
"""Translations, how it is built, packed and checked, and the number of the version."""
_HOTFIX_BRANCH = re.compile(r"^merge\b.*(?<![a-z])hot-?fix(?![a-z])", re.IGNORECASE)
_RULES = Rules(service="")
_MOST_KEPT = 60
"""Core commits above which nobody will ever ask which they were."""


class Measure(msgspec.Struct, frozen=True):
    """What the subjects alone tell of a release."""

    core: int
    ids: tuple[str, ...]
    """The core commits; none where there are very many."""
    branch: bool
    """Whether it merged a branch that is called a hotfix."""
    made: float | None = None
    """When the median of them was committed, in seconds since 1970; None where there is none."""


class Commit(msgspec.Struct, frozen=True):
    """A core commit, looked at."""

    message: str
    paths: tuple[str, ...]
    """Those that it changed."""


class Detailed(msgspec.Struct, frozen=True):
    """What the changes tell besides."""

    core: int
    fixes: int
    others: int
    """Those that say they are no fix: a feature, a dependency, the documentation."""
    files: int
    lines: int | None
    reverts: int
    picked: int
    folders: tuple[str, ...]


def measure(commits: Sequence[Logged]) -> Measure:
    """Of all that a release has and the one before it lacks."""
    counted = [
        commit
        for commit in commits
        if len(commit.parents) < 2 and not wording.is_housekeeping(commit.subject)
    ]
    core = tuple(commit.id for commit in counted)
    made = spread.median([commit.at for commit in counted]) if counted else None
    branch = any(
        len(commit.parents) > 1 and _HOTFIX_BRANCH.search(commit.subject) is not None for commit in commits
    )
    return Measure(len(core), core if len(core) <= _MOST_KEPT else (), branch, made)


def detailed(ids: Sequence[str], commits: Mapping[str, Commit], net: Mapping[str, int | None]) -> Detailed:
    """Of the core commits: those that change what is counted. Raises KeyError where one of them is not in this clone.

    `net` are the paths that differ between this release and the one before it, each with its lines (None where nobody can
    count them): what one commit did and another took back shipped nothing. Nor counts what only housekeeping touched.
    """
    touched = {path for id in ids for path in commits[id].paths}
    counted = {path: lines for path, lines in net.items() if path in touched and _counts(path)}
    messages = [
        commit.message
        for id in ids
        if counted and (not (commit := commits[id]).paths or any(map(_counts, commit.paths)))
    ]
    lines = [number for number in counted.values() if number is not None]
    return Detailed(
        core=len(messages),
        fixes=sum(map(wording.reads_as_fix, messages)),
        others=sum(map(wording.reads_as_no_fix, messages)),
        files=len(counted),
        lines=sum(lines) if len(lines) == len(counted) else None,
        reverts=sum(map(wording.reverts, messages)),
        picked=sum(map(wording.is_picked, messages)),
        folders=tuple(sorted({"/".join(path.split("/")[:-1][:3]) for path in counted})),
    )


def _counts(path: str) -> bool:
    return kind_of(path, _RULES) not in _UNCOUNTED and _NOT_PRODUCTION.search(path) is None


def says_hotfix(name: TagName, said: str, measure: Measure) -> str:
    """Where the release calls itself a hotfix; empty where it does not."""
    if name.says_hotfix:
        return "its tag"
    if re.search(r"(?<![a-z])hot-?fix(?![a-z])", said, re.IGNORECASE):
        return "its tag's message"
    return "a branch that it merged" if measure.branch else ""
