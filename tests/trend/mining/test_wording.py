"""Subjects: fixes, housekeeping, and neither."""

import pytest

from hotfix.trend.mining import wording


@pytest.mark.parametrize(
    "subject",
    [
        "Release v4.7.0-beta1",
        "Bump version to 1.2.3",
        "bumped Symfony version to 3.4.40",
        "updated VERSION for 5.1.2",
        "chore(release): 1.2.3",
        "v1.2.3",
        "Prepare release 2.4.4",
        "Update changelog for 1.2.3",
        "Update translations from Weblate",
        "docs: release notes",
        "Back to dev",
        "Pre-release QA",
        "[maven-release-plugin] prepare release jenkins-2.370",
        "[maven-release-plugin] prepare for next development iteration",
    ],
)
def test_housekeeping(subject: str) -> None:
    assert wording.is_housekeeping(subject)


@pytest.mark.parametrize(
    "subject", ["Release the lock when the worker dies", "Fix crash", "Add a column", "Upgrade to Django 6.1"]
)
def test_no_housekeeping(subject: str) -> None:
    assert not wording.is_housekeeping(subject)


@pytest.mark.parametrize(
    "message",
    [
        "Fix deleting integrations with duplicate names (#3397)",
        "fix: update golang.org/x/net to v0.7.0",
        "Fixes #14482 - Fix validation error",
        "Revert requiring permission on Slack direct paging",
        "[Security] Bump django to 4.2.27",
        "HOTFIX: restore fasterq-dump to default behavior",
        "Prevent mislabeled samples from causing bad smashing",
        "Do not set the default Content-Type",
        "Incorrect merged_qn check",
        "chore(deps): update dependency axios (CVE-2024-39338)",
        "Set the read timeout\n\nWithout it there is a regression in 2.11.1.",
        "Use the module's own table\n\nFixes #123",
    ],
)
def test_fixes(message: str) -> None:
    assert wording.reads_as_fix(message)


@pytest.mark.parametrize(
    "message",
    [
        "Fix typo in the README",
        "fix flaky tests",
        "feat: fix button",
        "Add support for socks connections",
        "Bump axios from 1.6.7 to 1.7.4 in /plugin",
        "Polish unified slack ui",
        "docs: correct the example",
        "Add bug tracker link\n\nFixes #12",
    ],
)
def test_no_fixes(message: str) -> None:
    assert not wording.reads_as_fix(message)


def test_what_says_it_is_something_else() -> None:
    assert wording.reads_as_no_fix("feat: a new page")
    assert wording.reads_as_no_fix("Bump axios from 1.6.7 to 1.7.4")
    assert not wording.reads_as_no_fix("Use the right table")
    assert not wording.reads_as_no_fix("chore(deps): update axios [security]")


def test_reverts_and_picks() -> None:
    assert wording.reverts('Revert "Use uwsgi 2.0.23"')
    assert not wording.reverts("Mention the revert in the docs")
    assert wording.is_picked(
        "Fix it\n\n(cherry picked from commit 0123456789abcdef0123456789abcdef01234567)\n"
    )
    assert not wording.is_picked("Fix it (cherry picked from commit nobody knows)")
