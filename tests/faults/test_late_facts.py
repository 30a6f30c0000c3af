"""Facts that a clone pushes late count for what was done, and not for what units serve now."""

import msgspec

from hotfix.record import facts
from hotfix.record.any_fact import AnyFact
from hotfix.record.hotfix import Hotfix, fold
from hotfix.record.parts import UnitPlan, UnitState

OLD, NEW = "v1.1.0", "v1.1.0+hf.1"
PLAN = msgspec.convert(
    {
        "kind": "planned/1",
        **dict.fromkeys(("patch", "environment", "commit", "artifact"), "x"),
        **dict.fromkeys(("window_seconds", "patience_seconds", "interval_seconds"), 1.0),
        **dict.fromkeys(("goals", "guards", "unit_checks", "baseline", "waived"), ()),
        **{
            "at": "2026-11-22T10:00:00.000Z",
            "by": "olga",
            "ship": 1,
            "token": 1,
            "release": NEW,
            "failures": 2,
        },
        **{"units": [msgspec.to_builtins(UnitPlan("web-1", OLD, "c", OLD))], "waves": [["web-1"]]},
    },
    facts.Planned,
)


def test_what_a_shipper_saw_before_the_way_back_is_not_taken_for_what_serves_after_it() -> None:
    returned = tell(PLAN, begun(5), asked_back(20), going(21), back(22), ended(25))
    told_late = tell(*returned.facts, done(6), seen(8, "wave 1"), passed(9))
    assert serves(told_late) == OLD
    assert told_late.ships[0].ended == returned.ships[0].ended
    assert told_late.ships[0].phase == returned.ships[0].phase


def test_what_was_changed_counts_however_late_it_is_told() -> None:
    told_late = tell(PLAN, asked_back(20), begun(5), done(6))
    assert told_late.ships[0].touched == ("web-1",)
    assert not told_late.ships[0].activating


def test_what_the_way_back_itself_sees_counts() -> None:
    assert serves(tell(PLAN, begun(5), done(6), asked_back(20), seen(21, "way back"))) == NEW
    assert serves(tell(PLAN, begun(5), done(6), asked_back(20), going(21), back(22))) == OLD


def test_what_an_overtaken_shipper_wanted_back_opens_no_ship_that_another_one_ended() -> None:
    taken_over = tell(PLAN, begun(5), done(6), asked_back(20, token=3), going(21), back(22), ended(25))
    told_late = tell(*taken_over.facts, asked_back(8, token=1), going(9))
    assert told_late.ships == taken_over.ships
    assert tell(*taken_over.facts, asked_back(30, token=4)).ships[0].ended is None


def test_a_rehearsal_that_came_back_is_not_undone_by_a_way_back_that_is_told_late() -> None:
    there = (PLAN, begun(5), done(6), asked_back(7, token=1), going(8))
    rehearsed = tell(*there, back(9), over(10, "rehearsed"))
    told_late = tell(*rehearsed.facts, asked_back(8, token=2), going(9), back(10), ended(11))
    assert told_late.ships[0].ended == rehearsed.ships[0].ended
    pretended = tell(*there, over(10, "rehearsed"), asked_back(11, token=2))
    assert pretended.ships[0].ended is None, "the unit is not back, whatever somebody wrote"


def test_whoever_hung_does_not_tell_another_end_than_the_one_that_was_made_without_them() -> None:
    taken_back = tell(PLAN, begun(5), asked_back(20), going(21), back(22), ended(25))
    told_late = tell(*taken_back.facts, asked_back(7, token=1), going(8), back(26), over(27, "rehearsed"))
    assert told_late.ships[0].ended == taken_back.ships[0].ended


def over(second: int, outcome: str) -> AnyFact:
    return facts.Ended(**at(second), ship=1, outcome=outcome, because="x")


def tell(*told: AnyFact) -> Hotfix:
    return fold("HF-1", told)


def serves(hotfix: Hotfix) -> str:
    return hotfix.ships[0].states["web-1"].release


def at(second: int) -> dict[str, str]:
    return {"at": f"2026-11-22T10:00:{second:02d}.000Z", "by": "olga"}


def begun(second: int) -> AnyFact:
    return facts.Activating(**at(second), ship=1, wave=1, units=("web-1",))


def done(second: int) -> AnyFact:
    state = UnitState("web-1", "serving", NEW)
    return facts.Activated(**at(second), ship=1, wave=1, effects=(), states=(state,))


def passed(second: int) -> AnyFact:
    return facts.WavePassed(**at(second), ship=1, wave=1)


def seen(second: int, phase: str) -> AnyFact:
    state = UnitState("web-1", "serving", NEW)
    return facts.Observed(**at(second), ship=1, phase=phase, states=(state,), samples=())


def asked_back(second: int, token: int = 2) -> AnyFact:
    return facts.RollbackRequested(**at(second), ship=1, because="it broke", token=token)


def going(second: int) -> AnyFact:
    return facts.Returning(**at(second), ship=1, units=("web-1",))


def back(second: int) -> AnyFact:
    return facts.Returned(**at(second), ship=1, effects=(), states=(UnitState("web-1", "serving", OLD),))


def ended(second: int) -> AnyFact:
    return facts.Ended(**at(second), ship=1, outcome="rolled_back", because="it broke")
