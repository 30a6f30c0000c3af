"""``hotfix prove``: the proof of today's patch, on record."""

from collections.abc import Callable

from hotfix.actions import leave_out, proof, three_trees, told_proof
from hotfix.actions.find import find
from hotfix.actions.read_rules import InForce, now_text, recorded
from hotfix.actions.up_to_date import up_to_date
from hotfix.lifecycle.gate import Gate
from hotfix.lifecycle.prove import gate as stage
from hotfix.lifecycle.prove.verdict import NEXT, PROVEN
from hotfix.policy.rules import Rules
from hotfix.ports import Append, Bench, Book, Ports
from hotfix.record import moment
from hotfix.record.canonical import sha256
from hotfix.record.facts import LeftOut, Picked, Proved
from hotfix.record.finding import refused
from hotfix.record.hotfix import Hotfix
from hotfix.record.parts import Evidence
from hotfix.record.patch import Patch

Keep = Callable[[tuple[Proved, ...], dict[str, bytes]], object]
"""Puts a proof, and the reports it speaks of, on record; no proof where the one on record still stands."""


class Result(told_proof.Told, frozen=True, kw_only=True):
    """What the proof showed, as it is on record, and its gate."""

    hotfix: str
    fact: Proved
    gate: Gate


def prove(ports: Ports, id: str | None) -> Result:
    """Prove today's patch and record it."""
    in_force, hotfix, _ = up_to_date(ports, id)
    if hotfix.pick.fact is None:
        raise refused(
            "prove-no-patch", "There is nothing to prove yet.", f"hotfix pick FIX --hotfix {hotfix.id}"
        )

    def keep(facts: tuple[Proved, ...], reports: dict[str, bytes]) -> None:
        def decide(book: Book) -> Append:
            now = find(book, hotfix.id)
            return Append(hotfix.id, (*recorded(in_force, now.start.rules, now_text(ports)), *facts), reports)

        ports.ledger.append(decide, anchor=True)

    run(ports, hotfix, hotfix.pick.fact, in_force, keep, again=True)
    return result(find(ports.ledger.read(), hotfix.id), in_force.rules)


def result(hotfix: Hotfix, rules: Rules) -> Result:
    """The newest proof and its gate."""
    fact, left = hotfix.prove.fact, hotfix.prove.left_out
    if fact is None:
        raise refused("prove-missing", "The regression test was not run yet.", f"hotfix prove {hotfix.id}")
    return Result(
        hotfix=hotfix.id,
        fact=fact,
        gate=stage.gate(hotfix, rules),
        verdict=fact.verdict,
        reason=fact.reason,
        next=NEXT.get(fact.verdict, ""),
        fail_to_pass=fact.fail_to_pass,
        broke=fact.broke,
        edited=fact.edited,
        known=fact.known,
        tests=told_proof.tests(fact.tests),
        minimal=None if left is None or (left.unasked and not left.unproven) else not left.unproven,
        unproven=left.unproven if left else (),
        unasked=left.unasked if left else (),
        hunks=left.hunks if left else 0,
        trees={"B": fact.base_tree, "BT": fact.base_with_tests_tree, "BTF": fact.result_tree},
        seconds=fact.phases | ({"hunks": left.seconds} if left else {}),
        repeats=fact.repeats,
        argv=fact.argv,
        fingerprint=fact.fingerprint,
        sandbox=fact.sandbox,
        tried_network=fact.tried_network,
    )


def run(
    ports: Ports, hotfix: Hotfix, picked: Picked, in_force: InForce, keep: Keep, *, again: bool = False
) -> None:
    """Make the trees, run the tests in them, judge, and `keep` that; then leave out each hunk, and record that too.

    The proof is on record before the hunks are tried: reviewers need not wait for them. What was proven of the same
    trees, by the same command and with the same fingerprint, is not run once more, unless `again`.
    """
    rules, patch = in_force.rules, picked.patch
    world = ports.production(rules).proving(ports.narrate)
    trees = three_trees.split(world, patch.base_tree, patch.result_tree, rules)
    with world.bench(rules.test, patch.base_tree) as bench:
        if not again and _stands(hotfix, rules, patch, bench):
            ports.narrate("prove: the same trees were proven by the same command before; that proof stands")
            keep((), {})
            return
        made = proof.prove_on(bench, world, trees, rules)
        fact, reports = _proved(made, patch, in_force, now_text(ports))
        keep((fact,), reports)
        if made.verdict.name != PROVEN:
            return
        ports.narrate(
            f"prove: {PROVEN}, and on record: whoever reviews {hotfix.id} can begin; "
            "now each hunk of the fix is left out in turn"
        )
        left = leave_out.leave_out(bench, world, made, rules)
    found = LeftOut(
        at=now_text(ports),
        by=in_force.by,
        patch=patch.digest,
        rule=fact.rule,
        hunks=len(left.hunks),
        unproven=told_proof.hunks(left.unproven),
        unasked=told_proof.hunks(left.unasked),
        seconds=left.seconds,
    )
    ports.ledger.append(lambda book: Append(hotfix.id, (found,)), anchor=True)


def _stands(hotfix: Hotfix, rules: Rules, patch: Patch, bench: Bench) -> bool:
    fact = hotfix.prove.fact
    if fact is None or fact.patch != patch.digest or stage.gate(hotfix, rules).state != "open":
        return False
    return fact.fingerprint == bench.fingerprint()


def _proved(made: proof.Proof, patch: Patch, in_force: InForce, at: str) -> tuple[Proved, dict[str, bytes]]:
    verdict, stamp = made.verdict, moment.for_a_name(at)
    kept = {f"proof-{stamp}-{name}.txt": report.raw for name, report in made.reports.items()}
    fact = Proved(
        at=at,
        by=in_force.by,
        patch=patch.digest,
        verdict=verdict.name,
        reason=verdict.reason,
        base_tree=made.trees.base,
        base_with_tests_tree=made.trees.base_with_tests,
        result_tree=made.trees.result,
        runner=in_force.rules.test.runner,
        argv=made.argv,
        rule=stage.rule_digest(in_force.rules.test),
        fingerprint=made.fingerprint,
        repeats=verdict.repeats,
        fail_to_pass=verdict.fail_to_pass,
        broke=verdict.broke,
        tests=verdict.rows,
        evidence=tuple(Evidence(name, sha256(raw)) for name, raw in kept.items()),
        seconds=round(sum(made.seconds.values()), 3),
        edited=verdict.edited,
        known=verdict.known,
        phases=made.seconds,
        sandbox=made.sandbox,
        tried_network=made.tried_network,
    )
    return fact, kept
