"""Ten thousand lives of a hotfix, each of up to fifty steps, against the oracle (security anchors, P1).

``HOTFIX_SEQUENCES=10000`` is the full size, for which ``-n 2`` takes both shards to two processes; without it
the same few are lived every time. What it found is in test_known_sequences.py.
"""

import os

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from oracle import law
from oracle.lives import Lives
from oracle.speed import remember
from oracle.watch import SEEN

ASKED = os.environ.get("HOTFIX_SEQUENCES", "")
SEQUENCES = int(ASKED or "300")
SHARDS = 2

SURELY = {
    "planned hotfix": 60,
    "certainly due": 50,
    "planned again": 30,
    "hotfix validated": 40,
    "hotfix rolled_back": 8,
    "planned by an override, second person": 4,
    "planned by an override, announce": 2,
    "a used override tried again": 4,
    "others acted in the last moment": 1,
    "forged": 8,
    "a port raised": 3,
    "rehearsal rolled_back": 1,
    "refused authorize-missing": 4,
    "refused review-missing": 1,
    "refused review-rejected": 1,
    "refused rehearse-failed": 1,
    "refused rehearse-slow": 1,
    "refused you-unknown": 4,
    **{f"kept in port by {gate} alone": 1 for gate in law.GATES if gate != "start"},
}
"""At least this often in a hundred lives, and mostly thrice as often. What no life meets, nothing is shown of."""


@pytest.mark.parametrize("shard", range(SHARDS))
def test_nothing_ships_but_by_todays_rules_and_what_may_ship_does(
    shard: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    remember(monkeypatch)
    SEEN.clear()
    lives = SEQUENCES // SHARDS

    def life() -> Lives:
        return Lives()

    run_state_machine_as_test(
        life if ASKED else seed(shard)(life),
        settings=settings(
            max_examples=lives, stateful_step_count=50, suppress_health_check=list(HealthCheck)
        ),
    )
    with capsys.disabled():
        print("", *(f"{count:8d}  {what}" for what, count in sorted(SEEN.items())), sep="\n")
    assert SEEN["sequences"] >= lives
    rare = {what: SEEN[what] for what, often in SURELY.items() if SEEN[what] < often * lives / 100}
    assert rare == {}, "too rare to show anything"
