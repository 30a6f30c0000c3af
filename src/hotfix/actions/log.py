"""``hotfix log``: the record as it stands, and its verification."""

import msgspec

from hotfix.actions.find import find
from hotfix.actions.read_rules import read_signers
from hotfix.policy.rules import from_plain
from hotfix.ports import Ports, Signers, Unverified, Verification
from hotfix.record.canonical import sha256
from hotfix.record.chain import Entry
from hotfix.record.facts import RulesRead
from hotfix.record.finding import Finding, Refused, refused
from hotfix.record.parts import Evidence


class Verdict(msgspec.Struct, frozen=True):
    """What the walk over the whole record found."""

    entries: int
    commits: int
    signed: int
    """Appends with a signature that counts by today's list of signers, made by who the facts name."""
    unsigned: int
    anchored: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


def log(ports: Ports, id: str | None, seq: int | None = None) -> tuple[Entry, ...]:
    """The entries, of one hotfix or of all; or the one with the number `seq`."""
    book = ports.ledger.read()
    if seq is not None:
        found = tuple(entry for entry in book.entries if entry.seq == seq)
        if not found:
            raise refused(
                "log-no-seq",
                f"There is no fact {seq} on record; the last is {book.next_seq - 1}.",
                "hotfix log",
            )
        return found
    if id is not None:
        find(book, id)
    return tuple(entry for entry in book.entries if id is None or entry.hotfix == id)


def verify(ports: Ports) -> Verdict:
    """Chain, history, anchor and signatures; says what could not be checked."""
    notes: list[str] = []
    walked = ports.ledger.verify()
    findings = list(walked.findings)
    if not findings:  # what is broken here is not mixed with what the remote has
        walked = _with_remote(ports, walked, findings, notes)
    signed, unsigned, faults = _signatures(ports, notes)
    if walked.anchored == -1:
        notes.append("there is no remote, so nothing outside this clone anchors the record's end")
    elif walked.anchored < walked.entries:
        notes.append(f"not anchored: seq {walked.anchored + 1} to {walked.entries} are not on the remote")
    findings += _evidence(ports)
    return Verdict(
        walked.entries, walked.commits, signed, unsigned, walked.anchored, (*findings, *faults), tuple(notes)
    )


def _evidence(ports: Ports) -> list[Finding]:
    """Every file that a fact speaks of is there, and is the file that it speaks of."""
    findings = []
    for entry in ports.ledger.read().entries:
        named = getattr(entry.fact, "evidence", ())
        for one in (named,) if isinstance(named, Evidence) else named:
            content = ports.ledger.evidence(entry.hotfix, one.name)
            if content is None or sha256(content) != one.sha256:
                what = "is not there" if content is None else "is not the one that was recorded"
                said = f"seq {entry.seq}: its evidence {one.name} {what}."
                findings.append(
                    Finding("record-evidence", said, f"git log hotfix-record -- {entry.hotfix}/evidence")
                )
    return findings


def _with_remote(
    ports: Ports, walked: Verification, findings: list[Finding], notes: list[str]
) -> Verification:
    """Compare with the remote; what came from there is walked too."""
    head = ports.ledger.read().head
    try:
        why = ports.ledger.refresh()
    except Refused as error:
        findings += error.findings
        return walked
    if why:
        notes.append(f"not compared with the remote: {why}")
    if ports.ledger.read().head != head:
        walked = ports.ledger.verify()
        findings += walked.findings
    return walked


def _signatures(ports: Ports, notes: list[str]) -> tuple[int, int, list[Finding]]:
    signers = _signers(ports, notes)
    signed = unsigned = 0
    findings: list[Finding] = []
    for append in ports.ledger.signatures():
        if not append.signature:
            unsigned += 1
            continue
        checked = ports.signatures.verify(signers, "git", append.payload, append.signature)
        if isinstance(checked, Unverified):
            notes.append(
                f"commit {append.commit[:12]} carries a signature that does not count today: {checked.why}"
            )
        elif any(person != checked.person for person in append.people):
            named = ", ".join(append.people)
            findings.append(
                Finding(
                    "record-other-signer",
                    f"Commit {append.commit[:12]} says it is by {named} and was signed by {checked.person}.",
                    f"git show {append.commit[:12]}",
                )
            )
        else:
            signed += 1
    return signed, unsigned, findings


def _signers(ports: Ports, notes: list[str]) -> Signers:
    rules = [entry.fact for entry in ports.ledger.read().entries if isinstance(entry.fact, RulesRead)]
    if not rules:
        return Signers(b"")
    try:
        newest = from_plain(rules[-1].rules)
        return read_signers(ports, ports.git.trunk(newest.trunk).commit, newest)
    except Refused as error:
        notes.append(f"no signature could be checked: {error}")
        return Signers(b"")
