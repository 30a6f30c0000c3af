"""Each hunk of the fix left out in turn: which of them does no test notice?"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from hotfix.actions.proof import Proof, workers
from hotfix.actions.three_trees import Trees, files_of
from hotfix.lifecycle.prove.hunk import Hunk, hunks_of, without
from hotfix.lifecycle.prove.minimal import Minimal, Part, one_minimal
from hotfix.policy.rules import Rules
from hotfix.ports import Bench, Report
from hotfix.ports.proving import Proving


class LeftOut(msgspec.Struct, frozen=True):
    """What leaving out showed."""

    hunks: tuple[Hunk, ...]
    """Every hunk of the fix, in order."""
    minimal: bool | None
    """None where nobody could ask of every hunk."""
    unproven: tuple[Hunk, ...]
    """Those that no test notices, all of them left out together."""
    unasked: tuple[Hunk, ...]
    seconds: float


def leave_out(bench: Bench, world: Proving, proof: Proof, rules: Rules) -> LeftOut:
    """Leave out what is code, by the policy's budget. `proof` has shown red and green."""
    begun = world.monotonic()
    places = list(_places(world, proof.trees))
    hunks = tuple(hunk for place in places for hunk in place.hunks)
    parts = [part for place in places for part in _parts(world, place)]
    with workers(bench) as pool:
        trial = _Trial(bench, world, proof, rules, places, pool)
        found = one_minimal(parts[: rules.test.hunks], trial.ask)
        beyond = tuple(hunk for part in parts[rules.test.hunks :] for hunk in part)
        noticed = trial.noticed_elsewhere(found.unproven)
    left = Minimal(tuple(hunk for hunk in found.unproven if hunk not in noticed), (*found.unasked, *beyond))
    return LeftOut(
        hunks=hunks,
        minimal=left.minimal,
        unproven=tuple(hunk for hunk in hunks if hunk.id in left.unproven),
        unasked=tuple(hunk for hunk in hunks if hunk.id in left.unasked),
        seconds=round(world.monotonic() - begun, 3),
    )


def hunks_of_fix(world: Proving, trees: Trees) -> tuple[Hunk, ...]:
    """Every hunk of the fix: what can be left out of it."""
    return tuple(hunk for place in _places(world, trees) for hunk in place.hunks)


def tree_without(world: Proving, trees: Trees, dropped: frozenset[str]) -> str:
    """The result's tree without these hunks."""
    return _tree_without(world, trees, list(_places(world, trees)), dropped)


def paths_of(world: Proving, trees: Trees, dropped: frozenset[str]) -> tuple[str, ...]:
    """The paths that these hunks change."""
    return tuple(
        place.path for place in _places(world, trees) if any(hunk.id in dropped for hunk in place.hunks)
    )


def _tree_without(world: Proving, trees: Trees, places: Sequence["_Place"], dropped: frozenset[str]) -> str:
    touched = [place for place in places if any(hunk.id in dropped for hunk in place.hunks)]
    whole = [place.path for place in touched if place.whole]
    contents: dict[str, bytes | None] = {
        place.path: without(place.before or b"", place.after or b"", place.hunks, dropped)
        for place in touched
        if not place.whole
    }
    tree = world.git.graft(trees.result, trees.base, whole) if whole else trees.result
    return world.git.with_contents(tree, contents) if contents else tree


class _Place(msgspec.Struct, frozen=True):
    """A file that the fix changes."""

    path: str
    before: bytes | None
    after: bytes | None
    whole: bool
    """It is brought, removed or replaced as one: what stood there before, with its mode, is left instead."""
    hunks: tuple[Hunk, ...]


def _places(world: Proving, trees: Trees) -> Iterator[_Place]:
    paths = [change.path for change in trees.fix]
    before = world.git.contents(trees.base, paths)
    after = world.git.contents(trees.result, paths)
    for change, old, new in zip(trees.fix, before, after, strict=True):
        taken_apart = not change.binary and change.old_mode == change.new_mode and None not in (old, new)
        ranges = world.picking.hunks(change.path, trees.base, trees.result) if taken_apart else ()
        yield _Place(change.path, old, new, not ranges, hunks_of(change.path, old, new, ranges))


def _parts(world: Proving, place: _Place) -> Iterator[Part]:
    """Hunks that change code, joined with their neighbours where the file does not parse without them alone."""
    open: list[str] = []
    for hunk in place.hunks:
        open.append(hunk.id)
        if hunk.range is None:
            yield tuple(open)
            return
        after = place.after or b""
        shorter = without(place.before or b"", after, place.hunks, frozenset(open))
        differs = world.parses(place.path, after, shorter)
        if differs == "broken":
            continue
        if differs == "code":
            yield tuple(open)
        open = []
    # What parses with none of its neighbours is needed by all of them.


class _Trial:
    """Runs the tests of the proof on the result without some hunks, while time is left."""

    def __init__(
        self,
        bench: Bench,
        world: Proving,
        proof: Proof,
        rules: Rules,
        places: Sequence[_Place],
        pool: ThreadPoolExecutor,
    ) -> None:
        self._bench, self._world, self._proof, self._rules = bench, world, proof, rules
        self._places, self._pool = places, pool
        self._until = world.monotonic() + rules.test.hunks_time
        self._turned = proof.verdict.fail_to_pass
        self._number = 0

    def ask(self, wanted: Sequence[frozenset[str]]) -> Sequence[bool | None]:
        """Whether every test that the fix turned green stays so without each set of hunks."""
        trees = [self._tree(dropped) for dropped in wanted]
        return [future.result() for future in [self._pool.submit(self._stays_green, tree) for tree in trees]]

    def noticed_elsewhere(self, unproven: Sequence[str]) -> frozenset[str]:
        """Of hunks that the tests of the proof do not notice, those that any other test does."""
        if not unproven or self._nobody_else_notices(frozenset(unproven)):
            return frozenset()
        return frozenset(hunk for hunk in unproven if not self._nobody_else_notices(frozenset([hunk])))

    def _nobody_else_notices(self, dropped: frozenset[str]) -> bool:
        """Whether all tests that pass with the whole fix pass without these hunks. Nobody notices what nobody asked."""
        tree = self._tree(dropped)
        runs = [("BTF-1", self._proof.files)]
        if "BTF-suite" in self._proof.reports:
            runs.append(("BTF-suite", self._proof.suite))
        for name, files in runs:
            left = self._until - self._world.monotonic()
            if left <= 0:
                return True
            seen = self._bench.run(tree, files, limit=min(left, self._rules.test.timeout))
            if seen.timed_out:
                return True
            if _passed(self._proof.reports[name]) - _passed(seen):
                return False
        return True

    def _tree(self, dropped: frozenset[str]) -> str:
        return _tree_without(self._world, self._proof.trees, self._places, dropped)

    def _stays_green(self, tree: str) -> bool | None:
        left = self._until - self._world.monotonic()
        if left <= 0:
            return None
        files = files_of(self._turned) or self._proof.files
        by_position = any(test.partition("[#")[0] in self._proof.unsteady for test in self._turned)
        only = [] if by_position else self._turned
        seen = self._bench.run(tree, files, only, min(left, self._rules.test.timeout))
        self._number += 1
        self._world.narrate(f"prove: without a part of the fix, try {self._number}: {_said(seen)}")
        if seen.timed_out and left < self._rules.test.timeout:
            return None
        return not seen.problem and _all_green(seen, self._turned, self._proof.unsteady)


def _all_green(report: Report, tests: Sequence[str], unsteady: frozenset[str]) -> bool:
    """Whether the tests pass; of those whose id changes from run to run, all with the same function."""
    outcomes = {case.id: case.outcome for case in report.cases}
    for test in tests:
        family = test.partition("[#")[0]
        ids = [id for id in outcomes if id.startswith(f"{family}[")] if family in unsteady else [test]
        if not ids or any(outcomes.get(id) != "passed" for id in ids):
            return False
    return True


def _passed(report: Report) -> set[str]:
    return {case.id for case in report.cases if case.outcome == "passed"}


def _said(report: Report) -> str:
    red = sum(case.outcome not in ("passed", "skipped") for case in report.cases)
    return "red" if report.problem or red else "still green"
