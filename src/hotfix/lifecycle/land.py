"""Land: the fix must be on the main line too, or the next release brings the defect back."""

import msgspec

from hotfix.record.facts import Landed, Picked
from hotfix.record.finding import Finding
from hotfix.record.hotfix import Hotfix


class Seen(msgspec.Struct, frozen=True):
    """How one fix stands with trunk: ``ancestor``, ``trailer`` (a commit there names it), or ``missing``."""

    fix: str
    how: str
    commit: str = ""


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


def judge(hotfix: Hotfix, seen: tuple[Seen, ...], trunk: str) -> tuple[str, tuple[Finding, ...]]:
    """(evidence, findings): evidence in words where every fix is on trunk, findings where one is not."""
    missing = [one for one in seen if one.how == "missing"]
    if missing or not seen:
        return "", tuple(
            Finding(
                "land-missing",
                f"The fix {one.fix[:12]} is not on {trunk}: the defect returns with the next release.",
                f"merge it into {trunk}, then: hotfix land {hotfix.id}",
            )
            for one in missing
        ) or (Finding("land-nothing-picked", "No fix was picked.", f"hotfix pick FIX --hotfix {hotfix.id}"),)
    words = {"ancestor": "is in the history of", "trailer": "was cherry-picked to"}
    return "; ".join(f"{one.fix[:12]} {words[one.how]} {trunk}" for one in seen), ()
