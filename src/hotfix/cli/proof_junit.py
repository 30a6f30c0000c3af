"""The proof as a JUnit file, so that a CI shows it like any other test report."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hotfix.actions.told_proof import Told


def written(told: "Told") -> bytes:
    """One suite: the verdict, each test that the fix turned green or broke, and each hunk that no test notices."""
    from junitparser import Failure, JUnitXml, Skipped, TestCase, TestSuite

    suite = TestSuite("hotfix prove")
    for tree, id in told.trees.items():
        suite.add_property(f"tree {tree}", id)
    verdict = TestCase(f"verdict: {told.verdict}", "proof", round(sum(told.seconds.values()), 3))
    if told.verdict != "PROVEN":
        verdict.result = [Failure(f"{told.reason} {told.next}", told.verdict)]
    suite.add_testcase(verdict)
    for row in told.tests:
        case = TestCase(f"{row.id} ({row.B} → {row.BT} → {row.BTF})", "proof.tests")
        if row.id in told.broke or row.BTF in ("failed", "error", "load-error"):
            case.result = [Failure(row.message or f"{row.BTF} with the fix", row.BTF)]
        elif row.BTF != "passed":
            case.result = [Skipped(row.BTF)]
        suite.add_testcase(case)
    for hunk in told.unproven:
        case = TestCase(f"{hunk.path}:{hunk.line} ({hunk.hunk})", "proof.hunks")
        case.result = [Skipped("no test notices this hunk")]
        suite.add_testcase(case)
    report = JUnitXml("hotfix prove")
    report.add_testsuite(suite)
    report.update_statistics()  # type: ignore[no-untyped-call]
    return bytes(report.tostring())  # type: ignore[no-untyped-call]
