"""``hotfix scope``: how narrow the patch is, counted from blobs, and the reasons for what asks for one."""

import msgspec

from hotfix.actions.find import find
from hotfix.actions.read_rules import InForce, now_text, recorded
from hotfix.actions.up_to_date import up_to_date
from hotfix.lifecycle import scope as stage
from hotfix.lifecycle.gate import Gate
from hotfix.lifecycle.pick.resolution import BY_HAND
from hotfix.ports import Append, Book, Change, Ports
from hotfix.record.facts import Reasoned, Scoped
from hotfix.record.finding import Finding, refused
from hotfix.record.hotfix import Hotfix
from hotfix.record.parts import Reason


class Result(msgspec.Struct, frozen=True):
    """The count and the gate."""

    hotfix: str
    files: int
    counted_files: int
    counted_lines: int
    added: int
    removed: int
    paths: tuple[str, ...]
    findings: tuple[Finding, ...]
    gate: Gate


def scope(ports: Ports, id: str | None, because: tuple[tuple[str, str], ...]) -> Result:
    """Measure today's patch and record it, with the reasons given."""
    in_force, hotfix, _ = up_to_date(ports, id)
    fact = measure(ports, hotfix, in_force)
    asked = {
        finding.code
        for finding in stage.findings(fact, in_force.rules.limits, hotfix.id, stage.unproven_of(hotfix))
    }
    unasked = [code for code, _ in because if code not in asked]
    if unasked:
        raise refused(
            "scope-reason-unasked",
            f"Nothing asks for a reason called {', '.join(unasked)}.",
            f"hotfix scope {hotfix.id}",
            *sorted(asked),
        )
    reasons = tuple(Reason(code, why) for code, why in because)
    facts: tuple[Scoped | Reasoned, ...] = (fact,)
    if reasons:
        facts = (fact, Reasoned(at=fact.at, by=in_force.by, patch=fact.patch, reasons=reasons))

    def decide(book: Book) -> Append:
        now = find(book, hotfix.id)
        return Append(hotfix.id, (*recorded(in_force, now.start.rules, fact.at), *facts))

    book = ports.ledger.append(decide, anchor=True)
    return result(find(book, hotfix.id), in_force)


def measure(ports: Ports, hotfix: Hotfix, in_force: InForce) -> Scoped:
    """The fact of how narrow the newest pick is."""
    picked = hotfix.pick.fact
    if picked is None:
        raise refused(
            "scope-no-patch", "There is nothing to measure yet.", f"hotfix pick FIX --hotfix {hotfix.id}"
        )
    changes = ports.git.changes(picked.patch.base_tree, picked.patch.result_tree)
    by_hand = [one.path for one in picked.resolved if one.how == BY_HAND]
    count = stage.count([measured(change) for change in changes], picked.strays, by_hand, in_force.rules)
    return Scoped(
        at=now_text(ports),
        by=in_force.by,
        patch=picked.patch.digest,
        files=count.files,
        added=count.added,
        removed=count.removed,
        counted_files=count.counted_files,
        counted_lines=count.counted_lines,
        paths=count.paths,
        kinds=count.kinds,
    )


def measured(change: Change) -> stage.Measured:
    """A change as the rule wants it."""
    return stage.Measured(
        change.path, change.old_mode, change.new_mode, change.added, change.removed, change.binary
    )


def result(hotfix: Hotfix, in_force: InForce) -> Result:
    """The newest count and its gate."""
    fact = hotfix.scope.fact
    if fact is None:
        raise refused("scope-missing", "The patch was not measured.", f"hotfix scope {hotfix.id}")
    return Result(
        hotfix.id,
        fact.files,
        fact.counted_files,
        fact.counted_lines,
        fact.added,
        fact.removed,
        fact.paths,
        stage.findings(fact, in_force.rules.limits, hotfix.id, stage.unproven_of(hotfix)),
        stage.gate(hotfix, in_force.rules),
    )
