import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from one_of_each_fact import PATCH

from hotfix.record.patch import Patch, statement

FIELDS = Patch.__struct_fields__


@given(st.sampled_from(FIELDS), st.text(st.characters(exclude_categories=("Cs",))))
def test_the_digest_changes_with_any_field(field: str, other: str) -> None:
    changed = msgspec.structs.replace(PATCH, **{field: other})
    assert (changed.digest == PATCH.digest) == (other == getattr(PATCH, field))


@given(st.permutations(["a", "b", "c", "d", "e", "f"]))
def test_no_field_can_stand_in_for_another(values: list[str]) -> None:
    assert (Patch(*values).digest == Patch("a", "b", "c", "d", "e", "f").digest) == (values == sorted(values))


def test_the_digest_is_the_same_on_every_machine_and_in_every_version() -> None:
    assert PATCH.digest == "259e3a5b44efa608c1cb4d15dc37fff5a0cedc04653eccb4ceac37c0a7e19e61"


def test_what_is_signed_says_what_for() -> None:
    assert (
        statement("review", PATCH, {}) != statement("reject", PATCH, {}) != statement("authorize", PATCH, {})
    )


@pytest.mark.parametrize("field", FIELDS)
def test_what_is_signed_names_every_field_of_the_patch(field: str) -> None:
    assert statement("review", msgspec.structs.replace(PATCH, **{field: "other"}), {}) != statement(
        "review", PATCH, {}
    )


def test_what_is_signed_names_the_context() -> None:
    assert statement("review", PATCH, {"policy": "a"}) != statement("review", PATCH, {"policy": "b"})
