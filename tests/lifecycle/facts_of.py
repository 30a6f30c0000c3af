"""Facts, rules and verdicts with every field filled in, so that a test names only what it is about."""

from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec

from hotfix.lifecycle.authorize import Go
from hotfix.lifecycle.pick.gate import Seen
from hotfix.lifecycle.prove.gate import rule_digest
from hotfix.lifecycle.rehearse import PURPOSE, target_digest
from hotfix.lifecycle.review import Vote
from hotfix.lifecycle.start import WAYS_OUT
from hotfix.policy import rules as policy
from hotfix.record import facts, moment
from hotfix.record.any_fact import AnyFact
from hotfix.record.hotfix import Hotfix, fold
from hotfix.record.patch import Patch

ANN, BOB, CAT, DAN = "ann@example.com", "bob@example.com", "cat@example.com", "dan@example.com"
"""Ann picks and ships, Bob wrote the fix, Cat is a peer, Dan is senior."""

START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
PATCH = Patch("r" * 64, "shop", "production", "b" * 40, "c" * 40, "d" * 40)
OTHER_PATCH = msgspec.structs.replace(PATCH, result_tree="e" * 40)
QUESTION = "Do customers lose money or data?"

F = TypeVar("F", bound=msgspec.Struct)


def with_(struct: F, **changes: object) -> F:
    """`struct` with some fields changed."""
    return msgspec.structs.replace(struct, **changes)


def later(seconds: float = 0) -> datetime:
    """`seconds` after the story began."""
    return START + timedelta(seconds=seconds)


def at(seconds: float = 0) -> str:
    """The same, as facts carry it."""
    return moment.to_text(later(seconds))


RULES = policy.Rules(
    service="shop",
    criteria=(QUESTION,),
    deciders=policy.Deciders(oncall=(ANN,), seniors=(DAN,)),
    targets={"vm": policy.Target("release-dir", "/version", restart=("restart",))},
    environments={
        "production": policy.Environment(
            target="vm",
            units=(policy.Unit("shop-1"), policy.Unit("shop-2")),
            waves=(("shop-1",), ("shop-2",)),
        )
    },
)
SOLO = with_(
    RULES,
    profile="solo",
    deciders=policy.Deciders(),
    review=policy.Review(peers=0),
    authorize=policy.Authorization(seniors=0),
)


def started(**changes: object) -> facts.Started:
    fact = facts.Started(
        at=at(),
        by=ANN,
        title="abandoned-cart e-mails stopped",
        service="shop",
        environment="production",
        severity="SEV2",
        detected_at=at(-600),
        impact="no cart e-mail since Thursday",
        criteria=(facts.Answer(QUESTION, "money: carts are lost"),),
        ways_out=tuple(facts.WayOut(way, way == "hotfix", "because") for way in WAYS_OUT),
        profile="team",
    )
    return with_(fact, **changes)


def picked(**changes: object) -> facts.Picked:
    fact = facts.Picked(
        at=at(60),
        by=ANN,
        patch=PATCH,
        base_release="v2.14.0",
        units=tuple(facts.UnitRelease(unit, "v2.14.0", "v2.14.0", "b" * 40) for unit in ("shop-1", "shop-2")),
        fixes=("f" * 40,),
        commits=("1" * 40,),
        result_commit="1" * 40,
        release="v2.14.0+hf.1",
        branch="hotfix/HF-7",
        subject="send the cart e-mail again",
        paired_with=(),
        authors=(BOB,),
        not_included=3,
        strays=(),
    )
    return with_(fact, **changes)


def scoped(**changes: object) -> facts.Scoped:
    fact = facts.Scoped(
        at=at(70),
        by=ANN,
        patch=PATCH.digest,
        files=2,
        added=9,
        removed=3,
        counted_files=1,
        counted_lines=5,
        paths=("shop/cart.py", "tests/test_cart.py"),
        kinds=(),
    )
    return with_(fact, **changes)


def reasoned(code: str, because: str, patch: Patch = PATCH) -> facts.Reasoned:
    return facts.Reasoned(at=at(75), by=ANN, patch=patch.digest, reasons=(facts.Reason(code, because),))


def proved(**changes: object) -> facts.Proved:
    test = "tests/test_cart.py::test_email"
    fact = facts.Proved(
        at=at(80),
        by=ANN,
        patch=PATCH.digest,
        verdict="PROVEN",
        reason=f"{test} fails without the fix and passes with it.",
        base_tree=PATCH.base_tree,
        base_with_tests_tree="a" * 40,
        result_tree=PATCH.result_tree,
        runner="pytest",
        argv=("python3", "-m", "pytest"),
        rule=rule_digest(RULES.test),
        fingerprint="CPython 3.11",
        repeats=3,
        fail_to_pass=(test,),
        broke=(),
        tests=(facts.TestRow(test, "absent", "failed", "passed", "assert 0 == 1"),),
        evidence=(),
        seconds=1.0,
    )
    return with_(fact, **changes)


def left_out(**changes: object) -> facts.LeftOut:
    fact = facts.LeftOut(
        at=at(85),
        by=ANN,
        patch=PATCH.digest,
        rule=rule_digest(RULES.test),
        hunks=2,
        unproven=(),
        unasked=(),
        seconds=1.5,
    )
    return with_(fact, **changes)


def signed(namespace: str, seconds: float, key: str) -> facts.Signed:
    return facts.Signed(namespace, {"at": at(seconds)}, f"signature by {key}", key)


def vote(
    person: str,
    verdict: str = "approve",
    *,
    seconds: float = 100,
    patch: Patch = PATCH,
    key: str = "SHA256:one",
) -> Vote:
    """`person`'s signed word, as it verifies today."""
    fact = facts.Reviewed(
        at=at(seconds),
        by=person,
        patch=patch.digest,
        verdict=verdict,
        because="read it",
        signed=signed("hotfix-review@v1", seconds, key),
    )
    return Vote(fact, person)


def unsigned(person: str, verdict: str, *, seconds: float = 100, patch: Patch = PATCH) -> Vote:
    """A word that nobody's signature is on."""
    heard = vote(person, verdict, seconds=seconds, patch=patch)
    return Vote(with_(heard.fact, signed=None), "", "it is not signed")


def go(person: str, *, seconds: float = 120, patch: Patch = PATCH, **changes: object) -> Go:
    """`person`'s signed authorization, as it verifies today."""
    fact = facts.Authorized(
        at=at(seconds),
        by=person,
        patch=patch.digest,
        environment="production",
        expires_at=at(seconds + RULES.authorize.valid),
        signed=signed("hotfix-authorize@v1", seconds, "SHA256:two"),
    )
    return Go(with_(fact, **changes), person)


def planned(**changes: object) -> facts.Planned:
    """Two waves of one unit each, a goal asked of the service, a guard asked of every unit."""
    fact = facts.Planned(
        at=at(200),
        by=ANN,
        ship=1,
        patch=PATCH.digest,
        environment="production",
        token=1,
        release="v2.14.0+hf.1",
        commit="1" * 40,
        artifact=f"tree:{PATCH.result_tree}",
        units=tuple(facts.UnitPlan(unit, "v2.14.0", "b" * 40, "v2.14.0") for unit in ("shop-1", "shop-2")),
        waves=(("shop-1",), ("shop-2",)),
        goals=("mail",),
        guards=("checkout",),
        unit_checks=("checkout",),
        baseline=(),
        window_seconds=20.0,
        patience_seconds=10.0,
        interval_seconds=1.0,
        failures=2,
        waived=(),
    )
    return with_(fact, **changes)


NEW, FORMER, FOREIGN = "v2.14.0+hf.1", "v2.14.0", "v2.15.0"


def serving(unit: str, release: str) -> facts.UnitState:
    return facts.UnitState(unit, "serving", release)


def lost(unit: str, state: str) -> facts.UnitState:
    """A unit that is ``half``, ``down`` or ``unknown``."""
    return facts.UnitState(unit, state, "", "no answer")


def activating(*units: str, seconds: float = 210, wave: int = 1) -> facts.Activating:
    return facts.Activating(at=at(seconds), by=ANN, ship=1, wave=wave, units=units)


def activated(*states: facts.UnitState, seconds: float = 215, wave: int = 1) -> facts.Activated:
    return facts.Activated(at=at(seconds), by=ANN, ship=1, wave=wave, effects=(), states=states)


def observed(
    *samples: facts.Sample, seconds: float, states: tuple[facts.UnitState, ...] = ()
) -> facts.Observed:
    return facts.Observed(at=at(seconds), by=ANN, ship=1, phase="wave 1", states=states, samples=samples)


def sample(key: str, outcome: str = "pass") -> facts.Sample:
    check, _, unit = key.partition("@")
    return facts.Sample(check, unit, outcome, f"it said {outcome}")


def wave_passed(wave: int, seconds: float) -> facts.WavePassed:
    return facts.WavePassed(at=at(seconds), by=ANN, ship=1, wave=wave)


def rollback_requested(seconds: float = 230) -> facts.RollbackRequested:
    return facts.RollbackRequested(at=at(seconds), by=ANN, ship=1, because="checkout fails")


def returning(*units: str, seconds: float = 235) -> facts.Returning:
    return facts.Returning(at=at(seconds), by=ANN, ship=1, units=units)


def returned(*states: facts.UnitState, seconds: float = 240) -> facts.Returned:
    return facts.Returned(at=at(seconds), by=ANN, ship=1, effects=(), states=states)


def rehearsed(
    outcome: str = "rehearsed", *, took: float = 2.0, seconds: float = 85, ship: int = 1, **changes: object
) -> tuple[AnyFact, ...]:
    """There and back again on the first unit, begun after `seconds`; the way back `took` its seconds.

    `changes` are of the plan. Without an `outcome` it was left in the middle.
    """
    plan = planned(
        ship=ship,
        at=at(seconds),
        purpose=PURPOSE,
        target=target_digest(RULES, "production"),
        units=(facts.UnitPlan("shop-1", FORMER, "b" * 40, FORMER),),
        waves=(("shop-1",),),
        window_seconds=0.0,
    )
    voyage = (
        with_(plan, **changes),
        activating("shop-1", seconds=seconds + 1),
        activated(serving("shop-1", NEW), seconds=seconds + 2),
        rollback_requested(seconds + 3),
        returning("shop-1", seconds=seconds + 3),
        returned(serving("shop-1", FORMER), seconds=seconds + 3 + took),
    )
    of_it = tuple(fact if isinstance(fact, facts.Planned) else with_(fact, ship=ship) for fact in voyage)
    return (*of_it, ended(outcome, seconds + 4 + took, ship)) if outcome else of_it


def ended(outcome: str, seconds: float = 300, ship: int = 1) -> facts.Ended:
    return facts.Ended(at=at(seconds), by=ANN, ship=ship, outcome=outcome, because="so it came")


def landed(seconds: float = 400) -> facts.Landed:
    return facts.Landed(at=at(seconds), by=ANN, trunk="main", commit="f" * 40, how="ancestor")


def origin_confirmed(live_since: str, release: str = "v2.14.0") -> facts.OriginConfirmed:
    return facts.OriginConfirmed(
        at=at(400),
        by=ANN,
        commit="e" * 40,
        because="it moved the query",
        inferred=True,
        evidence=("shop/cart.py:3",),
        release=release,
        live_since=live_since,
        known_by="tag date" if live_since else "",
    )


def hotfix(*of: AnyFact) -> Hotfix:
    """What these facts add up to."""
    return fold("HF-7", of)


def seen(state: Hotfix, tips: tuple[str, ...] = ()) -> Seen:
    """A clone whose objects are what the record says of the newest pick."""
    patch = state.patch
    if patch is None:
        return Seen()
    return Seen(patch.repository, patch.base_tree, patch.result_tree, tips)
