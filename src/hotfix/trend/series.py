"""Series: a hotfix and its follow-ups for one defect. Said on record, or seen: the same component within a week of it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from hotfix.record import moment
from hotfix.trend.life import Life

WITHIN = timedelta(days=7)
"""After the end of the first of a series; measured from the newest, busy components would never begin another."""


def series(lives: Sequence[Life], components: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """By hotfix that shipped a fix: the first of its series, which may be itself."""
    found: dict[str, str] = {}
    newest: dict[str, tuple[str, str]] = {}
    for life in sorted((life for life in lives if life.is_hotfix), key=lambda life: (life.shipped, life.id)):
        its = components.get(life.id, ())
        running = [newest[one] for one in its if one in newest and life.shipped <= newest[one][0]]
        said = found.get(life.follows, "")
        found[life.id] = said or (max(running)[1] if running else life.id)
        if found[life.id] == life.id:
            until = moment.to_text(moment.from_text(life.ships[-1].ended or life.shipped) + WITHIN)
            newest |= dict.fromkeys(its, (until, life.id))
    return found
