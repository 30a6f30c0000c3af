"""Rehearse: the way back is practised before it is needed. Until it can be, this never reads "ok"."""

from hotfix.lifecycle.gate import Gate
from hotfix.record.finding import Finding
from hotfix.record.hotfix import Hotfix


def gate(hotfix: Hotfix) -> Gate:
    """Always ``not rehearsed``: the rehearsal itself arrives with the next version, and nothing stands in for it."""
    return Gate(
        "rehearse",
        "not rehearsed",
        findings=(
            Finding(
                "rehearse-not-rehearsed",
                f"The way back of {hotfix.id} is recorded, and nobody has rehearsed it.",
                "watch the first wave; if a check turns red the ship returns by itself, or type: hotfix rollback "
                + hotfix.id,
            ),
        ),
        waived="NOT REHEARSED",
    )
