"""Who holds a lease: whatever the clocks say, a living holder is never taken over, and a dead one is in the end."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hotfix.questions.who_holds import Expired, Free, Held, Mine, beat, freed, taken, who_holds
from hotfix.record import lease as leases
from hotfix.record import moment
from hotfix.record.lease import Lease

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TTL = 30


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def olgas(at: float = 0, token: int = 4) -> Lease:
    return Lease("production", token, "Olga, 3f", "HF-7", 1, 5, moment.to_text(later(at)), TTL)


def take(lease: Lease | None, me: str = "Pavel, 9c", now: float = 0, at_least: int = 1) -> Lease:
    return taken(
        lease,
        environment="production",
        me=me,
        hotfix="HF-8",
        ship=2,
        now=later(now),
        ttl=TTL,
        at_least=at_least,
    )


def test_what_nobody_took_or_somebody_let_go_is_free() -> None:
    assert who_holds(None, "Pavel", NOON, 0) == Free()
    assert who_holds(freed(olgas(), later(1)), "Pavel", NOON, 0) == Free()
    assert who_holds(freed(olgas(), later(1)), "", NOON, 0) == Free()


def test_what_we_took_is_ours_for_as_long_as_nobody_else_took_it() -> None:
    assert who_holds(olgas(), "Olga, 3f", later(10 * TTL), 10 * TTL) == Mine(4)


def test_who_holds_it_is_told_in_a_sentence() -> None:
    assert who_holds(olgas(), "Pavel", later(12), 0) == Held(
        "Olga, 3f",
        "HF-7",
        1,
        heard=12,
        wait=18,
        sentence="Olga, 3f ships HF-7 to production, last heartbeat 12 s ago; "
        "if none comes, it can be taken over in 18 s.",
    )


def test_a_holder_whose_clock_is_ahead_is_told_as_such() -> None:
    held = who_holds(olgas(at=3600), "Pavel", NOON, 10)
    assert isinstance(held, Held)
    assert (held.heard, held.wait) == (-3600, 20)
    assert "last heartbeat by a clock that is 60 min ahead of ours" in held.sentence


@pytest.mark.parametrize(
    ("heard", "watched", "expired"),
    [
        (TTL, 0, False),  # an old moment alone: their clock may be behind
        (3600, 9.9, False),
        (3600, 10, True),
        (TTL, 10, True),
        (29.9, 29.9, False),
        (-3600, 29.9, False),
        (-3600, 30, True),  # watched for the whole ttl: no clock is needed
    ],
)
def test_it_takes_an_old_moment_and_a_third_of_the_ttl_or_the_whole_of_it(
    heard: float, watched: float, expired: bool
) -> None:
    told = who_holds(olgas(), "Pavel", later(heard), watched)
    assert isinstance(told, Expired if expired else Held)
    if isinstance(told, Expired):
        assert told.sentence.endswith("; it can be taken over.")
        assert (told.who, told.hotfix, told.ship, told.heard) == ("Olga, 3f", "HF-7", 1, heard)


@given(heard=st.integers(-9000, 9000), watched=st.integers(0, 40))
def test_after_the_wait_that_was_told_and_not_before_it_can_be_taken_over(heard: int, watched: int) -> None:
    told = who_holds(olgas(), "Pavel", later(heard), watched)
    assume(isinstance(told, Held))
    assert isinstance(told, Held)
    assert 0 < told.wait <= TTL
    after = told.wait
    assert isinstance(who_holds(olgas(), "Pavel", later(heard + after), watched + after), Expired)
    before = after - 0.5
    assert isinstance(who_holds(olgas(), "Pavel", later(heard + before), watched + before), Held)


def test_the_next_lease_has_a_higher_token_and_begins_anew() -> None:
    assert take(olgas()) == Lease("production", 5, "Pavel, 9c", "HF-8", 2, 0, "2026-11-22T12:00:00.000Z", TTL)
    assert take(None).token == 1
    assert take(None, at_least=7).token == 7
    assert take(olgas(token=4), at_least=5).token == 5
    assert take(olgas(token=4), at_least=9).token == 9
    assert take(olgas(token=4), at_least=0).token == 5
    with pytest.raises(ValueError, match="by somebody"):
        take(None, me="")


def test_a_heartbeat_changes_nothing_but_itself() -> None:
    assert beat(olgas(), later(7)) == msgspec.structs.replace(olgas(at=7), beat=6)


def test_letting_go_keeps_the_token_and_what_was_shipped() -> None:
    assert freed(olgas(), later(7)) == msgspec.structs.replace(olgas(at=7), beat=6, holder="")
    assert take(freed(olgas(), later(7))).token == 5


# -- whatever happens ------------------------------------------------------------------------------

PEOPLE = ("Olga", "Pavel", "Rita")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.sampled_from(["take", "take by force", "beat", "free", "stale beat"]),
        st.integers(0, 2 * TTL),
    ),
    max_size=40,
)
SKEWS = st.fixed_dictionaries({person: st.integers(-7200, 7200) for person in PEOPLE})


@given(steps=STEPS, skews=SKEWS, at_least=st.integers(0, 20))
def test_whoever_does_what_by_whichever_clock_the_token_never_falls(
    steps: list[tuple[str, str, int]], skews: dict[str, int], at_least: int
) -> None:
    """And every step is one that the adapters let through; one made from an older lease never is."""
    lease: Lease | None = None
    history: list[Lease] = []
    elapsed, changed = 0, 0
    for person, act, seconds in steps:
        elapsed += seconds
        now = elapsed + skews[person]
        view = who_holds(lease, person, later(now), elapsed - changed)
        new = None
        if act == "take by force" or (act == "take" and isinstance(view, Free | Expired)):
            new = take(lease, person, now, at_least)
        elif act in ("beat", "free") and isinstance(view, Mine) and lease:
            new = (beat if act == "beat" else freed)(lease, later(now))
        elif act == "stale beat" and len(history) > 1:
            assert leases.wrong_step(lease, beat(history[-2], later(now)))
        if new is None:
            continue
        assert leases.wrong_step(lease, new) == ""
        assert leases.decode(leases.encode(new), "production") == new
        if lease:
            assert new.token >= lease.token
            assert (new.token, new.beat) > (lease.token, lease.beat)
            assert new.token > lease.token or new.holder in ("", lease.holder)
        history.append(new)
        lease, changed = new, elapsed


@given(
    gaps=st.lists(st.integers(1, TTL // 3), min_size=1, max_size=60),
    looks=st.lists(st.integers(0, TTL), min_size=1, max_size=60),
    skew=st.integers(-7200, 7200),
)
def test_a_holder_who_beats_every_third_of_the_ttl_is_never_taken_over(
    gaps: list[int], looks: list[int], skew: int
) -> None:
    """Pavel looks whenever he likes, by a clock that is wrong by hours; Olga's heart beats in time."""
    beats = [0]
    for gap in gaps:
        beats.append(beats[-1] + gap)
    seen_beat, since, clock = -1, 0, 0
    for pause in looks:
        clock += pause
        if clock > beats[-1] + TTL // 3 - 1:
            break
        number = max(index for index, at in enumerate(beats) if at <= clock)
        lease = msgspec.structs.replace(olgas(at=beats[number]), beat=number)
        if number != seen_beat:
            seen_beat, since = number, clock
        assert isinstance(who_holds(lease, "Pavel", later(clock + skew), clock - since), Held)


@given(skew=st.integers(-7200, 7200), pause=st.integers(1, TTL))
def test_a_holder_who_fell_silent_is_taken_over_within_the_ttl_and_one_look(skew: int, pause: int) -> None:
    watched = 0
    while isinstance(who_holds(olgas(), "Pavel", later(watched + skew), watched), Held):
        watched += pause
    assert watched < TTL + pause


# -- the lease as bytes ----------------------------------------------------------------------------


def test_a_lease_is_one_line_of_canonical_json() -> None:
    assert leases.encode(olgas()) == (
        b'{"at":"2026-11-22T12:00:00.000Z","beat":5,"environment":"production","holder":"Olga, 3f",'
        b'"hotfix":"HF-7","ship":1,"token":4,"ttl":30}'
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"token":4', b'"token":-4'),
        (b'"token":4', b'"token":0'),
        (b'"token":4', b'"token":9007199254740993'),
        (b'"token":4', b'"token":4.5'),
        (b'"token":4', b'"token":"4"'),
        (b'"token":4', b'"token":4,"token":5'),
        (b'"token":4', b'"tokem":4'),
        (b'"token":4', b'"token":4,"trust":1'),
        (b'"ttl":30', b'"ttl":0'),
        (b'"ttl":30', b'"ttl":1e300'),
        (b'"ttl":30', b'"ttl":3e1'),
        (b'"beat":5', b'"beat":-1'),
        (b'"beat":5', b'"beat": 5'),
        (b"2026-11-22T12:00:00.000Z", b"2026-02-31T12:00:00.000Z"),
        (b"2026-11-22T12:00:00.000Z", b"0001-01-01T00:00:00.000+23:00"),
        (b"2026-11-22T12:00:00.000Z", b"2026-11-22T24:00:00.000Z"),
        (b"2026-11-22T12:00:00.000Z", b"2026-11-22T12:00:00.000Z\\n"),
        (b"2026-11-22T12:00:00.000Z", b"yesterday"),
        (b"production", b"staging"),
        (b"production", b"../production"),
        (b"Olga", b"Olg\xe4"),
        (b"Olga", b"\\ud800"),
        (b"Olga", b"O" * leases.LARGEST),
        (b"{", b"[" * 1000),
        (b"}", b"}\n"),
    ],
)
def test_what_is_no_lease_is_not_read_as_one(old: bytes, new: bytes) -> None:
    raw = leases.encode(olgas())
    assert raw.count(old) == 1
    with pytest.raises(ValueError, match=r"\w"):
        leases.decode(raw.replace(old, new), "production")


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        leases.decode(raw, "production")
