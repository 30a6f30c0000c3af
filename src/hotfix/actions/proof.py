"""A proof: the three trees, made, run and judged. Executes code of the patch, on a bench."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import msgspec

from hotfix.actions.proof_runs import ProofRuns
from hotfix.actions.three_trees import Trees
from hotfix.lifecycle.prove.verdict import Verdict
from hotfix.policy.rules import Rules
from hotfix.ports import Bench, Report
from hotfix.ports.proving import Proving


class Proof(msgspec.Struct, frozen=True):
    """What was run, seen and judged."""

    trees: Trees
    verdict: Verdict
    files: tuple[str, ...]
    """The test files that were run; none: the whole suite."""
    suite: tuple[str, ...]
    """What was asked for to run everything; none: the runner knows by itself."""
    reports: dict[str, Report]
    unsteady: frozenset[str]
    """Tests whose ids change from run to run: they are called by their position."""
    argv: tuple[str, ...]
    fingerprint: str
    sandbox: str
    seconds: dict[str, float]
    """By phase."""
    tried_network: bool


def prove_on(bench: Bench, world: Proving, trees: Trees, rules: Rules) -> Proof:
    """Run what the verdict needs, and no more."""
    with workers(bench) as pool:
        runs = ProofRuns(bench, world, trees, rules, pool)
        if trees.tests and trees.fix:
            runs.red_and_green()
            if runs.turned_green():
                runs.again()
            else:
                runs.why_not()
            if runs.is_proven():
                runs.whole_suite()
        fingerprint = bench.fingerprint()
    return Proof(
        trees=trees,
        verdict=runs.verdict(),
        files=runs.files,
        suite=runs.suite,
        reports=runs.reports,
        unsteady=runs.unsteady(),
        argv=bench.argv(runs.files),
        fingerprint=fingerprint,
        sandbox=bench.sandbox(),
        seconds={phase: round(spent, 3) for phase, spent in runs.seconds.items()},
        tried_network=any(report.tried_network for report in runs.reports.values()),
    )


@contextmanager
def workers(bench: Bench) -> Iterator[ThreadPoolExecutor]:
    """Two at a time; whoever is interrupted waits for no test."""
    pool = ThreadPoolExecutor(max_workers=2)
    done = False
    try:
        yield pool
        done = True
    finally:
        if not done:
            bench.stop()
        pool.shutdown(cancel_futures=True)
