"""What was run on the three trees, and seen.

B is production, BT is B with the tests of the patch, BTF is the result. A test that fails on BT and passes on BTF
fails for want of the fix and for nothing else.
"""

from collections.abc import Collection, Iterable, Mapping

import msgspec

ABSENT = "absent"
NOT_RUN = "not run"
"""For a test that only the suite has: the suite is run on B and BTF, not on BT."""
HANG = "hang"
"""Ended at the limit, alone, where the same test is over in time with the fix."""
RED = frozenset({"failed", "error", HANG})
"""Red by running. A test file that cannot be loaded is broken, but tells nothing of the defect."""
BROKEN = RED | {"load-error"}

Outcomes = Mapping[str, str]
"""Outcome by test id, of one run."""


class Runs(msgspec.Struct, frozen=True, kw_only=True):
    """What was run and seen. A test that a run does not name was absent from it."""

    has_tests: bool
    """The patch changes tests."""
    has_fix: bool
    """The patch changes something else than tests."""
    base: dict[str, str] = {}
    base_with_tests: dict[str, str] = {}
    result: dict[str, str] = {}
    repeats: int = 1
    """How often red and green must be seen, the first time counted."""
    red_repeats: tuple[dict[str, str], ...] = ()
    """Further runs on BT: of all tests, or of those that the first run proved."""
    green_repeats: tuple[dict[str, str], ...] = ()
    base_suite: dict[str, str] | None = None
    result_suite: dict[str, str] | None = None
    """The whole suite on B and on BTF; None where policy does not ask for it."""
    poisoned: dict[str, str] | None = None
    """The changed tests on the result with every changed source file broken on purpose; None: nobody had to ask."""
    old_tests: dict[str, str] | None = None
    """The test files of the base on the result; None where the patch takes no test away."""
    problems: dict[str, str] = {}
    """By the name of a run: why nothing can be concluded from it."""
    messages: dict[str, str] = {}
    """By test id: what it said when it was red."""
    missing: tuple[str, ...] = ()
    """Tests that are red on BT only because a name or a parameter that the fix adds is not there."""
    tried_network: tuple[str, ...] = ()
    """Names of runs in which something asked for an address beyond loopback, and was refused."""


def where(outcomes: Outcomes, wanted: Collection[str]) -> set[str]:
    """The tests with one of the outcomes."""
    return {test for test, outcome in outcomes.items() if outcome in wanted}


def files(*tests: Iterable[str]) -> set[str]:
    """The files of test ids ``file::Class::name``; the id of a file that could not be loaded is the file."""
    return {file_of(test) for group in tests for test in group}


def file_of(test: str) -> str:
    """The file of a test id."""
    return test.partition("::")[0]


def named(tests: Collection[str]) -> str:
    """The first by name, and how many more."""
    first, more = min(tests), len(tests) - 1
    return first if not more else f"{first} (and {more} more)"
