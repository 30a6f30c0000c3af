"""A long record from afar: what is remembered of it is exactly what reading all of it gives."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.adapters.fake_ledger import FakeLedger, FakeRemote

from hotfix.actions import shelf
from hotfix.actions.lives import lives
from hotfix.adapters.notebook import FileNotebook
from hotfix.ports import Append
from hotfix.questions.life_of import life_of
from hotfix.record import facts
from hotfix.record.action_facts import ActionAdded
from hotfix.record.any_fact import AnyFact
from hotfix.record.hotfix import fold_all
from hotfix.trend.life import begun
from lifecycle.facts_of import ANN, activating, at, ended, landed, picked, planned, scoped, started

CLOSED = facts.Closed(at=at(900), by=ANN, outcome="learned", because="done")
OWED = ActionAdded(
    at=at(950), by=ANN, action="A1", title="alert", type="detect", owner=ANN, due="2026-11-01", suggested=""
)
SHIPPED: tuple[AnyFact, ...] = (
    started(),
    picked(),
    scoped(),
    planned(),
    activating("shop-1"),
    ended("validated"),
)


@pytest.fixture(autouse=True)
def long() -> Iterator[None]:
    """Every record is long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shelf, "LONG", 0)
        yield


class Clone:
    """What only looks at a record, and counts which hotfixes it had to read."""

    def __init__(self, folder: Path, ledger: FakeLedger) -> None:
        self.ledger = ledger
        self.read: list[str] = []
        self.ports: Any = SimpleNamespace(
            ledger=self, notebook=FileNotebook(folder), narrate=lambda said: None
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ledger, name)

    def entries_of(self, head: str, hotfixes: list[str]) -> Any:
        self.read += hotfixes
        return self.ledger.entries_of(head, hotfixes)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    ledger = FakeLedger()
    for number in range(1, 4):
        end = (CLOSED,) if number < 3 else ()
        ledger.append(lambda _, id=f"HF-{number}", end=end: Append(id, (*SHIPPED, *end)), anchor=True)  # type: ignore[misc]
    return Clone(tmp_path, ledger)


def test_only_what_changed_is_read_again(clone: Clone) -> None:
    look = shelf.open_ones(clone.ports)
    assert look is not None
    assert [one.id for one in look.hotfixes] == ["HF-3"]
    assert clone.read == ["HF-1", "HF-2", "HF-3"]
    clone.read.clear()
    assert shelf.open_ones(clone.ports) == look
    assert clone.read == ["HF-3"]
    clone.ledger.append(lambda _: Append("HF-2", (OWED,)), anchor=True)
    clone.read.clear()
    again = shelf.open_ones(clone.ports)
    assert again is not None
    assert clone.read == ["HF-2", "HF-3"]
    assert [(id, item.added.title) for id, item in again.owed] == [("HF-2", "alert")]
    assert again.extent.entries == clone.ledger.read().entries[-1].seq


def test_what_is_remembered_is_what_is_on_record(clone: Clone) -> None:
    expected = tuple(life_of(one) for one in fold_all(clone.ledger.read().entries).values())
    assert lives(clone.ports) == expected
    clone.read.clear()
    assert lives(clone.ports) == expected
    assert begun(expected) == at()
    assert clone.read == []
    clone.ledger.append(lambda _: Append("HF-1", (landed(),)), anchor=True)
    fresh = tuple(life_of(one) for one in fold_all(clone.ledger.read().entries).values())
    assert lives(clone.ports) == fresh
    assert clone.read == ["HF-1"]


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"HF-1": 3}', b"\xff\xfe", b'{"\xff": 3}', b"\x81\xa1\xff\x01"]
)
def test_a_broken_memory_is_made_anew(clone: Clone, tmp_path: Path, content: bytes) -> None:
    expected, look = lives(clone.ports), shelf.open_ones(clone.ports)
    for file in tmp_path.iterdir():
        file.write_bytes(content)
    assert (lives(clone.ports), shelf.open_ones(clone.ports)) == (expected, look)


def test_where_nothing_can_be_remembered_everything_is_read(clone: Clone, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    clone.ports.notebook = FileNotebook(tmp_path / "file")
    expected = lives(clone.ports)
    assert lives(clone.ports) == expected
    assert clone.read.count("HF-1") == 2


def test_what_is_remembered_and_cannot_be_read_is_read_from_the_record(clone: Clone, tmp_path: Path) -> None:
    expected, look = lives(clone.ports), shelf.open_ones(clone.ports)
    for file in list(tmp_path.iterdir()):
        file.unlink()
        file.mkdir()
    assert (lives(clone.ports), shelf.open_ones(clone.ports)) == (expected, look)


def test_of_a_short_record_nothing_is_remembered(
    clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "LONG", 3)
    lives(clone.ports)
    shelf.open_ones(clone.ports)
    assert list(tmp_path.iterdir()) == []


def test_facts_that_the_remote_lacks_are_counted_by_reading_all(tmp_path: Path) -> None:
    ledger = FakeLedger(FakeRemote())
    ledger.append(lambda _: Append("HF-1", SHIPPED), anchor=True)
    clone = Clone(tmp_path, ledger)
    assert shelf.open_ones(clone.ports) is not None
    ledger.append(lambda _: Append("HF-1", (landed(),)), anchor=False)
    assert shelf.open_ones(clone.ports) is None


def test_an_empty_record_has_nothing_on_the_shelf(tmp_path: Path) -> None:
    clone = Clone(tmp_path, FakeLedger())
    look = shelf.open_ones(clone.ports)
    assert look is not None
    assert (look.hotfixes, look.extent.entries) == ((), 0)
    assert lives(clone.ports) == ()
