"""The oracle: who really said what, and whether a ship may leave at this moment by today's rules.

It is written from DESIGN 4 and 5 and from docs/policy.md, and shares no line with the product. People are names
here, keys belong to people, patches are what they are made of; there are no digests, no signatures and no facts.
It is told what was really said, never what was forged, copied or redated.

Where the documents leave a corner open it has two answers: `sure` asks for what certainly opens (the product must
ship then), the other for what may open (the product must not ship without).
"""

from dataclasses import dataclass, field
from typing import NamedTuple

GATES = ("start", "pick", "scope", "prove", "review", "rehearse", "authorize")
OVERRIDABLE = ("scope", "prove", "review", "rehearse", "authorize")
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
WAY_BACK = 5 * MINUTE
"""The budget of the way back."""
STARTER = "ann"


class Patch(NamedTuple):
    """What would ship onto what, and where."""

    fix: str
    base: str
    environment: str
    files: str
    """What the base is made of: two releases can be made of the same."""


class Rules(NamedTuple):
    """Today's policy, in the words of people."""

    oncall: frozenset[str] = frozenset({"ann", "eve"})
    seniors: frozenset[str] = frozenset({"dan", "eve"})
    peers: int = 1
    two_hats: bool = True
    go_needed: int = 1
    valid: float = 12 * HOUR
    repeats: int = 3
    lines: int = 35
    override: str = "second person"
    notifier: bool = True
    questions: int = 1
    freeze: tuple[float, float] | None = None
    builds: bool = False
    restart: str = "restart"
    rehearse_on: str = "in place"
    rehearsal_valid: float = 7 * DAY
    units: int = 2


@dataclass
class Picked:
    """One pick. `writers` picked it, wrote it or paired on it."""

    patch: Patch
    writers: frozenset[str]
    lines: int
    kind: str
    units: int
    intact: bool


@dataclass
class Word:
    """What somebody really said, with one of their keys: ``approve``, ``reject`` or ``go``."""

    what: str
    key: str
    patch: Patch
    at: float
    until: float
    spent: bool = False


@dataclass
class Override:
    """An override: `yes` are the keys that confirmed it, `looked` those that looked back after its use."""

    gate: str
    key: str
    patch: Patch
    until: float
    yes: list[str] = field(default_factory=list)
    looked: list[str] = field(default_factory=list)
    told: bool = False
    used_at: float | None = None
    perhaps_used: bool = False


@dataclass
class Voyage:
    """A ship or a rehearsal."""

    patch: Patch
    rehearsal: tuple[object, ...] | None
    words: int
    """How many words had been said when it was planned: it can have used no later one."""
    outcome: str = ""
    ended_at: float = 0.0
    turned_at: float | None = None
    """When it began to go back."""
    back_at: float = 0.0


class Law:
    """Everything that is true, in the order in which it came to be on record."""

    def __init__(self) -> None:
        self.rules = Rules()
        self.trusted: dict[str, str] = {}
        """Whose key is on trunk's list today and not revoked."""
        self.picks: list[Picked] = []
        self.branch_moved = False
        self.measured: Patch | None = None
        self.reasons: set[tuple[Patch, str]] = set()
        self.proof: tuple[str, str, bool, int] | None = None
        self.built: dict[Patch, str] = {}
        """What the newest patch was bound to, once, as long as no other is picked."""
        self.words: list[Word] = []
        self.overrides: dict[str, Override] = {}
        self.ships: list[Voyage] = []

    @property
    def patch(self) -> Patch | None:
        return self.picks[-1].patch if self.picks else None

    def who(self, key: str) -> str:
        return self.trusted.get(key, "")

    # -- gates ------------------------------------------------------------------------------------

    def shut(self, requester: str, now: float, *, sure: bool) -> dict[str, str]:
        """Every gate that is not open, and ``owed`` where the ship opens it by itself."""
        opened = {gate: "open" if self._opens(gate, requester, now) else "shut" for gate in GATES}
        opened["rehearse"] = self._rehearsed(now)
        for gate in OVERRIDABLE:
            if opened[gate] != "open" and self.overridden(gate, now, sure=sure):
                opened[gate] = "open"
        return {gate: state for gate, state in opened.items() if state != "open"}

    def _opens(self, gate: str, requester: str, now: float) -> bool:
        rules, patch = self.rules, self.patch
        if gate == "start":
            return (not rules.oncall or STARTER in rules.oncall) and rules.questions <= 1
        if patch is None:
            return False
        newest = self.picks[-1]
        if gate == "pick":
            asked_all = patch.environment != "production" or newest.units >= rules.units
            bound = not rules.builds or patch in self.built
            return newest.intact and not self.branch_moved and asked_all and bound
        if gate == "scope":
            asks = {"wide"} if newest.lines > rules.lines else set()
            asks |= {"migration"} if newest.kind == "migration" else set()
            answered = all((patch, why) in self.reasons for why in asks)
            return self.measured == patch and newest.kind != "policy" and answered
        if gate == "prove":
            return self.proof == (patch.fix, patch.files, True, rules.repeats)
        if gate == "review":
            said = self._newest_words(patch)
            return "reject" not in said.values() and len(self.peers(requester)) >= rules.peers
        return len(self._goes(requester, now)) >= rules.go_needed and not self._frozen(now)

    def writers(self) -> frozenset[str]:
        return frozenset().union(*(pick.writers for pick in self.picks if pick.patch == self.patch))

    def _newest_words(self, patch: Patch) -> dict[str, str]:
        said = [(self.who(word.key), word.what) for word in self.words if word.patch == patch]
        return {who: what for who, what in said if who and what != "go"}

    def peers(self, requester: str) -> set[str]:
        said = self._newest_words(self.patch) if self.patch else {}
        return {who for who, what in said.items() if what == "approve"} - self.writers() - {requester}

    def _goes(self, requester: str, now: float) -> set[str]:
        """A go counts as long as it was signed for, no longer than today's rules let it, and for one ship."""
        live = [
            word
            for word in self.words
            if word.what == "go" and word.patch == self.patch and not word.spent
            if now < min(word.until, word.at + self.rules.valid)
        ]
        people = {self.who(word.key) for word in live} & self.rules.seniors - self.writers()
        return people if self.rules.two_hats else people - self.peers(requester)

    def _frozen(self, now: float) -> bool:
        freeze = self.rules.freeze
        return freeze is not None and freeze[0] <= now < freeze[1]

    def rehearsal_of_today(self) -> tuple[object, ...]:
        """What a rehearsal has to have been of."""
        rules, patch = self.rules, self.patch
        where = rules.rehearse_on if patch and patch.environment == "production" else "in place"
        unit = "shop-2" if where == "shop-2" else "the first"
        artifact = self.built.get(patch, "") if patch and rules.builds else ""
        return patch, artifact, rules.restart, unit

    def _rehearsed(self, now: float) -> str:
        if self.patch is None:
            return "owed"
        if self.measured == self.patch and self.picks[-1].kind == "migration":
            return "shut"
        voyages = [one for one in self.ships if one.rehearsal == self.rehearsal_of_today()]
        if not voyages or voyages[-1].outcome in ("", "left"):
            return "owed"
        newest = voyages[-1]
        if newest.outcome != "rehearsed":
            return "shut"
        if now - newest.ended_at > self.rules.rehearsal_valid:
            return "owed"
        took = newest.back_at - newest.turned_at if newest.turned_at is not None else 0.0
        return "open" if took <= WAY_BACK else "shut"

    # -- overrides --------------------------------------------------------------------------------

    def overridden(self, gate: str, now: float, *, sure: bool) -> bool:
        return any(
            one.gate == gate and self.effective(one, now, sure=sure) for one in self.overrides.values()
        )

    def effective(self, one: Override, now: float, *, sure: bool) -> bool:
        """Asked by somebody with a role, of this patch, unexpired, unused, and confirmed or announced as today's rules ask."""
        people = self._people(one)
        counts = people if self.rules.override == "second person" else people[:1]
        enough = len(counts) >= 2 if self.rules.override == "second person" else one.told and bool(people)
        late = self.overdue(now, sure=not sure) and not self.rules.seniors & set(people)
        used = one.used_at is not None or (sure and one.perhaps_used)
        in_time = now < one.until <= now + 20 * MINUTE
        return enough and one.patch == self.patch and in_time and not used and not late

    def _people(self, one: Override) -> list[str]:
        named = self.rules.oncall | self.rules.seniors
        known = [self.who(key) for key in (one.key, *one.yes)]
        allowed = [who for who in known if who and (not self.rules.oncall or who in named)]
        return list(dict.fromkeys(allowed)) if allowed and allowed[0] == known[0] else []

    def overdue(self, now: float, *, sure: bool) -> bool:
        """Whether some override was used a day ago and no third person has looked back at it."""
        return any(
            now >= (one.used_at if one.used_at is not None else now) + DAY and not self._looked_at(one)
            for one in self.overrides.values()
            if one.used_at is not None
        ) or (not sure and any(one.perhaps_used for one in self.overrides.values()))

    def _looked_at(self, one: Override) -> bool:
        own = {self.who(key) for key in (one.key, *one.yes)}
        return any(self.who(key) and self.who(key) not in own for key in one.looked)

    # -- ships ------------------------------------------------------------------------------------

    @property
    def live(self) -> bool:
        """Whether the newest ship validated today's patch."""
        ships = [one for one in self.ships if one.rehearsal is None]
        return bool(ships) and ships[-1].outcome == "validated" and ships[-1].patch == self.patch

    @property
    def under_way(self) -> bool:
        return any(not one.outcome for one in self.ships)

    def planned(self, now: float, *, rehearsal: bool) -> None:
        """A plan stands on record: whatever override could have opened a gate for it is used up."""
        assert self.patch is not None
        self.ships.append(
            Voyage(self.patch, self.rehearsal_of_today() if rehearsal else None, len(self.words))
        )
        for one in () if rehearsal else self.overrides.values():
            if self.effective(one, now, sure=True):
                one.used_at = now
            elif (
                one.used_at is None and one.patch == self.patch and now < one.until and (one.told or one.yes)
            ):
                one.perhaps_used = True

    def ended(self, number: int, outcome: str, now: float) -> None:
        """A ship is over; where it did not end well, the authorizations of before are spent."""
        ship = self.ships[number - 1]
        ship.outcome, ship.ended_at = outcome, now
        if ship.rehearsal is None and outcome != "validated":
            for word in self.words[: ship.words]:
                word.spent |= word.what == "go" and word.patch == ship.patch
