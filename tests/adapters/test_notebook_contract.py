"""A clone's own memory: one contract for the fake and the real one, then what only files can suffer."""

from pathlib import Path
from threading import Thread

import pytest
from tests.adapters.fake_notebook import FakeNotebook

from hotfix.adapters.notebook import FileNotebook
from hotfix.ports.notebook import Notebook


@pytest.fixture(params=["fake", "files"])
def notebook(request: pytest.FixtureRequest, tmp_path: Path) -> Notebook:
    return FakeNotebook() if request.param == "fake" else FileNotebook(tmp_path / "not" / "made" / "yet")


def test_what_nobody_wrote_is_empty(notebook: Notebook) -> None:
    assert notebook.read("lives") == b""


def test_what_is_written_takes_the_place_of_what_was_there(notebook: Notebook) -> None:
    assert notebook.write("lives", b"a longer body\n") == ""
    assert notebook.write("lives", b"\x00short") == ""
    assert notebook.read("lives") == b"\x00short"
    assert notebook.read("judged") == b""


def test_each_line_that_is_added_ends_where_the_next_begins(notebook: Notebook) -> None:
    notebook.add("judged", b"one")
    notebook.add("judged", b"two\n")
    assert notebook.read("judged") == b"one\ntwo\n"


def test_two_at_once_add_whole_lines(tmp_path: Path) -> None:
    def write(word: bytes) -> None:
        for _ in range(100):
            FileNotebook(tmp_path).add("judged", word * 50)

    both = [Thread(target=write, args=(word,)) for word in (b"a", b"b")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    lines = FileNotebook(tmp_path).read("judged").splitlines()
    assert sorted(lines) == [b"a" * 50] * 100 + [b"b" * 50] * 100


def test_a_place_that_takes_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    full = FileNotebook(tmp_path / "file")
    assert full.read("lives") == b""
    assert "cannot be written: " in full.write("lives", b"body")
    with pytest.raises(OSError, match="File exists"):
        full.add("judged", b"line")


def test_what_could_not_be_put_in_place_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "lives").mkdir()
    assert FileNotebook(tmp_path).write("lives", b"body") != ""
    assert [file.name for file in tmp_path.iterdir()] == ["lives"]


def test_what_is_there_and_cannot_be_read_is_not_nothing(tmp_path: Path) -> None:
    (tmp_path / "judged").mkdir()
    with pytest.raises(IsADirectoryError):
        FileNotebook(tmp_path).read("judged")
