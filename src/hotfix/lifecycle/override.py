"""Override: one gate opens all the same, once, for one patch and one environment, and never in silence.

Nothing here believes what a fact says of itself. Who asked and who confirmed is what signatures say today;
what was done in which order is the order of the record; and what cannot be told opens nothing.
"""

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from hotfix.policy.rules import Rules
from hotfix.record import canonical, moment
from hotfix.record.facts import (
    LeaseTaken,
    Notified,
    Overridden,
    OverrideConfirmed,
    OverrideReviewed,
    Planned,
    RulesRead,
)
from hotfix.record.hotfix import Hotfix
from hotfix.record.stages import OfOverrides

NAMESPACE = "hotfix-override@v1"
"""What an SSH signature about an override is bound to; what exactly it says is its statement's verb."""

GATES = ("scope", "prove", "review", "rehearse", "authorize")
BESIDES = {
    "lease": "the next ship may replace a holder who is alive, with a raised token",
    "return": "going back to the release before, although something irreversible lies between",
}
"""What else can be overridden, and is no gate of a patch."""
NEVER = {
    "start": "before the decision there is no hotfix that an override could be put on",
    "pick": "it says what ships and onto what; an override of it would open the door to anything",
    "record": "an override that is not on record would be a silent one",
    "identity": "an override rests on knowing who asked and who confirmed",
    "way back": "a ship that cannot come back is no hotfix; a return is never held up by a gate either",
}
"""What no override opens, and why."""

EVENT = "override"
"""What the notifier is told of."""

SHORTEST_REASON = 20
UNUSED = timedelta(minutes=15)
"""How long after it was made a ship may be planned by it."""
IN_USE = timedelta(minutes=60)
"""How long after its plan the ship that used it may be taken up again."""
SKEW = timedelta(minutes=5)
"""How far the clocks of two people may be apart."""

State = Literal["waiting", "untold", "effective", "used", "expired", "void", "uncounted"]


class Yes(msgspec.Struct, frozen=True):
    """A confirmation or a review of an override, and whose signature it carries by today's list of signers."""

    fact: OverrideConfirmed | OverrideReviewed
    person: str
    why_not: str = ""


class Word(msgspec.Struct, frozen=True):
    """An override, who asked for it, and what others said to it, by today's list of signers."""

    fact: Overridden
    person: str
    why_not: str = ""
    confirmed: tuple[Yes, ...] = ()
    reviewed: tuple[Yes, ...] = ()
    overdue: str = ""
    """The override whose review is overdue, anywhere on the record; empty where none is."""


class Use(msgspec.Struct, frozen=True):
    """What used an override up."""

    at: str
    ship: int
    """0 where a lease was taken by it."""
    needed: bool
    """Whether the gate would have been shut without it."""
    position: int


class Standing(msgspec.Struct, frozen=True):
    """An override as it stands now."""

    word: Word
    state: State
    people: tuple[str, ...]
    """Who asked, and who confirmed."""
    why: str = ""
    """What it waits for, or why it opens nothing."""
    use: Use | None = None

    @property
    def fact(self) -> Overridden:
        """What was asked."""
        return self.word.fact


def statement(hotfix: str, record: str, asked: Overridden) -> bytes:
    """What the requester signs; `record` is the id of the record's first commit. Its digest is the override's id."""
    return canonical.encode(
        {
            "hotfix": "override",
            "id": hotfix,
            "record": record,
            "gate": asked.gate,
            "patch": asked.patch,
            "environment": asked.environment,
            "because": canonical.sha256(asked.because.encode()),
            "policy": asked.policy,
            "expires_at": asked.expires_at,
        }
    )


def confirmation(override: str) -> bytes:
    """What the second person signs."""
    return canonical.encode({"hotfix": "confirm override", "override": override})


def look_back(override: str, because: str) -> bytes:
    """What the reviewer signs afterwards."""
    digest = canonical.sha256(because.encode())
    return canonical.encode({"hotfix": "review override", "override": override, "because": digest})


def asks(rules: Rules) -> str:
    """What today's rules ask of an override. One who works alone has no second person: everyone is told."""
    return "announce" if rules.solo else rules.override


def expires(now: datetime) -> str:
    """Until when an override of now opens its gate for a plan."""
    return moment.to_text(now + UNUSED)


def has_role(person: str, rules: Rules) -> bool:
    """Whether today's policy lets `person` decide: on call or senior; anybody who is known where nobody is on call."""
    named = {one.lower() for one in (*rules.deciders.oncall, *rules.deciders.seniors)}
    return bool(person) and (rules.solo or not rules.deciders.oncall or person.lower() in named)


def is_senior(person: str, rules: Rules) -> bool:
    """Whether today's policy names `person` as a senior approver."""
    return person.lower() in {senior.lower() for senior in rules.deciders.seniors}


def requester(word: Word, rules: Rules) -> str:
    """Who asked; empty where nobody's signature says so. One who works alone is believed, as everywhere."""
    return word.person or (word.fact.by if rules.solo and word.fact.signed is None else "")


def standings(hotfix: Hotfix, rules: Rules, words: Sequence[Word], now: datetime) -> tuple[Standing, ...]:
    """Every override of `hotfix` as it stands at `now`, by today's rules; what was copied counts once."""
    seen: set[str] = set()
    result = []
    for word in words:
        if requester(word, rules):
            if word.fact.override in seen:
                continue
            seen.add(word.fact.override)
        result.append(_standing(hotfix, rules, word, now))
    return tuple(result)


def effective(
    hotfix: Hotfix, rules: Rules, words: Sequence[Word], gate: str, environment: str, now: datetime
) -> Standing | None:
    """The override that opens `gate` (or ``lease``, ``return``) in `environment` at `now`; None where none does."""
    for standing in standings(hotfix, rules, words, now):
        asked = standing.fact
        if standing.state == "effective" and (asked.gate, asked.environment) == (gate, environment):
            return standing
    return None


def _standing(hotfix: Hotfix, rules: Rules, word: Word, now: datetime) -> Standing:
    who = requester(word, rules)
    people = (who or word.fact.by, *(yes.person for yes in _seconds(word, who, rules)))
    state, why = _judge(hotfix, rules, word, people)
    use = _use(hotfix, rules, word, who) if who else None
    if use is not None:
        again = state == "effective" and _still_open(hotfix, use, now)
        return Standing(word, "effective" if again else "used", people, _say_use(use), use)
    over = _outlived(word.fact, now)
    if over and state != "uncounted":
        state, why = over
    return Standing(word, state, people, why)


def _judge(hotfix: Hotfix, rules: Rules, word: Word, people: tuple[str, ...]) -> tuple[State, str]:
    """What today's rules say, leaving the clock aside."""
    asked = word.fact
    why = _why_not(rules, word)
    if why:
        return "uncounted", why
    today = hotfix.patch.digest if hotfix.patch else ""
    if asked.patch != today:
        return "void", "it is for another patch: any new pick is a new patch"
    if asks(rules) == "announce" and not told(hotfix, word.fact):
        return "untold", "nobody was told of it, and the policy lets it count only once everyone was"
    if asks(rules) != "announce" and len(people) < 2:
        return "waiting", "a second person has to confirm it"
    if word.overdue and not any(is_senior(person, rules) for person in people):
        return (
            "waiting",
            f"a senior approver must be among its people while {word.overdue} is not looked back at",
        )
    return "effective", ""


def _why_not(rules: Rules, word: Word) -> str:
    asked = word.fact
    who = requester(word, rules)
    if not who:
        return word.why_not or "nobody's signature is on it"
    if asked.gate not in (*GATES, *BESIDES):
        return f"nothing overrides {asked.gate}"
    if asked.gate in GATES and not asked.patch:
        return "it names no patch"
    if len(asked.because.strip()) < SHORTEST_REASON:
        return "it gives no reason to speak of"
    if not has_role(who, rules):
        return "trunk's policy does not name them in deciders"
    return ""


def _outlived(asked: Overridden, now: datetime) -> tuple[State, str] | None:
    """What the clock says against it; None where nothing. Only what was signed is believed: when it ends."""
    end = moment_of(asked.expires_at)
    if end is None:
        return "uncounted", f"nobody can tell when it expires ({asked.expires_at!r})"
    if now >= end:
        return "expired", f"it expired unused at {asked.expires_at}"
    if end - now > UNUSED + SKEW:
        return "uncounted", f"no override lasts as long as until {asked.expires_at}"
    return None


def _seconds(word: Word, who: str, rules: Rules) -> tuple[Yes, ...]:
    """Confirmations by other role-holders, each person once."""
    known = {who.lower()}
    result = []
    for yes in word.confirmed:
        if yes.person.lower() not in known and has_role(yes.person, rules):
            known.add(yes.person.lower())
            result.append(yes)
    return tuple(result)


def told(hotfix: Hotfix, asked: Overridden) -> bool:
    """Whether it stands on record that everyone was told of this override."""
    return _told(hotfix, asked) is not None


def _told(hotfix: Hotfix, asked: Overridden) -> int | None:
    """Where on the record, after the override, that stands."""
    facts = hotfix.overrides.facts
    begun = facts.index(asked) if asked in facts else len(facts)
    found = (at for at in range(begun, len(facts)) if _tells(facts[at], asked.override))
    return next(found, None)


def _tells(fact: OfOverrides, override: str) -> bool:
    return isinstance(fact, Notified) and fact.event == EVENT and fact.delivered and fact.about == override


def _use(hotfix: Hotfix, rules: Rules, word: Word, who: str) -> Use | None:
    """The first plan (or, of a lease, taking) since it could open anything, by the rules of then, between or of today.

    Whether the people had the right role does not matter here, nor whether their keys still count: what may have
    been used is used, and a plan that went by an override of this gate says so itself.
    """
    facts, asked = hotfix.overrides.facts, word.fact
    begun = facts.index(asked) if asked in facts else 0
    for position in range(begun, len(facts)) if asked.gate in GATES else ():
        use = uses(facts[position], asked, position)
        if use is not None and use.needed:
            return use
    since = _since(hotfix, word, who, begun)
    for position in range(min(since.values(), default=len(facts)), len(facts)):
        use = uses(facts[position], asked, position)
        if use is None:
            continue
        ways = {asked.policy, asks(rules), _asked_then(hotfix, facts[position])}
        if any(since[way] <= position for way in ways & since.keys()):
            return use
    return None


def _since(hotfix: Hotfix, word: Word, who: str, begun: int) -> dict[str, int]:
    """From where on the record the override could open anything, by what a policy may ask of it."""
    facts = hotfix.overrides.facts
    others = [yes.fact for yes in word.confirmed if (yes.person or yes.fact.by).lower() != who.lower()]
    confirmed = [max(begun, facts.index(fact)) if fact in facts else begun for fact in others]
    told_at = _told(hotfix, word.fact)
    since = {} if told_at is None else {"announce": told_at}
    return since | ({"second person": min(confirmed)} if confirmed else {})


def _asked_then(hotfix: Hotfix, plan: OfOverrides) -> str:
    """What the rules that were read for this plan asked of an override; empty for what is no plan."""
    if not isinstance(plan, Planned):
        return ""
    before = itertools.takewhile(lambda fact: fact is not plan, hotfix.facts)
    read = [fact.rules for fact in before if isinstance(fact, RulesRead)]
    if not read:
        return ""
    return "announce" if read[-1].get("profile") == "solo" else str(read[-1].get("override"))


def uses(fact: OfOverrides, asked: Overridden, position: int) -> Use | None:
    """Whether `fact` is what such an override is used up by. A rehearsal changes nothing that stays, and uses none up."""
    if isinstance(fact, LeaseTaken) and asked.gate == "lease" and fact.environment == asked.environment:
        return Use(fact.at, 0, needed=True, position=position)
    if not isinstance(fact, Planned) or fact.purpose == "rehearsal" or fact.environment != asked.environment:
        return None
    of_a_gate = asked.gate in GATES
    if fact.at >= asked.expires_at or (of_a_gate and fact.patch != asked.patch):
        return None
    return Use(
        fact.at, fact.ship, needed=not of_a_gate or waiver(asked.gate) in fact.waived, position=position
    )


def _still_open(hotfix: Hotfix, use: Use, now: datetime) -> bool:
    """Whether the very ship that used it is open, and was planned less than an hour ago."""
    begun, ship = moment_of(use.at), hotfix.open_ship
    if begun is None or ship is None or ship.plan.ship != use.ship or ship.plan.at != use.at:
        return False
    return begun - SKEW <= now < begun + IN_USE


def _say_use(use: Use) -> str:
    by = f"ship {use.ship}" if use.ship else "the lease that was taken"
    return f"{by} used it" + ("" if use.needed else ", and it was not needed: the gate was open anyway")


def moment_of(text: str) -> datetime | None:
    """The moment that a fact states; None where nobody can tell."""
    try:
        at = moment.from_text(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def waiver(gate: str) -> str:
    """The words that stand wherever a ship passed a gate by an override."""
    return f"OVERRIDDEN: {gate}"


def is_untold(hotfix: Hotfix, rules: Rules, one: Standing) -> bool:
    """Whether it counts, or may, and the people who should have been told of it were not."""
    counts = one.state in ("waiting", "effective", "used")
    return bool(rules.notify) and counts and not told(hotfix, one.fact)


def in_words(one: Standing) -> str:
    """The override as it stands, in a sentence."""
    asked = one.fact
    by = " and ".join(one.people) if one.word.person else f"{one.people[0]} (as the record says)"
    state = {"waiting": "waiting", "effective": f"in effect until {asked.expires_at}", "used": "used"}
    stands = state.get(one.state, "opens nothing")
    why = f" ({one.why})" if one.why else ""
    return f"override of {asked.gate} in {asked.environment} by {by}: {stands}{why}: {asked.because}"
