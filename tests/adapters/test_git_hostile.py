"""A repository that wants to run something, or to be seen as what it is not. Every port method is asked of it.

Each setting, hook, filter and driver that git knows to run would leave a file of its name behind.
"""

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.adapters import repositories
from tests.adapters.repositories import Clone
from tests.record.one_of_each_fact import ONE_OF_EACH

from hotfix.adapters.git.repository import Repository
from hotfix.adapters.ledger.git_ledger import GitLedger
from hotfix.ports import Append, Clash, Conflict, Empty, Picked
from hotfix.record.finding import Refused

NOW = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
HOOKS = (
    *(
        "applypatch-msg",
        "pre-applypatch",
        "post-applypatch",
        "pre-commit",
        "prepare-commit-msg",
        "commit-msg",
    ),
    *(
        "post-commit",
        "pre-rebase",
        "post-checkout",
        "post-merge",
        "pre-push",
        "pre-receive",
        "update",
        "proc-receive",
    ),
    *(
        "post-receive",
        "post-update",
        "reference-transaction",
        "push-to-checkout",
        "pre-auto-gc",
        "post-rewrite",
    ),
    *("fsmonitor-watchman", "post-index-change", "sendemail-validate"),
)
RUN_BY_SETTING = (
    *("core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "core.askPass", "core.gitProxy"),
    *(
        "core.alternateRefsCommand",
        "sequence.editor",
        "diff.external",
        "diff.evil.command",
        "diff.evil.textconv",
    ),
    *("filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "merge.evil.driver", "gpg.program"),
    *("gpg.ssh.program", "gpg.ssh.defaultKeyCommand", "gpg.x509.program", "remote.origin.uploadpack"),
    *(
        "remote.origin.receivepack",
        "uploadpack.packObjectsHook",
        "gc.recentObjectsHook",
        "interactive.diffFilter",
    ),
    *(
        "trailer.evil.cmd",
        "trailer.evil.command",
        "pager.for-each-ref",
        "pager.log",
        "pager.config",
        "mergetool.evil.cmd",
    ),
)
BUILT_IN = (
    "for-each-ref",
    "rev-parse",
    "update-ref",
    "config",
    "cat-file",
    "fetch",
    "push",
    "log",
    "merge-tree",
)
ATTRIBUTES = b"* filter=evil diff=evil merge=evil\n"


class Trap:
    """Programs that leave a file of the setting's name behind when they are run."""

    def __init__(self, folder: Path) -> None:
        self._sprung = folder / "sprung"
        self._sprung.mkdir(parents=True)
        self._folder = folder

    def program(self, name: str) -> str:
        """The path of a program that tells that it was run."""
        program = self._folder / name
        program.write_text(f"#!/bin/sh\n: > '{self._sprung / name}'\nexit 1\n")
        program.chmod(0o755)
        return str(program)

    @property
    def sprung(self) -> list[str]:
        """What was run."""
        return sorted(path.name for path in self._sprung.iterdir())


def set_in(repository: Clone, trap: Trap) -> None:
    """Everything a repository can hold that makes git run something."""
    lines = []
    for setting in RUN_BY_SETTING:
        section, _, name = setting.rpartition(".")
        head, _, middle = section.partition(".")
        lines += [f'[{head} "{middle}"]' if middle else f"[{head}]", f'\t{name} = "{trap.program(setting)}"']
    for name in BUILT_IN:
        lines += ["[alias]", f'\t{name} = "!{trap.program("alias." + name)}"']
    lines += ["[credential]", f'\thelper = "!{trap.program("credential.helper")}"']
    lines += ["[core]", f"\thooksPath = {hooks(trap, trap_folder(trap, 'hooksPath'))}"]
    lines += [f"\tattributesFile = {attributes(trap_folder(trap, 'attributes'))}"]
    lines += [f'[url "ext::{trap.program("insteadOf")} "]', "\tinsteadOf = file", "\tinsteadOf = /"]
    lines += [
        f'[url "ext::{trap.program("pushInsteadOf")} "]',
        "\tpushInsteadOf = file",
        "\tpushInsteadOf = /",
    ]
    lines += ['[protocol "ext"]', "\tallow = always", "[protocol]", "\tallow = always"]
    lines += ["[commit]", "\tgpgSign = true", "[push]", "\tgpgSign = true", "[tag]", "\tgpgSign = true"]
    lines += ["[maintenance]", "\tauto = true", "[gc]", "\tauto = 1", "[fetch]", "\trecurseSubmodules = true"]
    included = trap_folder(trap, "included") / "config"
    included.write_text("\n".join(lines) + "\n")
    with (repository.path / ".git/config").open("a") as config:
        config.write("\n".join(lines) + f"\n[include]\n\tpath = {included}\n")
    hooks(trap, repository.path / ".git/hooks")
    (repository.path / ".git/info").mkdir(exist_ok=True)
    (repository.path / ".git/info/attributes").write_bytes(ATTRIBUTES)


def trap_folder(trap: Trap, name: str) -> Path:
    folder = Path(trap.program("x")).parent / f"folder-{name}"
    folder.mkdir(exist_ok=True)
    return folder


def hooks(trap: Trap, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    for name in HOOKS:
        hook = folder / name
        hook.write_text(Path(trap.program(f"hook.{name}")).read_text())
        hook.chmod(0o755)
    return folder


def attributes(folder: Path) -> Path:
    file = folder / "attributes"
    file.write_bytes(ATTRIBUTES)
    return file


@pytest.fixture
def trap(tmp_path: Path) -> Trap:
    return Trap(tmp_path / "trap")


@pytest.fixture
def shop(tmp_path: Path) -> Clone:
    """A clone with a remote of its own, a release ``v1`` and a fix on trunk."""
    seed = repositories.create(tmp_path / "seed")
    files = {b".gitattributes": ATTRIBUTES, b"a": b"1\n2\n3\n", b"hotfix.toml": b"x = 1\n"}
    base = seed.commit(files, message=b"one\n")
    seed.git("tag", "v1", base)
    trunk = seed.commit({b"other": b"o\n"}, base, message=b"two\n")
    seed.commit({b"a": b"1\n2\nmended\n"}, trunk, message=b"fix\n", branch="main")
    repositories.clone(seed.path, tmp_path / "remote.git", "--bare")
    return repositories.clone(tmp_path / "remote.git", tmp_path / "shop")


def every_git_method(git: Repository, tmp_path: Path) -> None:
    trunk = git.trunk()
    base, fix = git.resolve("v1"), git.resolve("HEAD")
    assert git.fetch() == ""
    outcome = git.pick([fix], base, NOW)
    assert isinstance(outcome, Picked)
    assert isinstance(git.pick([fix], fix, NOW), Empty)
    result = outcome.commits[-1]
    git.keep(result, base)
    for ref in ("refs/heads/hotfix/HF-1", "refs/hotfix/HF-1/result", "refs/tags/v1+hf.1"):
        git.point(ref, result, None)
        git.publish({ref: (result, None)})
        assert git.ref(ref) == result
    git.point("refs/hotfix/HF-1/result", base, result)
    old, new = git.commit(base).tree, git.commit(result).tree
    assert [change.path for change in git.changes(old, new)] == ["a"]
    assert b"+mended" in git.diff(old, new)
    assert git.graft(old, new, ["a"]) == new
    git.export(new, tmp_path / "exported")
    assert (tmp_path / "exported/a").read_bytes() == b"1\n2\nmended\n"
    assert git.file_at(base, "a") == b"1\n2\n3\n"
    assert git.blob_at(base, "a")
    assert git.paths(base) == (".gitattributes", "a", "hotfix.toml")
    assert git.tags_of(base) == ("v1",)
    assert git.tag_commit("v1") == base
    assert git.tips("hotfix/HF-1") == (result,)
    assert git.is_ancestor(base, fix)
    assert git.count_between(base, fix) == len(git.subjects_between(base, fix, 9)) == 2
    assert git.authors(fix, 9) == ("ada@example.com",)
    assert git.has_remote()
    assert git.identity() == "Olga On-Call <olga@example.com>"
    assert git.top() and git.state_dir().is_dir() and git.signing_key() == ""
    with git.lock("test"):
        assert git.resolve("origin/main") == trunk.commit
    assert git.fetch() == ""


def every_ledger_method(ledger: GitLedger) -> None:
    def decide(_: object) -> Append:
        return Append("HF-1", ONE_OF_EACH[:2], {"report": b"r\n"})

    assert ledger.refresh() == ""
    ledger.append(decide, anchor=True)
    ledger.append(decide, anchor=False)
    assert ledger.push() == ""
    book = ledger.read()
    assert len(book.entries) == book.anchored == 4
    assert ledger.evidence("HF-1", "report") == b"r\n"
    assert ledger.origin()
    assert ledger.verify().findings == ()
    assert len(list(ledger.signatures())) == 2


def test_the_traps_work(shop: Clone, trap: Trap) -> None:
    """git itself, asked without care, springs them: otherwise the next test would prove nothing."""
    set_in(shop, trap)
    for argv in (
        ["status"],
        ["-c", "filter.evil.process=", "-c", "filter.evil.smudge=", "diff", "HEAD~1", "HEAD"],
        ["add", "-A"],
        ["fetch", "origin"],
        ["commit", "-qm", "x", "--allow-empty"],
        ["update-ref", "refs/heads/x", "HEAD"],
    ):
        (shop.path / "a").write_text(" ".join(argv))
        subprocess.run(["git", *argv], cwd=shop.path, capture_output=True, check=False)

    assert {"core.fsmonitor", "diff.evil.command", "filter.evil.process"} <= set(trap.sprung)
    assert "hook.reference-transaction" in trap.sprung


def test_nothing_that_the_repository_names_is_run(shop: Clone, trap: Trap, tmp_path: Path) -> None:
    set_in(shop, trap)

    with repositories.opened(shop.path) as git:
        every_git_method(git, tmp_path)
    with repositories.record(shop.path) as ledger:
        every_ledger_method(ledger)

    assert trap.sprung == []
    remote = Clone(tmp_path / "remote.git")
    assert remote.git("for-each-ref", "--format=%(refname)", "refs/heads", "refs/hotfix").splitlines() == [
        "refs/heads/hotfix-record",
        "refs/heads/hotfix/HF-1",
        "refs/heads/main",
        "refs/hotfix/HF-1/result",
    ]


def test_a_missing_object_is_not_fetched_from_where_the_repository_says(shop: Clone, trap: Trap) -> None:
    """A partial clone fetches what is missing by itself, with the program that its configuration names."""
    lines = [
        "[extensions]",
        "\tpartialClone = evil",
        '[remote "evil"]',
        f"\turl = {shop.path}",
        "\tpromisor = true",
    ]
    lines += ["\tpartialclonefilter = blob:none", f"\tuploadpack = {trap.program('lazy')}", "[core]"]
    lines += ["\trepositoryFormatVersion = 1"]
    with (shop.path / ".git/config").open("a") as config:
        config.write("\n".join(lines) + "\n")
    for ref in ("refs/heads/lost", "refs/tags/lost", "refs/remotes/origin/lost", "refs/hotfix/HF-1/result"):
        file = shop.path / ".git" / ref
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("12" * 20 + "\n")

    with repositories.opened(shop.path) as git:
        for ask in (
            lambda: git.resolve("lost"),
            lambda: git.tag_commit("lost"),
            lambda: git.tips("lost"),
            lambda: git.ref("refs/hotfix/HF-1/result"),
            lambda: git.tags_of("12" * 20),
            lambda: git.commit("12" * 20),
            lambda: git.point("refs/hotfix/HF-2/result", "12" * 20, None),
            lambda: git.fetch(),
        ):
            try:
                ask()
            except Refused as told:
                assert told.findings[0].sentence
    assert trap.sprung == []

    assert shop.fails("for-each-ref", "--format=%(*objectname)", "refs/tags/lost")
    assert trap.sprung == ["lazy"], "git itself, asked without care, springs the trap"


# -- being seen as what it is not ------------------------------------------------------------------


@pytest.fixture
def git(shop: Clone) -> Iterator[Repository]:
    with repositories.opened(shop.path) as repository:
        yield repository


def test_a_replaced_commit_is_read_as_it_was(shop: Clone, git: Repository) -> None:
    fix = shop.git("rev-parse", "main")
    harmless = shop.commit({b"a": b"harmless\n"}, message=b"harmless\n", author=b"Rita <rita@x> 1 +0000")
    mended = shop.git("rev-parse", f"{fix}:a")
    shop.git("replace", fix, harmless)
    shop.git("replace", mended, shop.blob(b"harmless\n"))
    assert shop.git("show", f"{fix}:a") == "harmless", "git itself believes it"

    assert git.file_at(fix, "a") == b"1\n2\nmended\n"
    assert git.commit(fix).subject == b"fix"
    assert len(git.commit(fix).parents) == 1
    assert git.resolve("main") == fix
    assert git.count_between(git.resolve("v1"), fix) == 2
    outcome = git.pick([fix], git.resolve("v1"), NOW)
    assert isinstance(outcome, Picked)
    assert b"+mended" in git.diff(git.commit(git.resolve("v1")).tree, outcome.tree)


def test_a_replaced_tree_does_not_hide_what_a_pick_brings(shop: Clone, git: Repository) -> None:
    base, fix = git.resolve("v1"), git.resolve("main")
    shop.git("replace", shop.tree_of(fix), shop.tree_of(f"{fix}^"))

    outcome = git.pick([fix], base, NOW)

    assert isinstance(outcome, Picked)
    assert [change.path for change in git.changes(git.commit(base).tree, outcome.tree)] == ["a"]


def test_a_replaced_tag_points_where_it_pointed(shop: Clone, git: Repository) -> None:
    base, main = shop.git("rev-parse", "v1", "main").split()
    shop.git("tag", "-a", "-m", "true", "v2", base)
    shop.git("tag", "-a", "-m", "forged", "other", main)
    shop.git("replace", shop.git("rev-parse", "refs/tags/v2"), shop.git("rev-parse", "refs/tags/other"))
    assert shop.git("for-each-ref", "--format=%(*objectname)", "refs/tags/v2") == main, (
        "git itself believes it"
    )

    assert git.tag_commit("v2") == git.resolve("v2") == base
    assert "v2" in git.tags_of(base)


def test_grafted_history_is_not_believed(shop: Clone, git: Repository) -> None:
    base, fix = shop.git("rev-parse", "v1"), shop.git("rev-parse", "main")
    stranger = shop.commit({b"s": b"s\n"}, message=b"stranger\n")
    (shop.path / ".git/info").mkdir(exist_ok=True)
    (shop.path / ".git/info/grafts").write_text(f"{fix} {stranger}\n{stranger} {base}\n")
    assert shop.git("rev-parse", "main^") == stranger, "git itself believes it"

    assert git.resolve("main~2") == base
    assert git.is_ancestor(base, fix)
    assert not git.is_ancestor(stranger, fix)
    assert not git.is_ancestor(base, stranger)
    assert [subject for _, subject in git.subjects_between(base, fix, 9)] == ["fix", "two"]


def test_a_mailmap_renames_nobody(shop: Clone, git: Repository) -> None:
    mailmap = b"Rita Reviewer <rita@example.com> <ada@example.com>\n"
    main = shop.commit({b".mailmap": mailmap}, shop.git("rev-parse", "main"), branch="main")
    (shop.path / ".mailmap").write_bytes(mailmap)
    (shop.path / "map").write_bytes(mailmap)
    shop.git("config", "mailmap.file", str(shop.path / "map"))
    assert shop.git("log", "-1", "--format=%aE") == "rita@example.com", "git itself believes it"

    assert git.authors(main, 9) == ("ada@example.com",)
    assert git.commit(main).author_email == b"ada@example.com"


def test_a_union_driver_that_the_release_does_not_name_does_not_make_a_conflict_go_away(
    shop: Clone, git: Repository
) -> None:
    base = shop.commit({b"a": b"1\n2\n3\n"})
    release = shop.commit({b"a": b"1\n2\nreleased\n"}, base)
    fix = shop.commit({b"a": b"1\n2\nmended\n", b".gitattributes": b"* merge=union\n"}, base)
    (shop.path / ".git/info").mkdir(exist_ok=True)
    (shop.path / ".git/info/attributes").write_bytes(b"* merge=union\n")
    shop.git("checkout", "--quiet", "--detach", release)

    assert git.pick([fix], release, NOW) == Conflict(fix, (Clash("a", "contents"),))


@pytest.mark.parametrize(
    "setting",
    ["merge.renames=false", "diff.renames=false", "merge.directoryRenames=true", "merge.default=union"],
)
def test_settings_do_not_change_what_a_pick_gives(shop: Clone, setting: str) -> None:
    lines = b"".join(b"line %d\n" % number for number in range(30))
    base = shop.commit({b"old/a": lines, b"old/b": b"b\n" + lines, b"clash": b"1\n"})
    trunk = shop.commit({b"new/a": lines, b"new/b": b"b\n" + lines, b"old/a": None, b"old/b": None}, base)
    fix = shop.commit({b"new/a": lines + b"more\n"}, trunk)
    with repositories.opened(shop.path) as git:
        plain = git.pick([fix], base, NOW)
    shop.git("config", *setting.split("=", 1))

    with repositories.opened(shop.path) as git:
        assert git.pick([fix], base, NOW) == plain
    assert isinstance(plain, Picked)
    assert plain.strays == ("old/a",)


def test_the_remote_cannot_move_what_this_clone_remembers_of_the_record(shop: Clone, tmp_path: Path) -> None:
    """Whoever rewrites the record branch may push any ref; our memory of its true head is not theirs to write."""
    with repositories.record(shop.path) as ledger:
        ledger.append(lambda _: Append("HF-1", ONE_OF_EACH[:1]), anchor=True)
    seen = shop.git("rev-parse", "refs/hotfix/record/seen")
    remote = Clone(tmp_path / "remote.git")
    forged = remote.git("rev-parse", "main")
    for name in ("seen", "anchored"):
        remote.git("update-ref", f"refs/hotfix/record/{name}", forged)

    with repositories.opened(shop.path) as git:
        assert git.fetch() == ""

    assert shop.git("rev-parse", "refs/hotfix/record/seen", "refs/hotfix/record/anchored").split() == [
        seen,
        seen,
    ]


def test_a_tag_that_the_remote_moved_keeps_its_meaning_here(shop: Clone, tmp_path: Path) -> None:
    remote = Clone(tmp_path / "remote.git")
    v1 = shop.git("rev-parse", "v1")
    remote.git("update-ref", "refs/tags/v1", "main")
    remote.git("update-ref", "refs/tags/v2", "main")

    with repositories.opened(shop.path) as git:
        assert git.fetch() == ""
        assert git.resolve("v1") == v1
        assert git.resolve("v2") == shop.git("rev-parse", "main")
