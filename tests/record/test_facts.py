"""The stored format. A record outlives the program that wrote it: a change here needs a new tag."""

import types
import typing

import msgspec
import pytest
from one_of_each_fact import ONE_OF_EACH, STORED

from hotfix.record import chain, facts
from hotfix.record.any_fact import AnyFact

KINDS = typing.get_args(AnyFact)


def tag(kind: type[facts.Fact]) -> str:
    return str(kind.__struct_config__.tag)


def test_every_kind_has_its_sample() -> None:
    assert isinstance(AnyFact, types.UnionType)
    assert [type(sample) for sample in ONE_OF_EACH] == list(KINDS)


@pytest.mark.parametrize("fact", ONE_OF_EACH, ids=lambda fact: tag(type(fact)))
def test_every_kind_comes_back_as_it_was_written(fact: AnyFact) -> None:
    entry = chain.read(chain.seal(7, "0" * 64, "HF-1", fact))
    assert entry == chain.Entry(seq=7, prev="0" * 64, hotfix="HF-1", fact=fact)
    assert type(entry.fact) is type(fact)


@pytest.mark.parametrize("kind", KINDS, ids=tag)
def test_every_kind_carries_its_version(kind: type[facts.Fact]) -> None:
    name, _, version = tag(kind).partition("/")
    assert name.replace("_", "") == kind.__name__.lower()
    assert version.isdigit()


@pytest.mark.parametrize("fact", ONE_OF_EACH, ids=lambda fact: tag(type(fact)))
def test_no_field_of_a_sample_is_left_to_its_default(fact: AnyFact) -> None:
    """Or the stored lines below would not show what the field looks like."""
    left = [
        field.name for field in msgspec.structs.fields(fact) if getattr(fact, field.name) == field.default
    ]
    assert left == []


@pytest.mark.parametrize("position", range(len(ONE_OF_EACH)), ids=lambda position: tag(KINDS[position]))
def test_the_stored_bytes_are_what_they_were(position: int) -> None:
    """One golden line per kind. If this fails, old records would read differently, or not at all."""
    line = STORED.read_bytes().splitlines()[position]
    was = chain.read(line)
    assert chain.seal(was.seq, was.prev, was.hotfix, ONE_OF_EACH[position]).decode() == line.decode()


def test_the_golden_lines_are_a_record_without_fault() -> None:
    stored = STORED.read_bytes().splitlines()
    assert chain.verify(("HF-1", line) for line in stored) == []
    assert [chain.read(line).fact for line in stored] == list(ONE_OF_EACH)


def test_a_fact_of_an_unknown_kind_is_refused_and_not_guessed() -> None:
    line = STORED.read_bytes().splitlines()[0].replace(b"started/1", b"started/9")
    with pytest.raises(msgspec.ValidationError, match="started/9"):
        chain.read(line)


def test_a_fact_with_a_field_missing_is_refused_and_not_filled_in() -> None:
    line = STORED.read_bytes().splitlines()[-1].replace(b',"outcome":"learned"', b"")
    with pytest.raises(msgspec.ValidationError, match="outcome"):
        chain.read(line)


def test_a_pick_from_before_it_had_an_undo_still_reads() -> None:
    (line,) = (raw for raw in STORED.read_bytes().splitlines() if b'"picked/1"' in raw)
    plain = msgspec.json.decode(line)
    for name in ("authored", "undo", "warned", "resolved"):
        del plain["fact"][name]
    older = msgspec.convert(plain["fact"], facts.Picked)
    assert (older.authored, older.undo, older.warned) == (False, "", ())
