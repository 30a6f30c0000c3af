"""Which tests of two runs are the same, where an id changes from run to run.

A parameter with a clock, a random number or an address in it gives its test another id in each run. Two runs of the
same test files have the same tests in the same order, so that such tests are told apart by their position.
"""

from collections.abc import Iterator, Mapping, Sequence

from hotfix.lifecycle.prove.runs import Outcomes


def unsteady_families(runs: Sequence[Outcomes]) -> frozenset[str]:
    """Tests with parameters whose ids differ between runs of the same files, though each run has as many of them.

    A run may leave out whole tests, never some parameters of one.
    """
    groups = [_families(run) for run in runs]
    every = {family for group in groups for family in group}
    return frozenset(
        family for family in every if _is_unsteady([group[family] for group in groups if family in group])
    )


def _is_unsteady(ids: Sequence[Sequence[str]]) -> bool:
    return len({len(each) for each in ids}) == 1 and len({frozenset(each) for each in ids}) > 1


def by_position(run: Outcomes, families: frozenset[str]) -> dict[str, str]:
    """`run` with the tests of these families called by their position: ``test_x[#1]``."""
    names = dict(renamed(run, families))
    return {names.get(test, test): outcome for test, outcome in run.items()}


def renamed(run: Mapping[str, object], families: frozenset[str]) -> Iterator[tuple[str, str]]:
    """(id, its name by position) of every test of these families."""
    for family, ids in _families(run).items():
        if family in families:
            yield from ((test, f"{family}[#{number}]") for number, test in enumerate(ids, 1))


def _families(run: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """Ids by what they are called without their parameter, in the order of the run."""
    found: dict[str, list[str]] = {}
    for test in run:
        family, bracket, _ = test.partition("[")
        if bracket and test.endswith("]"):
            found.setdefault(family, []).append(test)
    return {family: tuple(ids) for family, ids in found.items()}
