"""Who still has to look back at which override: somebody else, within a day of its use, needed or not."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from hotfix.lifecycle.override import Standing, Use, Word, moment_of, standings, uses
from hotfix.policy.rules import Rules
from hotfix.record import moment
from hotfix.record.facts import Planned
from hotfix.record.hotfix import Hotfix

REVIEW_WITHIN = timedelta(hours=24)


class Owed(msgspec.Struct, frozen=True):
    """A review that is owed of an override that was used."""

    override: str
    gate: str
    because: str
    people: tuple[str, ...]
    """Who asked and who confirmed: they are not the ones to look back at it."""
    due: str
    overdue: bool


def owed(hotfix: Hotfix, rules: Rules, words: Sequence[Word], now: datetime) -> tuple[Owed, ...]:
    """Every review that is owed: of each override that was used, needed or not, until somebody else looked at it."""
    every = standings(hotfix, rules, words, now)
    result = [_owed(one, one.use, rules, hotfix, now) for one in every if one.use is not None]
    result += [_owed(one, use, rules, hotfix, now) for one, use in _of_strangers(hotfix, every)]
    return tuple(debt for debt in result if debt is not None)


def _of_strangers(hotfix: Hotfix, every: Sequence[Standing]) -> list[tuple[Standing, Use]]:
    """Uses that nobody's signature explains today: taking a key off the list takes no debt away."""
    explained = {(one.fact.gate, one.use.ship) for one in every if one.use is not None}
    facts = hotfix.overrides.facts
    result = []
    for one in every:
        if one.use is not None or one.word.person or one.fact not in facts:
            continue
        begun = facts.index(one.fact)
        for position, fact in enumerate(facts[begun:], start=begun):
            use = uses(fact, one.fact, position) if isinstance(fact, Planned) else None
            if use is not None and use.needed and (one.fact.gate, use.ship) not in explained:
                result.append((one, use))
                break
    return result


def _owed(one: Standing, use: Use, rules: Rules, hotfix: Hotfix, now: datetime) -> Owed | None:
    facts = hotfix.overrides.facts
    confirmed = (yes.person for yes in one.word.confirmed if yes.person)
    people = {person.lower(): person for person in (*confirmed, *reversed(one.people))}
    for yes in one.word.reviewed:
        who = yes.person or (yes.fact.by if rules.solo and yes.fact.signed is None else "")
        another = who.lower() not in people or rules.solo
        if who and another and yes.fact in facts and facts.index(yes.fact) > use.position:
            return None
    begun = moment_of(use.at)
    due = begun + REVIEW_WITHIN if begun else now
    return Owed(
        override=one.fact.override,
        gate=one.fact.gate,
        because=one.fact.because,
        people=tuple(sorted(people.values())),
        due=moment.to_text(due),
        overdue=now >= due,
    )
