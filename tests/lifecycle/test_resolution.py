"""What a rule may do about a conflict, by the class of its paths, and what only a person may."""

import pytest

from hotfix.lifecycle.pick.outlook import ConflictAt
from hotfix.lifecycle.pick.resolution import (
    for_people,
    for_regeneration,
    for_union,
    has_markers,
    only_unimportant,
    union_is_enough,
)
from hotfix.policy.rules import Regenerate, Rules

NEWS = ConflictAt("CHANGELOG.md", "contents", "changelog")
FRAGMENT = ConflictAt("newsfragments/1.fix", "add/add", "changelog")
GONE = ConflictAt("NEWS", "modify/delete", "changelog")
LOCK = ConflictAt("web/poetry.lock", "contents", "lock")
MADE = ConflictAt("api_pb2.py", "modify/delete", "generated")
CODE = ConflictAt("cart.py", "contents", "source")

LOCKS, PROTOS = Regenerate(("*.lock",), ("lock",)), Regenerate(("*_pb2.py", "api/*"), ("protoc",))
RULES = Rules(service="shop", regenerate=(LOCKS, PROTOS))


def test_both_sides_are_kept_of_changelogs_alone() -> None:
    assert for_union([NEWS, FRAGMENT, CODE]) == ("CHANGELOG.md", "newsfragments/1.fix")
    assert for_union([GONE]) == (), "one side took it away: there are no two sides to keep"
    assert union_is_enough([NEWS, FRAGMENT])
    assert not any(union_is_enough(conflicts) for conflicts in ([NEWS, CODE], [GONE], []))


def test_a_person_is_not_asked_for_what_a_command_makes() -> None:
    assert for_people([NEWS, LOCK, CODE, MADE], RULES) == (NEWS, CODE)
    assert for_people([LOCK], Rules(service="shop")) == (LOCK,)


def test_made_files_are_made_anew_where_a_command_makes_each_of_them() -> None:
    assert for_regeneration([LOCK, MADE], RULES) == (LOCKS, PROTOS)
    assert for_regeneration([LOCK, LOCK], RULES) == (LOCKS,)
    assert for_regeneration([LOCK, CODE], RULES) == ()
    assert for_regeneration([LOCK], Rules(service="shop")) == ()
    assert for_regeneration([], RULES) == ()
    assert for_regeneration([ConflictAt("api/cart.py", "contents", "source")], RULES) == (), "people write it"


def test_what_conflicts_only_beside_the_point_is_told_apart() -> None:
    assert only_unimportant([NEWS, GONE]) == "changelogs"
    assert only_unimportant([LOCK, MADE]) == "generated files"
    assert only_unimportant([NEWS, CODE]) == only_unimportant([]) == ""


@pytest.mark.parametrize("left", [b"<<<<<<< ours\n", b"a\n>>>>>>> theirs", b"||||||| base\n"])
def test_a_marker_that_is_left_is_seen(left: bytes) -> None:
    assert has_markers(left)


@pytest.mark.parametrize("text", [b"", b"Title\n=======\n", b"a <<<<<<< b\n", b"<<<<<<<\n", b">>> x\n"])
def test_what_only_looks_like_a_marker_is_none(text: bytes) -> None:
    assert not has_markers(text)
