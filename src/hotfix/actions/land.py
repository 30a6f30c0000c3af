"""``hotfix land``: is the fix on trunk, or in a release candidate? It reports and never merges."""

import msgspec

from hotfix.actions.read_rules import InForce, now_text, recorded, require_person
from hotfix.actions.seen_on import not_taken_back, seen_on
from hotfix.actions.up_to_date import all_up_to_date, up_to_date
from hotfix.lifecycle import land as stage
from hotfix.lifecycle.land import Seen
from hotfix.ports import Append, Book, Ports
from hotfix.record.facts import Landed, StandsFor
from hotfix.record.finding import Finding, refused
from hotfix.record.hotfix import Hotfix, fold_all


class Result(msgspec.Struct, frozen=True):
    """How the fixes of one hotfix stand with trunk, or with a release candidate."""

    hotfix: str
    title: str
    trunk: str
    """What was looked at: trunk's name, or what the release candidate was called."""
    commit: str
    landed: bool
    how: str
    shipped: bool
    """Whether production runs it."""
    owed_since: str
    """When it was validated in production, where the fix is not on trunk; else empty."""
    fixes: tuple[Seen, ...]
    findings: tuple[Finding, ...]


def land(ports: Ports, id: str) -> Result:
    """Look for every fix of one hotfix on trunk's tip, and record it where all are there."""
    in_force, hotfix, _ = up_to_date(ports, id)
    return _land(ports, hotfix, in_force)


def ledger(ports: Ports) -> tuple[Result, ...]:
    """The same for every hotfix that owes trunk its fix, or will."""
    in_force, book, _ = all_up_to_date(ports)
    return tuple(
        _land(ports, hotfix, in_force) for hotfix in fold_all(book.entries).values() if _may_owe(hotfix)
    )


def _may_owe(hotfix: Hotfix) -> bool:
    returned = hotfix.ship is not None and hotfix.ship.plan.purpose == "return"
    given_up = hotfix.after.closed is not None and not stage.in_production(hotfix)
    return hotfix.pick.fact is not None and stage.landed(hotfix) is None and not returned and not given_up


def check(ports: Ports, rev: str) -> tuple[Result, ...]:
    """How every hotfix that production runs stands with a release candidate."""
    in_force, book, away = all_up_to_date(ports)
    if away:
        raise refused(
            "land-offline", f"{away}.", "a hotfix that this clone does not know of yet would be missed"
        )
    commit = ports.git.resolve(rev)
    shipped = (hotfix for hotfix in fold_all(book.entries).values() if stage.in_production(hotfix))
    return tuple(
        _look(ports, hotfix, in_force, rev, commit, _fixes(hotfix, shipped=True)) for hotfix in shipped
    )


def _fixes(hotfix: Hotfix, *, shipped: bool) -> dict[str, str]:
    """Each fix with the base it was picked onto: those that production runs and, unless only `shipped`, the newest pick's."""
    picks = [*stage.shipped_picks(hotfix)]
    if not shipped and hotfix.pick.fact is not None:
        picks.append(hotfix.pick.fact)
    fixes: dict[str, str] = {}
    for picked in picks:
        for fix in picked.fixes:
            fixes.setdefault(fix, picked.patch.base_commit)
    return fixes


def stands_for(ports: Ports, id: str, fix: str, commit: str, because: str) -> Result:
    """Record that a commit of trunk does the work of a fix, then look again."""
    in_force, hotfix, _ = up_to_date(ports, id)
    require_person(ports, in_force)
    fixes = tuple(_fixes(hotfix, shipped=False))
    named = ports.git.resolve(fix) if fix else fixes[0] if len(fixes) == 1 else ""
    if named not in fixes:
        raise refused(
            "land-which-fix",
            f"{hotfix.id} has {len(fixes)} fixes, and {fix or 'none'} was named.",
            f"hotfix land {hotfix.id} --fix FIX --as COMMIT --because WHY",
            *fixes,
        )
    stand_in = ports.git.resolve(commit)
    base = hotfix.patch.base_commit if hotfix.patch else stand_in
    if not ports.git.is_ancestor(stand_in, in_force.trunk.commit) or ports.git.is_ancestor(stand_in, base):
        raise refused(
            "land-not-on-trunk",
            f"{stand_in[:12]} is no commit that {in_force.trunk.name} made since the base: it cannot stand for the fix.",
            f"git log {base[:12]}..{in_force.trunk.name}",
        )
    if not set(ports.picking.paths(stand_in)) & set(ports.picking.paths(named)):
        ports.narrate(f"{stand_in[:12]} changes none of the files that {named[:12]} changes")
    fact = StandsFor(at=now_text(ports), by=in_force.by, fix=named, commit=stand_in, because=because)

    def decide(book: Book) -> Append:
        now = fold_all(book.entries)[hotfix.id]
        return Append(hotfix.id, (*recorded(in_force, now.start.rules, fact.at), fact))

    ports.ledger.append(decide, anchor=True)
    return land(ports, hotfix.id)


def _land(ports: Ports, hotfix: Hotfix, in_force: InForce) -> Result:
    trunk = in_force.trunk
    result = _look(ports, hotfix, in_force, trunk.name, trunk.commit, _fixes(hotfix, shipped=False))
    if result.landed and stage.landed(hotfix) is None:
        fact = Landed(
            at=now_text(ports), by=in_force.by, trunk=trunk.name, commit=trunk.commit, how=result.how
        )
        ports.ledger.append(lambda _: Append(hotfix.id, (fact,)), anchor=True)
    return result


def _look(
    ports: Ports, hotfix: Hotfix, in_force: InForce, name: str, commit: str, fixes: dict[str, str]
) -> Result:
    ports.narrate(f"land: looking for {hotfix.id} on {name}")
    seen = tuple(_see(ports, hotfix, fix, base, commit, in_force) for fix, base in fixes.items())
    how, findings = stage.judge(hotfix, seen, name)
    return Result(
        hotfix.id,
        hotfix.start.fact.title if hotfix.start.fact else "",
        name,
        commit,
        bool(how),
        how,
        bool(stage.in_production(hotfix)),
        "" if how else stage.owed_since(hotfix),
        seen,
        findings,
    )


def _see(ports: Ports, hotfix: Hotfix, fix: str, base: str, onto: str, in_force: InForce) -> Seen:
    """What is found; where that is not enough, what somebody said stands for it, if that is there and was not undone."""
    seen = seen_on(ports.picking, fix, onto, base, in_force.rules)
    if seen.there:
        return seen
    said = (fact for fact in reversed(hotfix.facts) if isinstance(fact, StandsFor) and fact.fix == fix)
    newest = next(said, None)  # who says something else later takes back what was said before
    if newest is None or not ports.git.is_ancestor(newest.commit, onto):
        return seen
    stands = Seen(fix, stage.ACKNOWLEDGED, newest.commit, newest.because)
    return not_taken_back(ports.picking, stands, onto, in_force.rules)
