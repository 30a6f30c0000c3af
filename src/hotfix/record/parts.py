"""What facts are made of: small values that several facts share."""

import msgspec


class Answer(msgspec.Struct, frozen=True):
    """A question of the criteria and what was answered."""

    question: str
    answer: str


class WayOut(msgspec.Struct, frozen=True):
    """A way out that was considered: ``flag flip``, ``return to the release before``, ``hotfix``."""

    way: str
    taken: bool
    because: str


class UnitRelease(msgspec.Struct, frozen=True):
    """What a unit runs: the name that it gave itself, and the commit that this name means."""

    unit: str
    answer: str
    release: str
    commit: str


class Evidence(msgspec.Struct, frozen=True):
    """A file kept beside the facts, and its digest."""

    name: str
    sha256: str


class TestRow(msgspec.Struct, frozen=True):
    """One test in the three trees: ``passed``, ``failed``, ``error``, ``skipped``, ``load-error``, ``absent`` or ``not run``."""

    __test__ = False

    id: str
    base: str
    base_with_tests: str
    result: str
    message: str = ""


class HunkAt(msgspec.Struct, frozen=True):
    """A hunk of the patch: the id of its path and lines, and where it stands in the result (0: the whole file)."""

    hunk: str
    path: str
    line: int
    text: str = ""
    """Its first line that says something; of one that only removes lines the first of these, after a ``-``."""

    @property
    def place(self) -> str:
        """Where it stands, for a sentence."""
        return f"{self.path}:{self.line}" if self.line else self.path


class Reason(msgspec.Struct, frozen=True):
    """A written reason for one finding that asks for one."""

    code: str
    because: str


class Sample(msgspec.Struct, frozen=True):
    """One answer of one check. `outcome` is ``pass``, ``fail``, ``inconclusive`` or ``error``; only pass promotes."""

    check: str
    unit: str
    outcome: str
    said: str
    value: float | None = None


class UnitState(msgspec.Struct, frozen=True):
    """What was observed of a unit: ``serving`` (with its release), ``half``, ``down`` or ``unknown``."""

    unit: str
    state: str
    release: str = ""
    said: str = ""


class UnitPlan(msgspec.Struct, frozen=True):
    """A unit in the plan, with its own way back: what *it* served before the ship."""

    unit: str
    from_release: str
    from_commit: str
    from_answer: str


class Effect(msgspec.Struct, frozen=True):
    """What an effect on a unit left behind. Judged by observing the unit, never by `exit`.

    `verdict` is the guardian's: ``done`` (the command ran); ``found`` (it served the release already);
    ``foreign`` or ``moved`` (it served something else, or nothing: not touched); ``stale`` (somebody with a
    newer token acts on it: not touched); ``locked`` (not touched) or ``failed`` (no command ran), `said` tells why.
    """

    unit: str
    exit: int
    seconds: float
    output_sha256: str
    said: str = ""
    verdict: str = "done"


class Signed(msgspec.Struct, frozen=True):
    """A person's SSH signature over a statement. Whether it counts is asked anew, of today's signers."""

    namespace: str
    context: dict[str, str]
    signature: str
    key: str


LEFT_OUT = "left out"
"""How a path came to be where somebody left hunks of the fix out: it was never in conflict."""


class Resolved(msgspec.Struct, frozen=True):
    """How a conflict of one path was resolved, when one fix was picked."""

    fix: str
    path: str
    """Lossless text of the path's bytes."""
    blob: str
    """What stands there now; empty where nothing does."""
    how: str
    """``union`` (both sides' lines, of a changelog), ``regenerated`` (by the policy's command), ``by hand``,
    or ``left out``: not in conflict, and without some hunks of the fix."""
