"""The chain: every entry names its own number and the SHA-256 of the entry before it.

An entry is one line of canonical JSON (RFC 8785). The exact bytes that were hashed are what is stored,
so verification never re-serialises. Numbers run over the whole record, not per hotfix: removing the
last entry of one hotfix leaves a hole that the next entry of any hotfix shows.
"""

from collections.abc import Iterable

import msgspec

from hotfix.record import canonical
from hotfix.record.any_fact import AnyFact
from hotfix.record.facts import Fact
from hotfix.record.finding import Finding

GENESIS = "0" * 64
"""What the first entry names as its predecessor."""


class Entry(msgspec.Struct, frozen=True):
    """One fact in its place."""

    seq: int
    prev: str
    hotfix: str
    fact: AnyFact


_decode = msgspec.json.Decoder(Entry).decode


def seal(seq: int, prev: str, hotfix: str, fact: Fact) -> bytes:
    """The line to store (without its newline)."""
    return canonical.encode({"seq": seq, "prev": prev, "hotfix": hotfix, "fact": msgspec.to_builtins(fact)})


def digest(line: bytes) -> str:
    """What the next entry will name as its predecessor."""
    return canonical.sha256(line)


def read(line: bytes) -> Entry:
    """The entry of a stored line. Raises ``msgspec.MsgspecError`` where it is none."""
    try:
        return _decode(line)
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from None


def verify(lines: Iterable[tuple[str, bytes]]) -> list[Finding]:
    """Everything wrong with the chain, each finding naming the entry by its seq.

    `lines` are (hotfix of the folder it stood in, line), in the order of the record. Without an
    anchor a chain says nothing about its end: cutting the tail off, or rewriting all of it, verifies.
    """
    findings: list[Finding] = []
    expected_seq, expected_prev = 1, GENESIS
    for hotfix, line in lines:
        try:
            entry = read(line)
        except msgspec.MsgspecError as error:
            findings.append(_broken(expected_seq, f"cannot be read: {error}"))
        else:
            findings += _faults(entry, line, hotfix, expected_seq, expected_prev)
            expected_seq = entry.seq
        expected_seq, expected_prev = expected_seq + 1, digest(line)
    return findings


def _faults(entry: Entry, line: bytes, hotfix: str, seq: int, prev: str) -> list[Finding]:
    if entry.seq > seq:
        missing = f"{seq}" if entry.seq == seq + 1 else f"{seq} to {entry.seq - 1}"
        return [_broken(seq, f"missing: the record goes on at seq {entry.seq}, without {missing}")]
    if entry.seq < seq:
        return [_broken(entry.seq, f"out of order or twice: seq {seq} was due here")]
    if entry.prev != prev:
        return [_broken(seq - 1, f"changed after it was written: seq {seq} names another predecessor")]
    if entry.hotfix != hotfix:
        return [_broken(seq, f"filed under {hotfix} but speaks of {entry.hotfix}")]
    return [] if canonical.is_canonical(line) else [_broken(seq, "not in canonical form")]


def _broken(seq: int, what: str) -> Finding:
    return Finding(
        "record-broken",
        f"seq {seq}: {what}.",
        "compare with another clone's copy of the record branch; its git history shows who pushed what",
    )
