"""Two people at once: what a command decides, it decides on the record that it writes to."""

from collections.abc import Callable
from typing import Any

import pytest

from hotfix.actions import action, close, postmortem
from hotfix.lifecycle.postmortem.box import BOXES
from hotfix.record import facts
from hotfix.record.action_facts import ActionAdded
from hotfix.record.finding import Refused
from lifecycle.facts_of import (
    ANN,
    activating,
    at,
    ended,
    landed,
    picked,
    planned,
    rollback_requested,
    scoped,
    started,
)
from oracle.town import Town

SHIPPED = (
    started(detected_by="customer"),
    picked(),
    scoped(),
    planned(),
    activating("shop-1"),
    ended("validated"),
    landed(),
)
ALERT = ActionAdded(
    at=at(950),
    by=ANN,
    action="A1",
    title="Alert on it",
    type="detect",
    owner=ANN,
    due="2027-01-01",
    suggested="",
)


@pytest.fixture
def town() -> Town:
    town = Town()
    town.write(*SHIPPED, ALERT)
    return town


def meanwhile(town: Town, other: Callable[[], object]) -> None:
    """Let somebody else be faster than the next append."""
    mine: Any = town.ledger.append

    def append(*asked: Any, **how: Any) -> Any:
        town.ledger.append = mine  # type: ignore[method-assign]
        other()
        town.clock.sleep(1)
        return mine(*asked, **how)

    town.ledger.append = append  # type: ignore[method-assign]


def kinds(town: Town, kind: type[facts.Fact]) -> int:
    return sum(isinstance(entry.fact, kind) for entry in town.ledger.read().entries)


def filled(town: Town, box: str, text: str) -> str:
    """The document as it stands, with something written into one box."""
    told = postmortem.postmortem(town.ports("ann-1"), "HF-1", "")
    town.clock.sleep(1)
    before, mark, after = told.document.partition(f"<!-- box:{box} -->\n")
    return f"{before}{mark}{text}{after}"


def test_a_suggestion_is_taken_up_by_one_of_two(town: Town) -> None:
    def take() -> action.Result:
        return action.take(town.ports("ann-1"), "HF-1", "no-alert", ANN, "", "")

    meanwhile(town, take)
    with pytest.raises(Refused) as refused:
        take()
    assert [finding.code for finding in refused.value.findings] == ["action-suggestion"]
    assert kinds(town, ActionAdded) == 2


def test_a_suggestion_that_somebody_took_up_is_not_declined(town: Town) -> None:
    meanwhile(town, lambda: action.take(town.ports("ann-1"), "HF-1", "no-alert", ANN, "", ""))
    with pytest.raises(Refused, match="was answered already: A2"):
        action.decline(town.ports("ann-1"), "HF-1", "no-alert", "there is one now")


def test_an_action_is_closed_by_one_of_two(town: Town) -> None:
    proof = action.Proof(runbook="https://runbooks.example/alert")
    meanwhile(town, lambda: action.close(town.ports("ann-1"), "HF-1/A1", proof))
    with pytest.raises(Refused, match="HF-1/A1 was closed"):
        action.close(town.ports("ann-1"), "HF-1/A1", proof)


def test_one_gives_an_action_another_owner_and_one_another_day(town: Town) -> None:
    meanwhile(town, lambda: action.move(town.ports("ann-1"), "HF-1/A1", "bob@example.com", "", "on leave"))
    told = action.move(town.ports("ann-1"), "HF-1/A1", "", "2027-02-01", "no hurry")
    assert told.action is not None
    assert (told.action.owner, told.action.due) == ("bob@example.com", "2027-02-01")


def test_what_two_write_into_different_boxes_is_both_kept(town: Town) -> None:
    hers, his = (
        filled(town, "contributing-factors", "Nobody read it."),
        filled(town, "surprises", "It was loud."),
    )
    meanwhile(town, lambda: postmortem.postmortem(town.ports("ann-1"), "HF-1", hers))
    told = postmortem.postmortem(town.ports("ann-1"), "HF-1", his)
    assert set(BOXES) - set(told.empty_boxes) == {"contributing-factors", "surprises"}
    assert ("Nobody read it." in told.document, "It was loud." in told.document) == (True, True)


def test_the_same_document_of_two_is_on_record_once(town: Town) -> None:
    def draw() -> postmortem.Result:
        return postmortem.postmortem(town.ports("ann-1"), "HF-1", "")

    meanwhile(town, draw)
    assert draw() == draw()
    assert kinds(town, facts.PostmortemWritten) == 1


def test_what_is_owed_since_a_moment_ago_keeps_it_open(town: Town) -> None:
    def answer_all() -> None:
        for one in postmortem.postmortem(town.ports("ann-1"), "HF-1", "").open_suggestions:
            action.decline(town.ports("ann-1"), "HF-1", one, "known")

    answer_all()
    text = postmortem.postmortem(town.ports("ann-1"), "HF-1", "").document
    for box in BOXES:
        text = text.replace(f"<!-- box:{box} -->\n", f"<!-- box:{box} -->\nAbout {box}.")
    postmortem.postmortem(town.ports("ann-1"), "HF-1", text)
    meanwhile(town, lambda: town.write(rollback_requested(990), ended("rolled_back", 999)))
    with pytest.raises(Refused) as refused:
        close.close(town.ports("ann-1"), "HF-1", "")
    assert [finding.code for finding in refused.value.findings] == ["close-not-validated", "close-suggestion"]
    assert kinds(town, facts.Closed) == 0
