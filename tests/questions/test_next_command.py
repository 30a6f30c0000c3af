"""One command to type next, read off the record."""

from hotfix.lifecycle.gate import closed, opened, waiting
from hotfix.questions.looked_back import Owed
from hotfix.questions.next_command import next_command
from hotfix.record import facts
from hotfix.record.finding import Finding
from hotfix.record.hotfix import Hotfix
from lifecycle.facts_of import (
    ANN,
    OTHER_PATCH,
    at,
    ended,
    hotfix,
    landed,
    picked,
    planned,
    rollback_requested,
    started,
)

PICKED = hotfix(started(), picked())
VALIDATED = hotfix(started(), picked(), planned(), ended("validated"))


def written(*empty: str) -> facts.PostmortemWritten:
    return facts.PostmortemWritten(
        at=at(500), by=ANN, evidence=facts.Evidence("postmortem-1.md", "0" * 64), empty_boxes=empty
    )


def command(state: Hotfix, *gates: object) -> str:
    return next_command(state, gates)


def test_first_a_fix_is_picked() -> None:
    assert command(hotfix(started())) == "hotfix pick FIX --hotfix HF-7"


def test_a_closed_gate_names_its_cure_and_a_waiting_one_is_waited_for() -> None:
    shut = closed(
        "prove", Finding("no-cure", "No."), Finding("prove-missing", "Not run.", "hotfix prove HF-7")
    )
    wait = waiting("review", ("somebody",), Finding("review-missing", "One is missing.", "ask a colleague"))
    assert command(PICKED, opened("start"), wait, shut) == "hotfix prove HF-7"
    assert command(PICKED, opened("start"), wait) == "hotfix ship HF-7"
    assert command(PICKED, opened("start")) == "hotfix ship HF-7"


def test_an_open_ship_is_taken_up() -> None:
    both = "hotfix ship HF-7 (goes on where it was left), or hotfix rollback HF-7"
    assert command(hotfix(picked(), planned())) == both
    assert command(hotfix(picked(), planned(), rollback_requested())) == "hotfix rollback HF-7"


def test_a_halted_ship_goes_back_and_what_went_back_needs_another_fix() -> None:
    assert command(hotfix(picked(), planned(), ended("halted"))) == "hotfix rollback HF-7"
    went_back = hotfix(picked(), planned(), ended("rolled_back"))
    assert command(went_back) == "hotfix pick MENDED-FIX --hotfix HF-7"
    assert command(went_back.apply(picked(patch=OTHER_PATCH))) == "hotfix ship HF-7"


def test_after_validation_it_lands_is_learned_from_and_closes() -> None:
    state = VALIDATED
    assert command(state) == "hotfix land HF-7"
    state = state.apply(landed())
    assert command(state) == "hotfix postmortem HF-7"
    assert command(state.apply(written("surprises"))) == "hotfix postmortem HF-7"
    state = state.apply(written())
    assert command(state) == "hotfix close HF-7"
    follow_up = state.apply(picked(patch=OTHER_PATCH))
    assert command(follow_up) == "hotfix ship HF-7", "what was validated is an earlier patch"
    assert command(state.apply(facts.Closed(at=at(600), by=ANN, outcome="learned", because="all"))) == ""


def test_what_an_override_owes_comes_before_the_close() -> None:
    debt = Owed("0" * 64, "prove", "every cart is lost", (ANN,), at(90_000), overdue=False)
    done = VALIDATED.apply(landed()).apply(written())
    assert next_command(done, (), (debt,)).startswith("hotfix override --review HF-7 prove --because")
    assert next_command(VALIDATED, (), (debt,)) == "hotfix land HF-7"


def test_the_way_out_of_a_shut_gate_is_its_cure_and_not_an_override() -> None:
    shut = closed("prove", Finding("prove-missing", "Not run.", "hotfix prove HF-7"))
    assert "override" not in command(PICKED, shut)
