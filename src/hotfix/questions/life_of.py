"""What the trend needs of a hotfix, read from its facts."""

import msgspec

from hotfix.lifecycle import land
from hotfix.policy.path_kind import kind_of
from hotfix.policy.rules import Rules
from hotfix.questions.clocks import clocks
from hotfix.record.facts import (
    Activating,
    Ended,
    Notified,
    Observed,
    OriginConfirmed,
    Planned,
    Proved,
    RollbackRequested,
)
from hotfix.record.hotfix import STAYING, Hotfix
from hotfix.trend.life import Life, Owed, Went, Worked

_RULES = Rules(service="")
_OVERRIDDEN = "OVERRIDDEN: "
_CODE = ("source", "migration", "vendored")


def life_of(hotfix: Hotfix) -> Life:
    """The flat row of `hotfix`; the same facts give the same row."""
    started, picked, scoped = hotfix.start.fact, hotfix.pick.fact, hotfix.scope.fact
    known, ships = clocks(hotfix), _ships(hotfix)
    origin = next((fact for fact in reversed(hotfix.facts) if isinstance(fact, OriginConfirmed)), None)
    patch = hotfix.patch.digest if hotfix.patch else ""
    return Life(
        id=hotfix.id,
        title=started.title if started else "",
        environment=started.environment if started else "",
        severity=started.severity if started else "",
        follows=started.follows if started else "",
        introduced=known.introduced,
        detected=known.detected,
        started=started.at if started else "",
        picked=picked.at if picked else "",
        proven=_proven(hotfix),
        reviewed=max(
            (one.at for one in hotfix.review.facts if one.patch == patch and one.verdict != "reject"),
            default="",
        ),
        authorized=max((one.at for one in hotfix.authorize.facts if one.patch == patch), default=""),
        fixes=picked.fixes if picked else (),
        ships=ships,
        rehearsed=max(
            (ship.ended.at for ship in hotfix.ships if ship.ended and ship.ended.outcome == "rehearsed"),
            default="",
        ),
        origin_release=origin.release if origin else "",
        lines=scoped.counted_lines if scoped else -1,
        files=scoped.counted_files if scoped else -1,
        paths=tuple(path for path in scoped.paths if kind_of(path, _RULES) in _CODE) if scoped else (),
        people=_people(hotfix, ships),
        overridden=tuple(
            sorted(
                {
                    word.removeprefix(_OVERRIDDEN)
                    for ship in ships
                    for word in ship.waived
                    if _OVERRIDDEN in word
                }
            )
        ),
        owed_since=land.owed_since(hotfix),
        actions=_actions(hotfix),
    )


def _proven(hotfix: Hotfix) -> str:
    """When the newest pick was first proven."""
    patch = hotfix.patch.digest if hotfix.patch else ""
    proofs = (fact for fact in hotfix.facts if isinstance(fact, Proved) and fact.patch == patch)
    return next((fact.at for fact in proofs if fact.verdict == "PROVEN"), "")


def _ships(hotfix: Hotfix) -> tuple[Went, ...]:
    """The ships that changed production, each with what became of it."""
    found: dict[int, Went] = {}
    guards: dict[int, frozenset[str]] = {}
    for fact in hotfix.facts:
        if isinstance(fact, Planned) and fact.purpose in STAYING:
            found[fact.ship] = Went(
                fact.ship, fact.release, fact.commit, fact.purpose, "", waived=fact.waived
            )
            guards[fact.ship] = frozenset((*fact.guards, *fact.unit_checks))
        elif isinstance(fact, Activating | Observed | RollbackRequested | Ended) and fact.ship in found:
            found[fact.ship] = _with(found[fact.ship], fact, guards[fact.ship])
    return tuple(one for one in found.values() if one.begun)


def _with(
    went: Went, fact: Activating | Observed | RollbackRequested | Ended, guards: frozenset[str]
) -> Went:
    match fact:
        case Activating():
            return went if went.begun else msgspec.structs.replace(went, begun=fact.at)
        case Observed() if went.begun and not went.bad_signal and not went.asked_back:
            bad = any(
                sample.check in guards and sample.outcome in ("fail", "error") for sample in fact.samples
            )
            return msgspec.structs.replace(went, bad_signal=fact.at) if bad else went
        case RollbackRequested():
            first = went.asked_back or fact.at
            return msgspec.structs.replace(went, asked_back=first, ended="", outcome="")
        case Ended():
            validated = fact.at if fact.outcome == "validated" else ""
            return msgspec.structs.replace(
                went, ended=fact.at, outcome=fact.outcome, validated=went.validated or validated
            )
        case _:
            return went


def _people(hotfix: Hotfix, ships: tuple[Went, ...]) -> tuple[Worked, ...]:
    """Who acted between the start and the end of the last ship; what the machine told is nobody's work."""
    until = max((ship.ended for ship in ships), default="") or "9999"
    spans: dict[str, Worked] = {}
    for fact in hotfix.facts:
        if fact.at > until or isinstance(fact, Notified | Observed) or not fact.by:
            continue
        before = spans.get(fact.by)
        first = before.first if before else fact.at
        spans[fact.by] = Worked(fact.by, first, fact.at)
    return tuple(spans.values())


def _actions(hotfix: Hotfix) -> tuple[Owed, ...]:
    return tuple(
        Owed(
            action=item.added.action,
            title=item.added.title,
            type=item.added.type,
            owner=item.owner,
            added=item.added.at,
            due=item.due,
            done=item.closed.at if item.closed else "",
            accepted_until=item.accepted.until if item.accepted else "",
            checked=item.closed is not None and bool(item.closed.seen),
        )
        for item in hotfix.actions.items.values()
    )
