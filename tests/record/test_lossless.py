from hypothesis import given
from hypothesis import strategies as st

from hotfix.record.lossless import to_bytes, to_text

AWKWARD = st.text(alphabet='"\\\n\t 0127ä€').map(str.encode)
"""Bytes made of what the quoting itself is made of."""


@given(st.binary() | AWKWARD)
def test_any_bytes_come_back(raw: bytes) -> None:
    assert to_bytes(to_text(raw)) == raw


@given(st.binary() | AWKWARD)
def test_the_text_can_always_be_written_as_utf8(raw: bytes) -> None:
    assert to_text(raw).encode("utf-8").decode("utf-8") == to_text(raw)


@given(st.binary(), st.binary())
def test_different_bytes_never_share_a_text(one: bytes, other: bytes) -> None:
    assert (to_text(one) == to_text(other)) == (one == other)


def test_ordinary_names_stay_as_they_are() -> None:
    assert to_text("docs/öffnen/日本.md".encode()) == "docs/öffnen/日本.md"


def test_what_is_not_utf8_is_quoted_as_git_quotes_it() -> None:
    assert to_text(b"caf\xe9.txt") == '"caf\\351.txt"'


def test_a_name_that_looks_quoted_is_quoted_again() -> None:
    assert to_text(b'"a"') == '"\\"a\\""'
