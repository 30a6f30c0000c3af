"""What sort of file a path is: by the policy's own words, else by where such files usually lie."""

import re

from hotfix.policy.rules import Rules

POLICY_FILE = "hotfix.toml"

_KINDS: tuple[tuple[str, str], ...] = (
    (
        "ci",
        r"(^|/)(\.github|\.gitlab|\.circleci|\.buildkite|\.woodpecker|\.ci)/|(^|/)(\.gitlab-ci\.yml|Jenkinsfile|azure-pipelines\.yml|bitbucket-pipelines\.yml|\.travis\.yml)$",
    ),
    ("owners", r"(^|/)(CODEOWNERS|OWNERS|\.mailmap)$"),
    ("git", r"(^|/)\.git(attributes|modules|ignore)$"),
    ("vendored", r"(^|/)(vendor|third_party|node_modules)/"),
    (
        "lock",
        r"(^|/)(package-lock\.json|yarn\.lock|pnpm-lock\.yaml|poetry\.lock|uv\.lock|Pipfile\.lock|Cargo\.lock|Gemfile\.lock|go\.sum|composer\.lock)$",
    ),
    (
        "manifest",
        r"(^|/)(package\.json|pyproject\.toml|setup\.(py|cfg)|requirements[^/]*\.txt|Cargo\.toml|Gemfile|go\.mod|pom\.xml|build\.gradle(\.kts)?)$",
    ),
    ("migration", r"(^|/)(migrations?|alembic/versions|db/migrate)/"),
    (
        "test",
        r"(^|/)(_?tests?|spec|specs|__tests__|testdata|fixtures|__snapshots__)/|(^|/)(test_[^/]*|conftest)\.py$|[._-](test|spec)s?\.[^/]+$|_test\.[^/]+$|(^|/)(\.?pytest\.ini|tox\.ini|noxfile\.py|(jest|vitest|playwright|cypress|karma)\.(config|conf)\.[cm]?[jt]s(on)?|\.mocharc[^/]*|\.rspec|\.coveragerc)$",
    ),
    (
        "changelog",
        r"(^|/)(CHANGELOG|CHANGES|HISTORY|NEWS)(\.(md|rst|txt|adoc))?$|^(changelog\.d|changes\.d|newsfragments)/",
    ),
    ("docs", r"^docs?/|\.(md|rst|adoc)$|(^|/)(README|LICENSE|COPYING|AUTHORS|NOTICE)(\.txt)?$"),
    ("generated", r"\.(min\.js|pb\.go|g\.dart)$|_pb2\.pyi?$|(^|/)(dist|generated)/"),
)


def kind_of(path: str, rules: Rules) -> str:
    """What sort of file this is; the first that fits, in the order of what is most dangerous to overlook."""
    if path == POLICY_FILE or any(
        path == own or path.startswith(own.rstrip("/") + "/") for own in rules.protected
    ):
        return "policy"
    if path in (rules.signers, rules.revoked):
        return "signers"
    if any(path == file or path.startswith(file.rstrip("/") + "/") for file in rules.test.files):
        return "test"
    return next((kind for kind, pattern in _KINDS if re.search(pattern, path)), "source")
