"""Land: the fix must be on the main line too, or the next release brings the defect back."""

import msgspec

from hotfix.record.facts import Landed, Picked
from hotfix.record.finding import Finding
from hotfix.record.hotfix import Hotfix
from hotfix.record.ship import Ship

ANCESTOR, SAME, UNCOUNTED, THERE, ACKNOWLEDGED = (
    "ancestor",
    "same change",
    "same but for changelogs",
    "there already",
    "acknowledged",
)
UNDONE, DELTA, MISSING = "undone", "another change", "missing"

_PROVES = {
    ANCESTOR: "{fix} is in the history of {trunk}",
    SAME: "{commit} of {trunk} is the same change as {fix}",
    UNCOUNTED: "{commit} of {trunk} is the same change as {fix}, but for changelogs and generated files",
    THERE: "{trunk} has all that {fix} changes",
    ACKNOWLEDGED: "{commit} of {trunk} stands for {fix}: {because}",
}
"""What shows that a fix is on trunk, and how it is said. What a commit's message says is not among it."""


class Seen(msgspec.Struct, frozen=True):
    """How one fix stands with trunk, or with a release candidate.

    It is there when it is in the history (``ancestor``) and what it did was not taken back; when a commit there has the
    very tree that picking the fix onto its parent gives (``same change``, or ``same but for changelogs``); when picking it
    would change nothing (``there already``); or when a person named the commit that stands for it (``acknowledged``).
    It is not when what it did was taken back (``undone``), when a commit only says that it is the fix and did something
    else (``another change``), or when nothing was found (``missing``).
    """

    fix: str
    how: str
    commit: str = ""
    """The commit there that shows it, or that took it back."""
    because: str = ""

    @property
    def there(self) -> bool:
        """Whether the fix is shown to be there."""
        return self.how in _PROVES


def landed(hotfix: Hotfix) -> Landed | None:
    """The landing that counts: found after the newest pick, which may have brought fixes that trunk lacks."""
    newest: Landed | None = None
    for fact in hotfix.facts:
        match fact:
            case Picked():
                newest = None
            case Landed():
                newest = fact
    return newest


def in_production(hotfix: Hotfix) -> tuple[Ship, ...]:
    """The ships that production runs the result of: validated, and neither rolled back nor returned from. Oldest first.

    A pick stands on what production runs, so that a later one does not take away what an earlier one brought.
    """
    ships: list[Ship] = []
    for ship in hotfix.ships:
        if ship.ended is not None and ship.ended.outcome == "validated":
            ships = [] if ship.plan.purpose == "return" else [*ships, ship]
    return tuple(ships)


def owed_since(hotfix: Hotfix) -> str:
    """Since when the hotfix owes trunk its fix: since it was validated in production; empty where it owes nothing."""
    ships = in_production(hotfix)
    ended = ships[-1].ended if ships and landed(hotfix) is None else None
    return ended.at if ended else ""


def shipped_picks(hotfix: Hotfix) -> tuple[Picked, ...]:
    """The picks that production runs the result of, oldest first."""
    patches = {ship.plan.patch for ship in in_production(hotfix)}
    return tuple(picked for picked in hotfix.pick.history if picked.patch.digest in patches)


def judge(hotfix: Hotfix, seen: tuple[Seen, ...], trunk: str) -> tuple[str, tuple[Finding, ...]]:
    """(evidence, findings): evidence in words where every fix is on trunk, findings where one is not."""
    if not seen:
        nothing = Finding(
            "land-nothing-picked", "No fix was picked.", f"hotfix pick FIX --hotfix {hotfix.id}"
        )
        return "", (nothing,)
    findings = tuple(_finding(hotfix.id, one, trunk) for one in seen if not one.there)
    return "" if findings else "; ".join(_told(one, trunk) for one in seen), findings


def _told(seen: Seen, trunk: str) -> str:
    return _PROVES[seen.how].format(
        fix=seen.fix[:12], commit=seen.commit[:12], trunk=trunk, because=seen.because
    )


def _finding(id: str, seen: Seen, trunk: str) -> Finding:
    fix, commit = seen.fix[:12], seen.commit[:12]
    stands = f'hotfix land {id} --fix {fix} --as COMMIT --because "WHY"'
    if seen.how == UNDONE:
        by = f" by {commit}" if commit else ""
        return Finding(
            "land-undone",
            f"The fix {fix} is in the history of {trunk}, and what it did was taken back there{by}.",
            f"mend {trunk}, then: hotfix land {id}; or name what does its work now: {stands}",
        )
    if seen.how == DELTA:
        return Finding(
            "land-delta",
            f"{commit} of {trunk} says that it is {fix}, and it is another change.",
            f"git range-diff {fix}^! {commit}^!; if it does cure the defect: {stands.replace('COMMIT', commit)}",
        )
    return Finding(
        "land-missing",
        f"The fix {fix} is not on {trunk}: the defect returns with the next release.",
        f"merge it into {trunk}, then: hotfix land {id}",
    )
