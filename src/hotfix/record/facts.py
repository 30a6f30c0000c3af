"""The facts: everything that the record can say, one frozen struct each.

A fact is never edited. Its tag carries its version (``started/1``); a later version gets a new tag and
the older one is upcast on read. Every fact says when (`at`) and who (`by`: the authenticated person
where a key is there, else the name git knows, which is only *stated*).
"""

import msgspec

from hotfix.record.parts import (
    Answer,
    Effect,
    Evidence,
    HunkAt,
    Reason,
    Resolved,
    Sample,
    Signed,
    TestRow,
    UnitPlan,
    UnitRelease,
    UnitState,
    WayOut,
)
from hotfix.record.patch import Patch


class Fact(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """What every fact carries."""

    at: str
    by: str


class Started(Fact, frozen=True, kw_only=True, tag="started/1"):
    """A defect is live and a hotfix was decided on. The clock runs from `detected_at`."""

    title: str
    service: str
    environment: str
    severity: str
    detected_at: str
    impact: str
    criteria: tuple[Answer, ...]
    ways_out: tuple[WayOut, ...]
    profile: str
    introduced_at: str = ""
    """When the release with the defect went live; stated, empty where nobody knows."""
    impact_since: str = ""
    """When somebody was first harmed; stated, empty where nobody knows."""
    detected_by: str = ""
    """Who or what noticed: ``alert``, ``staff`` or ``customer``; empty where nobody said."""
    follows: str = ""
    """The hotfix whose defect this one follows up; empty where it is another."""


class RulesRead(Fact, frozen=True, kw_only=True, tag="rules_read/1"):
    """The rules that were in force: read from trunk's tip, never from the patch or a work tree."""

    trunk: str
    commit: str
    policy: str
    signers: str
    rules: dict[str, object]


class Picked(Fact, frozen=True, kw_only=True, tag="picked/1"):
    """The fix stands on exactly what production runs.

    `authored`: it was written on the base itself, and trunk is owed it. `undo` is the commit on the result that gives back
    the base tree exactly, empty in older picks. `warned` is what was odd and did not stop it, in sentences.
    """

    patch: Patch
    base_release: str
    units: tuple[UnitRelease, ...]
    fixes: tuple[str, ...]
    commits: tuple[str, ...]
    result_commit: str
    release: str
    branch: str
    subject: str
    paired_with: tuple[str, ...]
    authors: tuple[str, ...]
    not_included: int
    strays: tuple[str, ...]
    authored: bool = False
    undo: str = ""
    warned: tuple[str, ...] = ()
    resolved: tuple[Resolved, ...] = ()


class Built(Fact, frozen=True, kw_only=True, tag="built/1"):
    """Binds the patch to its artifact, once."""

    patch: str
    artifact: str
    argv: tuple[str, ...]
    seconds: float


class Scoped(Fact, frozen=True, kw_only=True, tag="scoped/1"):
    """How narrow the patch is, counted from blobs."""

    patch: str
    files: int
    added: int
    removed: int
    counted_files: int
    counted_lines: int
    paths: tuple[str, ...]
    kinds: tuple[str, ...]


class Reasoned(Fact, frozen=True, kw_only=True, tag="reasoned/1"):
    """Reasons given for scope findings of one patch."""

    patch: str
    reasons: tuple[Reason, ...]


class Proved(Fact, frozen=True, kw_only=True, tag="proved/1"):
    """What running the tests on the three trees showed."""

    patch: str
    verdict: str
    reason: str
    base_tree: str
    base_with_tests_tree: str
    result_tree: str
    runner: str
    argv: tuple[str, ...]
    rule: str
    """Digest of the policy's whole ``[test]`` table at the time."""
    fingerprint: str
    repeats: int
    fail_to_pass: tuple[str, ...]
    broke: tuple[str, ...]
    tests: tuple[TestRow, ...]
    evidence: tuple[Evidence, ...]
    seconds: float
    edited: tuple[str, ...] = ()
    known: int = 0
    phases: dict[str, float] = {}
    sandbox: str = ""
    tried_network: bool = False


class LeftOut(Fact, frozen=True, kw_only=True, tag="left_out/1"):
    """What leaving out each hunk of a proven fix showed: which of them no test notices."""

    patch: str
    rule: str
    """Digest of the policy's whole ``[test]`` table at the time."""
    hunks: int
    """How many hunks the fix has; comments and layout are not left out."""
    unproven: tuple[HunkAt, ...]
    """No test notices these, all of them left out together."""
    unasked: tuple[HunkAt, ...]
    """Nobody asked about these: tries or time were used up."""
    seconds: float


class Reviewed(Fact, frozen=True, kw_only=True, tag="reviewed/1"):
    """Somebody read the patch: ``approve``, ``reject``, or (solo) ``self`` by typing the release name."""

    patch: str
    verdict: str
    because: str
    signed: Signed | None


class Authorized(Fact, frozen=True, kw_only=True, tag="authorized/1"):
    """The senior approver's go for this patch in this environment, until `expires_at`."""

    patch: str
    environment: str
    expires_at: str
    signed: Signed | None


class Overridden(Fact, frozen=True, kw_only=True, tag="overridden/1"):
    """Somebody asked for one gate to open all the same, once, for one patch and environment, until `expires_at`.

    It counts with the second person's word (:class:`OverrideConfirmed`), or, where the policy says
    ``announce``, once everyone was told.
    """

    override: str
    """Its id: the digest of what was signed."""
    gate: str
    patch: str
    """Empty where there is no patch yet, as for a return to the release before."""
    environment: str
    because: str
    policy: str
    """``second person`` or ``announce``: what the rules asked for when it was made."""
    expires_at: str
    signed: Signed | None


class OverrideConfirmed(Fact, frozen=True, kw_only=True, tag="override_confirmed/1"):
    """The second person says: yes, open that gate."""

    override: str
    signed: Signed | None


class OverrideReviewed(Fact, frozen=True, kw_only=True, tag="override_reviewed/1"):
    """Somebody else looked at an override afterwards, and says in `because` what they think of it."""

    override: str
    because: str
    signed: Signed | None


class LeaseTaken(Fact, frozen=True, kw_only=True, tag="lease_taken/1"):
    """One ship holds the environment; `token` only ever rises."""

    environment: str
    token: int
    holder: str


class Planned(Fact, frozen=True, kw_only=True, tag="planned/1"):
    """What the ship will do, and where each unit goes back to. Appended only where every gate was open."""

    ship: int
    patch: str
    environment: str
    token: int
    release: str
    commit: str
    artifact: str
    units: tuple[UnitPlan, ...]
    waves: tuple[tuple[str, ...], ...]
    goals: tuple[str, ...]
    guards: tuple[str, ...]
    unit_checks: tuple[str, ...]
    baseline: tuple[Sample, ...]
    window_seconds: float
    patience_seconds: float
    interval_seconds: float
    failures: int
    waived: tuple[str, ...]
    purpose: str = "hotfix"
    """``hotfix``; ``rehearsal`` (there and back again); or ``return`` (to the release before the bad one)."""
    target: str = ""
    """Digest of the target's definition: a rehearsal of another one says nothing."""


class Activating(Fact, frozen=True, kw_only=True, tag="activating/1"):
    """Intent: these units are about to be changed to the new release."""

    ship: int
    wave: int
    units: tuple[str, ...]


class Activated(Fact, frozen=True, kw_only=True, tag="activated/1"):
    """Outcome of :class:`Activating`."""

    ship: int
    wave: int
    effects: tuple[Effect, ...]
    states: tuple[UnitState, ...]


class Observed(Fact, frozen=True, kw_only=True, tag="observed/1"):
    """What units and checks said; batched."""

    ship: int
    phase: str
    states: tuple[UnitState, ...]
    samples: tuple[Sample, ...]


class WavePassed(Fact, frozen=True, kw_only=True, tag="wave_passed/1"):
    """The wave's units serve the new release, and every check that could speak passed."""

    ship: int
    wave: int


class RollbackRequested(Fact, frozen=True, kw_only=True, tag="rollback_requested/1"):
    """Go back, whatever stage the ship is in. Its token is above that of everybody who acted before."""

    ship: int
    because: str
    token: int = 0


class Returning(Fact, frozen=True, kw_only=True, tag="returning/1"):
    """Intent: these units are about to go back, each to what it served before."""

    ship: int
    units: tuple[str, ...]


class Returned(Fact, frozen=True, kw_only=True, tag="returned/1"):
    """Outcome of :class:`Returning`."""

    ship: int
    effects: tuple[Effect, ...]
    states: tuple[UnitState, ...]


class WindowExtended(Fact, frozen=True, kw_only=True, tag="window_extended/1"):
    """The observation window of a ship is to last this much longer."""

    ship: int
    seconds: float


class Ended(Fact, frozen=True, kw_only=True, tag="ended/1"):
    """The ship is over: ``validated``, ``rolled_back`` or ``halted``; of a rehearsal that went well, ``rehearsed``."""

    ship: int
    outcome: str
    because: str


class Notified(Fact, frozen=True, kw_only=True, tag="notified/1"):
    """The notifier was told of an event. The only thing that may fail softly, and then it stands here."""

    event: str
    delivered: bool
    said: str
    about: str = ""
    """The id of the override that it was of; empty for every other event."""


class Reconciled(Fact, frozen=True, kw_only=True, tag="reconciled/1"):
    """What a rollback had to write beside the record, because the record could not be written, is on it now.

    The facts themselves follow in the same append.
    """

    spool: str
    """The name of the file they were read from."""
    sha256: str
    """Digest of its lines."""
    heads: tuple[str, ...]
    """The head of the record that each of them saw when it was written."""


class Landed(Fact, frozen=True, kw_only=True, tag="landed/1"):
    """The fix was found on trunk: `how` says on what evidence."""

    trunk: str
    commit: str
    how: str


class StandsFor(Fact, frozen=True, kw_only=True, tag="stands_for/1"):
    """A person says that a commit of trunk does the work of a fix, though it is another change."""

    fix: str
    commit: str
    because: str


class OriginConfirmed(Fact, frozen=True, kw_only=True, tag="origin_confirmed/1"):
    """A person says which commit brought the defect; what was inferred of it is kept beside."""

    commit: str
    because: str
    inferred: bool
    evidence: tuple[str, ...]
    """Lines it touched last, of those that the fix changes; `inferred` where that was found out, and not stated."""
    release: str
    """The first release with it, or empty; and when that went live, or empty, by ``record`` or ``tag date``."""
    live_since: str
    known_by: str


class PostmortemWritten(Fact, frozen=True, kw_only=True, tag="postmortem_written/1"):
    """The review was written; `empty_boxes` are the judgements that nobody has made yet."""

    evidence: Evidence
    empty_boxes: tuple[str, ...]


class Closed(Fact, frozen=True, kw_only=True, tag="closed/1"):
    """The life of the hotfix is over: ``learned``, or ``abandoned`` with the reason."""

    outcome: str
    because: str
