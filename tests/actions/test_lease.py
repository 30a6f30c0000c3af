"""Holding the lease: taken when it may be, kept alive, lost for good, told to a ship elsewhere."""

import threading
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from tests.adapters.fake_leases import FakeLeases, FakeTruth

from hotfix.actions.lease import Holding, raise_token, take
from hotfix.ports import Ports
from hotfix.record import moment
from hotfix.record.finding import Refused
from hotfix.record.lease import Lease

START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


class Clone:
    """A clone on a machine with a clock of its own; sleeping makes the clock go on."""

    def __init__(self, truth: FakeTruth, name: str) -> None:
        self.name = name
        self.time = START
        self.said: list[str] = []
        self.leases = FakeLeases(truth)

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    @property
    def ports(self) -> Ports:
        made: Any = SimpleNamespace(leases=self.leases, clock=self, narrate=self.said.append)
        return cast(Ports, made)

    def wanted(self, ttl: float = 60.0) -> Lease:
        return Lease("production", 1, self.name, "HF-1", 1, 0, moment.to_text(self.time), ttl)

    def take(self, ttl: float = 60.0, at_least: int = 1, *, overridden: bool = False) -> Holding:
        return take(self.ports, self.wanted(ttl), at_least, lambda: overridden)


@pytest.fixture
def truth() -> FakeTruth:
    return FakeTruth()


def test_the_first_takes_it_above_every_token_on_record(truth: FakeTruth) -> None:
    assert Clone(truth, "olga").take(at_least=7).token == 7


def test_what_somebody_else_holds_is_refused_and_says_who(truth: FakeTruth) -> None:
    Clone(truth, "olga").take()
    with pytest.raises(Refused) as refusal:
        Clone(truth, "rita").take()
    assert refusal.value.findings[0].code == "ship-lease"
    assert "olga ships HF-1 to production" in str(refusal.value)


def test_a_silent_holder_is_replaced_with_a_raised_token_and_only_after_being_watched(
    truth: FakeTruth,
) -> None:
    first = Clone(truth, "olga").take(ttl=3.0)
    rita = Clone(truth, "rita")
    rita.time += timedelta(seconds=30)
    second = rita.take(ttl=3.0)
    assert second.token == first.token + 1
    assert rita.time >= START + timedelta(seconds=31)


def test_an_override_replaces_even_a_living_holder_with_a_raised_token(truth: FakeTruth) -> None:
    first = Clone(truth, "olga").take()
    assert Clone(truth, "rita").take(overridden=True).token == first.token + 1


def test_ones_own_lease_is_taken_again_with_a_raised_token(truth: FakeTruth) -> None:
    olga = Clone(truth, "olga")
    assert (olga.take().token, olga.take().token) == (1, 2)


def test_letting_go_frees_it_and_keeps_the_token(truth: FakeTruth) -> None:
    with Clone(truth, "olga").take() as held:
        pass
    assert Clone(truth, "rita").take().token == held.token + 1


def test_heartbeats_keep_it_alive_and_whoever_loses_it_knows(truth: FakeTruth) -> None:
    olga = Clone(truth, "olga")
    with olga.take(ttl=0.3) as held:
        first = olga.leases.read("production")
        eventually(lambda: olga.leases.read("production") != first)
        assert held.lost() == ""
        raise_token(Clone(truth, "rita").ports, Clone(truth, "rita").wanted(), 9)
        eventually(lambda: held.lost() != "")
        assert held.lost() == "another process took the lease of production"
    standing = olga.leases.read("production")
    assert standing is not None
    assert (standing.holder, standing.token) == ("rita", 9)


def test_a_remote_that_is_away_is_no_loss_but_is_noticed(truth: FakeTruth) -> None:
    olga = Clone(truth, "olga")
    with olga.take(ttl=0.3) as held:
        truth.away = "the remote is away"
        olga.time += timedelta(seconds=10)
        assert held.lost() == ""
        assert "no heartbeat of this ship reached the remote" in held.unheard()
        truth.away = ""


def test_a_way_back_raises_the_token_over_heartbeats_that_come_in_between(truth: FakeTruth) -> None:
    with Clone(truth, "olga").take(ttl=0.03):
        rita = Clone(truth, "rita")
        telling = threading.Thread(target=raise_token, args=(rita.ports, rita.wanted(), 5))
        telling.start()
        telling.join()
    standing = rita.leases.read("production")
    assert standing is not None
    assert standing.token >= 5


def test_a_way_back_is_not_held_up_by_a_remote_that_is_away(truth: FakeTruth) -> None:
    truth.away = "the remote is away"
    rita = Clone(truth, "rita")
    raise_token(rita.ports, rita.wanted(), 5)
    assert "the lease does not know of this way back yet: the remote is away." in rita.said


def eventually(holds: Any) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)
