"""``hotfix prove``: the three trees, made, run and judged."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from hotfix.actions.find import find
from hotfix.actions.read_rules import InForce, now_text, recorded
from hotfix.actions.up_to_date import up_to_date
from hotfix.lifecycle import prove as stage
from hotfix.lifecycle.gate import Gate
from hotfix.policy import path_kind
from hotfix.policy.rules import Rules
from hotfix.ports import Append, Book, Change, Ports, Report, Runner
from hotfix.record import moment
from hotfix.record.canonical import sha256
from hotfix.record.facts import Picked, Proved
from hotfix.record.finding import refused
from hotfix.record.hotfix import Hotfix
from hotfix.record.parts import Evidence

_TREES = {"B": "base", "BT": "base + tests", "BTF": "base + tests + fix"}


class Result(msgspec.Struct, frozen=True):
    """What the proof showed."""

    hotfix: str
    verdict: str
    reason: str
    next: str
    fact: Proved
    gate: Gate


class Proof(msgspec.Struct, frozen=True):
    """A proof that is not on record yet: the fact, and the reports it speaks of."""

    fact: Proved
    reports: dict[str, bytes]


def prove(ports: Ports, id: str | None) -> Result:
    """Prove today's patch and record it."""
    in_force, hotfix, _ = up_to_date(ports, id)
    if hotfix.pick.fact is None:
        raise refused(
            "prove-no-patch", "There is nothing to prove yet.", f"hotfix pick FIX --hotfix {hotfix.id}"
        )
    proof = run(ports, hotfix, hotfix.pick.fact, in_force)

    def decide(book: Book) -> Append:
        now = find(book, hotfix.id)
        return Append(
            hotfix.id, (*recorded(in_force, now.start.rules, proof.fact.at), proof.fact), proof.reports
        )

    return result(find(ports.ledger.append(decide, anchor=True), hotfix.id), in_force.rules)


def result(hotfix: Hotfix, rules: Rules) -> Result:
    """The newest proof and its gate."""
    fact = hotfix.prove.fact
    if fact is None:
        raise refused("prove-missing", "The regression test was not run yet.", f"hotfix prove {hotfix.id}")
    return Result(
        hotfix.id,
        fact.verdict,
        fact.reason,
        stage.NEXT.get(fact.verdict, ""),
        fact,
        stage.gate(hotfix, rules),
    )


def run(ports: Ports, hotfix: Hotfix, picked: Picked, in_force: InForce) -> Proof:
    """Make the trees, run the tests in them and judge. Executes code of the patch: with no credentials."""
    rules, patch = in_force.rules, picked.patch
    runner = ports.production(rules).runner()
    changes = ports.git.changes(patch.base_tree, patch.result_tree)
    tests = [change for change in changes if path_kind.kind_of(change.path, rules) == "test"]
    files = _runnable(tests)
    base_with_tests = ports.git.graft(patch.base_tree, patch.result_tree, [change.path for change in tests])
    trees = {"B": patch.base_tree, "BT": base_with_tests, "BTF": patch.result_tree}
    has_tests, has_fix = bool(tests), len(tests) < len(changes)
    reports = _run_all(ports, runner, trees, files, rules) if has_tests and has_fix else {}
    verdict = stage.judge_runs(_runs(reports, has_tests=has_tests, has_fix=has_fix))
    at = now_text(ports)
    stamp = moment.for_a_name(at)
    kept = {f"proof-{stamp}-{name}.txt": report.raw for name, report in reports.items()}
    fact = Proved(
        at=at,
        by=in_force.by,
        patch=patch.digest,
        verdict=verdict.name,
        reason=verdict.reason,
        base_tree=trees["B"],
        base_with_tests_tree=trees["BT"],
        result_tree=trees["BTF"],
        runner=rules.test.runner,
        argv=runner.argv(files),
        rule=stage.rule_digest(rules.test),
        fingerprint=runner.fingerprint(),
        repeats=verdict.repeats,
        fail_to_pass=verdict.fail_to_pass,
        broke=verdict.broke,
        tests=verdict.rows,
        evidence=tuple(Evidence(name, sha256(raw)) for name, raw in kept.items()),
        seconds=round(sum(report.seconds for report in reports.values()), 3),
    )
    return Proof(fact, kept)


def _runnable(tests: Sequence[Change]) -> list[str]:
    """Changed test files that the result still has; fixtures and conftest come with the tree, not on the command."""
    there = [change.path for change in tests if change.new_mode not in ("000000", "120000", "160000")]
    return sorted(
        path for path in there if path.endswith(".py") and not path.endswith(("conftest.py", "__init__.py"))
    )


def _run_all(
    ports: Ports, runner: Runner, trees: Mapping[str, str], files: Sequence[str], rules: Rules
) -> dict[str, Report]:
    """Every run in a fresh copy of its tree: tests write, and what one leaves behind must not colour the next."""
    with tempfile.TemporaryDirectory(prefix="hotfix-proof-") as scratch:
        clean = {name: Path(scratch) / f"clean-{name}" for name in trees}
        for name, tree in trees.items():
            ports.git.export(tree, clean[name])
        jobs = list(_jobs(clean, files, rules))

        def one(number: int) -> tuple[str, Report]:
            name, tree, chosen = jobs[number]
            ports.narrate(f"prove: {_TREES[tree]}, {_which(name)}")
            folder = Path(scratch) / f"run-{number:03d}"
            shutil.copytree(clean[tree], folder, symlinks=True)
            report = runner.run(folder, chosen, rules.test)
            shutil.rmtree(folder, ignore_errors=True)
            return name, report

        with ThreadPoolExecutor(max_workers=2) as pool:
            return dict(pool.map(one, range(len(jobs))))


def _jobs(
    clean: Mapping[str, Path], files: Sequence[str], rules: Rules
) -> Iterator[tuple[str, str, Sequence[str]]]:
    """(run, tree, test files); no files at all means the whole suite."""
    there = {name: [file for file in files if (folder / file).exists()] for name, folder in clean.items()}
    if there["B"]:
        yield "B-1", "B", there["B"]
    for number in range(1, rules.test.repeats + 1):
        yield f"BT-{number}", "BT", there["BT"]
        yield f"BTF-{number}", "BTF", there["BTF"]
    if rules.test.suite == "all" and rules.test.runner != "script":
        yield "B-suite", "B", []
        yield "BTF-suite", "BTF", []


def _which(run: str) -> str:
    return "the whole suite" if run.endswith("suite") else f"run {run.rpartition('-')[2]}"


def _runs(reports: Mapping[str, Report], *, has_tests: bool, has_fix: bool) -> stage.Runs:
    outcomes = {name: {case.id: case.outcome for case in report.cases} for name, report in reports.items()}
    messages = {
        case.id: case.message
        for name in ("BTF-1", "BT-1")
        if name in reports
        for case in reports[name].cases
        if case.message
    }

    def repeats(tree: str) -> tuple[dict[str, str], ...]:
        return tuple(
            outcomes[name]
            for name in outcomes
            if name.startswith(f"{tree}-") and name not in (f"{tree}-1", f"{tree}-suite")
        )

    return stage.Runs(
        has_tests=has_tests,
        has_fix=has_fix,
        base=outcomes.get("B-1", {}),
        base_with_tests=outcomes.get("BT-1", {}),
        result=outcomes.get("BTF-1", {}),
        red_repeats=repeats("BT"),
        green_repeats=repeats("BTF"),
        base_suite=outcomes.get("B-suite"),
        result_suite=outcomes.get("BTF-suite"),
        problems={name: report.problem for name, report in reports.items() if report.problem},
        messages=messages,
    )
