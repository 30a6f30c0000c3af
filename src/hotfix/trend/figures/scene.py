"""What all figures are drawn from: the hotfixes, the deployments around them, and the moment."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import msgspec

from hotfix.record import moment
from hotfix.trend.life import Life, Went


class Deployment(msgspec.Struct, frozen=True):
    """Something that went to production, known by a tag."""

    name: str
    commit: str
    at: str
    lead: float | None = None
    """Seconds from commit to production, the median of what it brought; None where nobody can tell."""
    also: tuple[str, ...] = ()
    """Other tags of the very same release."""


class Scene(msgspec.Struct, frozen=True):
    """What is known, as of `now`."""

    now: str
    since: str
    """Where the window begins."""
    known_since: str
    """When the record began; before it nothing is known."""
    lives: tuple[Life, ...]
    """Every hotfix on record, in the order of its start."""
    series: Mapping[str, str]
    """By hotfix: the first of its series."""
    components: Mapping[str, tuple[str, ...]]
    """By hotfix: what it changed."""
    deployments: tuple[Deployment, ...] = ()
    """Releases by their tags, without hotfixes; none where no tag tells of any."""
    tags: str = ""
    """Which tags these are; empty where there are none."""
    shares: Mapping[str, int] = {}
    """By component: commits of trunk in the last 180 days that changed it."""
    trunk_commits: int = 0
    """All of them; a commit may change several components."""
    commits: Mapping[str, str] = {}
    """By tag: its commit."""
    budget: float = 7200.0
    way_back: float = 300.0

    @property
    def window(self) -> str:
        """The window, for a figure to say."""
        return f"{self.since[:10]} to {self.now[:10]}"

    def shipped(self) -> list[Life]:
        """Hotfixes whose first step in production lies in the window; a return to the release before is none."""
        return [life for life in self.lives if life.is_hotfix and self.since <= life.shipped <= self.now]

    def ships(self, since: str = "") -> list[tuple[Life, Went]]:
        """Every ship of a fix that changed production since then (else in the window)."""
        begin = since or self.since
        return [
            (life, ship)
            for life in self.lives
            for ship in life.ships
            if ship.purpose == "hotfix" and begin <= ship.begun <= self.now
        ]

    def releases_of_hotfixes(self, since: str = "") -> list[tuple[Life, Went]]:
        """The same, each release once: trying the same patch again is no other deployment."""
        first: dict[tuple[str, str], tuple[Life, Went]] = {}
        for life, ship in self.ships(since):
            first.setdefault((life.id, ship.release), (life, ship))
        return list(first.values())

    def named(self, release: str) -> str:
        """The deployment that `release` means, by its name, another tag of it, or its commit; itself where there is none."""
        commit = self.commits.get(release, "")
        return next(
            (
                one.name
                for one in self.deployments
                if release in (one.name, *one.also) or (commit and commit == one.commit)
            ),
            release,
        )

    def deployed(self, since: str = "") -> list[Deployment]:
        """Regular deployments since then (else in the window)."""
        return [one for one in self.deployments if (since or self.since) <= one.at <= self.now]

    def ago(self, days: float) -> str:
        """The moment so many days before now."""
        return moment.to_text(moment.from_text(self.now) - timedelta(days=days))


def months_before(now: str, months: int) -> str:
    """The moment so many mean months before `now`."""
    return moment.to_text(moment.from_text(now) - timedelta(days=months * 365.25 / 12))


def regular(named: Sequence[Deployment], lives: Sequence[Life]) -> tuple[Deployment, ...]:
    """The deployments that are no hotfix on record, by name or by commit."""
    names = {ship.release for life in lives for ship in life.ships if ship.purpose == "hotfix"}
    commits = {ship.commit for life in lives for ship in life.ships if ship.purpose == "hotfix"}
    return tuple(one for one in named if one.name not in names and one.commit not in commits)
