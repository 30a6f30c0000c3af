"""The record: one contract for the fake and the real one, then what only git can do to it.

Three worlds share the contract: the fake, a repository without a remote, and a clone with one.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest
from tests.adapters import repositories
from tests.adapters.fake_ledger import FakeLedger, FakeRemote
from tests.adapters.repositories import Clone
from tests.record.one_of_each_fact import ONE_OF_EACH

from hotfix.adapters.ledger.git_ledger import ANCHORED, SEEN, GitLedger
from hotfix.ports import Append, Book, Ledger, Verification
from hotfix.record import chain
from hotfix.record.facts import Notified
from hotfix.record.finding import Refused

RECORD = "refs/heads/hotfix-record"
Outage = tuple[Ledger, Ledger, Callable[[], None], Callable[[], None]]


def note(event: str, by: str = "Olga") -> Notified:
    return Notified(at="2026-11-22T02:00:00.000Z", by=by, event=event, delivered=True, said="")


def say(
    *events: str, hotfix: str = "HF-1", evidence: dict[str, bytes] | None = None
) -> Callable[[Book], Append]:
    """A decision that never minds how the record stands."""
    return lambda _: Append(hotfix, tuple(map(note, events)), evidence or {})


def events(ledger: Ledger) -> list[str]:
    return [entry.fact.event for entry in ledger.read().entries if isinstance(entry.fact, Notified)]


def codes(verification: Verification) -> set[str]:
    return {finding.code for finding in verification.findings}


# -- the worlds ------------------------------------------------------------------------------------


@pytest.fixture
def template(tmp_path: Path) -> Clone:
    shop = repositories.create(tmp_path / "template")
    shop.commit({b"a": b"a\n"}, branch="main")
    return shop


class Team:
    """Two people with a clone each, and the bare repository between them."""

    def __init__(self, template: Clone, folder: Path) -> None:
        self.remote = repositories.clone(template.path, folder / "remote.git", "--bare")
        self.olga = repositories.clone(self.remote.path, folder / "olga")
        self.pavel = repositories.clone(self.remote.path, folder / "pavel")
        self._away = folder / "away.git"

    def take_remote_away(self) -> None:
        self.remote.path.rename(self._away)

    def bring_remote_back(self) -> None:
        self._away.rename(self.remote.path)


@pytest.fixture
def team(template: Clone, tmp_path: Path) -> Team:
    return Team(template, tmp_path)


@pytest.fixture
def olga(team: Team) -> Iterator[GitLedger]:
    with repositories.record(team.olga.path) as ledger:
        yield ledger


@pytest.fixture
def pavel(team: Team) -> Iterator[GitLedger]:
    with repositories.record(team.pavel.path) as ledger:
        yield ledger


@pytest.fixture
def alone(template: Clone) -> Iterator[GitLedger]:
    with repositories.record(template.path) as ledger:
        yield ledger


@pytest.fixture(params=["fake", "fake with a remote", "real without a remote", "real with a remote"])
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    made: dict[str, Callable[[], AbstractContextManager[Ledger]]] = {
        "fake": lambda: nullcontext(FakeLedger()),
        "fake with a remote": lambda: nullcontext(FakeLedger(FakeRemote())),
        "real without a remote": lambda: nullcontext(request.getfixturevalue("alone")),
        "real with a remote": lambda: nullcontext(request.getfixturevalue("olga")),
    }
    with made[request.param]() as ledger:
        yield ledger


@pytest.fixture(params=["fake", "real"])
def pair(request: pytest.FixtureRequest) -> tuple[Ledger, Ledger]:
    """Two clones of one record."""
    if request.param == "fake":
        remote = FakeRemote()
        return FakeLedger(remote), FakeLedger(remote)
    return request.getfixturevalue("olga"), request.getfixturevalue("pavel")


@pytest.fixture(params=["fake", "real"])
def broken(request: pytest.FixtureRequest) -> Outage:
    """Two clones of one record, with what takes their remote away and what brings it back."""
    if request.param == "fake":
        remote = FakeRemote()
        return (
            FakeLedger(remote),
            FakeLedger(remote),
            lambda: setattr(remote, "away", "origin cannot be reached"),
            lambda: setattr(remote, "away", ""),
        )
    team = request.getfixturevalue("team")
    olga, pavel = request.getfixturevalue("olga"), request.getfixturevalue("pavel")
    return olga, pavel, team.take_remote_away, team.bring_remote_back


# -- the contract ----------------------------------------------------------------------------------


def test_an_empty_record_is_empty_and_sound(ledger: Ledger) -> None:
    book = ledger.read()

    assert (book.head, book.entries, book.next_seq) == ("", (), 1)
    assert ledger.refresh() == ledger.push() == ""
    assert ledger.evidence("HF-1", "report") is None
    assert ledger.verify() == Verification(0, 0, book.anchored, ())
    assert list(ledger.signatures()) == []
    with pytest.raises(Refused, match="no record"):
        ledger.origin()


def test_what_is_appended_is_read_back_in_order_and_numbered(ledger: Ledger) -> None:
    for fact in ONE_OF_EACH:
        ledger.append(lambda _, fact=fact: Append("HF-1", (fact,)), anchor=True)  # type: ignore[misc]
    ledger.append(say("a", "b", hotfix="HF-2"), anchor=True)

    entries = ledger.read().entries
    assert [entry.fact for entry in entries] == [*ONE_OF_EACH, note("a"), note("b")]
    assert [entry.seq for entry in entries] == list(range(1, len(ONE_OF_EACH) + 3))
    assert [entry.hotfix for entry in entries] == ["HF-1"] * len(ONE_OF_EACH) + ["HF-2", "HF-2"]
    assert entries[0].prev == chain.GENESIS
    assert ledger.verify().findings == ()


def test_an_append_gives_the_record_with_itself_in_it(ledger: Ledger) -> None:
    book = ledger.append(say("one", "two"), anchor=True)

    assert [entry.seq for entry in book.entries] == [1, 2]
    assert book == ledger.read()
    assert book.next_seq == 3


def test_a_decision_sees_the_record_as_it_stands(ledger: Ledger) -> None:
    ledger.append(say("one"), anchor=True)
    seen: list[Book] = []

    def decide(book: Book) -> Append:
        seen.append(book)
        return Append("HF-2", (note("two"),))

    ledger.append(decide, anchor=True)

    assert [len(book.entries) for book in seen] == [1]
    assert seen[0].next_seq == 2


def test_a_decision_that_is_refused_adds_nothing(ledger: Ledger) -> None:
    ledger.append(say("one"), anchor=True)
    before = ledger.read()

    def decide(book: Book) -> Append:
        raise Refused

    for anchor in (True, False):
        with pytest.raises(Refused):
            ledger.append(decide, anchor=anchor)

    assert ledger.read() == before
    assert ledger.push() == ""
    assert ledger.read() == before


def test_from_afar_a_hotfix_is_known_by_what_is_on_record_of_it(ledger: Ledger) -> None:
    ledger.append(say("one"), anchor=True)
    ledger.append(say("two", hotfix="HF-2"), anchor=True)
    before = ledger.outline()
    book = ledger.append(say("three", "four", hotfix="HF-2"), anchor=True)
    after = ledger.outline()

    assert list(after.folders) == ["HF-1", "HF-2"]
    assert after.folders["HF-1"] == before.folders["HF-1"]
    assert after.folders["HF-2"] != before.folders["HF-2"]
    assert (after.head, after.level) == (book.head, True)
    assert ledger.entries_of(after.head, ["HF-2"]) == {"HF-2": book.entries[1:]}
    assert ledger.entries_of(after.head, []) == {}
    both = ledger.entries_of(after.head, list(after.folders))
    assert [entry for its in both.values() for entry in its] == list(book.entries)


def test_an_empty_record_has_nothing_from_afar(ledger: Ledger) -> None:
    assert (ledger.outline().head, ledger.outline().folders) == ("", {})


def test_evidence_is_kept_beside_the_facts(ledger: Ledger) -> None:
    report = bytes(range(256)) * 3
    ledger.append(say("one", evidence={"report.xml": report, "deep/empty": b""}), anchor=True)
    ledger.append(say("two"), anchor=True)

    assert ledger.evidence("HF-1", "report.xml") == report
    assert ledger.evidence("HF-1", "deep/empty") == b""
    assert ledger.evidence("HF-1", "other") is None
    assert ledger.evidence("HF-2", "report.xml") is None
    assert ledger.verify().findings == ()


def test_the_origin_never_changes(ledger: Ledger) -> None:
    ledger.append(say("one"), anchor=True)
    origin = ledger.origin()
    ledger.append(say("two"), anchor=True)

    assert origin
    assert ledger.origin() == origin


def test_anchored_tells_what_the_remote_has(ledger: Ledger) -> None:
    has_remote = ledger.read().anchored != -1
    ledger.append(say("one"), anchor=True)
    assert ledger.read().anchored == (1 if has_remote else -1)

    ledger.append(say("two", "three"), anchor=False)
    assert ledger.read().anchored == ledger.verify().anchored == (1 if has_remote else -1)

    assert ledger.push() == ""
    assert ledger.read().anchored == ledger.verify().anchored == (3 if has_remote else -1)
    assert ledger.verify().entries == 3


def test_who_wrote_an_append_is_told_with_its_signature(ledger: Ledger) -> None:
    facts = (note("one", by="Olga"), note("two", by="Pavel"), note("three", by="Olga"))
    ledger.append(lambda _: Append("HF-1", facts), anchor=True)
    ledger.append(say("four"), anchor=True)

    assert [(signature.people, signature.signature) for signature in ledger.signatures()] == [
        (("Olga", "Pavel"), ""),
        (("Olga",), ""),
    ]


def test_two_clones_share_one_record(pair: tuple[Ledger, Ledger]) -> None:
    olga, pavel = pair
    olga.append(say("one"), anchor=True)
    pavel.append(say("two"), anchor=True)
    assert events(olga) == ["one"], "nothing is fetched by reading"

    assert olga.refresh() == ""

    assert olga.read() == pavel.read()
    assert events(olga) == ["one", "two"]
    assert olga.origin() == pavel.origin()


def test_a_decision_is_made_again_when_somebody_else_was_faster(pair: tuple[Ledger, Ledger]) -> None:
    """Ids are reserved by the append itself: whoever comes second sees the first, and takes the next."""
    olga, pavel = pair
    olga.append(say("started", hotfix="HF-1"), anchor=True)
    asked: list[int] = []

    def decide(book: Book) -> Append:
        asked.append(book.next_seq)
        if len(asked) <= 2:
            pavel.append(say(f"faster {len(asked)}", hotfix=f"HF-{book.next_seq}"), anchor=True)
        return Append(f"HF-{book.next_seq}", (note("slower"),))

    book = olga.append(decide, anchor=True)

    assert asked == [2, 3, 4]
    assert [entry.hotfix for entry in book.entries] == ["HF-1", "HF-2", "HF-3", "HF-4"]
    assert events(olga) == ["started", "faster 1", "faster 2", "slower"]
    assert olga.verify().findings == ()
    assert olga.read().anchored == 4


def test_a_decision_that_is_refused_the_second_time_leaves_only_the_others_facts(
    pair: tuple[Ledger, Ledger],
) -> None:
    olga, pavel = pair
    olga.append(say("one"), anchor=True)

    def decide(book: Book) -> Append:
        if book.next_seq > 2:
            raise Refused
        pavel.append(say("faster"), anchor=True)
        return Append("HF-1", (note("slower"),))

    with pytest.raises(Refused):
        olga.append(decide, anchor=True)

    assert events(olga) == events(pavel) == ["one", "faster"]
    assert olga.read().anchored == 2


def test_with_the_remote_away_what_must_be_anchored_is_refused(broken: Outage) -> None:
    olga, _, take_away, bring_back = broken
    olga.append(say("one"), anchor=True)
    before = olga.read()
    take_away()

    with pytest.raises(Refused, match="only once it is on the remote") as told:
        olga.append(say("two"), anchor=True)

    assert told.value.findings[0].code == "record-offline"
    assert olga.read() == before
    bring_back()
    assert olga.push() == ""
    assert olga.read() == before


def test_with_the_remote_away_reading_and_writing_here_go_on(broken: Outage) -> None:
    olga, pavel, take_away, bring_back = broken
    olga.append(say("one"), anchor=True)
    take_away()

    olga.append(say("two", evidence={"report": b"r"}), anchor=False)

    assert "cannot be reached" in olga.refresh()
    assert "cannot be reached" in olga.push()
    assert events(olga) == ["one", "two"]
    assert olga.evidence("HF-1", "report") == b"r"
    verification = olga.verify()
    assert (verification.findings, verification.entries, verification.anchored) == ((), 2, 1)
    bring_back()
    assert olga.push() == ""
    assert pavel.refresh() == ""
    assert events(pavel) == ["one", "two"]
    assert olga.read().anchored == 2


@pytest.mark.parametrize("first", ["olga", "pavel"])
def test_what_was_written_while_the_remote_was_away_joins_what_others_wrote(
    broken: Outage, first: str
) -> None:
    olga, pavel, take_away, bring_back = broken
    olga.append(say("one"), anchor=True)
    assert pavel.refresh() == ""
    take_away()
    olga.append(say("o1", "o2", evidence={"of olga": b"o"}), anchor=False)
    olga.append(say("o3"), anchor=False)
    pavel.append(say("p1", hotfix="HF-2", evidence={"of pavel": b"p"}), anchor=False)
    bring_back()

    for ledger in (olga, pavel) if first == "olga" else (pavel, olga):
        assert ledger.push() == ""
    for ledger in (olga, pavel):
        assert ledger.refresh() == ""
        assert events(ledger) == (
            ["one", "o1", "o2", "o3", "p1"] if first == "olga" else ["one", "p1", "o1", "o2", "o3"]
        )
        assert [entry.seq for entry in ledger.read().entries] == [1, 2, 3, 4, 5]
        assert ledger.verify().findings == ()
        assert ledger.read().anchored == 5
    assert olga.read() == pavel.read()


# -- on git ----------------------------------------------------------------------------------------


def test_evidence_written_apart_under_one_name_is_not_lost(
    team: Team, olga: GitLedger, pavel: GitLedger
) -> None:
    olga.append(say("one"), anchor=True)
    assert pavel.refresh() == ""
    team.take_remote_away()
    olga.append(say("o", evidence={"report": b"of olga"}), anchor=False)
    pavel.append(say("p", evidence={"report": b"of pavel"}), anchor=False)
    team.bring_remote_back()

    assert olga.push() == ""
    assert pavel.push() == ""

    digest = chain.digest(b"of pavel")
    assert pavel.evidence("HF-1", "report") == b"of olga"
    assert pavel.evidence("HF-1", f"report.{digest[:12]}") == b"of pavel"
    assert pavel.verify().findings == ()


def test_evidence_is_never_written_over(alone: GitLedger) -> None:
    alone.append(say("one", evidence={"report": b"1"}), anchor=False)
    alone.append(say("same", evidence={"report": b"1"}), anchor=False)

    with pytest.raises(Refused) as told:
        alone.append(say("other", evidence={"report": b"2"}), anchor=False)

    assert told.value.findings[0].code == "record-evidence-twice"
    assert alone.evidence("HF-1", "report") == b"1"
    assert events(alone) == ["one", "same"]
    assert alone.verify().findings == ()


def test_the_record_touches_nothing_else_of_the_clone(team: Team, olga: GitLedger) -> None:
    (team.olga.path / "a").write_text("half written\n")
    before = team.olga.everything()

    olga.append(say("one"), anchor=True)

    after = team.olga.everything()
    assert {path: content for path, content in after.items() if path in before} == before
    new = {path.partition("/.git/")[2] for path in after if path not in before}
    assert {path for path in new if not path.startswith("objects/")} == {
        "hotfix/record.lock",
        RECORD,
        ANCHORED,
        SEEN,
        f"logs/{RECORD}",
        f"logs/{ANCHORED}",
        f"logs/{SEEN}",
    }


def test_every_append_is_one_commit_that_a_forge_can_show(team: Team, olga: GitLedger) -> None:
    olga.append(lambda _: Append("HF-1", ONE_OF_EACH[:1]), anchor=True)
    olga.append(say("one", "two"), anchor=True)

    remote = team.remote
    assert remote.git("log", "--reverse", "--format=%s|%an|%P", RECORD).splitlines() == [
        "HF-1: started|Olga On-Call|",
        "HF-1: notified|Olga On-Call|" + remote.git("rev-parse", f"{RECORD}^"),
    ]
    assert remote.git("ls-tree", "-r", "--name-only", RECORD).splitlines() == [
        "HF-1/README.md",
        "HF-1/record/000001.jsonl",
        "HF-1/record/000002.jsonl",
        "README.md",
    ]
    assert remote.raw("show", f"{RECORD}:HF-1/record/000002.jsonl").count(b"\n") == 2
    assert remote.git("fsck", "--strict", "--no-dangling") == ""
    assert team.olga.git("fsck", "--strict", "--no-dangling") == ""


def test_the_record_works_on_sha256(tmp_path: Path) -> None:
    seed = repositories.create(tmp_path / "seed", "--object-format=sha256")
    seed.commit({b"a": b"a\n"}, branch="main")
    repositories.clone(seed.path, tmp_path / "remote.git", "--bare")
    work = repositories.clone(tmp_path / "remote.git", tmp_path / "work")

    with repositories.record(work.path) as ledger:
        ledger.append(say("one"), anchor=True)
        ledger.append(say("two"), anchor=True)
        assert len(ledger.origin()) == 64
        assert ledger.verify() == Verification(2, 2, 2, ())


def test_what_is_written_is_told_to_reach_the_disk(team: Team, olga: GitLedger, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    os.environ["GIT_TRACE2_EVENT"] = str(trace)
    try:
        olga.append(say("one"), anchor=True)
    finally:
        del os.environ["GIT_TRACE2_EVENT"]
    assert not trace.exists(), "what the caller's environment says does not reach our git"

    wrapper = tmp_path / "bin/git"
    wrapper.parent.mkdir()
    real = subprocess.run(
        ["sh", "-c", "command -v git"], capture_output=True, text=True, check=True
    ).stdout.strip()
    wrapper.write_text(
        f"#!/bin/sh\nprintf '%s ' \"$@\" >> '{trace}'\necho >> '{trace}'\nexec '{real}' \"$@\"\n"
    )
    wrapper.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{wrapper.parent}:{os.environ['PATH']}")
        with repositories.record(team.olga.path) as ledger:
            ledger.append(say("two"), anchor=True)

    writing = [line for line in trace.read_text().splitlines() if set(line.split()) & WRITING]
    assert {word for line in writing for word in line.split()} >= WRITING
    assert all("-c core.fsync=all -c core.fsyncMethod=fsync" in line for line in writing)


WRITING = {"hash-object", "update-ref", "write-tree", "fetch"}


# -- a remote that does not take it -----------------------------------------------------------------


def test_a_remote_that_says_no_is_refused_with_its_words(team: Team, olga: GitLedger) -> None:
    olga.append(say("one"), anchor=True)
    before = olga.read()
    hook = team.remote.path / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'GH006: protected branch, ask Rita' >&2\nexit 1\n")
    hook.chmod(0o755)

    with pytest.raises(Refused, match="protected branch, ask Rita") as told:
        olga.append(say("two"), anchor=True)

    assert told.value.findings[0].code == "record-push"
    assert olga.read() == before
    assert "ask Rita" in olga.push() or olga.push() == ""
    olga.append(say("three"), anchor=False)
    assert "protected branch, ask Rita" in olga.push()
    hook.unlink()
    assert olga.push() == ""
    assert events(olga) == ["one", "three"]


def test_a_branch_protected_against_rewriting_takes_every_append(
    team: Team, olga: GitLedger, pavel: GitLedger
) -> None:
    team.remote.git("config", "receive.denyNonFastForwards", "true")
    team.remote.git("config", "receive.denyDeletes", "true")
    olga.append(say("one"), anchor=True)
    pavel.append(say("two"), anchor=True)
    olga.append(say("three"), anchor=False)
    pavel.append(say("four"), anchor=True)

    assert olga.push() == ""
    assert events(olga) == ["one", "two", "four", "three"]
    assert olga.verify().findings == ()


# -- a record that was touched ----------------------------------------------------------------------


def forge(clone: Clone, files: dict[bytes, repositories.Content]) -> str:
    """The record branch, put back as one new root with some of its files changed: no trace in its history."""
    tree = clone.tree(files, RECORD)
    return clone.git("commit-tree", "-m", "forged", tree)


def a_record_of(ledger: Ledger, count: int) -> None:
    for number in range(1, count + 1):
        ledger.append(say(f"e{number}"), anchor=False)


def lines_of(clone: Clone, seq: int) -> bytes:
    return clone.raw("show", f"{RECORD}:HF-1/record/{seq:06d}.jsonl")


def test_a_changed_fact_is_found_by_its_number(template: Clone, alone: GitLedger) -> None:
    a_record_of(alone, 5)
    changed = lines_of(template, 3).replace(b'"e3"', b'"e8"')
    template.git("update-ref", RECORD, forge(template, {b"HF-1/record/000003.jsonl": changed}))

    sentences = " ".join(finding.sentence for finding in alone.verify().findings)
    assert "seq 3: changed after it was written" in sentences


def test_swapped_facts_are_found_by_their_numbers(template: Clone, alone: GitLedger) -> None:
    a_record_of(alone, 5)
    two, three = lines_of(template, 2), lines_of(template, 3)
    files: dict[bytes, repositories.Content] = {
        b"HF-1/record/000002.jsonl": three,
        b"HF-1/record/000003.jsonl": two,
    }
    template.git("update-ref", RECORD, forge(template, files))

    sentences = " ".join(finding.sentence for finding in alone.verify().findings)
    assert "seq 2" in sentences
    assert "out of order" in sentences


def test_a_removed_fact_is_found_by_its_number(template: Clone, alone: GitLedger) -> None:
    a_record_of(alone, 5)
    template.git("update-ref", RECORD, forge(template, {b"HF-1/record/000004.jsonl": None}))

    sentences = " ".join(finding.sentence for finding in alone.verify().findings)
    assert "seq 4: missing" in sentences


def test_a_cut_tail_is_found_by_what_this_clone_has_had(template: Clone, alone: GitLedger) -> None:
    a_record_of(alone, 5)
    whole = template.git("rev-parse", RECORD)
    template.git("update-ref", RECORD, f"{RECORD}~2")

    verification = alone.verify()

    assert verification.entries == 3
    assert codes(verification) == {"record-rewritten"}
    assert verification.findings[0].next == f"git update-ref {RECORD} {whole}"


def test_a_branch_that_was_removed_is_found_by_what_this_clone_has_had(
    template: Clone, alone: GitLedger
) -> None:
    a_record_of(alone, 2)
    template.git("update-ref", "-d", RECORD)

    assert codes(alone.verify()) == {"record-rewritten"}
    with pytest.raises(Refused):
        alone.append(say("a new beginning"), anchor=False)


def test_a_removed_branch_comes_back_from_the_remote_that_has_all_of_it(team: Team, olga: GitLedger) -> None:
    a_record_of(olga, 2)
    assert olga.push() == ""
    head = team.olga.git("rev-parse", RECORD)
    team.olga.git("update-ref", "-d", RECORD)

    assert olga.refresh() == ""

    assert olga.read().head == head
    assert olga.verify().findings == ()


def test_a_removed_branch_with_facts_that_only_this_clone_had_is_found(team: Team, olga: GitLedger) -> None:
    a_record_of(olga, 2)
    assert olga.push() == ""
    olga.append(say("only here"), anchor=False)
    seen = team.olga.git("rev-parse", RECORD)
    for rewritten in ("refs/remotes/origin/main", f"{seen}~1", ""):
        team.olga.git("update-ref", *([RECORD, rewritten] if rewritten else ["-d", RECORD]))
        for act in (olga.refresh, olga.push, lambda: olga.append(say("more"), anchor=True)):
            with pytest.raises(Refused, match="no longer contains"):
                act()
        assert "record-rewritten" in codes(olga.verify())

    team.olga.git("update-ref", RECORD, seen)
    assert olga.push() == ""
    assert events(olga) == ["e1", "e2", "only here"]


def test_a_fresh_clone_reads_the_record_that_came_with_it(
    team: Team, olga: GitLedger, tmp_path: Path
) -> None:
    a_record_of(olga, 2)
    assert olga.push() == ""
    fresh = repositories.clone(team.remote.path, tmp_path / "fresh")
    before = fresh.everything()

    with repositories.record(fresh.path) as ledger:
        assert ledger.read() == olga.read()
        assert ledger.verify() == olga.verify()
        assert ledger.origin() == olga.origin()
        assert fresh.everything() == before, "reading writes nothing"
        ledger.append(say("e3"), anchor=True)
        assert events(ledger) == ["e1", "e2", "e3"]

    assert olga.refresh() == ""
    assert events(olga) == ["e1", "e2", "e3"]


def test_a_whole_new_record_with_a_sound_chain_is_found_too(
    template: Clone, alone: GitLedger, tmp_path: Path
) -> None:
    a_record_of(alone, 3)
    other = repositories.create(tmp_path / "other")
    other.commit({b"a": b"a\n"}, branch="main")
    with repositories.record(other.path) as forger:
        for event in ("e1", "nothing to see here", "e3"):
            forger.append(say(event), anchor=False)
        assert forger.verify().findings == ()
    template.git("fetch", "--quiet", str(other.path), f"+{RECORD}:{RECORD}")

    assert codes(alone.verify()) == {"record-rewritten"}


def test_a_fact_that_a_later_commit_changed_names_that_commit(template: Clone, alone: GitLedger) -> None:
    a_record_of(alone, 3)
    head = template.git("rev-parse", RECORD)
    files: dict[bytes, repositories.Content] = {
        b"HF-1/record/000002.jsonl": lines_of(template, 2).replace(b"e2", b"e9")
    }
    edit = template.commit(files, head, branch="hotfix-record")
    template.commit(
        {b"HF-1/record/000002.jsonl": lines_of(template, 2).replace(b"e9", b"e2")},
        edit,
        branch="hotfix-record",
    )

    edited = [finding for finding in alone.verify().findings if finding.code == "record-edited"]
    assert len(edited) == 2, "put back or not, the history shows it"
    assert edit[:7] in " ".join(finding.sentence for finding in edited)
    assert all("seq 2" in finding.sentence for finding in edited)


def test_evidence_that_a_later_commit_changed_or_removed_is_found(template: Clone, alone: GitLedger) -> None:
    alone.append(say("one", evidence={"report one": b"1", "two": b"2"}), anchor=False)
    head = template.git("rev-parse", RECORD)
    template.commit(
        {b"HF-1/evidence/report one": b"9", b"HF-1/evidence/two": None}, head, branch="hotfix-record"
    )

    (finding,) = alone.verify().findings
    assert finding.code == "record-edited"
    assert set(finding.evidence) == {"HF-1/evidence/report one", "HF-1/evidence/two"}


def test_a_merge_on_the_record_is_found(template: Clone, alone: GitLedger) -> None:
    a_record_of(alone, 2)
    head = template.git("rev-parse", RECORD)
    template.commit({}, head, also=[template.git("rev-parse", "main")], branch="hotfix-record")

    assert "record-merged" in codes(alone.verify())


def test_a_record_that_cannot_be_read_is_refused_every_time(template: Clone, alone: GitLedger) -> None:
    a_record_of(alone, 3)
    broken: dict[bytes, repositories.Content] = {b"HF-1/record/000002.jsonl": b"{}\n"}
    template.commit(broken, template.git("rev-parse", RECORD), branch="hotfix-record")

    for _ in range(3):
        with pytest.raises(Refused, match=r"000002\.jsonl"):
            alone.read()
    with pytest.raises(Refused):
        alone.append(say("on half a record"), anchor=False)
    with repositories.record(template.path) as afresh, pytest.raises(Refused):
        for _ in range(2):
            afresh.read()


def test_a_remote_that_was_rewritten_is_found_before_anything_is_believed(
    team: Team, olga: GitLedger, pavel: GitLedger
) -> None:
    a_record_of(olga, 3)
    assert olga.push() == ""
    assert pavel.refresh() == ""
    team.remote.git("update-ref", RECORD, f"{RECORD}~1")
    before = olga.read()

    for act in (olga.refresh, olga.push, lambda: olga.append(say("more"), anchor=True)):
        with pytest.raises(Refused, match="rewritten: this clone saw it up to seq 3") as told:
            act()
        assert told.value.findings[0].code == "record-rewritten"
    assert olga.read() == before

    team.remote.git("update-ref", "-d", RECORD)
    with pytest.raises(Refused, match="the branch is gone"):
        pavel.refresh()

    team.olga.git("push", "--quiet", "origin", f"{before.head}:{RECORD}")
    assert olga.refresh() == pavel.refresh() == ""
    assert olga.verify().findings == ()


def test_a_forged_record_pushed_over_the_true_one_is_found(
    team: Team, olga: GitLedger, pavel: GitLedger
) -> None:
    a_record_of(olga, 3)
    assert olga.push() == ""
    changed = lines_of(team.remote, 2).replace(b"e2", b"e9")
    team.remote.git("update-ref", RECORD, forge(team.remote, {b"HF-1/record/000002.jsonl": changed}))

    with pytest.raises(Refused, match="rewritten"):
        olga.refresh()
    assert pavel.refresh() == "", "a fresh clone has nothing to compare with"
    assert "record-broken" in codes(pavel.verify()), "yet the chain tells it"


# -- at once ----------------------------------------------------------------------------------------

WRITER = """
import sys
from pathlib import Path
from hotfix.ports import Append
from tests.adapters import repositories
from tests.adapters.test_ledger_contract import note

clone, name, count, anchor = sys.argv[1:]
with repositories.record(Path(clone)) as ledger:
    for number in range(int(count)):
        ledger.append(lambda _: Append("HF-1", (note(f"{name} {number}"),)), anchor=anchor == "anchor")
"""


def write_at_once(clones: list[Path], each: int, anchor: str) -> None:
    """One process for each clone, writing `each` appends."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    argv = [sys.executable, "-W", "error", "-c", WRITER]
    writers = [
        subprocess.Popen(
            [*argv, str(clone), f"w{number}", str(each), anchor], env=environment, stderr=subprocess.PIPE
        )
        for number, clone in enumerate(clones)
    ]
    for writer in writers:
        _, said = writer.communicate()
        assert writer.returncode == 0, said.decode()


def is_whole(ledger: Ledger, writers: int, each: int) -> None:
    """One gap-free chain with every append in it once, and each writer's in its own order."""
    told = events(ledger)
    assert len(told) == writers * each
    for number in range(writers):
        own = [event for event in told if event.startswith(f"w{number} ")]
        assert own == [f"w{number} {step}" for step in range(each)]
    assert [entry.seq for entry in ledger.read().entries] == list(range(1, writers * each + 1))
    assert ledger.verify().findings == ()
    assert ledger.verify().commits == writers * each


def test_two_clones_writing_at_once_lose_nothing(team: Team, olga: GitLedger, pavel: GitLedger) -> None:
    write_at_once([team.olga.path, team.pavel.path], 100, "anchor")

    assert olga.refresh() == pavel.refresh() == ""
    assert olga.read() == pavel.read()
    is_whole(olga, writers=2, each=100)


@pytest.mark.parametrize("anchor", ["anchor", "here"])
def test_two_processes_of_one_clone_lose_nothing(team: Team, olga: GitLedger, anchor: str) -> None:
    write_at_once([team.olga.path, team.olga.path], 20, anchor)

    assert olga.push() == ""
    is_whole(olga, writers=2, each=20)
