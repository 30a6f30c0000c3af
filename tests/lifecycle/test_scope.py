"""How narrow the patch is, and what no reason can excuse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfix.lifecycle import scope
from hotfix.lifecycle.gate import Gate
from hotfix.policy.rules import Limits
from hotfix.policy.rules import Test as TestRule
from hotfix.record.hotfix import Hotfix
from lifecycle.facts_of import OTHER_PATCH, PATCH, RULES, hotfix, picked, reasoned, scoped, with_


def changed(path: str, added: int = 1, removed: int = 0, **how: object) -> scope.Measured:
    change = scope.Measured(path, "100644", "100644", added, removed, binary=False)
    return with_(change, **how)


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        ({"new_mode": "100755"}, "mode"),
        ({"old_mode": "000000", "new_mode": "120000"}, "symlink"),
        ({"old_mode": "120000", "new_mode": "100644"}, "symlink"),
        ({"new_mode": "160000"}, "submodule"),
        ({"binary": True}, "binary"),
    ],
)
def test_what_a_line_count_does_not_show_is_a_kind_of_its_own(how: dict[str, object], kind: str) -> None:
    assert scope.kinds_of(changed("shop/cart.py", **how), RULES) == ("source", kind)


def test_new_and_deleted_files_have_not_changed_their_mode() -> None:
    assert scope.kinds_of(changed("a.py", old_mode="000000"), RULES) == ("source",)
    assert scope.kinds_of(changed("a.py", new_mode="000000"), RULES) == ("source",)


def test_only_what_runs_in_production_is_counted() -> None:
    changes = [
        changed("shop/cart.py", 4, 1),
        changed("tests/test_cart.py", 40, 2),
        changed("docs/cart.md", 9),
        changed("CHANGELOG.md", 1),
        changed("poetry.lock", 10),
    ]
    count = scope.count(changes, ("shop/moved.py",), ("shop/cart.py",), RULES)
    assert (count.files, count.added, count.removed) == (5, 64, 3)
    assert (count.counted_files, count.counted_lines) == (2, 15)
    assert count.kinds == ("stray:shop/moved.py", "resolved:shop/cart.py", "lock:poetry.lock")


def test_a_binary_among_the_tests_is_still_told() -> None:
    assert scope.count([changed("tests/cart.png", binary=True)], (), (), RULES).kinds == (
        "binary:tests/cart.png",
    )


# -- the gate -------------------------------------------------------------------------------------


def codes(answer: Gate) -> list[str]:
    assert answer.state == "closed"
    return [finding.code for finding in answer.findings]


def measured(*paths: str, lines: int = 5) -> Hotfix:
    """A hotfix whose patch changes these paths, and was measured by today's rules."""
    count = scope.count([changed(path, lines if path == paths[0] else 0) for path in paths], (), (), RULES)
    fields = {name: getattr(count, name) for name in count.__struct_fields__}
    return hotfix(picked(), scoped(**fields))


def test_a_narrow_patch_opens_the_gate() -> None:
    assert scope.gate(measured("shop/cart.py", "tests/test_cart.py"), RULES).state == "open"


def test_what_was_not_measured_is_closed() -> None:
    assert codes(scope.gate(Hotfix("HF-7"), RULES)) == ["scope-missing"]
    assert codes(scope.gate(hotfix(picked()), RULES)) == ["scope-missing"]
    assert codes(scope.gate(hotfix(picked(patch=OTHER_PATCH), scoped()), RULES)) == ["scope-missing"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("hotfix.toml", "scope-policy"),
        (".hotfix/allowed_signers", "scope-signers"),
        (".github/workflows/x.yml", "scope-ci"),
        ("CODEOWNERS", "scope-owners"),
    ],
)
def test_no_reason_opens_the_gate_for_what_judges_the_patch(path: str, code: str) -> None:
    state = measured("shop/cart.py", path).apply(reasoned(code, "I know what I am doing"))
    assert codes(scope.gate(state, RULES)) == [code]


def test_what_asks_for_a_reason_opens_with_one() -> None:
    state = measured("shop/cart.py", "poetry.lock", "uv.lock")
    (finding,) = scope.gate(state, RULES).findings
    assert finding.code == "scope-lock"
    assert "poetry.lock, uv.lock" in finding.sentence
    answer = scope.gate(state.apply(reasoned("scope-lock", "the fix is in the library")), RULES)
    assert answer.state == "open"
    assert "scope-lock" in answer.note


def test_an_empty_reason_a_reason_for_something_else_and_one_for_another_patch_are_none() -> None:
    state = measured("shop/cart.py", "poetry.lock")
    assert codes(scope.gate(state.apply(reasoned("scope-lock", "  ")), RULES)) == ["scope-lock"]
    assert codes(scope.gate(state.apply(reasoned("scope-wide", "why not")), RULES)) == ["scope-lock"]
    elsewhere = reasoned("scope-lock", "it was fine there", patch=OTHER_PATCH)
    assert codes(scope.gate(state.apply(elsewhere), RULES)) == ["scope-lock"]


def test_wide_asks_and_too_wide_is_no_hotfix() -> None:
    most = RULES.limits
    assert scope.gate(measured("a.py", lines=most.lines), RULES).state == "open"
    wide = measured("a.py", lines=most.lines + 1)
    assert codes(scope.gate(wide, RULES)) == ["scope-wide"]
    assert scope.gate(wide.apply(reasoned("scope-wide", "one table moved")), RULES).state == "open"
    too_wide = measured("a.py", lines=most.max_lines + 1)
    because = reasoned("scope-too-wide", "please"), reasoned("scope-wide", "please")
    for fact in because:
        too_wide = too_wide.apply(fact)
    assert codes(scope.gate(too_wide, RULES)) == ["scope-too-wide"]


def test_many_files_are_as_wide_as_many_lines() -> None:
    files = [f"shop/{number}.py" for number in range(11)]
    assert codes(scope.gate(measured(*files[:4]), RULES)) == ["scope-wide"]
    assert codes(scope.gate(measured(*files), RULES)) == ["scope-too-wide"]


def test_stricter_rules_on_trunk_close_an_open_gate() -> None:
    state = measured("shop/cart.py", "checks/mail.py")
    assert scope.gate(state, RULES).state == "open"
    assert codes(scope.gate(state, with_(RULES, limits=Limits(files=1)))) == ["scope-wide"]
    assert codes(scope.gate(state, with_(RULES, limits=Limits(max_lines=4)))) == ["scope-too-wide"]
    assert codes(scope.gate(state, with_(RULES, protected=("shop/",)))) == ["scope-stale"]


def test_a_count_that_left_out_what_counts_today_is_stale() -> None:
    lax = with_(RULES, test=TestRule(files=("shop",)))
    count = scope.count([changed("shop/cart.py", 400)], (), (), lax)
    fields = {name: getattr(count, name) for name in count.__struct_fields__}
    state = hotfix(picked(), scoped(**fields))
    assert scope.gate(state, lax).state == "open"
    assert codes(scope.gate(state, RULES)) == ["scope-stale"]


PATHS = st.lists(
    st.sampled_from(
        ["a.py", "hotfix.toml", ".ci/run", "CODEOWNERS", "uv.lock", "tests/a.py", ".hotfix/allowed_signers"]
    ),
    min_size=1,
    unique=True,
)


@given(PATHS, st.integers(0, 400))
def test_reasons_for_everything_never_open_it_for_the_forbidden_or_the_too_wide(
    paths: list[str], lines: int
) -> None:
    state = measured(*paths, lines=lines)
    for code in [f"scope-{kind}" for kind in (*scope.FORBIDDEN, *scope.ASK, "wide", "too-wide", "stale")]:
        state = state.apply(reasoned(code, "because", PATCH))
    kinds = {scope.kind_of(path, RULES) for path in paths}
    counted = lines if scope.kind_of(paths[0], RULES) != "test" else 0
    forbidden = bool(kinds & set(scope.FORBIDDEN)) or counted > RULES.limits.max_lines
    assert scope.gate(state, RULES).state == ("closed" if forbidden else "open")
