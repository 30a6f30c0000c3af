"""The lease: one contract for the fake and the real one, then what only git can do to it.

Three worlds share the contract: the fake, one repository without a remote (two processes of one clone), and
two clones of a bare remote.
"""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import msgspec
import pytest
from tests.adapters import repositories
from tests.adapters.fake_leases import FakeLeases, FakeTruth
from tests.adapters.repositories import Clone

from hotfix.adapters.git.leases import GitLeases, ref_of
from hotfix.adapters.git.process import GitProcess
from hotfix.ports.leases import Leases
from hotfix.questions.who_holds import beat, freed, taken
from hotfix.record import lease as leases
from hotfix.record.finding import Refused
from hotfix.record.lease import Lease

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
REF = "refs/hotfix/lease/production"


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def take(lease: Lease | None, me: str = "Olga", environment: str = "production", at_least: int = 1) -> Lease:
    return taken(
        lease,
        environment=environment,
        me=me,
        hotfix="HF-7",
        ship=1,
        now=NOON,
        ttl=30,
        at_least=at_least,
    )


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as told:
        act()
    return told.value.findings[0].code


# -- the worlds ------------------------------------------------------------------------------------


class World:
    """Two views of one truth, and what an outsider can do to it."""

    def __init__(
        self,
        olga: Leases,
        pavel: Leases,
        put: Callable[[str, bytes], None],
        remove: Callable[[str], None],
    ) -> None:
        self.olga = olga
        self.pavel = pavel
        self.put = put
        """Make these bytes the lease of an environment."""
        self.remove = remove


class Team:
    """Two people with a clone each, and the bare repository between them."""

    def __init__(self, folder: Path) -> None:
        seed = repositories.create(folder / "seed")
        first = seed.commit({b"a": b"a\n"}, branch="main")
        seed.commit({b"a": b"b\n"}, first, branch="main")
        self.remote = repositories.clone(seed.path, folder / "remote.git", "--bare")
        self.olga = repositories.clone(self.remote.path, folder / "olga")
        self.pavel = repositories.clone(self.remote.path, folder / "pavel")
        self._away = folder / "away.git"

    def take_remote_away(self) -> None:
        self.remote.path.rename(self._away)

    def bring_remote_back(self) -> None:
        self._away.rename(self.remote.path)


@contextmanager
def opened(path: Path) -> Iterator[GitLeases]:
    git = GitProcess(path)
    try:
        yield GitLeases(git)
    finally:
        git.close()


def put(repository: Clone, environment: str, raw: bytes) -> None:
    repository.git("update-ref", ref_of(environment), repository.blob(raw))


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path)


@pytest.fixture
def alone(tmp_path: Path) -> Clone:
    shop = repositories.create(tmp_path / "alone")
    shop.commit({b"a": b"a\n"}, branch="main")
    return shop


@pytest.fixture
def olga(team: Team) -> Iterator[GitLeases]:
    with opened(team.olga.path) as own:
        yield own


@pytest.fixture
def pavel(team: Team) -> Iterator[GitLeases]:
    with opened(team.pavel.path) as own:
        yield own


@pytest.fixture(params=["fake", "two processes of one clone", "two clones"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "fake":
        truth = FakeTruth()
        yield World(FakeLeases(truth), FakeLeases(truth), truth.blobs.__setitem__, truth.blobs.__delitem__)
        return
    if request.param == "two clones":
        remote = request.getfixturevalue("team").remote
        first, second = request.getfixturevalue("olga"), request.getfixturevalue("pavel")
        yield _world(first, second, remote)
        return
    shop = request.getfixturevalue("alone")
    with opened(shop.path) as first, opened(shop.path) as second:
        yield _world(first, second, shop)


def _world(first: Leases, second: Leases, truth: Clone) -> World:
    return World(
        first,
        second,
        lambda environment, raw: put(truth, environment, raw),
        lambda environment: truth.raw("update-ref", "-d", ref_of(environment)) and None,
    )


# -- the contract ----------------------------------------------------------------------------------


def test_what_nobody_ever_took_is_nobodys(world: World) -> None:
    assert world.olga.read("production") is None
    assert world.olga.known("production") is None


def test_what_one_takes_the_other_reads(world: World) -> None:
    lease = take(None)

    assert world.olga.swap(None, lease)

    assert world.olga.read("production") == world.pavel.read("production") == lease
    assert world.olga.known("production") == world.pavel.known("production") == lease


def test_a_ship_is_taken_beaten_freed_and_taken_by_the_next(world: World) -> None:
    first = take(None)
    second = beat(first, later(5))
    third = freed(second, later(9))
    fourth = take(third, "Pavel")

    assert world.olga.swap(None, first)
    assert world.olga.swap(first, second)
    assert world.olga.swap(second, third)
    assert world.pavel.swap(world.pavel.read("production"), fourth)

    assert world.olga.read("production") == fourth
    assert (fourth.token, fourth.holder) == (2, "Pavel")


def test_environments_have_a_lease_each(world: World) -> None:
    production, canary = take(None), take(None, "Pavel", "production-canary", at_least=7)

    assert world.olga.swap(None, production)
    assert world.pavel.swap(None, canary)

    assert world.olga.read("production-canary") == canary
    assert world.pavel.read("production") == production
    assert world.olga.read("prod") is None


@pytest.mark.parametrize("environment", ["a..b", "a.lock", "a.", "a", "A-1_x.y", "0" * 63])
def test_whatever_policy_allows_as_a_name_has_a_lease(world: World, environment: str) -> None:
    lease = take(None, environment=environment)
    assert world.olga.swap(None, lease)
    assert world.olga.swap(lease, beat(lease, later(1)))
    assert world.pavel.read(environment) == beat(lease, later(1))


@pytest.mark.parametrize(
    "environment", ["", "../x", ".a", "-a", "a/b", "a b", "a\n", "a%2E", "a*", "ä", "0" * 64]
)
def test_what_policy_does_not_allow_has_none(world: World, environment: str) -> None:
    lease = msgspec.structs.replace(take(None), environment=environment)
    for act in (
        lambda: world.olga.read(environment),
        lambda: world.olga.known(environment),
        lambda: world.olga.swap(None, lease),
    ):
        with pytest.raises(ValueError, match="environment"):
            act()


def test_a_heartbeat_after_somebody_else_took_it_does_not_stand(world: World) -> None:
    olgas = take(None)
    assert world.olga.swap(None, olgas)
    pavels = take(olgas, "Pavel")
    assert world.pavel.swap(olgas, pavels)

    assert not world.olga.swap(olgas, beat(olgas, later(5)))
    assert not world.olga.swap(olgas, beat(olgas, later(5))), "also once this clone knows it"
    assert not world.olga.swap(olgas, freed(olgas, later(5)))
    assert not world.olga.swap(olgas, take(olgas)), "same token, other holder"
    assert not world.olga.swap(None, take(None))

    assert world.olga.read("production") == pavels


def test_of_two_heartbeats_from_one_lease_one_stands(world: World) -> None:
    lease = take(None)
    assert world.olga.swap(None, lease)

    assert world.olga.swap(lease, beat(lease, later(5)))
    assert not world.pavel.swap(lease, beat(lease, later(6)))

    assert world.pavel.read("production") == beat(lease, later(5))


def test_what_was_never_the_truth_is_nobodys_to_build_upon(world: World) -> None:
    dreamt = take(None, at_least=3)
    assert not world.olga.swap(dreamt, beat(dreamt, later(5)))
    assert world.olga.read("production") is None


def test_what_can_never_follow_is_an_error_of_the_program(world: World) -> None:
    lease = take(None, at_least=5)
    assert world.olga.swap(None, lease)
    replace = msgspec.structs.replace
    for wrong in (
        replace(lease, token=4, beat=9),
        replace(lease, holder="Pavel", beat=9),
        replace(lease, environment="staging", token=9),
        lease,
    ):
        with pytest.raises(ValueError, match="cannot follow"):
            world.olga.swap(lease, wrong)
    let_go = freed(lease, later(1))
    assert world.olga.swap(lease, let_go)
    with pytest.raises(ValueError, match="cannot follow"):
        world.olga.swap(let_go, replace(lease, beat=9))
    assert world.olga.read("production") == let_go


def test_what_could_not_be_read_again_is_not_written(world: World) -> None:
    for change in ({"token": 0}, {"ttl": -1.0}, {"at": "now"}, {"holder": "O" * leases.LARGEST}):
        with pytest.raises(ValueError, match=r"\w"):
            world.olga.swap(None, msgspec.structs.replace(take(None), **change))
    assert world.olga.read("production") is None


def test_of_two_who_take_it_at_once_exactly_one_wins_fifty_times(world: World) -> None:
    gate = Barrier(2)

    def race(who: Leases, me: str, lease: Lease | None) -> bool:
        mine = take(lease, me)
        gate.wait(60)
        return who.swap(lease, mine)

    lease: Lease | None = None
    with ThreadPoolExecutor(2) as pool:
        for number in range(1, 51):
            runs = [
                pool.submit(race, who, me, lease)
                for who, me in ((world.olga, "Olga"), (world.pavel, "Pavel"))
            ]
            won = [run.result() for run in runs]
            assert sorted(won) == [False, True]
            lease = world.olga.read("production")
            assert lease is not None
            assert (lease.holder, lease.token) == ("Olga" if won[0] else "Pavel", number)


GARBAGE = {
    "no JSON": b"hello\n",
    "nothing": b"",
    "huge": b" " * 3_000_000,
    "another environment": leases.encode(take(None, environment="staging")),
    "a negative token": leases.encode(take(None)).replace(b'"token":1', b'"token":-1'),
    "a field more": leases.encode(take(None)).replace(b"{", b'{"a":1,'),
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_what_cannot_be_read_is_refused_and_never_free(world: World, garbage: bytes) -> None:
    lease = take(None)
    assert world.olga.swap(None, lease)
    world.put("production", garbage)

    for act in (
        lambda: world.olga.read("production"),
        lambda: world.pavel.read("production"),
        lambda: world.olga.swap(lease, beat(lease, later(5))),
        lambda: world.pavel.swap(None, take(None, "Pavel")),
    ):
        assert code_of(act) == "lease-unreadable"

    world.put("production", leases.encode(lease))
    assert world.olga.swap(lease, beat(lease, later(5)))


# -- with the truth away or put back ----------------------------------------------------------------


Outage = tuple[Leases, Leases, Callable[[], None], Callable[[], None], Callable[[], None]]


@pytest.fixture(params=["fake", "real"])
def outage(request: pytest.FixtureRequest) -> Outage:
    """Two clones; what takes their remote away, what brings it back, and what removes the lease there."""
    if request.param == "fake":
        truth = FakeTruth()
        return (
            FakeLeases(truth),
            FakeLeases(truth),
            lambda: setattr(truth, "away", "origin cannot be reached"),
            lambda: setattr(truth, "away", ""),
            truth.blobs.clear,
        )
    team = request.getfixturevalue("team")
    return (
        request.getfixturevalue("olga"),
        request.getfixturevalue("pavel"),
        team.take_remote_away,
        team.bring_remote_back,
        lambda: team.remote.git("update-ref", "-d", REF) and None,
    )


def test_with_the_remote_away_nothing_stands_and_what_was_known_is_still_known(outage: Outage) -> None:
    olga, pavel, take_away, bring_back, _ = outage
    lease = take(None)
    assert olga.swap(None, lease)
    take_away()

    assert code_of(lambda: olga.read("production", within=5)) == "lease-offline"
    assert code_of(lambda: olga.swap(lease, beat(lease, later(5)), within=5)) == "lease-offline"
    assert code_of(lambda: pavel.swap(None, take(None, "Pavel"), within=5)) == "lease-offline"
    assert olga.known("production") == lease
    assert pavel.known("production") is None, "Pavel never looked"

    bring_back()
    assert pavel.read("production") == lease
    assert olga.swap(lease, beat(lease, later(5)))


def test_a_token_that_this_clone_has_seen_is_not_given_twice(outage: Outage) -> None:
    """Somebody removed the lease on the remote: who counts from one again would count as its first holder."""
    olga, pavel, _, _, remove = outage
    lease = take(None, at_least=5)
    assert olga.swap(None, lease)
    assert pavel.read("production") == lease
    remove()

    assert pavel.read("production") is None
    assert pavel.known("production") == lease
    assert code_of(lambda: pavel.swap(None, take(None, "Pavel"))) == "lease-set-back"
    assert code_of(lambda: pavel.swap(None, take(None, "Pavel", at_least=5))) == "lease-set-back"
    assert pavel.read("production") is None

    assert pavel.swap(None, take(None, "Pavel", at_least=lease.token + 1))
    assert not olga.swap(lease, beat(lease, later(5)))


# -- on git ----------------------------------------------------------------------------------------


def test_the_ref_on_the_remote_is_one_blob_of_canonical_json(team: Team, olga: GitLeases) -> None:
    lease = take(None)
    assert olga.swap(None, lease)

    assert (
        team.remote.git("for-each-ref", "--format=%(refname) %(objecttype)", "refs/hotfix") == f"{REF} blob"
    )
    assert team.remote.raw("cat-file", "blob", REF) == leases.encode(lease)


def test_environments_that_git_cannot_name_have_refs_of_their_own() -> None:
    odd = ["a..b", "a.b", "a.lock", "a.lock.b", "a.", "a.b.", "a.b.lock", "a", "a-2Elock"]
    refs = [ref_of(environment) for environment in odd]
    assert len(set(refs)) == len(odd)
    assert ref_of("production") == REF
    assert ref_of("eu.west-1") == "refs/hotfix/lease/eu.west-1"


def test_a_lease_leaves_no_object_and_no_ref_in_a_clone_with_a_remote(team: Team, olga: GitLeases) -> None:
    (team.olga.path / "a").write_text("half written\n")
    before = team.olga.everything()

    lease = take(None)
    assert olga.swap(None, lease)
    for second in range(1, 4):
        lease, old = beat(lease, later(second)), lease
        assert olga.swap(old, lease)
        assert olga.read("production") == lease

    after = team.olga.everything()
    assert {path: content for path, content in after.items() if path in before} == before
    assert {path.partition("/.git/")[2] for path in after if path not in before} == {
        "hotfix/leases/production.json"
    }


def test_threads_that_look_at_once_hide_nothing_from_each_other(team: Team, olga: GitLeases) -> None:
    """A heartbeat goes on beside the ship: neither may take the lease for gone because the other is looking."""
    lease = take(None)
    assert olga.swap(None, lease)

    with ThreadPoolExecutor(3) as pool:
        seen = list(pool.map(lambda _: olga.read("production", within=60), range(60)))

    assert seen == [lease] * 60


def test_another_process_of_the_clone_knows_what_one_has_seen(team: Team, olga: GitLeases) -> None:
    lease = take(None)
    assert olga.swap(None, lease)
    team.take_remote_away()

    with opened(team.olga.path) as other:
        assert other.known("production") == lease


def test_an_older_answer_does_not_make_a_clone_forget_a_newer_one(team: Team, olga: GitLeases) -> None:
    first = take(None)
    second = beat(first, later(1))
    assert olga.swap(None, first)
    assert olga.swap(first, second)
    put(team.remote, "production", leases.encode(first))

    assert olga.read("production") == first
    assert olga.known("production") == second


def test_a_broken_copy_is_told_with_what_to_do(team: Team, olga: GitLeases) -> None:
    lease = take(None)
    assert olga.swap(None, lease)
    copy = team.olga.path / ".git/hotfix/leases/production.json"
    copy.write_bytes(b"")

    with pytest.raises(Refused, match="only a copy") as told:
        olga.known("production")

    assert told.value.findings[0].next == f"rm '{copy}'"
    copy.unlink()
    assert olga.swap(lease, beat(lease, later(1)))


def test_a_clone_that_cannot_be_written_still_reads_and_takes(team: Team, olga: GitLeases) -> None:
    (team.olga.path / ".git/hotfix").write_text("in the way\n")
    lease = take(None)

    assert olga.swap(None, lease)
    assert olga.read("production") == lease
    assert olga.known("production") is None


@pytest.mark.parametrize("options", [["--depth=1"], ["--filter=blob:none", "--no-checkout"], ["--bare"], []])
def test_a_clone_that_has_never_seen_the_ref_reads_and_takes_over(
    team: Team, olga: GitLeases, tmp_path: Path, options: list[str]
) -> None:
    lease = take(None)
    assert olga.swap(None, lease)
    team.remote.git("config", "uploadpack.allowFilter", "true")
    fresh = repositories.clone(team.remote.path, tmp_path / "fresh", *options)

    with opened(fresh.path) as own:
        assert own.known("production") is None
        assert own.read("production") == lease
        assert own.swap(lease, take(lease, "Rita"))

    assert not olga.swap(lease, beat(lease, later(5)))


def test_a_lease_works_on_sha256_with_and_without_a_remote(tmp_path: Path) -> None:
    seed = repositories.create(tmp_path / "seed", "--object-format=sha256")
    seed.commit({b"a": b"a\n"}, branch="main")
    work = repositories.clone(
        repositories.clone(seed.path, tmp_path / "remote.git", "--bare").path, tmp_path / "work"
    )
    for path in (seed.path, work.path):
        with opened(path) as own:
            lease = take(None)
            assert own.swap(None, lease)
            assert own.swap(lease, beat(lease, later(1)))
            assert own.read("production") == beat(lease, later(1))


def test_the_ref_survives_a_collection_of_garbage(alone: Clone, team: Team, olga: GitLeases) -> None:
    lease = take(None)
    assert olga.swap(None, lease)
    with opened(alone.path) as own:
        assert own.swap(None, lease)
        for repository, view in ((alone, own), (team.remote, olga)):
            repository.git("gc", "--quiet", "--prune=now")
            assert view.read("production") == lease
            assert view.swap(lease, beat(lease, later(1)))
            assert repository.git("fsck", "--strict", "--no-dangling") == ""


def test_heartbeats_without_a_remote_are_not_kept_by_a_log(alone: Clone) -> None:
    alone.git("config", "core.logAllRefUpdates", "always")
    first = take(None)
    with opened(alone.path) as own:
        assert own.swap(None, first)
        assert own.swap(first, beat(first, later(1)))

    assert not (alone.path / ".git/logs" / REF).exists()


def test_fetching_the_rest_is_not_disturbed_by_a_lease(team: Team, olga: GitLeases, pavel: GitLeases) -> None:
    lease = take(None)
    assert olga.swap(None, lease)
    with repositories.opened(team.pavel.path) as git:
        assert git.fetch() == ""
        assert olga.swap(lease, beat(lease, later(1)))
        assert git.fetch() == ""
        assert git.fetch() == ""

    assert pavel.read("production") == beat(lease, later(1))
    team.pavel.git("gc", "--quiet", "--prune=now")
    assert team.pavel.git("fsck", "--strict", "--no-dangling") == ""


# -- a remote that does not answer, or not as it should ----------------------------------------------


def hook(repository: Clone, name: str, script: str) -> Path:
    path = repository.path / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_a_remote_that_says_no_is_refused_with_its_words(team: Team, olga: GitLeases) -> None:
    no = hook(team.remote, "pre-receive", "echo 'ask Rita about refs' >&2; exit 1")
    lease = take(None)

    with pytest.raises(Refused, match="ask Rita about refs") as told:
        olga.swap(None, lease)

    assert told.value.findings[0].code == "lease-push"
    assert f"git fetch origin {REF}" in told.value.findings[0].next
    assert olga.known("production") is None
    no.unlink()
    assert olga.swap(None, lease)


def test_a_remote_that_allows_no_rewriting_takes_every_heartbeat(team: Team, olga: GitLeases) -> None:
    for key in ("receive.denyNonFastForwards", "receive.denyDeletes", "transfer.fsckObjects"):
        team.remote.git("config", key, "true")
    first = take(None)
    assert olga.swap(None, first)
    assert olga.swap(first, beat(first, later(1)))


def test_a_push_whose_answer_was_lost_is_made_good_by_reading(team: Team, olga: GitLeases) -> None:
    """The remote takes it, and dies before it says so: what stands is what it has."""
    hook(team.remote, "post-receive", "kill -9 $PPID")
    lease = take(None)

    assert olga.swap(None, lease)
    assert olga.known("production") == olga.read("production") == lease
    assert olga.swap(lease, beat(lease, later(1)))


def test_a_push_that_another_overtook_while_its_answer_was_lost_does_not_stand(
    team: Team, olga: GitLeases
) -> None:
    """Ours stood for a moment; by the time that we read again, it was Pavel's."""
    lease = take(None)
    pavels = team.remote.blob(leases.encode(take(lease, "Pavel")))
    hook(team.remote, "post-receive", f"git update-ref {REF} {pavels}; kill -9 $PPID")

    assert not olga.swap(None, lease)
    known = olga.known("production")
    assert known is not None
    assert known.holder == "Pavel"


def test_a_remote_that_never_answers_is_refused_when_patience_ends(
    team: Team, olga: GitLeases, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = take(None)
    assert olga.swap(None, lease)
    monkeypatch.setenv("GIT_ALLOW_PROTOCOL", "git")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        team.olga.git("remote", "set-url", "origin", f"git://127.0.0.1:{silent.getsockname()[1]}/shop")
        with opened(team.olga.path) as own:
            with pytest.raises(Refused, match="no answer within") as told:
                own.read("production", within=0.3)
            assert told.value.findings[0].code == "lease-offline"
            assert code_of(lambda: own.swap(lease, beat(lease, later(1)), within=0.3)) == "lease-offline"
            assert own.known("production") == lease


@pytest.mark.parametrize("kind", ["commit", "tree", "tag"])
def test_a_ref_that_points_at_something_else_is_refused(
    team: Team, olga: GitLeases, alone: Clone, kind: str
) -> None:
    for repository in (team.remote, alone):
        repository.git("tag", "-a", "-m", "one", "a-tag", "main")
        name = {"commit": "main", "tree": "main^{tree}", "tag": "a-tag"}[kind]
        repository.git("update-ref", REF, repository.git("rev-parse", name))
    with opened(alone.path) as own:
        for view in (olga, own):
            with pytest.raises(Refused, match="nobody can tell") as told:
                view.read("production")
            finding = told.value.findings[0]
            assert finding.code == "lease-unreadable"
            assert REF in finding.sentence
            assert f"cat-file -p {'FETCH_HEAD' if view is olga else REF}" in finding.next


def test_what_somebody_put_beside_the_ref_is_not_taken_for_it(team: Team, olga: GitLeases) -> None:
    blob = team.remote.blob(leases.encode(take(None, "Mallory")))
    for name in ("refs/hotfix/lease2/production", "refs/hotfix/lease/production2", f"{REF}/production"):
        team.remote.git("update-ref", name, blob)

    assert olga.read("production") is None


@pytest.mark.parametrize("content", [b"", b"nonsense\n", b"1" * 40 + b"\n"])
def test_a_ref_that_is_broken_is_not_free(alone: Clone, content: bytes) -> None:
    lease = take(None)
    with opened(alone.path) as own:
        assert own.swap(None, lease)
        (alone.path / ".git" / REF).write_bytes(content)
        for act in (
            lambda: own.read("production"),
            lambda: own.swap(lease, beat(lease, later(1))),
            lambda: own.swap(None, take(None, "Pavel", at_least=9)),
        ):
            assert code_of(act) in ("lease-unreadable", "git-failed")


def test_a_lock_that_somebody_left_is_refused_with_gits_words(alone: Clone) -> None:
    lease = take(None)
    with opened(alone.path) as own:
        assert own.swap(None, lease)
        (alone.path / ".git" / f"{REF}.lock").touch()
        with pytest.raises(Refused, match=r"production\.lock") as told:
            own.swap(lease, beat(lease, later(1)))
        assert told.value.findings[0].code == "lease-push"
        assert own.read("production") == lease


def test_nothing_that_the_repository_names_is_run(team: Team, alone: Clone, tmp_path: Path) -> None:
    canary = tmp_path / "sang"
    program = tmp_path / "sing"
    program.write_text(f"#!/bin/sh\necho \"$0 $*\" >> '{canary}'\nexit 1\n")
    program.chmod(0o755)
    for repository in (team.olga, alone):
        for key in (
            *("core.sshCommand", "core.fsmonitor", "core.alternateRefsCommand", "core.askPass", "core.pager"),
            *("remote.origin.uploadpack", "remote.origin.receivepack", "gpg.program", "credential.helper"),
        ):
            if not (key.startswith("remote.") and repository is alone):
                repository.git("config", key, str(program))
        for key in ("push.gpgSign", "push.followTags"):
            repository.git("config", key, "true")
        repository.git("config", f"url.{tmp_path}/nowhere.insteadOf", "file://")
        for name in ("pre-push", "reference-transaction", "post-checkout"):
            hook(Clone(repository.path / ".git"), name, f"exec '{program}' {name}")
        with opened(repository.path) as own:
            lease = take(None)
            assert own.swap(None, lease)
            assert own.swap(lease, beat(lease, later(1)))
            assert own.read("production") == beat(lease, later(1))

    assert not canary.exists()
    assert team.olga.fails("fetch"), "git itself would have run it"
    assert canary.exists()
