"""Scope: the narrowest possible diff. Scope creep is the top cause of secondary incidents.

Default limits: of 501 real bug fixes, 90 % change at most 35 lines of production code, 97 % at most 3
files, 99 % at most about 250 lines (anchors: BugsInPy, see docs/policy.md).
"""

from collections.abc import Sequence

import msgspec

from hotfix.lifecycle.gate import Gate, closed, opened
from hotfix.policy.path_kind import kind_of
from hotfix.policy.rules import Limits, Rules
from hotfix.record import words
from hotfix.record.facts import Scoped
from hotfix.record.finding import Finding
from hotfix.record.hotfix import Hotfix
from hotfix.record.parts import HunkAt

UNCOUNTED = frozenset({"test", "docs", "changelog"})
"""Listed, but not counted against the limits."""

FORBIDDEN = {
    "policy": "it would change the rules that judge it",
    "signers": "it would change whose signatures count",
    "ci": "it would change what checks it",
    "owners": "it would change who reviews it",
}
"""Kinds that are never a hotfix: no reason opens the gate for them."""

ASK = {
    "binary": "nobody can review a binary from a diff",
    "mode": "a changed file mode can make data executable",
    "symlink": "a symbolic link can point outside what was reviewed",
    "submodule": "one line here can bring in any amount of foreign code",
    "lock": "a changed lock file brings in foreign code",
    "manifest": "a changed dependency is more than the fix",
    "migration": "a changed schema may not let the old release start again",
    "vendored": "vendored code is not reviewed line by line",
    "generated": "generated files should come with their source",
    "git": "attributes and ignore rules change what people and tools see",
    "resolved": "its conflict was resolved by hand, so that it is not the change that was reviewed upstream",
    "stray": "git followed a rename: the change landed on a path that the fix never named",
}
"""Kinds that need a written reason, and why."""


class Measured(msgspec.Struct, frozen=True):
    """One changed path, as counted from its blobs."""

    path: str
    old_mode: str
    new_mode: str
    added: int
    removed: int
    binary: bool


def kinds_of(change: Measured, rules: Rules) -> tuple[str, ...]:
    """Every kind that the change is of, beyond plain source."""
    kinds = [kind_of(change.path, rules)]
    if "160000" in (change.old_mode, change.new_mode):
        kinds.append("submodule")
    elif "120000" in (change.old_mode, change.new_mode):
        kinds.append("symlink")
    elif change.old_mode != change.new_mode and "000000" not in (change.old_mode, change.new_mode):
        kinds.append("mode")
    if change.binary:
        kinds.append("binary")
    return tuple(kinds)


class Count(msgspec.Struct, frozen=True):
    """How narrow a patch is."""

    files: int
    added: int
    removed: int
    counted_files: int
    counted_lines: int
    paths: tuple[str, ...]
    kinds: tuple[str, ...]
    """``kind:path`` of everything that is not plain source, test or docs."""


def count(changes: Sequence[Measured], strays: Sequence[str], by_hand: Sequence[str], rules: Rules) -> Count:
    """Files and lines; only what runs in production counts against the limits."""
    told: list[str] = [f"stray:{path}" for path in strays]
    told += [f"resolved:{path}" for path in dict.fromkeys(by_hand)]
    counted = []
    for change in changes:
        kinds = kinds_of(change, rules)
        told += [f"{kind}:{change.path}" for kind in kinds if kind in FORBIDDEN or kind in ASK]
        if kinds[0] not in UNCOUNTED:
            counted.append(change)
    return Count(
        files=len(changes),
        added=sum(change.added for change in changes),
        removed=sum(change.removed for change in changes),
        counted_files=len(counted),
        counted_lines=sum(change.added + change.removed for change in counted),
        paths=tuple(change.path for change in changes),
        kinds=tuple(told),
    )


def _by_other_rules(scoped: Scoped, rules: Rules) -> bool:
    """Whether today's rules would call a path by a kind that the count does not know of."""
    kinds = {path: kind_of(path, rules) for path in scoped.paths}
    counted = sum(kind not in UNCOUNTED for kind in kinds.values())
    risky = {f"{kind}:{path}" for path, kind in kinds.items() if kind in FORBIDDEN or kind in ASK}
    return counted != scoped.counted_files or not risky.issubset(scoped.kinds)


def findings(
    scoped: Scoped, limits: Limits, hotfix: str, unproven: Sequence[HunkAt] = ()
) -> tuple[Finding, ...]:
    """Everything about the scope that is wrong (no reason helps) or that asks for a reason.

    `unproven` are the hunks that no test notices: each may be right, and none was shown to be needed.
    """
    result: list[Finding] = []
    for told in scoped.kinds:
        kind, _, path = told.partition(":")
        if kind in FORBIDDEN:
            result.append(
                Finding(
                    f"scope-{kind}",
                    f"{path} is a {kind} file: a hotfix may not change it, since {FORBIDDEN[kind]}.",
                    "pick a fix without it",
                )
            )
    for kind in dict.fromkeys(told.partition(":")[0] for told in scoped.kinds):
        if kind in ASK:
            paths = tuple(told.partition(":")[2] for told in scoped.kinds if told.startswith(f"{kind}:"))
            result.append(_asks(f"scope-{kind}", f"{', '.join(paths)}: {ASK[kind]}.", hotfix))
    result += _size(scoped, limits, hotfix)
    if unproven:
        result.append(_unproven(unproven, hotfix))
    return tuple(result)


def unproven_of(hotfix: Hotfix) -> tuple[HunkAt, ...]:
    """The hunks of today's patch that no test notices."""
    left = hotfix.prove.left_out
    return left.unproven if left and hotfix.patch and left.patch == hotfix.patch.digest else ()


def _unproven(hunks: Sequence[HunkAt], hotfix: str) -> Finding:
    places = tuple(f"{hunk.place} ({hunk.hunk})" for hunk in hunks)
    drops = " ".join(f"--drop {hunk.hunk}" for hunk in hunks)
    return Finding(
        "scope-unproven",
        f"No test notices {words.count(len(hunks), 'hunk')} of the fix: {', '.join(places)}.",
        f"leave them out: hotfix pick {drops} --hotfix {hotfix}; or add a test to the fix; "
        f'or hotfix scope {hotfix} --because "scope-unproven=WHY"',
        tuple(f"{hunk.place}: {hunk.text}" for hunk in hunks if hunk.text),
    )


def _size(scoped: Scoped, limits: Limits, hotfix: str) -> list[Finding]:
    size = words.size(scoped.counted_lines, scoped.counted_files)
    if scoped.counted_lines > limits.max_lines or scoped.counted_files > limits.max_files:
        most = f"{limits.max_lines} lines, {limits.max_files} files"
        return [
            Finding(
                "scope-too-wide",
                f"{size} is not a hotfix (at most {most}).",
                "pick a smaller fix, or release normally",
            )
        ]
    if scoped.counted_lines > limits.lines or scoped.counted_files > limits.files:
        return [
            _asks("scope-wide", f"{size} is wider than {limits.lines} lines in {limits.files} files.", hotfix)
        ]
    return []


def _asks(code: str, sentence: str, hotfix: str) -> Finding:
    return Finding(code, sentence, f'hotfix scope {hotfix} --because "{code}=WHY"')


def gate(hotfix: Hotfix, rules: Rules) -> Gate:
    """Open when the count is of today's patch, nothing forbidden is in it, and every question has its reason."""
    scoped, patch = hotfix.scope.fact, hotfix.patch
    if patch is None:
        said = "There is nothing to measure yet: no fix was picked."
        return closed("scope", Finding("scope-missing", said, f"hotfix pick FIX --hotfix {hotfix.id}"))
    if scoped is None or scoped.patch != patch.digest:
        return closed(
            "scope", Finding("scope-missing", "The patch was not measured.", f"hotfix scope {hotfix.id}")
        )
    if _by_other_rules(scoped, rules):
        said = "The patch was measured by other rules than trunk has today."
        return closed("scope", Finding("scope-stale", said, f"hotfix scope {hotfix.id}"))
    reasons = hotfix.scope.reasons_for(patch.digest)
    unanswered = [
        finding
        for finding in findings(scoped, rules.limits, hotfix.id, unproven_of(hotfix))
        if not _answered(finding, reasons)
    ]
    if unanswered:
        return closed("scope", *unanswered)
    note = words.size(scoped.counted_lines, scoped.counted_files)
    return opened("scope", note + (f"; reasons given for {', '.join(reasons)}" if reasons else ""))


def _answered(finding: Finding, reasons: dict[str, str]) -> bool:
    kind = finding.code.removeprefix("scope-")
    return (kind in ASK or kind in ("wide", "unproven")) and bool(reasons.get(finding.code, "").strip())
