"""Ten thousand lives of a hotfix, each of up to fifty steps, against the oracle (security anchors, P1)."""

import os

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from oracle.machine import SEEN, Lives

SEQUENCES = int(os.environ.get("HOTFIX_SEQUENCES", "300"))


def test_nothing_ships_but_by_todays_rules() -> None:
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=SEQUENCES, stateful_step_count=50, suppress_health_check=list(HealthCheck)
        ),
    )
    for what, count in sorted(SEEN.items()):
        print(f"{count:8d}  {what}")
