"""Units whose releases lie side by side in folders, with ``current`` pointing at the one to start.

::

    <unit.root>/releases/<release name>/    the files, and .hotfix-release where we put them there
    <unit.root>/current -> releases/<release name>
"""

from pathlib import Path

from hotfix.adapters.child import NOTHING_RAN
from hotfix.adapters.target import effect, placeholders, release_files
from hotfix.adapters.target.guarded import Guard
from hotfix.adapters.target.observer import Observer
from hotfix.policy.rules import Target as Rule
from hotfix.policy.rules import Unit
from hotfix.ports import Fence, Order, Release
from hotfix.record.finding import Finding, Refused, refused
from hotfix.record.parts import Effect, UnitState


class ReleaseDir:
    """Kind ``release-dir``: swap ``current``, restart, and believe only what the unit then says."""

    def __init__(self, rule: Rule, cwd: Path | None = None) -> None:
        """`cwd` is where commands run. Raises :class:`Refused` where the rule cannot work."""
        self._rule = rule
        self._cwd = cwd
        self._observer = Observer(rule, cwd)
        self._guard = Guard(rule, cwd)
        placeholders.require(rule.restart, placeholders.OF_ORDER, "restart")

    def observe(self, unit: Unit) -> UnitState:
        """What the running process answers; what ``current`` points at is not asked."""
        return self._observer.observe(unit)

    def needs_files(self, unit: Unit, release: Release) -> bool:
        """Whether the release's folder is not there. Raises :class:`Refused` where it could not be."""
        return not _folder(unit, release.name).is_dir()

    def prepare(self, order: Order, files: Path | None) -> None:
        """Put `files` into the release's folder, whole or not at all. Raises :class:`Refused`.

        A folder that is already there is taken where its marker names this very release. Without
        `files` it has to be there.
        """
        folder = _folder(order.unit, order.release.name)
        if files is not None:
            release_files.put(files, folder, order.release)
        elif finding := self.way_back(order.unit, order.release):
            raise Refused(finding)

    def settled(self, unit: Unit) -> UnitState:
        """See the port."""
        return self._observer.wait_until_answering(unit)

    def fence(self, unit: Unit, token: int, holder: str, grace: float) -> Fence:
        """Raise the fence in the unit's own folder, which everybody who reaches the unit minds."""
        return self._guard.fence(unit, token, holder, grace)

    def activate(self, order: Order) -> Effect:
        """Swap ``current`` in one step, restart within `timeout`, wait `start_timeout` for the release."""
        try:
            folder = _folder(order.unit, order.release.name)
            _require_there(folder)
        except Refused as no:
            return effect.nothing_done(order.unit.name, str(no))
        link = {"path": str(Path(order.unit.root) / "current"), "to": f"releases/{folder.name}"}
        argv = placeholders.fill(self._rule.restart, placeholders.of_order(order, folder))
        made = self._guard.act(order, argv, placeholders.order_environment(order, folder), dict(link))
        if made.verdict == "done" and made.exit != NOTHING_RAN:
            self._observer.wait_until_serving(order.unit, order.release)
        return made

    def way_back(self, unit: Unit, release: Release) -> Finding | None:
        """Whether the release's folder is still there, and is that release as far as its marker tells.

        A folder without marker was put there by the team's own tooling, and is taken at its name.
        """
        try:
            return release_files.missing(_folder(unit, release.name), release)
        except Refused as no:
            return no.findings[0]


def _folder(unit: Unit, name: str) -> Path:
    """Where the release lies; names that would lead elsewhere are refused."""
    if not Path(unit.root).is_absolute():
        raise refused(
            "unit-root-invalid",
            f"The unit {unit.name} has {unit.root!r} as its root, and releases need an absolute folder.",
            f"give {unit.name} a `root` in hotfix.toml",
        )
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        raise refused(
            "release-name-no-folder",
            f"The release name {name!r} cannot be the name of a folder.",
            "use a `release_name` without slashes in hotfix.toml",
        )
    return Path(unit.root) / "releases" / name


def _require_there(folder: Path) -> None:
    if not folder.is_dir():
        raise refused(
            "release-not-there",
            f"The release's folder {folder} is not there, so that `current` was left as it is.",
            "put the release there again: hotfix ship",
        )
