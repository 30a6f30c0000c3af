"""Every override that was used is looked back at by somebody else; nothing takes that debt away but that."""

from hotfix.policy.rules import Rules
from hotfix.questions.looked_back import Owed, owed
from hotfix.record.any_fact import AnyFact
from lifecycle.facts_of import (
    ANN,
    BOB,
    CAT,
    DAN,
    OTHER_PATCH,
    RULES,
    SOLO,
    at,
    ended,
    later,
    picked,
    planned,
    with_,
)
from lifecycle.overrides_of import after, asked, confirmed, reviewed, told, words

ASKED = asked()
BOTH = ASKED, confirmed(ASKED, DAN)
USED = *BOTH, planned(at=at(200), waived=("OVERRIDDEN: prove",))
DAY = 24 * 3600


def debts(
    *more: AnyFact, rules: Rules = RULES, seconds: float = 6000, strangers: tuple[str, ...] = ()
) -> tuple[Owed, ...]:
    state = after(*more)
    return owed(state, rules, words(state, strangers=strangers), later(seconds))


def test_nothing_is_owed_before_it_was_used() -> None:
    assert debts() == ()
    assert debts(ASKED) == ()
    assert debts(*BOTH) == ()
    assert debts(ASKED, planned(at=at(200))) == (), (
        "it waited for a second person, and the gate was open anyway"
    )


def test_of_what_was_used_it_is_owed_within_a_day() -> None:
    (debt,) = debts(*USED)
    assert (debt.gate, debt.people, debt.because) == ("prove", (ANN, DAN), ASKED.because)
    assert debt.due == at(200 + DAY)
    assert not debts(*USED, seconds=199 + DAY)[0].overdue
    assert debts(*USED, seconds=200 + DAY)[0].overdue


def test_also_where_it_was_not_needed() -> None:
    assert len(debts(*BOTH, planned(at=at(200)))) == 1
    assert len(debts(*BOTH, planned(at=at(200)), ended("rolled_back"), picked(patch=OTHER_PATCH))) == 1


def test_somebody_else_looks_back_at_it() -> None:
    assert debts(*USED, reviewed(ASKED, CAT)) == ()
    assert debts(*USED, reviewed(ASKED, CAT), strangers=(CAT,)) != ()
    for one_of_them in (ANN, DAN, ANN.upper(), DAN.title()):
        assert debts(*USED, reviewed(ASKED, one_of_them)) != ()
    assert debts(*USED, confirmed(ASKED, BOB), reviewed(ASKED, BOB)) != (), "Bob said yes to it as well"


def test_not_before_its_use_and_not_of_another() -> None:
    assert debts(*BOTH, reviewed(ASKED, CAT), USED[-1]) != ()
    assert debts(*USED, reviewed(asked(gate="scope"), CAT)) != ()


def test_no_change_of_people_or_policy_takes_the_debt_away() -> None:
    assert len(debts(*USED, strangers=(ANN,))) == 1
    assert len(debts(*USED, strangers=(ANN, DAN))) == 1
    assert len(debts(*USED, rules=with_(RULES, override="announce", notify=("page",)))) == 1
    easy = asked(policy="announce")
    assert len(debts(easy, told(easy), planned(at=at(200)))) == 1


def test_what_a_stranger_wrote_beside_it_is_no_debt() -> None:
    forged = asked("eve@example.com", seconds=140)
    assert [debt.people for debt in debts(forged, *USED, strangers=("eve@example.com",))] == [(ANN, DAN)]
    assert debts(forged, planned(at=at(200)), strangers=("eve@example.com",)) == ()


def test_one_who_works_alone_looks_back_alone() -> None:
    rules = with_(SOLO, notify=("page",))
    own = asked(signed=None)
    used = own, told(own), planned(at=at(200))
    assert len(debts(*used, rules=rules, strangers=(ANN,))) == 1
    unsigned = with_(reviewed(own, ANN), signed=None)
    assert debts(*used, unsigned, rules=rules, strangers=(ANN,)) == ()


def test_each_override_of_one_ship_is_owed_by_itself() -> None:
    scope = asked(gate="scope", seconds=151)
    both = debts(*BOTH, scope, confirmed(scope, DAN), planned(at=at(200)), reviewed(ASKED, CAT))
    assert [debt.gate for debt in both] == ["scope"]
