"""A proof as it is told: on the screen, as JSON, and as a JUnit file for a CI."""

import msgspec

from hotfix.actions.leave_out import LeftOut
from hotfix.actions.proof import Proof
from hotfix.lifecycle.prove.hunk import Hunk
from hotfix.record.parts import HunkAt, TestRow


class ToldTest(msgspec.Struct, frozen=True):
    """One test in the three trees."""

    id: str
    B: str
    BT: str
    BTF: str
    message: str = ""
    """What it said when it was red without the fix."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """The proof, with stable names. Fields may only be added."""

    verdict: str
    reason: str
    next: str
    fail_to_pass: tuple[str, ...]
    broke: tuple[str, ...]
    edited: tuple[str, ...]
    """Tests that were there before, and of which the patch changes what they expect."""
    known: int
    """How many tests are broken on the base already; they were not judged."""
    tests: tuple[ToldTest, ...]
    minimal: bool | None
    unproven: tuple[HunkAt, ...]
    unasked: tuple[HunkAt, ...]
    hunks: int
    """How many the fix has; 0 where none was left out."""
    trees: dict[str, str]
    seconds: dict[str, float]
    repeats: int
    argv: tuple[str, ...]
    fingerprint: str
    sandbox: str
    tried_network: bool


def told(proof: Proof, left: LeftOut | None) -> Told:
    """What a proof and, where it was made, the leaving out of hunks showed."""
    verdict, trees = proof.verdict, proof.trees
    return Told(
        verdict=verdict.name,
        reason=verdict.reason,
        next=verdict.next,
        fail_to_pass=verdict.fail_to_pass,
        broke=verdict.broke,
        edited=verdict.edited,
        known=verdict.known,
        tests=tests(verdict.rows),
        minimal=left.minimal if left else None,
        unproven=hunks(left.unproven) if left else (),
        unasked=hunks(left.unasked) if left else (),
        hunks=len(left.hunks) if left else 0,
        trees={"B": trees.base, "BT": trees.base_with_tests, "BTF": trees.result},
        seconds=proof.seconds | ({"hunks": left.seconds} if left else {}),
        repeats=verdict.repeats,
        argv=proof.argv,
        fingerprint=proof.fingerprint,
        sandbox=proof.sandbox,
        tried_network=proof.tried_network,
    )


def tests(rows: tuple[TestRow, ...]) -> tuple[ToldTest, ...]:
    """The table of tests."""
    return tuple(ToldTest(row.id, row.base, row.base_with_tests, row.result, row.message) for row in rows)


def hunks(found: tuple[Hunk, ...]) -> tuple[HunkAt, ...]:
    """Hunks, by where they stand in the result."""
    return tuple(HunkAt(hunk.id, hunk.path, hunk.line, hunk.text) for hunk in found)
