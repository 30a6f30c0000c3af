import re

from hypothesis import assume, example, given
from hypothesis import strategies as st
from one_of_each_fact import ONE_OF_EACH

from hotfix.record import chain
from hotfix.record.facts import WavePassed

RECORD: list[tuple[str, bytes]] = []
"""Two hotfixes, interleaved: (hotfix of the folder, line)."""
for position, each in enumerate(ONE_OF_EACH[:8]):
    before = chain.digest(RECORD[-1][1]) if RECORD else chain.GENESIS
    hotfix = "HF-1" if position % 3 else "HF-2"
    RECORD.append((hotfix, chain.seal(position + 1, before, hotfix, each)))

NOT_LAST = st.integers(0, len(RECORD) - 2)


def seqs_named(record: list[tuple[str, bytes]]) -> set[int]:
    """The seqs that the findings speak of."""
    findings = chain.verify(record)
    assert all(finding.code == "record-broken" and finding.next for finding in findings)
    return {int(finding.sentence.removeprefix("seq ").partition(":")[0]) for finding in findings}


def with_line(position: int, line: bytes) -> list[tuple[str, bytes]]:
    return [*RECORD[:position], (RECORD[position][0], line), *RECORD[position + 1 :]]


def test_an_untouched_record_verifies() -> None:
    assert chain.verify(RECORD) == []


def test_an_empty_record_verifies() -> None:
    assert chain.verify([]) == []


@given(NOT_LAST, st.data())
def test_any_byte_changed_in_any_line_but_the_last_is_named(position: int, data: st.DataObject) -> None:
    line = bytearray(RECORD[position][1])
    where = data.draw(st.integers(0, len(line) - 1))
    line[where] ^= data.draw(st.integers(1, 255))
    assert position + 1 in seqs_named(with_line(position, bytes(line)))


@given(NOT_LAST, st.binary(max_size=200))
def test_a_line_replaced_by_anything_is_named(position: int, other: bytes) -> None:
    assume(other != RECORD[position][1])
    assert position + 1 in seqs_named(with_line(position, other))


@given(NOT_LAST)
def test_a_line_removed_is_named(position: int) -> None:
    assert position + 1 in seqs_named([*RECORD[:position], *RECORD[position + 1 :]])


@given(NOT_LAST)
def test_a_line_repeated_is_named(position: int) -> None:
    assert position + 1 in seqs_named([*RECORD[: position + 1], *RECORD[position:]])


@given(st.sets(st.integers(0, len(RECORD) - 1), min_size=2, max_size=2))
def test_two_lines_swapped_are_both_named(pair: set[int]) -> None:
    one, other = sorted(pair)
    swapped = list(RECORD)
    swapped[one], swapped[other] = swapped[other], swapped[one]
    said = " ".join(finding.sentence for finding in chain.verify(swapped))
    assert {str(one + 1), str(other + 1)} <= set(re.findall(r"\d+", said))


@given(NOT_LAST)
def test_a_line_filed_under_another_hotfix_is_named(position: int) -> None:
    moved = [*RECORD[:position], ("HF-9", RECORD[position][1]), *RECORD[position + 1 :]]
    assert seqs_named(moved) == {position + 1}


def test_the_last_line_written_in_another_form_is_named() -> None:
    assert seqs_named(with_line(len(RECORD) - 1, RECORD[-1][1].replace(b":", b": ", 1))) == {len(RECORD)}


FORGED = (
    b'{"fact":{"at":"","by":"","kind":"wave_passed/1","ship":%s,"wave":1},'
    b'"hotfix":"HF-1","prev":"%s","seq":8%s}'
)


def forged(ship: bytes = b"1", more: bytes = b"") -> bytes:
    """A last line that names its place and its predecessor rightly."""
    return FORGED % (ship, chain.digest(RECORD[-2][1]).encode(), more)


def test_a_forged_last_line_in_canonical_form_verifies() -> None:
    """So that the examples below are found for their form alone; only an anchor knows the end."""
    assert chain.verify(with_line(len(RECORD) - 1, forged())) == []


@given(st.binary(max_size=300))
@example(forged(ship=b"9007199254740993"))
@example(forged(more=b',"zz":1e999'))
@example(forged(more=b',"zz":"\xff"'))
@example(forged(more=b',"zz":"\\ud800"'))
@example(forged(more=b',"zz":' + b"[" * 100_000 + b"]" * 100_000))
@example(b"[" * 100_000)
def test_verification_has_an_answer_to_whatever_stands_in_the_last_line(last: bytes) -> None:
    assert seqs_named(with_line(len(RECORD) - 1, last)) == {len(RECORD)}


def test_what_a_chain_cannot_know_about_its_end_is_stated_here() -> None:
    """Cutting the tail off verifies: only an anchor, the remote's copy, says where the end is."""
    assert chain.verify(RECORD[:-1]) == []


@given(st.integers(1, 2**53 - 1), st.integers(0, 2**53 - 1))
def test_numbers_up_to_the_limit_of_canonical_json_come_back(seq: int, wave: int) -> None:
    fact = WavePassed(at="2026-11-22T02:00:00.000Z", by="o", ship=1, wave=wave)
    assert chain.read(chain.seal(seq, chain.GENESIS, "HF-1", fact)) == chain.Entry(
        seq, chain.GENESIS, "HF-1", fact
    )
