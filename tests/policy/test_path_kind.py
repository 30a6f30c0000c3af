"""What sort of file a path is."""

import pytest

from hotfix.policy.path_kind import kind_of
from hotfix.policy.rules import Rules
from hotfix.policy.rules import Test as TestRule

RULES = Rules(service="shop")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("hotfix.toml", "policy"),
        (".hotfix/allowed_signers", "signers"),
        (".hotfix/revoked_keys", "signers"),
        (".github/workflows/release.yml", "ci"),
        (".gitlab-ci.yml", "ci"),
        ("deploy/Jenkinsfile", "ci"),
        ("CODEOWNERS", "owners"),
        (".gitattributes", "git"),
        ("vendor/left_pad.py", "vendored"),
        ("vendor/tests/test_left_pad.py", "vendored"),
        ("poetry.lock", "lock"),
        ("web/package-lock.json", "lock"),
        ("pyproject.toml", "manifest"),
        ("requirements-prod.txt", "manifest"),
        ("shop/migrations/0007_cart.py", "migration"),
        ("tests/test_cart.py", "test"),
        ("shop/cart_test.go", "test"),
        ("extension/_test/footnote.txt", "test"),
        ("web/cart.spec.ts", "test"),
        ("CHANGELOG.md", "changelog"),
        ("newsfragments/41.bugfix", "changelog"),
        ("docs/cart.md", "docs"),
        ("docs/conf.py", "docs"),
        ("README.rst", "docs"),
        ("shop/cart_pb2.py", "generated"),
        ("shop/cart.py", "source"),
        ("shop/attestation.py", "source"),
        ("shop/hotfix.toml", "source"),
        ("shop/changes/apply.py", "source"),
        ("shop/doc/render.py", "source"),
        ("shop/NEWSfeed.py", "source"),
        ("HISTORY_of_orders.py", "source"),
    ],
)
def test_each_path_is_of_the_kind_most_dangerous_to_overlook(path: str, kind: str) -> None:
    assert kind_of(path, RULES) == kind


def test_policy_may_protect_more_and_may_name_its_tests() -> None:
    rules = Rules(service="shop", protected=("deploy/",), test=TestRule(files=("checks", "smoke.sh")))
    assert kind_of("deploy/prod.sh", rules) == "policy"
    assert kind_of("deployment.py", rules) == "source"
    assert kind_of("checks/mail.py", rules) == "test"
    assert kind_of("smoke.sh", rules) == "test"
