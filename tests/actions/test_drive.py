"""How fast a ship turns round: what is on record of it, and when."""

from itertools import pairwise
from typing import Any

import pytest

from hotfix.policy.rules import Unit
from hotfix.record import moment
from hotfix.record.any_fact import AnyFact
from hotfix.record.facts import Observed, Returning, RollbackRequested
from hotfix.record.parts import UnitState
from oracle import town
from oracle.law import HOUR
from oracle.lives import Lives

INTERVAL = 2.0


@pytest.fixture
def life(monkeypatch: pytest.MonkeyPatch) -> Lives:
    """A hotfix that may ship, was rehearsed, and will be watched for a while."""
    policy = town.toml
    monkeypatch.setattr(town, "toml", lambda rules: policy(rules).replace('window = "0s"', 'window = "9s"'))
    told = Lives()
    told.start(0)
    told.mend_and_ship("authorize", "ann-1")
    told.go("dan-1", HOUR)
    told.rehearse("ann-1")
    return told


def ship(life: Lives) -> list[tuple[AnyFact, ...]]:
    """What is put on record, append by append."""
    written: list[tuple[AnyFact, ...]] = []
    before = life.town.ledger.after

    def heard(facts: Any) -> None:
        written.append(facts)
        before(facts)

    life.town.ledger.after = heard
    life.ship("ann-1")
    return written


def test_why_it_goes_back_and_the_first_intent_are_one_append(life: Lives) -> None:
    life.units_that_cannot_start_it("shop-2")
    turned = next(facts for facts in ship(life) if any(isinstance(one, RollbackRequested) for one in facts))
    assert [type(one) for one in turned[-2:]] == [RollbackRequested, Returning]


@pytest.mark.parametrize("asking, gap", [(0.0, INTERVAL), (1.5, INTERVAL), (3.0, 3.0)])
def test_an_interval_is_from_sample_to_sample_however_long_the_asking_takes(
    life: Lives, monkeypatch: pytest.MonkeyPatch, asking: float, gap: float
) -> None:
    observe = life.town.target.observe

    def slowly(unit: Unit) -> UnitState:
        life.town.clock.seconds += asking if unit.name == "shop-2" else 0.0
        return observe(unit)

    monkeypatch.setattr(life.town.target, "observe", slowly)
    seen = [one for facts in ship(life) for one in facts if isinstance(one, Observed)]
    watched = [moment.from_text(one.at) for one in seen if one.phase == "observation window"]
    gaps = [(later - sooner).total_seconds() for sooner, later in pairwise(watched)]
    assert len(gaps) > 1
    assert gaps == pytest.approx([gap] * len(gaps), abs=0.01)
