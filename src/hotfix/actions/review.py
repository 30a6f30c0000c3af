"""``hotfix review``: what ships, what proves it, what is *not* in it; then a signature over the patch, from any clone."""

from collections.abc import Callable

import msgspec

from hotfix.actions.deltas import Delta, deltas
from hotfix.actions.find import find
from hotfix.actions.judge import judge, review_statement, votes
from hotfix.actions.not_included import not_included
from hotfix.actions.read_rules import InForce, now_text, recorded
from hotfix.actions.scope import measured
from hotfix.actions.up_to_date import up_to_date
from hotfix.lifecycle import review as stage
from hotfix.lifecycle import scope
from hotfix.lifecycle.gate import Gate
from hotfix.policy.rules import Rules
from hotfix.ports import Append, Book, Change, Picked, Ports
from hotfix.record.facts import Picked as PickedFact
from hotfix.record.facts import Proved, Reviewed, Scoped
from hotfix.record.finding import refused
from hotfix.record.hotfix import Hotfix, fold_all
from hotfix.record.parts import Signed

_SHOWN = 20
"""How many of the commits that are not included are named."""


class FileNote(msgspec.Struct, frozen=True):
    """What a reviewer should know of one changed file, before its lines."""

    path: str
    kinds: tuple[str, ...]
    added: int
    removed: int
    counts: bool
    """Whether it runs in production, and so counts against the limits."""


class Sheet(msgspec.Struct, frozen=True):
    """Everything a reviewer needs, on one sheet."""

    hotfix: str
    title: str
    profile: str
    picked: PickedFact
    scope: Scoped | None
    proof: Proved | None
    files: tuple[FileNote, ...]
    """In the order of the diff."""
    diff: str
    deltas: tuple[Delta, ...]
    """What was resolved by hand, beside what the fix does to the same path."""
    not_included: tuple[tuple[str, str], ...]
    picked_again: bool
    """Whether picking the fix again, on this machine, gives exactly this result."""
    votes: tuple[stage.Vote, ...]


class Result(msgspec.Struct, frozen=True):
    """The sheet, what was said (if anything), and the gate."""

    sheet: Sheet
    verdict: str
    person: str
    gate: Gate


def review(ports: Ports, id: str | None, verdict: str, because: str, show: Callable[[Sheet], str]) -> Result:
    """Show the sheet, then record the verdict: ``""`` (only look), ``approve`` or ``reject``.

    `show` presents the sheet before anything is signed and returns what the person typed (solo profile).
    """
    in_force, hotfix, _ = up_to_date(ports, id)
    sheet = make_sheet(ports, hotfix, in_force)
    typed = show(sheet)
    if verdict:
        fact = (
            _self_review(ports, hotfix, in_force, sheet, verdict, because, typed)
            if in_force.rules.solo
            else _peer_review(ports, hotfix, in_force, sheet, verdict, because)
        )

        def decide(book: Book) -> Append:
            now = find(book, hotfix.id)
            if now.patch != hotfix.patch:
                raise refused(
                    "review-patch-moved",
                    "Somebody picked again while you were reading.",
                    f"hotfix review {hotfix.id}",
                )
            return Append(hotfix.id, (*recorded(in_force, now.start.rules, fact.at), fact))

        hotfix = find(ports.ledger.append(decide, anchor=True), hotfix.id)
    gates = judge(ports, hotfix, in_force.rules, in_force.signers, "").gates
    return Result(sheet, verdict, in_force.by, next(gate for gate in gates if gate.name == "review"))


def make_sheet(ports: Ports, hotfix: Hotfix, in_force: InForce) -> Sheet:
    """The sheet of today's patch, drawn from objects of *this* clone."""
    picked = hotfix.pick.fact
    if picked is None:
        raise refused(
            "review-no-patch", "There is nothing to review yet.", f"hotfix pick FIX --hotfix {hotfix.id}"
        )
    patch = picked.patch
    base, result = ports.git.commit(patch.base_commit), ports.git.commit(picked.result_commit)
    if (base.tree, result.tree) != (patch.base_tree, patch.result_tree):
        raise refused(
            "review-wrong-tree", "The recorded commits do not have the recorded trees.", "hotfix log --verify"
        )
    again = ports.git.pick(picked.fixes, patch.base_commit, ports.clock.now(), picked.resolved)
    every = fold_all(ports.ledger.read().entries).values()
    _, left_out = not_included(ports, every, patch.base_commit, in_force.trunk.commit, picked.fixes, _SHOWN)
    current = patch.digest
    return Sheet(
        hotfix=hotfix.id,
        title=hotfix.start.fact.title if hotfix.start.fact else "",
        profile=in_force.rules.profile,
        picked=picked,
        scope=hotfix.scope.fact if hotfix.scope.fact and hotfix.scope.fact.patch == current else None,
        proof=hotfix.prove.fact if hotfix.prove.fact and hotfix.prove.fact.patch == current else None,
        files=tuple(
            _note(change, in_force.rules) for change in ports.git.changes(patch.base_tree, patch.result_tree)
        ),
        diff=ports.git.diff(patch.base_tree, patch.result_tree).decode("utf-8", "backslashreplace"),
        deltas=deltas(ports, picked),
        not_included=left_out,
        picked_again=isinstance(again, Picked) and again.tree == patch.result_tree,
        votes=votes(ports, hotfix, in_force.signers),
    )


def _note(change: Change, rules: Rules) -> FileNote:
    kinds = scope.kinds_of(measured(change), rules)
    return FileNote(change.path, kinds, change.added, change.removed, counts=kinds[0] not in scope.UNCOUNTED)


def _peer_review(
    ports: Ports, hotfix: Hotfix, in_force: InForce, sheet: Sheet, verdict: str, because: str
) -> Reviewed:
    person = ports.signatures.person(in_force.signers)
    if not person:
        raise refused(
            "review-stranger",
            "Your key is not on trunk's list of signers, so your review could not count."
            if ports.signatures.key()
            else "You have no signing key, so nobody could tell that the review is yours.",
            f"let a colleague add your public key to {in_force.rules.signers} on {in_force.trunk.name}",
        )
    if verdict == "approve" and person.lower() in stage.contributors(hotfix, ""):
        raise refused(
            "review-own",
            f"{person} picked it, wrote it or paired on it, and nobody is their own peer.",
            "ask somebody else to review it",
        )
    if verdict == "approve" and not sheet.picked_again:
        raise refused(
            "review-not-the-fix",
            "Picking the fix again on this machine gives another result than the recorded one.",
            "do not approve it; ask for a new pick",
        )
    patch, at = sheet.picked.patch, now_text(ports)
    context = {
        "at": at,
        "policy": in_force.policy_blob,
        "proof": sheet.proof.verdict if sheet.proof else "none",
        "because": because,
    }
    signature = ports.signatures.sign(stage.NAMESPACE, review_statement(patch, verdict, context))
    signed = Signed(stage.NAMESPACE, context, signature, ports.signatures.key())
    return Reviewed(at=at, by=person, patch=patch.digest, verdict=verdict, because=because, signed=signed)


def _self_review(
    ports: Ports, hotfix: Hotfix, in_force: InForce, sheet: Sheet, verdict: str, because: str, typed: str
) -> Reviewed:
    """One person alone: reading the diff *after* the proof, and typing the release's name to show it."""
    if verdict == "approve" and sheet.proof is None:
        raise refused(
            "review-before-proof",
            "The proof comes first: read the diff knowing what the test showed.",
            f"hotfix prove {hotfix.id}",
        )
    if verdict == "approve" and typed.strip() != sheet.picked.release:
        raise refused(
            "review-not-typed",
            f"The release is called {sheet.picked.release}; you typed {typed.strip()!r}.",
            f"hotfix review {hotfix.id} --approve",
        )
    word = "self" if verdict == "approve" else verdict
    return Reviewed(
        at=now_text(ports),
        by=in_force.by,
        patch=sheet.picked.patch.digest,
        verdict=word,
        because=because,
        signed=None,
    )
