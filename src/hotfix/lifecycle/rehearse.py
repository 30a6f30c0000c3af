"""Rehearse: the way back is practised, on a real unit, before it is needed.

There and back again: base → result → checks → base → guards. It counts for this patch, while what it rehearsed is
what would ship: the artifact, the target's definition, the release to go back to; and for a limited time.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from hotfix.lifecycle.gate import Gate, closed, opened, owed
from hotfix.policy.rules import Rules
from hotfix.record import canonical, moment
from hotfix.record.facts import Returned, Returning
from hotfix.record.finding import Finding
from hotfix.record.hotfix import Hotfix
from hotfix.record.ship import Ship

PURPOSE = "rehearsal"
"""Of a ship that goes there and back again."""
STAND_IN = "base"
"""Of a ship that puts the base where another release was, for a rehearsal; it is taken back afterwards."""
LEFT = "it was left in the middle"
"""Why a rehearsal is taken back that nobody drives any more: it says nothing, neither well nor ill."""
OWED = "rehearse-owed"
"""The finding that a ship cures by itself."""


class Place(msgspec.Struct, frozen=True):
    """Where a rehearsal is made."""

    environment: str
    unit: str


def place(rules: Rules, environment: str) -> Place:
    """Where the policy wants the way back of `environment` rehearsed."""
    env = rules.environments[environment]
    if env.rehearse_on in {unit.name for unit in env.units}:
        return Place(environment, env.rehearse_on)
    if env.rehearse_on in rules.environments:
        return Place(env.rehearse_on, rules.environments[env.rehearse_on].waves[0][0])
    return Place(environment, env.waves[0][0])


def target_digest(rules: Rules, environment: str) -> str:
    """What `environment` and its place of rehearsal are changed by, as one digest: of another one nothing was rehearsed."""
    names = (environment, place(rules, environment).environment)
    targets = [rules.targets[rules.environments[name].target] for name in names]
    return canonical.sha256(canonical.encode({"targets": msgspec.to_builtins(targets)}))


def irreversible(paths: Iterable[str], patterns: Sequence[str]) -> tuple[str, ...]:
    """The paths whose change going back does not undo: in a folder of one of these names, or named like a pattern."""
    return tuple(path for path in paths if any(_matches(path, pattern) for pattern in patterns))


def _matches(path: str, pattern: str) -> bool:
    if pattern.endswith("/"):
        return f"/{pattern}" in f"/{path}"
    from fnmatch import fnmatchcase  # here, because it is slow to import and most starts are `status`

    return fnmatchcase(path, pattern) or fnmatchcase(path.rpartition("/")[2], pattern)


def way_back_seconds(hotfix: Hotfix, ship: Ship) -> float:
    """From the decision to go back until every unit had been brought back, in seconds, as the record tells it."""
    number = ship.plan.ship
    begun = [fact.at for fact in hotfix.facts if isinstance(fact, Returning) and fact.ship == number]
    done = [fact.at for fact in hotfix.facts if isinstance(fact, Returned) and fact.ship == number]
    return moment.between(begun[0], done[-1]).total_seconds() if begun and done else 0.0


def gate(hotfix: Hotfix, rules: Rules, now: datetime) -> Gate:
    """Open when the newest rehearsal of what would ship went well, within the budget, and not too long ago."""
    patch = hotfix.patch
    if patch is None or patch.environment not in rules.environments:
        return owed("rehearse", _owed(hotfix.id, "nothing was picked that could be rehearsed"))
    scoped = hotfix.scope.fact
    lasting = irreversible(
        scoped.paths if scoped and scoped.patch == patch.digest else (), rules.irreversible
    )
    if lasting:
        return closed("rehearse", _irreversible(hotfix.id, lasting))
    rehearsed = [ship for ship in hotfix.ships if _is_of_today(ship, hotfix, rules)]
    if not rehearsed:
        return owed("rehearse", _owed(hotfix.id, _why_none(hotfix)))
    return _judged(hotfix, rehearsed[-1], rules, patch.environment, now)


def _judged(hotfix: Hotfix, ship: Ship, rules: Rules, environment: str, now: datetime) -> Gate:
    unit = ship.plan.units[0].unit
    if ship.ended is None or (ship.ended.outcome == "rolled_back" and LEFT in ship.ended.because):
        return owed("rehearse", _owed(hotfix.id, f"the rehearsal on {unit} was left in the middle"))
    if ship.ended.outcome != "rehearsed":
        return closed("rehearse", _failed(hotfix.id, unit, ship.ended.because))
    age = now - moment.from_text(ship.ended.at)
    if age.total_seconds() > rules.environments[environment].rehearsal_valid:
        return owed("rehearse", _owed(hotfix.id, f"it was rehearsed {moment.in_words(age)} ago"))
    took = way_back_seconds(hotfix, ship)
    if took > rules.budget.way_back:
        return closed("rehearse", _slow(hotfix.id, unit, took, rules.budget.way_back))
    return opened("rehearse", f"there and back on {unit}; the way back took {took:.1f} s")


def _is_of_today(ship: Ship, hotfix: Hotfix, rules: Rules) -> bool:
    """Whether what was rehearsed is what would ship now, and back to where it would go back now."""
    patch, built, plan = hotfix.patch, hotfix.pick.built, ship.plan
    if patch is None:
        return False
    artifact = built.artifact if rules.build and built else f"tree:{patch.result_tree}"
    return (
        plan.purpose == PURPOSE
        and plan.patch == patch.digest
        and plan.artifact == artifact
        and all(unit.from_commit == patch.base_commit for unit in plan.units)
        and plan.target == target_digest(rules, patch.environment)
        and Place(plan.environment, plan.units[0].unit) == place(rules, patch.environment)
    )


def _why_none(hotfix: Hotfix) -> str:
    some = any(ship.plan.purpose == PURPOSE for ship in hotfix.ships)
    return (
        "what was rehearsed is not what would ship now"
        if some
        else "nobody has rehearsed the way back of this patch"
    )


def _owed(id: str, why: str) -> Finding:
    return Finding(
        OWED,
        f"A rehearsal is owed: {why}.",
        f"hotfix ship {id} makes it by itself; alone: hotfix rehearse {id}",
    )


def _irreversible(id: str, paths: Sequence[str]) -> Finding:
    return Finding(
        "rehearse-irreversible",
        f"Going back to the base would not undo what this patch does in {', '.join(paths)}.",
        f"make it a change that both releases can live with; else: hotfix override rehearse {id} --because …",
    )


def _failed(id: str, unit: str, because: str) -> Finding:
    return Finding(
        "rehearse-failed",
        f"The rehearsal on {unit} did not go well: {because}.",
        f"mend the fix and pick again; where it was something else, once more: hotfix rehearse {id}",
    )


def _slow(id: str, unit: str, took: float, budget: float) -> Finding:
    return Finding(
        "rehearse-slow",
        f"The way back took {took:.1f} s on {unit}, and the budget is {budget:g} s.",
        f"make it faster, then: hotfix rehearse {id}; or raise budget.way_back on trunk",
    )
