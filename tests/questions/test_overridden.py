"""How a gate reads that somebody asked to override: each of them, and no other; nothing of it is silent."""

import pytest

from hotfix.lifecycle.gate import Gate, closed, opened, owed, waiting
from hotfix.lifecycle.override import GATES, standings
from hotfix.policy.rules import Freeze, Limits, Test
from hotfix.questions.may_ship import Answer, may_ship
from hotfix.questions.overridden import applied
from hotfix.record.any_fact import AnyFact
from hotfix.record.hotfix import Hotfix
from lifecycle.facts_of import (
    ANN,
    CAT,
    DAN,
    RULES,
    at,
    ended,
    go,
    hotfix,
    later,
    left_out,
    picked,
    planned,
    proved,
    scoped,
    seen,
    started,
    vote,
    with_,
)
from lifecycle.overrides_of import WHY, asked, confirmed, words

READY = hotfix(started(), picked(), scoped(), proved(), left_out())

PEAK = with_(RULES, freezes=(Freeze(at(0), at(86400), "peak"),))
SHUT = {
    "scope": {"rules": with_(RULES, limits=Limits(lines=1))},
    "prove": {"rules": with_(RULES, test=Test(repeats=5))},
    "review": {"votes": ()},
    "authorize": {"rules": PEAK},
}


def overridden(*more: AnyFact, before: Hotfix = READY, seconds: float = 170, **spoiled: object) -> Answer:
    """Every gate of a hotfix that is ready, but for its rehearsal and what is spoiled."""
    state = before
    for fact in more:
        state = state.apply(fact)
    known: dict[str, object] = {
        "rules": RULES,
        "votes": (vote(CAT),),
        "goes": (go(DAN),),
        "seen": seen(state),
    }
    return may_ship(state, requester=ANN, now=later(seconds), overrides=words(state), **(known | spoiled))


def blocked_by(answer: Answer) -> list[str]:
    """What keeps it in port, leaving the rehearsal aside."""
    return [gate.name for gate in answer.blocking if gate.name != "rehearse"]


def gate_of(answer: Answer, name: str) -> Gate:
    return next(gate for gate in answer.gates if gate.name == name)


@pytest.mark.parametrize("gate", SHUT)
def test_an_override_opens_its_gate_and_says_so_wherever_the_ship_is_shown(gate: str) -> None:
    one = asked(gate=gate)
    assert blocked_by(overridden(**SHUT[gate])) == [gate]
    assert blocked_by(overridden(one, **SHUT[gate])) == [gate]
    answer = overridden(one, confirmed(one, DAN), **SHUT[gate])
    assert blocked_by(answer) == []
    assert gate_of(answer, gate).note == f"overridden by {ANN} and {DAN}: {WHY}"
    assert f"OVERRIDDEN: {gate}" in answer.waived


@pytest.mark.parametrize("gate", SHUT)
def test_it_opens_no_other_gate(gate: str) -> None:
    for other in set(GATES) - {gate}:
        one = asked(gate=other)
        assert blocked_by(overridden(one, confirmed(one, DAN), **SHUT[gate])) == [gate]


def test_while_the_second_person_is_missing_a_closed_gate_waits_for_them() -> None:
    one = asked()
    shut = gate_of(overridden(one, **SHUT["prove"]), "prove")
    assert (shut.state, shut.waiting_on) == ("waiting", (DAN,))
    assert shut.findings[0].code.startswith("proof-"), "what keeps it shut comes first"
    assert shut.findings[-1].next.endswith("hotfix override --confirm HF-7 prove")
    assert gate_of(overridden(one, seconds=2000, **SHUT["prove"]), "prove").state == "closed"


def test_an_override_that_opens_nothing_says_why() -> None:
    one = asked()
    over = overridden(one, confirmed(one, DAN), seconds=2000, **SHUT["prove"])
    assert "expired unused" in gate_of(over, "prove").findings[-1].sentence
    ship = planned(waived=("OVERRIDDEN: prove",)), ended("rolled_back")
    over = overridden(one, confirmed(one, DAN), *ship, seconds=320, **SHUT["prove"])
    assert "ship 1 used it" in gate_of(over, "prove").findings[-1].sentence


def test_a_gate_that_is_open_anyway_says_that_it_was_not_needed() -> None:
    one = asked()
    answer = overridden(one, confirmed(one, DAN))
    assert blocked_by(answer) == []
    assert "was not needed" in gate_of(answer, "prove").note
    assert not any("OVERRIDDEN" in word for word in answer.waived)
    needed = planned(at=at(200), waived=("OVERRIDDEN: prove",))
    later_on = overridden(one, confirmed(one, DAN), needed, seconds=300)
    assert "not needed" not in gate_of(later_on, "prove").note, "it was, when the ship was planned"


def test_start_and_pick_stay_shut_whoever_signed() -> None:
    for gate, state in (("start", hotfix(picked(), scoped(), proved(), left_out())), ("pick", READY)):
        one = asked(gate=gate)
        spoiled = {"seen": seen(state, ("2" * 40,))} if gate == "pick" else {}
        assert blocked_by(overridden(one, confirmed(one, DAN), before=state, **spoiled)) == [gate]


def test_without_a_patch_there_is_nothing_to_override() -> None:
    one = asked()
    assert "prove" in blocked_by(overridden(one, confirmed(one, DAN), before=hotfix(started())))


def test_the_ship_that_used_it_finds_the_gate_open_again_after_a_crash() -> None:
    one = asked()
    open_ship = one, confirmed(one, DAN), planned(at=at(200), waived=("OVERRIDDEN: prove",))
    assert blocked_by(overridden(*open_ship, seconds=1500, **SHUT["prove"])) == []
    assert blocked_by(overridden(*open_ship, seconds=4000, **SHUT["prove"])) == ["prove"]


def read(gate: Gate, *more: AnyFact) -> Gate:
    """`gate` of a hotfix with these facts."""
    state = READY
    for fact in more:
        state = state.apply(fact)
    return applied(gate, state, RULES, standings(state, RULES, words(state), later(170)))


@pytest.mark.parametrize("shut", [closed("rehearse"), waiting("rehearse", ("you",)), owed("rehearse")])
def test_whatever_shuts_a_gate_an_override_opens_it(shut: Gate) -> None:
    one = asked(gate="rehearse")
    answer = read(shut, one, confirmed(one, DAN))
    assert (answer.state, answer.waived) == ("open", "OVERRIDDEN: rehearse")
    assert read(shut) == shut


def test_what_the_ship_does_by_itself_is_not_held_up_by_somebody_asking_to_leave_it_out() -> None:
    one = asked(gate="rehearse")
    assert read(owed("rehearse"), one).state == "owed"
    assert read(closed("rehearse"), one).state == "waiting"


def test_an_override_of_another_environment_says_nothing_here() -> None:
    one = asked(environment="staging")
    assert read(closed("prove"), one, confirmed(one, DAN)) == closed("prove")
    assert read(opened("prove"), one, confirmed(one, DAN)) == opened("prove")


@pytest.mark.parametrize("gate", ["start", "pick", "lease"])
def test_no_override_changes_how_another_gate_reads(gate: str) -> None:
    one = asked(gate=gate)
    assert read(closed(gate), one, confirmed(one, DAN)) == closed(gate)
