"""One fact of every kind, every field filled in: the life of one hotfix of the shop.

``python tests/record/one_of_each_fact.py`` stores them anew, for a kind that no record can hold yet.
"""

from pathlib import Path

from hotfix.record import action_facts, chain, facts, parts
from hotfix.record.any_fact import AnyFact
from hotfix.record.patch import Patch

STORED = Path(__file__).with_suffix(".jsonl")
"""The same facts, as a version of this program once wrote them."""

ON_CALL = "Olga <olga@example.com>"
PEER = "Pavel <pavel@example.com>"

PATCH = Patch(
    repository="r" * 64,
    service="shop",
    environment="production",
    base_commit="b" * 40,
    base_tree="c" * 40,
    result_tree="d" * 40,
)


def at(minute: int) -> str:
    return f"2026-11-22T02:{minute:02d}:00.000Z"


SIGNED = parts.Signed(
    namespace="hotfix-review@v1",
    context={"policy": "p" * 40},
    signature="-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n",
    key="SHA256:abc",
)
SERVING = parts.UnitState(
    unit="shop-1", state="serving", release="v2.14.0+hf.1", said='"release": "v2.14.0+hf.1"'
)
SAMPLE = parts.Sample(check="checkout", unit="shop-1", outcome="pass", said="200 in 12 ms", value=0.012)
EFFECT = parts.Effect(unit="shop-1", exit=0, seconds=1.5, output_sha256="e" * 64, said="restarted")

ONE_OF_EACH: tuple[AnyFact, ...] = (
    facts.Started(
        at=at(0),
        by=ON_CALL,
        title="abandoned-cart e-mails stopped",
        service="shop",
        environment="production",
        severity="1",
        detected_at="2026-11-22T01:35:00.000Z",
        impact="no cart e-mail since Thursday",
        introduced_at="2026-11-19T10:00:00.000Z",
        impact_since="2026-11-19T10:05:00.000Z",
        criteria=(parts.Answer(question="Do customers lose money or data?", answer="yes"),),
        ways_out=(parts.WayOut(way="flag flip", taken=False, because="no flag guards it"),),
        profile="team",
        detected_by="alert",
        follows="HF-3",
    ),
    facts.RulesRead(
        at=at(1),
        by=ON_CALL,
        trunk="main",
        commit="a" * 40,
        policy="f" * 40,
        signers="9" * 40,
        rules={"service": "shop", "limits": {"files": 3}},
    ),
    facts.Picked(
        at=at(2),
        by=ON_CALL,
        patch=PATCH,
        base_release="v2.14.0",
        units=(parts.UnitRelease(unit="shop-1", answer="v2.14.0", release="v2.14.0", commit="b" * 40),),
        fixes=("1" * 40,),
        commits=("2" * 40,),
        result_commit="2" * 40,
        release="v2.14.0+hf.1",
        branch="hotfix/HF-1",
        subject="send the cart e-mail again",
        paired_with=("Petra",),
        authors=("Fred <fred@example.com>",),
        not_included=7,
        strays=('"caf\\303\\251\\377.txt"',),
        authored=True,
        undo="7" * 40,
        warned=("a later commit of main mends it",),
        resolved=(parts.Resolved(fix="1" * 40, path="CHANGELOG.md", blob="8" * 40, how="union"),),
    ),
    facts.Built(
        at=at(3),
        by=ON_CALL,
        patch=PATCH.digest,
        artifact="sha256:" + "7" * 64,
        argv=("make", "release"),
        seconds=2.25,
    ),
    facts.Scoped(
        at=at(4),
        by=ON_CALL,
        patch=PATCH.digest,
        files=2,
        added=9,
        removed=3,
        counted_files=1,
        counted_lines=5,
        paths=("shop/cart.py", "tests/test_cart.py"),
        kinds=("source", "test"),
    ),
    facts.Reasoned(
        at=at(5),
        by=ON_CALL,
        patch=PATCH.digest,
        reasons=(parts.Reason(code="scope-too-many-lines", because="one table moved whole"),),
    ),
    facts.Proved(
        at=at(6),
        by=ON_CALL,
        patch=PATCH.digest,
        verdict="PROVEN",
        reason="1 test is red on the base and green on the result",
        base_tree="c" * 40,
        base_with_tests_tree="8" * 40,
        result_tree="d" * 40,
        runner="pytest",
        argv=("python3", "-m", "pytest", "tests/test_cart.py"),
        rule="4" * 64,
        fingerprint="CPython 3.11.7 Linux x86_64",
        repeats=3,
        fail_to_pass=("tests.test_cart::test_email",),
        broke=("tests.test_cart::test_other",),
        tests=(
            parts.TestRow(
                id="tests.test_cart::test_email",
                base="absent",
                base_with_tests="failed",
                result="passed",
                message="assert 0 == 1",
            ),
        ),
        evidence=(parts.Evidence(name="result.xml", sha256="5" * 64),),
        seconds=4.75,
        edited=("tests.test_cart::test_sum",),
        known=34,
        phases={"red and green": 2.5},
        sandbox="walled: no home, no repository",
        tried_network=True,
    ),
    facts.LeftOut(
        at=at(6),
        by=ON_CALL,
        patch=PATCH.digest,
        rule="4" * 64,
        hunks=3,
        unproven=(parts.HunkAt(hunk="1f0c92ab77de", path="shop/cart.py", line=12, text="total = 0"),),
        unasked=(parts.HunkAt(hunk="7de1f0c92ab7", path="shop/mail.py", line=0),),
        seconds=3.25,
    ),
    facts.Reviewed(
        at=at(7), by=PEER, patch=PATCH.digest, verdict="approve", because="read it all", signed=SIGNED
    ),
    facts.Authorized(
        at=at(8),
        by=PEER,
        patch=PATCH.digest,
        environment="production",
        expires_at="2026-11-22T14:08:00.000Z",
        signed=None,
    ),
    facts.Overridden(
        at=at(8),
        by=ON_CALL,
        override="o" * 64,
        gate="rehearse",
        patch=PATCH.digest,
        environment="production",
        because="the staging fleet is down, and carts are lost by the minute",
        policy="second person",
        expires_at=at(23),
        signed=SIGNED,
    ),
    facts.OverrideConfirmed(at=at(8), by=PEER, override="o" * 64, signed=SIGNED),
    facts.OverrideReviewed(at=at(22), by=PEER, override="o" * 64, because="it was right", signed=SIGNED),
    facts.LeaseTaken(at=at(9), by=ON_CALL, environment="production", token=4, holder="olga@laptop:4711"),
    facts.Planned(
        at=at(10),
        by=ON_CALL,
        ship=1,
        patch=PATCH.digest,
        environment="production",
        token=4,
        release="v2.14.0+hf.1",
        commit="2" * 40,
        artifact="tree:" + "d" * 40,
        units=(
            parts.UnitPlan(
                unit="shop-1", from_release="v2.14.0", from_commit="b" * 40, from_answer="v2.14.0"
            ),
            parts.UnitPlan(
                unit="shop-2", from_release="v2.14.0", from_commit="b" * 40, from_answer="v2.14.0"
            ),
        ),
        waves=(("shop-1",), ("shop-2",)),
        goals=("mail",),
        guards=("checkout",),
        unit_checks=("checkout",),
        baseline=(parts.Sample(check="mail", unit="", outcome="fail", said="0 e-mails", value=0.0),),
        window_seconds=900.0,
        patience_seconds=60.0,
        interval_seconds=2.5,
        failures=2,
        waived=("NO PEER",),
        purpose="return",
        target="9" * 64,
    ),
    facts.Activating(at=at(11), by=ON_CALL, ship=1, wave=1, units=("shop-1",)),
    facts.Activated(at=at(12), by=ON_CALL, ship=1, wave=1, effects=(EFFECT,), states=(SERVING,)),
    facts.Observed(at=at(13), by=ON_CALL, ship=1, phase="wave 1", states=(SERVING,), samples=(SAMPLE,)),
    facts.WavePassed(at=at(14), by=ON_CALL, ship=1, wave=1),
    facts.RollbackRequested(at=at(15), by=ON_CALL, ship=1, because="checkout fails", token=5),
    facts.Returning(at=at(16), by=ON_CALL, ship=1, units=("shop-1",)),
    facts.Returned(at=at(17), by=ON_CALL, ship=1, effects=(EFFECT,), states=(SERVING,)),
    facts.WindowExtended(at=at(17), by=ON_CALL, ship=1, seconds=600.0),
    facts.Ended(at=at(18), by=ON_CALL, ship=1, outcome="rolled_back", because="every touched unit is back"),
    facts.Notified(at=at(19), by=ON_CALL, event="override", delivered=False, said="exit 7", about="9" * 64),
    facts.Reconciled(
        at=at(19), by=ON_CALL, spool="HF-1-1.jsonl", sha256="7" * 64, heads=("8" * 40, "8" * 40)
    ),
    facts.Landed(at=at(20), by=ON_CALL, trunk="main", commit="1" * 40, how="the commit itself"),
    facts.StandsFor(at=at(20), by=ON_CALL, fix="f" * 40, commit="1" * 40, because="rewritten there"),
    facts.OriginConfirmed(
        at=at(20),
        by=ON_CALL,
        commit="9" * 40,
        because="the test fails since",
        inferred=True,
        evidence=("shop/mail.py:14",),
        release="v2.13.0",
        live_since="2026-11-19T10:00:00.000Z",
        known_by="tag date",
    ),
    facts.PostmortemWritten(
        at=at(21),
        by=ON_CALL,
        evidence=parts.Evidence(name="postmortem.md", sha256="6" * 64),
        empty_boxes=("What surprised us?",),
    ),
    action_facts.ActionAdded(
        at=at(50),
        by=ON_CALL,
        action="A1",
        title="alert on mails per hour",
        type="detect",
        owner="olga@example.com",
        due="2026-12-22",
        suggested="no-alert",
    ),
    action_facts.ActionDeclined(at=at(51), by=ON_CALL, suggested="over-budget", because="the alert cures it"),
    action_facts.ActionMoved(
        at=at(52),
        by=ON_CALL,
        action="A1",
        owner="pavel@example.com",
        due="2027-01-08",
        because="Olga is on leave",
    ),
    action_facts.ActionClosed(
        at=at(53), by=PEER, action="A1", how="commit", reference="f" * 40, seen="on main"
    ),
    action_facts.RiskAccepted(at=at(54), by=PEER, action="A1", because="too dear", until="2027-06-30"),
    facts.Closed(at=at(22), by=ON_CALL, outcome="learned", because="landed, validated and reviewed"),
)


def sealed() -> list[bytes]:
    """The facts as the record of one hotfix."""
    lines: list[bytes] = []
    prev = chain.GENESIS
    for seq, fact in enumerate(ONE_OF_EACH, start=1):
        lines.append(chain.seal(seq, prev, "HF-1", fact))
        prev = chain.digest(lines[-1])
    return lines


if __name__ == "__main__":
    STORED.write_bytes(b"".join(line + b"\n" for line in sealed()))
